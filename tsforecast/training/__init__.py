"""How networks learn: losses, batches, the optimiser and the loop."""
