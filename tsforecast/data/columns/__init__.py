"""Which column means what: time, series id, target, covariates."""
