"""Markup: small pieces of HTML and SVG. Everything that comes from outside is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from timbrel.evaluation.statistics import Interval

CHART_WIDTH, ROW_HEIGHT, LABEL_WIDTH, EDGE = 720, 30, 130, 16
APART = 7  # between the marks of one row


@dataclass(frozen=True)
class Mark:
    """One dot of a chart with its interval.

    Attributes:
        kind: The class that colours it.
        interval: Where it stands.
    """

    kind: str
    interval: Interval


def element(name: str, content: str, **attributes: str) -> str:
    """Makes an element; `content` is markup, attributes are escaped.

    Args:
        name: Tag.
        content: Markup inside.
        **attributes: Attributes; a trailing underscore is dropped (``class_``).

    Returns:
        The markup.

    Example:
        >>> element("b", text("<kick>"), class_="label")
        '<b class="label">&lt;kick&gt;</b>'
    """
    written = "".join(f' {key.rstrip("_")}="{escape(v)}"' for key, v in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def text(content: object) -> str:
    """Escapes anything for markup.

    Args:
        content: Anything that prints.

    Returns:
        Its text, escaped.
    """
    return escape(str(content))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Makes a table whose first column names the rows.

    Args:
        head: Titles of the columns, plain text.
        rows: Cells, markup.

    Returns:
        The markup, in a box that scrolls where the table is wider than the page.
    """
    titles = "".join(element("th", text(title), scope="col") for title in head)
    body = "".join(
        element("tr", element("th", first, scope="row") + "".join(f"<td>{c}</td>" for c in rest))
        for first, *rest in rows
    )
    whole = element("thead", element("tr", titles)) + element("tbody", body)
    return element("div", element("table", whole), class_="scroll")


def number(interval: Interval | None, *, percent: bool = False) -> str:
    """Writes an estimate with its interval.

    Args:
        interval: The estimate; None, or one that is undefined, gives a dash.
        percent: Whether it is a rate.

    Returns:
        Markup, such as ``4.2 <small>4.0–4.4</small>``.

    Example:
        >>> number(Interval(0.5, 0.25, 0.75, 8), percent=True)
        '50 % <small>25–75</small>'
    """
    if interval is None or not isfinite(interval.value):
        return "–"
    if percent:
        return f"{_share(interval.value)} % {_small(_share(interval.low), _share(interval.high))}"
    digits = 1 if abs(interval.value) >= 10 else 2
    if interval.count < 2:  # one sound has a number, but no interval
        return plain(interval.value, digits)
    value, low, high = (plain(v, digits) for v in (interval.value, interval.low, interval.high))
    return f"{value} {_small(low, high)}"


def plain(value: float, digits: int = 2) -> str:
    """Writes a number, its minus as a minus.

    Args:
        value: Any number.
        digits: Digits after the point.

    Returns:
        Its text; a dash where it is not finite.

    Example:
        >>> plain(-1.5), plain(float("nan"))
        ('−1.50', '–')
    """
    return f"{value:.{digits}f}".replace("-", "−") if isfinite(value) else "–"


def share(rate: float) -> str:
    """Writes a share in percent.

    Args:
        rate: From 0 to 1, or not a number.

    Returns:
        Its text; a dash where it is not finite.

    Example:
        >>> share(0.25)
        '25 %'
    """
    return f"{_share(rate)} %" if isfinite(rate) else "–"


def _share(rate: float) -> str:
    return f"{100 * rate:.0f}".replace("-", "−")


def _small(low: str, high: str) -> str:
    joint = " to " if "−" in low + high else "–"
    return element("small", f"{low}{joint}{high}")


def chart(rows: Mapping[str, Sequence[Mark]], *, unit: str) -> str:
    """Draws dots with intervals, one line a row, from zero to the largest end of an interval.

    Args:
        rows: Name of the row to its marks.
        unit: Unit of the axis.

    Returns:
        An SVG.
    """
    top = max((mark.interval.high for marks in rows.values() for mark in marks), default=1.0)
    scale = (CHART_WIDTH - LABEL_WIDTH - EDGE) / (top or 1.0)
    height = ROW_HEIGHT * (len(rows) + 1)
    lines = "".join(
        _line(name, marks, ROW_HEIGHT * place + ROW_HEIGHT / 2, scale)
        for place, (name, marks) in enumerate(rows.items())
    )
    axis = "".join(_tick(value, unit, height, scale) for value in _ticks(top))
    box = f"0 0 {CHART_WIDTH} {height}"
    return element("svg", axis + lines, viewBox=box, class_="chart", role="img")


def _line(name: str, marks: Sequence[Mark], y: float, scale: float) -> str:
    label = element("text", text(name), x=f"{LABEL_WIDTH - 12}", y=f"{y + 4:g}", class_="row")
    first = y - APART * (len(marks) - 1) / 2
    dots = (_mark(mark, first + APART * place, scale) for place, mark in enumerate(marks))
    return label + "".join(dots)


def _mark(mark: Mark, y: float, scale: float) -> str:
    low, middle, high = (
        f"{LABEL_WIDTH + scale * value:.1f}"
        for value in (mark.interval.low, mark.interval.value, mark.interval.high)
    )
    height = f"{y:g}"
    reach = element("line", "", x1=low, x2=high, y1=height, y2=height)
    return element(
        "g", reach + element("circle", "", cx=middle, cy=height, r="3.5"), class_=mark.kind
    )


def _ticks(top: float) -> list[float]:
    """Round numbers from zero on: four to ten of them."""
    steps = (factor * 10.0**power for power in range(-6, 7) for factor in (1, 2, 5))
    step = next((step for step in steps if top / step <= 9), top)
    return [step * index for index in range(int(top / step) + 1)]


def _tick(value: float, unit: str, height: float, scale: float) -> str:
    x = f"{LABEL_WIDTH + scale * value:.1f}"
    line = element("line", "", x1=x, x2=x, y1="0", y2=f"{height - ROW_HEIGHT:g}", class_="grid")
    label = f"{value:g} {unit}".strip() if value == 0 else f"{value:g}"
    return line + element("text", text(label), x=x, y=f"{height - 8:g}", class_="tick")


def legend(names: Mapping[str, str]) -> str:
    """Says what the colours of a chart mean.

    Args:
        names: The class that colours a mark to what it stands for.

    Returns:
        The markup.
    """
    spans = "".join(element("span", text(name), class_=kind) for kind, name in names.items())
    return element("p", spans, class_="legend")
