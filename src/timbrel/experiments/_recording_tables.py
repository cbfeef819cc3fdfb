"""The tables of the experiment about one recording."""

import math
from collections.abc import Mapping, Sequence

from timbrel.experiments._contrasts import mean_of
from timbrel.experiments._findings import NOTHING, Cell, Column, Table, single, words
from timbrel.experiments._recording_options import OneRecordingOptions
from timbrel.experiments._recording_outcome import Outcome, drawn_cell

PIECES = {
    "unlikeness": Column("Unlikeness (halves)"),
    "novelty": Column("Novelty, 0 to 1"),
    "copy_ratio": Column("Copied (%)", digits=0),
    "longest_run_s": Column("Longest run (s)"),
    "mean_run_s": Column("Mean run (s)"),
    "mixing": Column("Mixed (%)", digits=0),
}
BANDS = {"lsd above": "LSD above {} kHz (dB)", "lsd": "LSD in all (dB)"}
NOISE = {
    "gain": Column("SNR gain (dB)", "higher", 1),
    "lsd": Column("LSD (dB)", "lower", 1),
}
SEAMS = {
    "click rank": Column("Click: rank (%)", digits=0),
    "click beyond": Column("Clicks beyond 95 % (%)", digits=0),
    "level": Column("Change of level (dB)", digits=1),
    "level rank": Column("Level: rank (%)", digits=0),
    "level beyond": Column("Levels beyond 95 % (%)", digits=0),
}
_HOW = (
    "Means over recordings with Student's 95 % interval, n recordings; of one recording over its "
    "draws, by bootstrap."
)


def tables(found: Outcome) -> tuple[Table, ...]:
    """Makes the tables.

    Args:
        found: What was measured.

    Returns:
        One of the trainings, one a part, and one of each recording's pieces.
    """
    made = [_trainings(found)]
    if "pieces" in found.parts:
        made.append(_pieces(found))
    if "holes" in found.parts:
        made += _holes(found)
    if "bandwidth" in found.parts:
        made.append(_bandwidth(found))
    if "noise" in found.parts:
        made.append(_noise(found))
    if "seams" in found.parts:
        made.append(_seams(found))
    if len(found.parts.get("pieces", {})) > 1:
        made += [_pieces_of(found, take) for take in found.parts["pieces"]]
    return tuple(made)


def _trainings(found: Outcome) -> Table:
    rows = {}
    for arm in found.arms:
        all_of = found.trainings.get(arm.title, [])
        ended = sorted({str(one.get("stopped_because", "")) for one in all_of})
        rows[arm.title] = (
            Cell(float(len(all_of))),
            _average(all_of, "parameters"),
            _average(all_of, "steps"),
            _average(all_of, "seconds", scale=1 / 60),
            words(", ".join(ended)) if ended else NOTHING,
        )
    columns = (
        Column("Trainings", digits=0),
        Column("Parameters", digits=0),
        Column("Steps", digits=0),
        Column("Minutes"),
        Column("Ended because of"),
    )
    note = (
        f"Each for {found.options.minutes:g} minutes: on the whole recording for pieces and seams, "
        "around the holes, and on the first half for bandwidth and noise."
    )
    return Table("The trainings", note, columns, rows)


def _average(summaries: Sequence[Mapping[str, object]], key: str, *, scale: float = 1.0) -> Cell:
    values = [one[key] for one in summaries]
    numbers = [scale * float(value) for value in values if isinstance(value, int | float)]
    return single(mean_of(numbers), count=len(numbers))


def _table(
    found: Outcome, part: str, title: str, note: str, columns: Mapping[str, Column]
) -> Table:
    rows = {row: [found.cell(part, row, key) for key in columns] for row in found.rows(part)}
    for row in rows:
        if not any(told.get(row) for told in found.parts[part].values()):
            rows[row] = [words("cannot"), *[NOTHING] * (len(columns) - 1)]
    return Table(title, f"{note} {_HOW}", tuple(columns.values()), rows)


def _pieces(found: Outcome) -> Table:
    note = (
        "Unlikeness: how far statistics are from the recording's, in units of how far its halves "
        "are from each other. Novelty: 0 where a moment is a copy, 1 where it is as far from the "
        "recording as its own passages are from each other. A montage is the recording cut at "
        "random and pasted; the recording itself: each moment against the others."
    )
    return _table(found, "pieces", "New pieces", note, PIECES)


def _pieces_of(found: Outcome, take: str) -> Table:
    rows = {
        row: [
            drawn_cell([v for v in numbers[key] if math.isfinite(v)], key, seed=found.seed)
            for key in PIECES
        ]
        for row, numbers in found.parts["pieces"][take].items()
    }
    note = " ".join(found.said.get(take, ()))
    return Table(
        f"New pieces of {take}", f"{note} Means over pieces.", tuple(PIECES.values()), rows
    )


def hole_keys(options: OneRecordingOptions) -> list[str]:
    """Says how numbers of holes are told apart.

    Args:
        options: How much is done.

    Returns:
        Lengths in ms as texts.
    """
    return [f"{one:g}" for one in options.holes_ms]


def _holes(found: Outcome) -> list[Table]:
    note = (
        "Holes that training knew nothing of, filled, and compared with what had been there, each "
        "within itself."
    )
    more = "SNR is 0 for silence; what is plausible but not the same has less."
    near, same = {}, {}
    for key in hole_keys(found.options):
        near[f"lsd {key}"] = Column(f"{key} ms: LSD (dB)", "lower", 1)
        same[f"snr {key}"] = Column(f"{key} ms: SNR (dB)", "higher", 1)
    return [
        _table(found, "holes", "Holes: log-spectral distance", note, near),
        _table(found, "holes", "Holes: sample by sample", f"{note} {more}", same),
    ]


def _bandwidth(found: Outcome) -> Table:
    rate = found.options.repaired_at
    columns = {
        key: Column(title.format(f"{rate / 4000:g}"), "lower", 1) for key, title in BANDS.items()
    }
    note = (
        "Instruments that learned the first half of a recording extend the second, which had been "
        f"brought to {rate / 2000:g} kHz."
    )
    title = f"Bandwidth from {rate / 2000:g} to {rate / 1000:g} kHz"
    return _table(found, "bandwidth", title, note, columns)


def _noise(found: Outcome) -> Table:
    note = (
        "Instruments that learned the first half of a recording clean the second, to which white "
        "noise was added."
    )
    return _table(found, "noise", f"Noise at {found.options.snr_db:g} dB", note, NOISE)


def _seams(found: Outcome) -> Table:
    note = (
        "Where a continuation begins. Click: the largest third difference of samples within 5 ms, "
        "over the typical one within 0.3 s. Level: how much 0.2 s after differ from 0.2 s before. "
        "Ranks are among a thousand moments of the recording: 50 is average, and by chance 5 % lie "
        "beyond 95 %."
    )
    return _table(found, "seams", "Seams", note, SEAMS)
