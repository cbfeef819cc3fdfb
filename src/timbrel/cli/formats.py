"""The formats that export knows: plug-ins for samplers, and others that take all of a thing."""

from timbrel import plugins
from timbrel.errors import UnknownNameError

WHOLE = ("hub", "onnx")  # of an instrument
PACK = "pack"  # of a folder of sounds


def names() -> list[str]:
    """Lists the formats.

    Returns:
        Their names.

    Example:
        >>> names()
        ['decentsampler', 'hub', 'onnx', 'pack', 'sfz']
    """
    return sorted([*WHOLE, PACK, *plugins.names("exporting.formats")])


def check(name: str) -> None:
    """Refuses a format that does not exist.

    Args:
        name: What was asked for.

    Raises:
        UnknownNameError: When there is none of that name.
    """
    if name not in names():
        raise UnknownNameError("format", name, names())
