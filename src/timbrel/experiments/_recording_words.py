"""What the experiment about one recording came to, in sentences derived from its figures."""

import math
from collections.abc import Iterator

import numpy as np

from timbrel.evaluation.originality.words import LIKE, UNLIKE
from timbrel.experiments._contrasts import Contrast, Variable
from timbrel.experiments._findings import Cell
from timbrel.experiments._recording_outcome import Outcome
from timbrel.experiments._recording_pieces import ITSELF, MONTAGE
from timbrel.experiments._recording_repairs import (
    GATE,
    LINE,
    NOISY,
    PREDICTION,
    RESAMPLED,
    SILENCE,
)
from timbrel.experiments._recording_seams import CUT
from timbrel.experiments._recording_tables import hole_keys

UNLIKENESS = Variable("unlikeness", "unlikeness", unit="halves")
NOISE_GAIN = Variable("gain", "SNR gain", better="higher", digits=1, unit="dB")
SAME_DB = 0.05  # what is nearer is told as no difference
CHANCE = 5.0  # per cent of joints that lie beyond 95 % of the recording's moments


def verdict(found: Outcome) -> list[str]:
    """Says what the figures mean.

    Args:
        found: What was measured.

    Returns:
        Sentences: on new pieces, on each kind of repair, on seams, and on what failed.
    """
    return [
        *_pieces(found),
        *_holes(found),
        *_bandwidth(found),
        *_noise(found),
        *_seams(found),
        *_failed(found),
    ]


def _failed(found: Outcome) -> Iterator[str]:
    """What could not be done, for all recordings with one reason."""
    takes: dict[tuple[str, str], list[str]] = {}
    for (who, take), reason in found.failed.items():
        takes.setdefault((who, reason), []).append(take)
    for (who, reason), names in takes.items():
        yield f"Not done by {who}, for {', '.join(names)}: {reason}."


def _able(found: Outcome, part: str) -> list[str]:
    """The instruments that have numbers in a part."""
    return [
        arm.title
        for arm in found.arms
        if any(rows.get(arm.title) for rows in found.parts.get(part, {}).values())
    ]


# ---- pieces ------------------------------------------------------------------------------------


def _pieces(found: Outcome) -> Iterator[str]:
    able = _able(found, "pieces")
    for name in able:
        far = found.cell("pieces", name, "unlikeness")
        shares = (_share(found, row) for row in (name, MONTAGE, ITSELF))
        copied, pasted, own = shares
        novelty, new = (
            _number(found.cell("pieces", row, "novelty").value) for row in (name, ITSELF)
        )
        yield (
            f"New pieces of {name}: {_number(far.value)} times as far from the recording as its "
            f"halves are from each other{_interval(far)}, {_like(far)}; {copied} copied (a montage "
            f"{pasted}, the recording against itself {own}), novelty {novelty} (its own passages "
            f"{new})."
        )
    for other in able[1:]:
        apart = found.contrast("pieces", (other, able[0]), UNLIKENESS)
        if apart:
            yield f"{able[0]} beside {other}, as new pieces: {_nearer(apart)}."


def _share(found: Outcome, row: str) -> str:
    value = found.cell("pieces", row, "copy_ratio").value
    return "an unknown share" if value is None else f"{value:.0f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _interval(cell: Cell) -> str:
    if cell.low is None or cell.high is None:
        return ""
    return f" ({cell.low:.2f} to {cell.high:.2f})"


def _like(far: Cell) -> str:
    if far.value is None:
        return "which tells nothing"
    if far.value <= LIKE:
        return "like it as a whole"
    return "near it" if far.value <= UNLIKE else "unlike it, so that being new is no merit"


def _nearer(apart: Contrast) -> str:
    words = {1: "surely nearer to the recording", -1: "surely farther from the recording"}
    return f"{words.get(apart.gain, 'not told apart in unlikeness')}, {apart.said()}"


# ---- repairs -----------------------------------------------------------------------------------


def _holes(found: Outcome) -> Iterator[str]:
    for name in _able(found, "holes"):
        parts = [_hole(found, name, key) for key in hole_keys(found.options)]
        yield f"Holes filled by {name}, in log-spectral distance: {'; '.join(filter(None, parts))}."


def _hole(found: Outcome, name: str, key: str) -> str:
    variable = Variable(f"lsd {key}", "log-spectral distance", digits=1, unit="dB")
    rows = (SILENCE, LINE, PREDICTION)
    best = _best(found, "holes", rows, variable)
    return _beside(found, "holes", (best, name), variable, before=f"of {key} ms ")


def _best(found: Outcome, part: str, rows: tuple[str, ...], variable: Variable) -> str:
    """The row with the best mean."""
    sign = 1 if variable.better == "higher" else -1

    def gain(row: str) -> float:
        means = list(found.means(part, row, variable.key).values())
        return sign * float(np.mean(means)) if means else -math.inf

    return max(rows, key=gain)


def _beside(
    found: Outcome, part: str, rows: tuple[str, str], variable: Variable, *, before: str = ""
) -> str:
    apart = found.contrast(part, rows, variable)
    if apart is None:
        return ""
    words = {1: "surely better than", -1: "surely worse than"}
    word = words.get(apart.gain, "not told apart from")
    if max(abs(apart.interval.low), abs(apart.interval.high)) < SAME_DB:
        word = "the same as"
    return f"{before}{word} {_lowered(rows[0])}, {apart.said()}"


def _lowered(row: str) -> str:
    return row[0].lower() + row[1:]


def _bandwidth(found: Outcome) -> Iterator[str]:
    high = Variable("lsd above", "log-spectral distance", digits=1, unit="dB")
    whole = Variable("lsd", "log-spectral distance", digits=1, unit="dB")
    khz = f"{found.options.repaired_at / 4000:g} kHz"
    for name in _able(found, "bandwidth"):
        rows = (RESAMPLED, name)
        above = _beside(found, "bandwidth", rows, high, before=f"above {khz} ")
        all_of = _beside(found, "bandwidth", rows, whole, before="in all ")
        yield f"Bandwidth extended by {name}, in log-spectral distance: {above}; {all_of}."


def _noise(found: Outcome) -> Iterator[str]:
    able = _able(found, "noise")
    for name in able:
        gain = found.cell("noise", name, "gain").value
        gate = _beside(found, "noise", (GATE, name), NOISE_GAIN)
        nothing = _beside(found, "noise", (NOISY, name), NOISE_GAIN)
        taken = "–" if gain is None else f"{gain:+.1f} dB"
        yield f"Noise taken by {name}: {taken} of SNR; {nothing}; {gate}."
    unable = [title for title in found.rows("noise") if title in _titles(found)]
    for name in unable:
        if name not in able:
            yield f"{name} cannot take noise out of a sound."


def _titles(found: Outcome) -> list[str]:
    return [arm.title for arm in found.arms]


# ---- seams -------------------------------------------------------------------------------------


def _seams(found: Outcome) -> Iterator[str]:
    for name in _able(found, "seams"):
        steps, levels = (
            _joints(found, name, key, what)
            for key, what in (("click", "a click"), ("level", "a change of level"))
        )
        yield (
            f"Seams of {name}: {steps}; {levels}. Of cuts without a fade {_beyond(found, CUT)} lie "
            f"beyond 95 %, by chance {CHANCE:g} %."
        )


def _joints(found: Outcome, name: str, key: str, what: str) -> str:
    rank = found.cell("seams", name, f"{key} rank")
    beyond = found.cell("seams", name, f"{key} beyond")
    if rank.value is None or beyond.value is None:
        return f"{what} is not defined"
    surely = beyond.low is not None and beyond.low > CHANCE
    stands = "surely stands out" if surely else "does not surely stand out"
    return (
        f"{what} {stands} (rank {rank.value:.0f} % of the recording's moments on average, beyond "
        f"95 % in {beyond.value:.0f} % of joints)"
    )


def _beyond(found: Outcome, row: str) -> str:
    values = [found.cell("seams", row, f"{key} beyond").value for key in ("click", "level")]
    return " and ".join("–" if value is None else f"{value:.0f} %" for value in values)
