"""The tool as a person meets it."""

from fixtures_command import timbrel

__all__ = ["timbrel"]
