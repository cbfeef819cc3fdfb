"""Tables of settings, from the one description that each setting has."""

from collections.abc import Iterable
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from timbrel.recipes import Options

HEAD = "| setting | value | accepted | what it does |\n|---|---|---|---|"


def settings_table(options: type[Options] | Options, *, leave_out: Iterable[str] = ()) -> str:
    """Lists the settings of options as a table.

    Args:
        options: A class of options, whose defaults are told, or options, whose values are.
        leave_out: Names of settings that are told elsewhere.

    Returns:
        Markdown, or a sentence where there is nothing to set.
    """
    kind = options if isinstance(options, type) else type(options)
    values = options.model_dump(mode="json") if isinstance(options, Options) else {}
    rows = [
        _row(name, field, values)
        for name, field in kind.model_fields.items()
        if name not in set(leave_out)
    ]
    return "\n".join([HEAD, *rows]) if rows else "There is nothing to set."


def _row(name: str, field: FieldInfo, values: dict[str, Any]) -> str:
    value = values.get(name, field.get_default(call_default_factory=True))
    extra = field.json_schema_extra
    unit = str(extra.get("unit") or "") if isinstance(extra, dict) else ""
    shown = "must be said" if name not in values and field.is_required() else _shown(value)
    told = f"{shown} {unit}".strip()
    return f"| `{name}` | {told} | {_accepted(field)} | {cell(field.description or '')} |"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, float):
        return f"`{value:g}`"
    return f"`{cell(str(value))}`" if value != "" else '`""`'


def _accepted(field: FieldInfo) -> str:
    choices = _choices(field.annotation)
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    lows = [bound.ge for bound in field.metadata if getattr(bound, "ge", None) is not None]
    highs = [bound.le for bound in field.metadata if getattr(bound, "le", None) is not None]
    if lows and highs:
        return f"{lows[0]:g} to {highs[0]:g}"
    return f"from {lows[0]:g}" if lows else f"to {highs[0]:g}" if highs else _kind(field.annotation)


def _choices(annotation: Any) -> list[object]:
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    if get_origin(annotation) in (Union, UnionType):
        return [choice for one in get_args(annotation) for choice in _choices(one)]
    return []


def _kind(annotation: Any) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return names.get(annotation, "")


def cell(text: str) -> str:
    """Readies a text for a cell of a table.

    Args:
        text: Any text.

    Returns:
        The same on one line, with nothing that would end the cell.
    """
    return " ".join(text.split()).replace("|", "\\|")


def number(count: int) -> str:
    """Writes a count with its thousands apart."""
    return f"{count:,}"
