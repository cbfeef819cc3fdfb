"""timbrel turns a person's own sounds into an instrument."""

__version__ = "0.1.0"
