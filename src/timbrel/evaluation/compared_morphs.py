"""How good the morphs of several instruments are, on the same pairs of sounds."""

from collections.abc import Mapping

from timbrel.evaluation.morph_table import Morphs
from timbrel.evaluation.morphs import MEASURES
from timbrel.evaluation.results import Report
from timbrel.evaluation.rows import Row, Section, independent


def morphed(reports: Mapping[str, Report]) -> Section:
    """Compares the morphs of instruments.

    Args:
        reports: Instrument to its report.

    Returns:
        The section; without rows where not all of them morphed the same pairs.
    """
    found = {name: report.morphs for name, report in reports.items() if report.morphs}
    alike = len({one.pairs for one in found.values()}) == 1 and len(found) == len(reports)
    return Section(
        "How good is a morph",
        "Means over the same pairs of held-out sounds of different labels, at weights ¼, ½ and ¾."
        " Each report has a crossfade beside them.",
        "",
        tuple(_row(found, name) for name in MEASURES) if alike else (),
    )


def _row(found: Mapping[str, Morphs], name: str) -> Row:
    measure = MEASURES[name]
    values = {instrument: one.rows[name].morph for instrument, one in found.items()}
    known = all(value.count for value in values.values())
    higher = measure.higher_is_better
    return Row(
        measure.title,
        "" if measure.unit == "share" else measure.unit,
        higher,
        values,
        best="" if higher is None or not known else independent(values, higher=higher),
        percent=measure.unit == "share",
    )
