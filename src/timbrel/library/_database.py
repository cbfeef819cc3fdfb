"""The database, imported without its clients of remote servers.

lancedb imports some four hundred classes that describe requests to a server of tables, which takes
longer than all the rest of it. A library lies in a folder or in a store of objects, and asks no
such server, so that stand-ins take their places while lancedb is imported: names that can be
inherited from, raised and caught.
"""

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_ONE_AT_A_TIME = threading.RLock()  # a second thread must not get half a module
_CLIENTS = ("lance_namespace", "lance_namespace_urllib3_client")


class _StandIn(ModuleType):
    """A module in which every name is a class of its own."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        made = type(name, (Exception,), {})
        setattr(self, name, made)
        return made


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds a stand-in for every module of the clients."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] not in _CLIENTS:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


@contextmanager
def _standing_in() -> Iterator[None]:
    """Afterwards, whoever wants the clients gets the real ones."""
    finder = _StandIns()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name, one in sys.modules.items() if isinstance(one, _StandIn)]:
            del sys.modules[name]


def lancedb() -> Any:
    """Gives the database.

    Returns:
        The module `lancedb`.

    Example:
        >>> lancedb().__name__
        'lancedb'
    """
    with _ONE_AT_A_TIME:
        if "lancedb" not in sys.modules:
            with _standing_in():
                importlib.import_module("lancedb")
        return importlib.import_module("lancedb")
