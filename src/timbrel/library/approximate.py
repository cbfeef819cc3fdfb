"""Search in a large library: only the likely sounds are compared, by the catalogue's own index."""

from collections.abc import Mapping
from dataclasses import replace

from timbrel.errors import UnknownNameError
from timbrel.library.catalogue import Catalogue
from timbrel.library.similarity import (
    OVERALL,
    Described,
    Match,
    check_aspects,
    check_wanted,
    matched,
)


def can_answer(catalogue: Catalogue, by: Mapping[str, float]) -> bool:
    """Tells whether a search needs not compare all sounds.

    Args:
        catalogue: The library.
        by: Aspect -> weight.

    Returns:
        Whether the library has an index, and the distance asked for is the one it goes by: all
        features, and no aspect beside them.
    """
    asked = {aspect for aspect, weight in by.items() if weight}
    return asked == {"all"} and catalogue.indexed() is not None


def nearest(
    catalogue: Catalogue,
    wanted: Described,
    *,
    top: int,
    by: Mapping[str, float] = OVERALL,
    label: str | None = None,
) -> list[Match]:
    """Finds sounds near to one, on the whole, without comparing all and with nothing in memory.

    Distances are exact; of the ten nearest sounds one in twenty, at most, may be missing (see
    benchmarks/search_index.py).

    Args:
        catalogue: A library for which `can_answer` holds.
        wanted: The sound; it need not be of the library.
        top: How many at most, 1 or more.
        by: Aspect -> weight, of which only "all" has one above 0.
        label: Only sounds of this label.

    Returns:
        Matches, nearest first, each marked as approximate.

    Raises:
        UnknownNameError: When there is no such aspect or label.
        UsageError: When a weight is none, the features are no finite vector of the right length,
            or `top` is below 1.
    """
    check_aspects(by)
    check_wanted(wanted, top)
    rows = catalogue.near(wanted.features, count=top, label=label)
    if label is not None and not rows.num_rows:
        raise UnknownNameError("label", label, sorted({*catalogue.labels()} - {""}))
    return [replace(match, approximate=True) for match in matched(rows, wanted, by, top)]
