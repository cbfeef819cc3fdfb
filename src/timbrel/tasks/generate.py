"""Generate: new sounds."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from timbrel import atomic
from timbrel.errors import AbilityError, ExistsError, UsageError
from timbrel.evaluation.keeping import Selection
from timbrel.instruments import improvising
from timbrel.progress import Report, silent
from timbrel.synthesis import generate as synthesis
from timbrel.synthesis import renders
from timbrel.synthesis.renders import Render
from timbrel.synthesis.sliders import Wanted
from timbrel.synthesis.takes import Take
from timbrel.tasks import improvise, phases, rendering, sliders
from timbrel.tasks import keep as keeping
from timbrel.tasks.instruments import open_named
from timbrel.tasks.rendering import Rendered
from timbrel.tasks.workspace import Workspace

CHOICE = "kept.json"


@dataclass(frozen=True)
class Generated(Rendered):
    """What `generate` made.

    Attributes:
        chosen: What was kept and why; None where all were.
    """

    chosen: Selection | None = None


def generate(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    *,
    count: int,
    label: str | None = None,
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    from_prior: bool = False,
    wanted: Wanted | None = None,
    seconds: float | None = None,
    tempo_bpm: float | None = None,
    phase: str | None = None,
    keep: int | None = None,
    force: bool = False,
    report: Report = silent,
) -> Generated:
    """Makes new sounds, the silence at their ends cut off where no length is asked for.

    Args:
        workspace: The workspace.
        name: The instrument.
        count: How many, 1 to 10,000.
        label: The label they shall have; None for all that the instrument knows.
        out: Where the renders go.
        seed: Seed of the draws and of the phase method.
        device: Where the network shall live.
        from_prior: Whether to draw from the network's own prior: farther from the library, and
            without labels. Instruments without a cloud always do.
        wanted: What is asked of the instrument's sliders, as `timbrel.tasks.sliders` finds them.
        seconds: How long each sound shall be; None leaves it to the instrument.
        tempo_bpm: The tempo that they shall have, where the instrument knows of one.
        phase: A phase method, or an instrument that finds phases; None takes the instrument's own.
        keep: Of the `count`, so many of the best are written, each with the reason in its sidecar
            and all in ``kept.json``; None writes all.
        force: Whether files of the same names are replaced.
        report: Where progress goes.

    Returns:
        The renders' paths, of kept ones in the order in which they were kept.

    Raises:
        UnknownNameError: When there is no such instrument or label.
        UsageError: When the count is out of range, more are to be kept than are made, or a label
            is asked of the prior.
        AbilityError: When the instrument cannot, its sliders were not found yet, or nothing of what
            it makes is worth keeping.
        ExistsError: When a file stands there and `force` is false.
    """
    if keep is not None:
        _check_kept(keep, count, out, force=force)
    instrument = open_named(workspace, name, device)
    if improvising.improvises(instrument):
        _check_improvised(
            {"--label": label, "--from-prior": from_prior or None, "--tempo": tempo_bpm,
             "--keep": keep, "--slider or --lock": (wanted is not None and wanted.any) or None}
        )  # fmt: skip
        asked = improvise.Asked(
            workspace, name, out, count, seed, device, phase, force=force, report=report
        )
        return Generated(improvise.generate(asked, seconds=seconds).paths)
    draw = partial(
        synthesis.generate,
        instrument,
        count=count,
        label=label,
        seed=seed,
        from_prior=from_prior,
        phase=phases.for_new_sounds(workspace, phase, instrument),
        take=Take(sliders.steered(workspace, instrument, wanted or Wanted()), seconds, tempo_bpm),
    )
    made = draw()  # nothing sounds yet, but what cannot be is refused
    names = synthesis.names(instrument, count=count, label=label, seed=seed, from_prior=from_prior)
    chosen = None
    if keep is not None:
        chosen = keeping.choose(
            workspace, instrument, lambda numbers: draw(numbers=numbers),
            count=count, kept=keep, seed=seed, report=report,
        )  # fmt: skip
        _check_any(chosen, name)
        names = [names[one.number] for one in chosen.kept]
        made = _kept(draw(numbers=[one.number for one in chosen.kept]), chosen)
    paths = rendering.write(
        made if seconds is not None else map(renders.trim, made),
        out=out, names=names, force=force, stage="making sounds", report=report,
    )  # fmt: skip
    if chosen is not None:
        _write_choice(out, chosen)
    return Generated(paths, chosen=chosen)


def _check_improvised(asked: Mapping[str, object]) -> None:
    """Refuses what instruments that learned from a recording do not know of."""
    said = [name for name, value in asked.items() if value is not None]
    if said:
        raise AbilityError(
            f"{' and '.join(said)} for an instrument that learned from a recording",
            "--count and --seconds",
            "it has no labels and no latents; `timbrel vary` takes an amount and a guide",
        )


def _check_kept(keep: int, count: int, out: Path, *, force: bool) -> None:
    if not 1 <= keep <= count:
        raise UsageError(f"--keep {keep} of --count {count}", f"1 to {max(count, 1)}")
    if (out / CHOICE).exists() and not force:
        advice = "choose another folder or add --force"
        raise ExistsError(f"{out / CHOICE} exists already", advice=advice)


def _check_any(chosen: Selection, name: str) -> None:
    if not chosen.kept:
        faults = Counter(one.reason for one in chosen.left_out).most_common(3)
        raise AbilityError(
            f"none of {chosen.of} sounds of {name!r} is worth keeping "
            f"({', '.join(f'{count} {reason}' for reason, count in faults)})",
            advice="train it longer, or leave out --keep to hear them all the same",
        )


def _kept(made: Iterable[Render], chosen: Selection) -> Iterator[Render]:
    """Tells each kept sound why it was kept."""
    for render, why in zip(made, chosen.kept, strict=True):
        yield replace(render, provenance={**render.provenance, "kept": keeping.row(why)})


def _write_choice(out: Path, chosen: Selection) -> None:
    out.mkdir(parents=True, exist_ok=True)
    told = json.dumps(keeping.table(chosen), ensure_ascii=False, indent=1)
    atomic.write_text(out / CHOICE, told + "\n")
