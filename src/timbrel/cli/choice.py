"""How a choice among many made sounds is shown: what was kept, and why."""

from collections import Counter
from typing import TYPE_CHECKING

from timbrel.cli import output, session

if TYPE_CHECKING:
    from timbrel.evaluation.keeping import Selection
    from timbrel.tasks.rendering import Rendered


def finish(at: session.Session, made: "Rendered", chosen: "Selection") -> None:
    """Tells which sounds were kept, why, and what was left out.

    Args:
        at: The session.
        made: The files of the kept sounds.
        chosen: What was kept, in the same order.
    """
    from timbrel.tasks.keep import table

    document = {"sounds": made.paths, "skipped": [], "choice": table(chosen)}
    at.finish(document, lambda: _show(made, chosen))


def _show(made: "Rendered", chosen: "Selection") -> None:
    output.table(
        ["kept", "why"],
        [[path.name, one.reason] for path, one in zip(made.paths, chosen.kept, strict=True)],
    )
    output.line(f"{len(chosen.kept)} of {chosen.of} kept, in {made.paths[0].parent}")
    for reason, count in Counter(one.reason for one in chosen.left_out).most_common():
        output.line(f"left out: {count}, {reason}")
    for criterion, why in chosen.missing.items():
        output.line(f"not ranked by {criterion}: {why}")
