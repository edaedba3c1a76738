"""The use cases, one per file: settings in, a result dataclass out, nothing printed."""
