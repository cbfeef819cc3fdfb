"""The table of a library, opened or made: in a folder, or in a store of objects."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from timbrel.library import lease
from timbrel.library._database import lancedb
from timbrel.library.rows import schema

_TABLE = "sounds"
# Of the database's formats the one that finds single rows fastest: ten of a million in 3 ms where
# the packed one (of which 4 KiB or more are unpacked for each value) takes 80; 740 bytes a sound
# instead of 460.
_STORAGE = {"new_table_data_storage_version": "2.0"}


def local(folder: Path, create: bool) -> Any:
    """Opens the table in a folder.

    Args:
        folder: The library's folder.
        create: Whether to make an empty one where there is none.

    Returns:
        The database's table; None where there is none and none is made.
    """
    place = folder / f"{_TABLE}.lance"
    there = any((place / "_versions").glob("*"))
    if not there and not create:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    database = connected(str(folder))
    if there:
        return database.open_table(_TABLE)
    return _made(database, "overwrite" if place.exists() else "create")  # killed while it was made


def remote(address: str, create: bool) -> Any:
    """Opens the table in a store of objects, where it is there from its first version on.

    Args:
        address: Its address, as `elsewhere.checked` gives it.
        create: Whether to make an empty one where there is none.

    Returns:
        The database's table; None where there is none and none is made.

    Raises:
        LibraryError: When it shall be made and another process is making it.
    """
    database = connected(address)
    try:
        return database.open_table(_TABLE)
    except ValueError as error:
        if "was not found" not in str(error):
            raise
    if not create:
        return None
    with lease.leased(database, address):  # of two that make one at once the later one would stay
        with suppress(ValueError):
            return database.open_table(_TABLE)
        return _made(database, "create")


def connected(place: str) -> Any:
    """Connects to the database.

    Args:
        place: A folder or an address.

    Returns:
        The database's connection, whose tables show what others write at once.
    """
    return lancedb().connect(place, read_consistency_interval=timedelta(0))


def _made(database: Any, mode: str) -> Any:
    return database.create_table(_TABLE, schema=schema(), mode=mode, storage_options=_STORAGE)
