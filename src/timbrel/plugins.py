"""Plug-in rooms: a file or folder in a room *is* its registration.

`names` lists a room without importing anything in it; `load` imports one plug-in and returns the
constant it declares. To add a plug-in, add the file; there is no second place to edit.
"""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from timbrel.errors import UnknownNameError

# room -> (the constant that each plug-in declares, what a user calls such a thing)
ROOMS = {
    "signal.frontends": ("FRONT_END", "front end"),
    "signal.phase": ("PHASE", "phase method"),
    "library.readers": ("READER", "reader"),
    "families": ("FAMILY", "family"),
    "mapping.projections": ("PROJECTION", "projection"),
    "evaluation.metrics": ("METRIC", "metric"),
    "exporting.formats": ("FORMAT", "format"),
    "exporting.graphs.front_ends": ("GRAPH", "front end that can be written as a graph"),
    "experiments": ("EXPERIMENT", "experiment"),
    "studio": ("SERVER", "page that can be served"),
}


def names(room: str) -> list[str]:
    """Lists the plug-ins of a room, importing none of them.

    Args:
        room: A key of `ROOMS`, such as ``"signal.phase"``.

    Returns:
        The names in alphabetical order. Files that begin with an underscore are the room's own
        and not plug-ins.

    Example:
        >>> "griffin_lim" in names("signal.phase")
        True
    """
    spec = find_spec(f"timbrel.{room}")
    paths = (spec.submodule_search_locations if spec else None) or []
    return sorted(m.name for m in iter_modules(paths) if not m.name.startswith("_"))


def mentioning(room: str, words: str) -> list[str]:
    """Lists the plug-ins of a room in whose files something stands, importing none of them.

    Quick enough for a shell that completes a word; `load` tells for certain.

    Args:
        room: A key of `ROOMS`.
        words: What stands in the file.

    Returns:
        Their names in alphabetical order.

    Example:
        >>> "odg" in mentioning("evaluation.metrics", 'needs="pair"')
        True
    """
    spec = find_spec(f"timbrel.{room}")
    folders = [Path(path) for path in (spec.submodule_search_locations if spec else None) or []]
    files = {name: folder / f"{name}.py" for folder in folders for name in names(room)}
    return [
        name
        for name, file in files.items()
        if file.is_file() and words in file.read_text(encoding="utf-8")
    ]


def load(room: str, name: str) -> Any:
    """Imports one plug-in and returns the constant that its room's plug-ins declare.

    Args:
        room: A key of `ROOMS`.
        name: One of `names(room)`.

    Returns:
        The declared object (see the room's ``__init__`` for what it must offer).

    Raises:
        UnknownNameError: When the room holds no such plug-in.

    Example:
        >>> load("signal.phase", "zero").__name__
        'Zero'
    """
    constant, kind = ROOMS[room]
    choices = names(room)
    if name not in choices:
        raise UnknownNameError(kind, name, choices)
    return getattr(import_module(f"timbrel.{room}.{name}"), constant)
