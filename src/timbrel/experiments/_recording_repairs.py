"""Repairs of a recording, held against the truth: holes, a missing band, noise."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.metrics.log_spectral_distance import log_spectral_distance
from timbrel.evaluation.metrics.snr import snr
from timbrel.experiments._recording_materials import halves, repaired
from timbrel.experiments._recording_options import Part
from timbrel.experiments._recording_pieces import SHOWN_S, columns
from timbrel.experiments._recording_work import REFUSALS, Found, Role, Rows, Work
from timbrel.experiments._repair_baselines import gated, predicted, straight_line
from timbrel.experiments._takes import Take
from timbrel.instruments.instrument import Instrument
from timbrel.signal import levels, resampling
from timbrel.signal.files import Sound
from timbrel.signal.spans import silenced
from timbrel.synthesis import improvisations, repairs
from timbrel.synthesis.proposals import Proposals
from timbrel.synthesis.renders import Render

SILENCE, LINE, PREDICTION = "Silence", "A straight line", "Linear prediction"
RESAMPLED, NOISY, GATE = "Plain resampling", "The noise left in", "Spectral gating"
Numbers = dict[str, float]


@dataclass(frozen=True, eq=False)
class Repair:
    """One kind of repair of one recording.

    Attributes:
        part: Which kind.
        role: On what of the recording instruments are trained for it.
        ability: What they must be able to do.
        truth: What should come back, in one channel, [1, T].
        damaged: What there is of it, [T].
        plain: What comes back without learning, [T] each.
        play: Lets an instrument repair it, once or several times.
        measure: What came back, [T], to numbers.
        shown_s: From where to where it is heard on the page.
    """

    part: Part
    role: Role
    ability: str
    truth: Sound
    damaged: Tensor
    plain: Mapping[str, Tensor]
    play: Callable[[Instrument], Iterable[Render]]
    measure: Callable[[Tensor], Numbers]
    shown_s: tuple[float, float]


def holes(work: Work, take: Take) -> Repair:
    """Holes of the recording, to be filled by instruments that were trained around them.

    Args:
        work: What is done.
        take: The recording.

    Returns:
        The repair; numbers are of the samples and frames within each hole alone.

    Raises:
        UsageError: When the recording is too short for its holes.
    """
    truth, places = repaired(take, work.options.repaired_at), work.holes(take)
    true, rate = truth.samples[0], truth.sample_rate
    named = {f"{ms:g}": at for ms, at in zip(work.options.holes_ms, places, strict=True)}
    damaged = silenced(true, places, rate)

    def samples(place: tuple[float, float]) -> tuple[int, int]:
        return round(place[0] * rate), round(place[1] * rate)

    def filled(fill: Callable[[Tensor, int, int], Tensor]) -> Tensor:
        out = damaged
        for place in places:
            out = fill(out, *samples(place))
        return out

    def measure(made: Tensor) -> Numbers:
        found = {}
        for name, place in named.items():
            within = slice(*samples(place))
            found[f"lsd {name}"] = log_spectral_distance(true, made, rate, within_s=place)
            found[f"snr {name}"] = snr(true[within], made[within], rate)
        return found

    longest = max(places, key=lambda place: place[1] - place[0])
    return Repair(
        part="holes",
        role="holes",
        ability="inpaint",
        truth=truth,
        damaged=damaged,
        plain={
            SILENCE: damaged,
            LINE: filled(straight_line),
            PREDICTION: filled(lambda one, a, b: predicted(one, a, b, sample_rate=rate)),
        },
        play=lambda one: improvisations.inpainted(one, holes=places, proposals=_draws(work)),
        measure=measure,
        shown_s=(max(0.0, longest[0] - 1.5), longest[1] + 1.5),
    )


def bandwidth(work: Work, take: Take) -> Repair:
    """The second half of the recording at half the rate, to be extended by who learned the first.

    Args:
        work: What is done.
        take: The recording.

    Returns:
        The repair.

    Raises:
        UsageError: When the recording itself has no such band.
    """
    wanted = work.options.repaired_at
    if take.sound.sample_rate < wanted:
        raise UsageError(f"a recording of {take.sound.sample_rate} Hz", f"{wanted} Hz or more")
    _, truth = halves(repaired(take, wanted))
    dull = Sound(resampling.resample(truth.samples, from_hz=wanted, to_hz=wanted // 2), wanted // 2)
    back = resampling.resample(dull.samples, from_hz=wanted // 2, to_hz=wanted)
    plain = levels.fit_length(back, truth.samples.shape[1], fade_samples=0)[0]
    true = truth.samples[0]
    return Repair(
        part="bandwidth",
        role="half",
        ability="extend_bandwidth",
        truth=truth,
        damaged=plain,
        plain={RESAMPLED: plain},
        play=lambda one: repairs.extended(one, dull, proposals=_draws(work)),
        measure=lambda made: {
            "lsd above": log_spectral_distance(true, made, wanted, min_hz=wanted / 4),
            "lsd": log_spectral_distance(true, made, wanted),
        },
        shown_s=(0.0, SHOWN_S),
    )


def noise(work: Work, take: Take) -> Repair:
    """The second half of the recording with white noise, to be cleaned by who learned the first.

    Args:
        work: What is done.
        take: The recording.

    Returns:
        The repair.
    """
    _, truth = halves(repaired(take, work.options.repaired_at))
    true, rate = truth.samples[0], truth.sample_rate
    drawn = torch.randn(len(true), generator=torch.Generator().manual_seed(work.request.seed))
    level = true.square().mean().sqrt() / drawn.square().mean().sqrt()
    noisy = true + drawn * level * 10 ** (-work.options.snr_db / 20)
    once = Proposals(1, work.request.seed)
    return Repair(
        part="noise",
        role="half",
        ability="denoise",
        truth=truth,
        damaged=noisy,
        plain={NOISY: noisy, GATE: gated(noisy)},
        play=lambda one: repairs.denoised(one, Sound(noisy[None], rate), proposals=once),
        measure=lambda made: {
            "gain": snr(true, made, rate) - snr(true, noisy, rate),
            "lsd": log_spectral_distance(true, made, rate),
        },
        shown_s=(0.0, SHOWN_S),
    )


def _draws(work: Work) -> Proposals:
    return Proposals(work.options.draws, work.request.seed)


def mended(work: Work, take: Take, make: Callable[[Work, Take], Repair]) -> Found:
    """Lets all instruments do a repair, and measures what comes back beside what needs no learning.

    Args:
        work: What is done; what an instrument refuses is noted there.
        take: The recording.
        make: Which repair.

    Returns:
        What was measured.

    Raises:
        UsageError: When this recording cannot be repaired so.
    """
    repair = make(work, take)
    rows: Rows = {}
    heard: list[tuple[str, str]] = []
    for arm, instrument in work.players(take, repair.role).items():
        place = work.arms.index(arm) + 1
        if repair.ability not in instrument.abilities:
            rows[arm.title] = {}
            continue
        try:
            name = f"{take.key}-{repair.part}-{place}"
            told = work.memory.recall(name, lambda: _played(work, repair, instrument, name))  # noqa: B023 - called at once
        except REFUSALS as error:
            work.note(f"{arm.title} ({repair.part})", take, error)
            continue
        rows[arm.title] = told["numbers"]
        heard.append((arm.title, told["heard"]))
    plain = work.memory.recall(
        f"{take.key}-{repair.part}-plain", lambda: _plain(work, take, repair)
    )
    return Found({**rows, **plain["rows"]}, [*plain["heard"], *heard])


def _played(work: Work, repair: Repair, instrument: Instrument, name: str) -> dict[str, Any]:
    made = [_fitted(one.sound, repair.truth) for one in repair.play(instrument)]
    each = [repair.measure(one) for one in made]
    return {
        "numbers": columns(each),
        "heard": work.shelf.keep(name, _excerpt(made[0], repair)),
    }


def _plain(work: Work, take: Take, repair: Repair) -> dict[str, Any]:
    shown = {"as it was": repair.truth.samples[0], "as it is": repair.damaged}
    best = list(repair.plain)[-1]
    shown |= {best.lower(): repair.plain[best]} if len(repair.plain) > 1 else {}
    return {
        "rows": {
            name: {key: [value] for key, value in repair.measure(made).items()}
            for name, made in repair.plain.items()
        },
        "heard": [
            (caption, work.shelf.keep(f"{take.key}-{repair.part}-plain-{place}",
                                      _excerpt(made, repair)))
            for place, (caption, made) in enumerate(shown.items())
        ],
    }  # fmt: skip


def _fitted(sound: Sound, truth: Sound) -> Tensor:
    """What came back, in one channel, at the rate and length of the truth, [T]."""
    mono = levels.to_mono(sound.samples)
    there = resampling.resample(mono, from_hz=sound.sample_rate, to_hz=truth.sample_rate)
    return levels.fit_length(there, truth.samples.shape[1], fade_samples=0)[0]


def _excerpt(made: Tensor, repair: Repair) -> Sound:
    begin, end = (round(moment * repair.truth.sample_rate) for moment in repair.shown_s)
    return Sound(made[None, begin:end], repair.truth.sample_rate)
