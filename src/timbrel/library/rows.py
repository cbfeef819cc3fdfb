"""What the catalogue keeps of a sound file, as Python objects and as an Arrow schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import TimbrelError
from timbrel.library.features import FEATURE_NAMES

ANALYSIS_VERSION = 2  # raised when features or hashes change, so that a scan reads all again


@dataclass(frozen=True)
class Facts:
    """What reading a sound file once tells.

    Attributes:
        content_hash: Hash of the decoded samples and their rate; copies in other formats that
            decode to the same samples have the same.
        duration_s: Length in seconds.
        sample_rate: Rate in Hz.
        channels: Number of channels.
        format: The kind of file, such as "FLAC".
        peak_db: Sample peak in dB of full scale.
        loudness_lufs: Integrated loudness in LUFS, -inf where too quiet to measure.
        features: Audible features, float32 [D], in the order of `FEATURE_NAMES`.
    """

    content_hash: str
    duration_s: float
    sample_rate: int
    channels: int
    format: str
    peak_db: float
    loudness_lufs: float
    features: NDArray[np.float32]


@dataclass(frozen=True)
class Refusal:
    """Why a file cannot be in the library.

    Attributes:
        kind: One of `KINDS`.
        reason: One sentence for the user, without a full stop.
    """

    kind: str
    reason: str


KINDS = {
    "unreadable": "damaged, or of a format that cannot be read",
    "empty": "holds no sound",
    "silent": "nothing in it rises above -80 dB",
    "not_finite": "has samples that are no numbers",
    "duplicate": "sounds exactly like another file",
    "missing": "named by the data set, not there",
    "bad_name": "its name is no Unicode text",
}


@dataclass(frozen=True)
class SoundRow:
    """A sound of the library.

    Attributes:
        id: Stable for a path: 16 hexadecimal digits.
        path: Where the file is.
        content_hash: Hash of the decoded samples and their rate.
        size_bytes: Size of the file.
        modified_ns: When the file last changed, in ns since 1970.
        duration_s: Length in seconds.
        sample_rate: Rate in Hz.
        channels: Number of channels.
        format: The kind of file, such as "FLAC".
        peak_db: Sample peak in dB of full scale.
        loudness_lufs: Integrated loudness in LUFS, -inf where too quiet to measure.
        label: Its class, "" where unknown.
        group: What stays together in a split (kit, instrument), "" where unknown.
        pitch_semitones: MIDI note number, None where unknown.
        features: Audible features, float32 [D].
    """

    id: str
    path: Path
    content_hash: str
    size_bytes: int
    modified_ns: int
    duration_s: float
    sample_rate: int
    channels: int
    format: str
    peak_db: float
    loudness_lufs: float
    label: str
    group: str
    pitch_semitones: float | None
    features: NDArray[np.float32]


@dataclass(frozen=True)
class Skipped:
    """A file that was found and is not in the library.

    Attributes:
        path: Where the file is.
        reason: Why, in one sentence.
        kind: One of `KINDS`.
    """

    path: Path
    reason: str
    kind: str


def reason_of(error: TimbrelError, path: Path) -> str:
    """Says what is wrong with a file in a list of files, where its path stands already.

    Args:
        error: What went wrong with it.
        path: The file.

    Returns:
        A sentence without the path and without advice.

    Example:
        >>> from timbrel.errors import SoundFileError
        >>> reason_of(SoundFileError("'kick.wav' is empty (0 bytes)"), Path("kick.wav"))
        'it is empty (0 bytes)'
    """
    return error.given.replace(repr(str(path)), "it").replace(str(path), "it")


def schema() -> Any:
    """Gives the Arrow schema of the catalogue's one table.

    Sounds and skipped files share it, told apart by `kind` ("" for a sound), so that a file
    passes from one to the other in one step that a killed process cannot halve.

    Returns:
        A `pyarrow.Schema`.
    """
    import pyarrow as pa

    text = ["id", "path", "content_hash", "format", "label", "group_name", "kind", "reason"]
    whole = ["size_bytes", "modified_ns", "sample_rate", "channels", "analysis", "tags"]
    real = ["duration_s", "peak_db", "loudness_lufs", "pitch_semitones"]
    return pa.schema(
        [
            *[(name, pa.string()) for name in text],
            *[(name, pa.int64()) for name in whole],
            *[(name, pa.float64()) for name in real],
            ("features", pa.list_(pa.float32(), len(FEATURE_NAMES))),
        ]
    )


def sound_row(record: dict[str, Any]) -> SoundRow:
    """Makes a `SoundRow` of a record of the table.

    Args:
        record: Column name -> value.

    Returns:
        The row.
    """
    same = {name: record[name] for name in _SAME}
    return SoundRow(
        **same,
        path=Path(record["path"]),
        group=record["group_name"],
        features=np.asarray(record["features"], dtype=np.float32),
    )


_SAME = tuple(
    name for name in SoundRow.__dataclass_fields__ if name not in ("path", "group", "features")
)


def facts_record(outcome: Facts | Refusal) -> dict[str, Any]:
    """Gives the columns that reading a file fills.

    Args:
        outcome: What reading it gave.

    Returns:
        Column name -> value; a refused file has empty facts and zeros for features.
    """
    if isinstance(outcome, Refusal):
        return {**_NO_FACTS, "kind": outcome.kind, "reason": outcome.reason}
    facts = {name: getattr(outcome, name) for name in Facts.__dataclass_fields__}
    return {**facts, "kind": "", "reason": ""}


_NO_FACTS: dict[str, Any] = {
    "content_hash": "",
    "duration_s": 0.0,
    "sample_rate": 0,
    "channels": 0,
    "format": "",
    "peak_db": 0.0,
    "loudness_lufs": 0.0,
    "features": [0.0] * len(FEATURE_NAMES),
}


def arrow_facts(outcomes: "Sequence[Facts | Refusal]") -> Any:
    """Packs what reading files gave into a table, for the way from machine to machine.

    Args:
        outcomes: What is in each file, or why it cannot be used.

    Returns:
        A `pyarrow.Table` with the columns of the catalogue that reading fills.
    """
    import pyarrow as pa

    records = [facts_record(outcome) for outcome in outcomes]
    columns = [schema().field(name) for name in (*_NO_FACTS, "kind", "reason")]
    return pa.Table.from_pylist(records, schema=pa.schema(columns))


def outcome_of(record: dict[str, Any]) -> Facts | Refusal:
    """Unpacks one row of `arrow_facts`.

    Args:
        record: Column name -> value.

    Returns:
        What was packed.

    Example:
        >>> table = arrow_facts([Refusal("silent", "nothing in it rises above -80 dB")])
        >>> outcome_of(table.to_pylist()[0])
        Refusal(kind='silent', reason='nothing in it rises above -80 dB')
    """
    if record["kind"]:
        return Refusal(record["kind"], record["reason"])
    facts = {name: record[name] for name in Facts.__dataclass_fields__}
    return Facts(**{**facts, "features": np.asarray(record["features"], np.float32)})


def arrow_table(records: Sequence[dict[str, Any]]) -> Any:
    """Packs records into an Arrow table of the catalogue's schema.

    Args:
        records: Column name -> value, each complete.

    Returns:
        A `pyarrow.Table`.
    """
    import pyarrow as pa

    return pa.Table.from_pylist(list(records), schema=schema())
