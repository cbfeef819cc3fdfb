"""The section of a report's page about morphs."""

from timbrel.evaluation.markup import element, number, table, text
from timbrel.evaluation.morph_table import FeatureRow, MorphRow, Morphs, better
from timbrel.evaluation.results import Report
from timbrel.evaluation.statistics import Interval

HEAD = ("", "Morph", "Crossfade", "Morph less crossfade", "Pairs", "What it says")
FEATURE_HEAD = (
    "Feature", "Steps the right way", "Along at ½", "Largest step", "Off the line",
    "Crossfade: steps", "Crossfade: largest step", "Pairs",
)  # fmt: skip
_NOTE = (
    "Morphs between held-out sounds of different labels, chosen by the seed, at weights ¼, ½ and ¾,"
    " beside a plain crossfade of the same two reconstructions. Means over pairs with 95 %"
    " bootstrap intervals. Marked: surely better than the crossfade."
)


def morphing(report: Report) -> str:
    """Shows how good an instrument's morphs are.

    Args:
        report: Any report.

    Returns:
        Markup; nothing where it has no morphs.
    """
    found = report.morphs
    if found is None:
        return ""
    return element(
        "section",
        element("h2", "How good is a morph")
        + element("p", text(_NOTE), class_="note")
        + table(HEAD, (_row(row) for row in found.rows.values()))
        + _features(found),
    )


def _row(row: MorphRow) -> list[str]:
    percent = row.measure.unit == "share"
    said = {True: "higher is better", False: "lower is better", None: ""}
    notes = ("" if percent else row.measure.unit, said[row.measure.higher_is_better])
    unit = ", ".join(part for part in notes if part)
    wins = better(row.difference, row.measure) is True
    value = number(row.morph, percent=percent)
    return [
        f"{text(row.measure.title)} {element('small', text(unit))}",
        element("span", value, class_="best") if wins else value,
        number(row.crossfade, percent=percent),
        number(row.difference, percent=percent),
        str(row.morph.count),
        element("small", text(row.measure.about)),
    ]


def _features(found: Morphs) -> str:
    if not found.features:
        return ""
    rows = (_feature(row) for row in found.features.values())
    return element(
        "details", element("summary", "Feature by feature") + table(FEATURE_HEAD, rows)
    )  # fmt: skip


def _feature(row: FeatureRow) -> list[str]:
    def rate(interval: Interval) -> str:
        return number(interval, percent=True)

    return [
        text(row.title),
        rate(row.forward),
        rate(row.middle),
        rate(row.largest_step),
        number(row.astray),
        rate(row.crossfade_forward),
        rate(row.crossfade_largest_step),
        str(row.forward.count),
    ]
