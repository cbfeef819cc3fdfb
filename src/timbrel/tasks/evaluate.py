"""Evaluate: how good an instrument is, as a report."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from timbrel.errors import AbilityError, UsageError
from timbrel.evaluation.assessment import Assessment, assess
from timbrel.evaluation.choosing import Choice
from timbrel.evaluation.comparison import Comparison, compare_instruments
from timbrel.evaluation.glimpses import Glimpse
from timbrel.evaluation.machine import machine_facts
from timbrel.evaluation.material import Entry, Material
from timbrel.evaluation.report import checked_folder, write_comparison, write_report
from timbrel.evaluation.results import Facts, Report, Skipped
from timbrel.evaluation.steering import Steering
from timbrel.instruments.improvising import improvises
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Report as Progressed
from timbrel.progress import silent
from timbrel.signal.files import Sound
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import PhaseMethod
from timbrel.synthesis.reconstruct import reconstruct
from timbrel.tasks.instruments import open_named
from timbrel.tasks.judge_morphs import played
from timbrel.tasks.judged_sounds import (
    entries_of,
    generated_counts,
    generated_sounds,
    held_out_of_all,
    length_s,
)
from timbrel.tasks.sliders import known_steering
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace, checked_name


def evaluate(
    instrument: Instrument,
    *,
    read: Callable[[str], Sound],
    out: Path,
    steering: Steering | None = None,
    seed: int = 0,
    force: bool = False,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> Report:
    """Judges an instrument on the sounds of its library that it did not learn from.

    Args:
        instrument: The instrument, with the splits it was trained by.
        read: Reads a sound of the library by its id; a sound that cannot be read is passed over
            and named in the report.
        out: The report's folder.
        steering: What its sliders do; None where they are not known.
        seed: Seed of all that is drawn: sounds, phases, intervals.
        force: Whether a report that stands there is replaced; nothing else ever is.
        choice: How much is judged and shown; None for the usual, with this seed.
        report: Told how far it is.

    Returns:
        The numbers, as they stand in ``report.json``.

    Raises:
        ExistsError: When `out` exists, and `force` is false or it holds something else.
        AbilityError: When the instrument makes no sounds: it neither reconstructs nor generates.
        LibraryError: When none of its held-out or training sounds can be read.
    """
    checked_folder(out, force=force)
    _require_sounds(instrument)
    chosen = choice or Choice(seed=seed)
    found = judge(instrument, read=read, choice=chosen, steering=steering, report=report)
    write_report(out, found, force=force)
    return found.report


def evaluate_named(
    workspace: Workspace,
    name: str,
    *,
    out: Path | None = None,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> Report:
    """Judges an instrument of a workspace on the sounds of its library.

    Args:
        workspace: The workspace.
        name: The instrument.
        out: The report's folder; None for the one of that name among the workspace's reports.
        seed: Seed of all that is drawn.
        device: Where the network shall live.
        force: Whether a report that stands there is replaced; nothing else ever is.
        choice: How much is judged and shown; None for the usual, with this seed.
        report: Told how far it is.

    Returns:
        The numbers.

    Raises:
        UnknownNameError: When there is no such instrument.
        ExistsError: When the folder exists, and `force` is false or it holds something else.
        LibraryError: When the library is gone, or its files are.
        AbilityError: When the instrument makes no sounds: it neither reconstructs nor generates.
    """
    folder = report_folder(workspace, name) if out is None else out
    checked_folder(folder, force=force)
    instrument = open_named(workspace, name, device)
    _require_sounds(instrument)
    read = LibrarySounds(workspace, instrument).read
    return evaluate(
        instrument,
        read=read,
        out=folder,
        steering=known_steering(workspace, instrument),
        seed=seed,
        force=force,
        choice=choice,
        report=report,
    )


def evaluate_together(
    workspace: Workspace,
    names: Sequence[str],
    *,
    out: Path | None = None,
    device: str = "cpu",
    force: bool = False,
    choice: Choice | None = None,
    report: Progressed = silent,
) -> tuple[Comparison, list[Skipped]]:
    """Judges several instruments of a workspace on the same held-out sounds, in one report.

    Held out are the sounds that none of them learned from; of each, as much is judged as the
    shortest instrument plays. Seeds and numbers of generated sounds are the same for all.

    Args:
        workspace: The workspace.
        names: The instruments, two or more.
        out: The report's folder; None for the one of those names among the workspace's reports.
        device: Where the networks shall live.
        force: Whether a report that stands there is replaced; nothing else ever is.
        choice: How much is judged and shown, and the seed; None for the usual.
        report: Told how far it is.

    Returns:
        The numbers side by side, and what could not be judged.

    Raises:
        UnknownNameError: When there is no such instrument.
        UsageError: When a name is given twice, or no sound is held out of all instruments.
        ExistsError: When the folder exists, and `force` is false or it holds something else.
        LibraryError: When the library is gone, or its files are.
        AbilityError: When an instrument makes no sounds.
    """
    folder = report_folder(workspace, *names) if out is None else out
    checked_folder(folder, force=force)
    instruments = [open_named(workspace, name, device) for name in different(names)]
    for instrument in instruments:
        _require_sounds(instrument)
    held_out = held_out_of_all(instruments)
    chosen = _together(choice or Choice(), [length_s(one) for one in instruments])
    memories: dict[float, dict[str, Glimpse]] = {}
    found = {
        one.name: judge(
            one,
            read=LibrarySounds(workspace, heard).read,
            choice=chosen,
            held_out=held_out[one.name],
            memory=memories.setdefault(heard.recipe.duration_s, {}),
            steering=known_steering(workspace, one),
            report=report,
        )
        for one, heard in _heard_by(instruments)
    }
    compared = compare_instruments(found, seed=chosen.seed)
    write_comparison(folder, compared, found, force=force)
    return compared, [skipped for one in found.values() for skipped in one.report.skipped]


def different(names: Sequence[str]) -> Sequence[str]:
    """Refuses an instrument that is named twice.

    Args:
        names: The instruments.

    Returns:
        The same.

    Raises:
        UsageError: When a name is given twice.

    Example:
        >>> different(["drums", "idea"])
        ['drums', 'idea']
    """
    for name, count in Counter(names).items():
        if count > 1:
            raise UsageError(f"the instrument {name!r} {count} times", "instruments, once each")
    return names


def _require_sounds(instrument: Instrument) -> None:
    """Stops where an instrument makes no sounds that could be judged beside a library's."""
    if improvises(instrument):
        raise AbilityError(
            f"the instrument {instrument.name!r} learned from a recording and from no library",
            "an instrument of the library",
            "timbrel.tasks.judge_originality judges it",
        )
    if "reconstruct" not in instrument.abilities:
        instrument.require("generate")


def _together(choice: Choice, lengths_s: Sequence[float]) -> Choice:
    """As much of each sound as the shortest plays; and if one plays long ones, all are asked."""
    long = any(length_s >= choice.long_from_s for length_s in lengths_s)
    from_s = 0.0 if long else choice.long_from_s
    return replace(choice, longest_s=min(lengths_s), long_from_s=from_s)


def _heard_by(instruments: Sequence[Instrument]) -> list[tuple[Instrument, Instrument]]:
    """Each instrument with the one as which it hears the library.

    Whole sounds are heard as far as the longest hears them, by all alike; pieces of them, cut to
    each instrument's length, are each instrument's own.
    """
    longest = max(instruments, key=lambda one: one.recipe.duration_s)
    pieced = any(one.recipe.pieces for one in instruments)
    return [(one, one if pieced else longest) for one in instruments]


def report_folder(workspace: Workspace, *names: str) -> Path:
    """Says where the report of instruments stands unless another folder is asked for.

    Args:
        workspace: The workspace.
        *names: The instrument, or several.

    Returns:
        The folder, which may not exist.

    Raises:
        UsageError: When the name is none that an instrument can have.
    """
    return workspace.reports / checked_name("+".join(checked_name(name) for name in names))


def judge(
    instrument: Instrument,
    *,
    read: Callable[[str], Sound],
    choice: Choice,
    held_out: Sequence[Entry] | None = None,
    memory: dict[str, Glimpse] | None = None,
    steering: Steering | None = None,
    report: Progressed = silent,
) -> Assessment:
    """Judges an instrument without writing anything.

    Args:
        instrument: The instrument.
        read: Reads a sound of the library by its id.
        choice: How much is judged and shown, and the seed.
        held_out: The held-out sounds; None for all that the instrument did not learn from.
        memory: What is kept of real sounds, for the next instrument of the same library.
        steering: What its sliders do; None where they are not known.
        report: Told how far it is.

    Returns:
        The numbers and the sounds to show with them.
    """
    seed = choice.seed
    entries = entries_of(instrument, "test") if held_out is None else held_out
    counts = generated_counts(instrument, entries, choice)
    material = Material(
        held_out=entries,
        training=entries_of(instrument, "train"),
        read=read,
        reconstruct=_reconstruct(instrument, seed),
        round_trip=lambda sound: round_trip(instrument, sound, seed=seed),
        generated=generated_sounds(instrument, counts, seed),
        generated_count=sum(counts.values()),
        morph=_morph(instrument, seed),
        length_s=length_s(instrument),
        sample_rate=instrument.sample_rate,
        steering=steering,
    )
    facts = {
        **_facts(instrument),
        "generated sounds": ", ".join(f"{k or 'all'} {n}" for k, n in counts.items()),
        "judged up to (s)": min(choice.longest_s, instrument.recipe.duration_s),
    }
    return assess(
        material, title=instrument.name, facts=facts, choice=choice, memory=memory, report=report
    )


def _reconstruct(instrument: Instrument, seed: int) -> Callable[[Sound], Sound] | None:
    """How a sound goes through an instrument and back; None where it only generates."""
    if "reconstruct" not in instrument.abilities:
        return None
    return lambda sound: next(iter(reconstruct(instrument, [sound], seed=seed))).sound


def _morph(instrument: Instrument, seed: int) -> Callable[[Sound, Sound], list[Sound]] | None:
    """How an instrument goes from one sound to another; None where it cannot."""
    if "morph" not in instrument.abilities:
        return None
    return lambda first, second: played(instrument, first, second, seed=seed)


def round_trip(instrument: Instrument, sound: Sound, *, seed: int) -> Sound:
    """Sends a sound through an instrument's front end and back, past its network.

    Args:
        instrument: Whose front end and phase method.
        sound: Any sound.
        seed: Seed of the phase method.

    Returns:
        What is left of it, at the instrument's rate and length.
    """
    front_end = cast(FrontEnd, instrument.recipe.front_end)
    rate = instrument.sample_rate
    code, reference = front_end.encode(instrument.fit(sound), sample_rate=rate)
    return Sound(instrument.sounded(code, reference, seed=seed), rate)


def _facts(instrument: Instrument) -> Facts:
    splits = Counter(note.split for note in instrument.sounds)
    return {
        **trained_facts(instrument),
        **{f"sounds: {name}": splits[name] for name in ("train", "validation", "test")},
        "library fingerprint": instrument.library_fingerprint,
        **machine_facts(instrument.device),
    }


def trained_facts(instrument: Instrument) -> Facts:
    """Tells what made an instrument, whatever it learned from.

    Args:
        instrument: The instrument.

    Returns:
        Names for people, each with its value.
    """
    summary = instrument.summary
    trained = {
        f"training: {name.replace('_', ' ')}": summary[name]
        for name in ("seed", "steps", "seconds", "stopped_because", "device")
        if isinstance(summary.get(name), str | int | float)
    }
    return {
        "instrument": instrument.name,
        "recipe": instrument.recipe.name,
        "family": instrument.recipe.family,
        "sample rate (Hz)": instrument.sample_rate,
        "length (s)": instrument.recipe.duration_s,
        "front end": instrument.recipe.front_end.model_dump_json(),
        "phase method": cast(PhaseMethod, instrument.phase).model_dump_json(),
        **trained,
        "instrument fingerprint": instrument.fingerprint,
        "trained by timbrel": instrument.timbrel_version,
        "trained by torch": instrument.torch_version,
    }
