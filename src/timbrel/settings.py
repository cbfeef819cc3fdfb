"""Settings that people say in words, ``key=value``: put into plain tables."""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from timbrel.errors import RecipeError, did_you_mean


def with_settings(
    table: Mapping[str, Any], settings: Iterable[str], example: str
) -> dict[str, Any]:
    """Puts settings into tables, each in place of what stands there.

    Args:
        table: Key to value; groups are tables.
        settings: Each ``key=value``, the key dotted, the value as TOML or a bare word.
        example: One that would do, for messages.

    Returns:
        New tables.

    Raises:
        RecipeError: When a setting has no ``=``, or there is no such key.

    Example:
        >>> with_settings({"seed": 1, "training": {"steps": 9}}, ["training.steps=3"], "seed=2")
        {'seed': 1, 'training': {'steps': 3}}
    """
    changed = deepcopy(dict(table))
    for setting in settings:
        key, separator, value = setting.partition("=")
        if not separator:
            raise RecipeError(f"setting {setting!r}", f"key=value, as in {example}")
        _put(changed, key.strip().split("."), _value(value.strip()), setting)
    return changed


def _put(table: dict[str, Any], path: list[str], value: Any, setting: str) -> None:
    *rooms, last = path
    for room in rooms:
        inner = table.get(room)
        if not isinstance(inner, dict):
            groups = [name for name, entry in table.items() if isinstance(entry, dict)]
            hint = did_you_mean(room, groups)
            raise RecipeError(f"no group {room!r} in {setting!r}{hint}", ", ".join(groups))
        table = inner
    if last not in table:
        raise RecipeError(
            f"no setting {last!r} in {setting!r}{did_you_mean(last, table)}",
            ", ".join(table) or "none, for there is nothing to set here",
        )
    table[last] = value


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
