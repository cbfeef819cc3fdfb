"""Renders: sounds that timbrel made, each with the facts to make it again, and their files."""

import json
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

import timbrel
from timbrel import atomic
from timbrel.errors import ExistsError, SoundFileError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.signal import files, levels, units
from timbrel.signal.files import Sound
from timbrel.synthesis.phases import Phase

Encoding = Literal["pcm_16", "pcm_24", "float_32"]

CEILING_DB = -0.1
TRIM_DB = -72.0
SHORTEST_S = 0.05
FADE_S = 0.005
LONGEST_NAME_BYTES = 96
LONGEST_COMMENT_BYTES = 1900
GRAIN = 1.0  # new sounds are drawn, not averaged
SEEDS = 10_000  # draws that one seed has before it meets the next seed's
LARGEST_SEED = 2**63 // SEEDS - 1


@dataclass(frozen=True)
class Parent:
    """A sound that a render came from.

    Attributes:
        name: What a person calls it.
        weight: How much of it is in the render; the weights of a render's parents sum to 1.
        id: Its id in the library, or "" where it came from elsewhere.
        label: Its label, or "".
    """

    name: str
    weight: float
    id: str = ""
    label: str = ""


@dataclass(frozen=True, eq=False)
class Render:
    """A sound that timbrel made.

    Attributes:
        sound: The sound, [1, T].
        latent: The latent it was played from, [Z].
        provenance: How it was made, plain tables ready for JSON; no date, so that the same seed
            gives the same bytes.
    """

    sound: Sound
    latent: Tensor
    provenance: dict[str, Any]

    @property
    def name(self) -> str:
        """The name that its files get, without an ending; harmless whatever labels hold."""
        return safe_name(str(self.provenance["name"]))


@dataclass(frozen=True)
class Origin:
    """How a render comes to be made.

    Attributes:
        name: What the render is called.
        ability: What makes it, such as "morph".
        seed: Seed of all that is drawn: phase and grain.
        number: Which draw of this seed: others sound alike but for what is drawn.
        parents: The sounds it comes from.
        settings: The settings it is made with.
        grain: How much of the sound's roughness is drawn, 0 to 1.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.
    """

    name: str
    ability: str
    seed: int
    number: int = 0
    parents: Sequence[Parent] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    grain: float = GRAIN
    phase: Phase | None = None

    @property
    def drawn_by(self) -> int:
        """The seed of all that is drawn for this render."""
        return self.seed * SEEDS + self.number


def play(
    instrument: Instrument,
    latent: Tensor,
    reference: float | None,
    origin: Origin,
    *,
    detail: Tensor | None = None,
    energy: Tensor | None = None,
) -> Render:
    """Plays one latent, alone, so that it sounds the same in whatever company it was asked for.

    Args:
        instrument: Who plays.
        latent: The latent, [Z].
        reference: The level as `Instrument.encode` gives it; None gives a peak of -1 dBFS.
        origin: How it came to be made.
        detail: What the latent leaves out, [K, L]; None draws a likely one, where the instrument
            knows of details.
        energy: What each frame's energy shall be, [N]; None leaves it to the instrument.

    Returns:
        The render.
    """
    level = None if reference is None else torch.tensor([reference])
    samples = instrument.decode(
        latent[None],
        level,
        detail=None if detail is None else detail[None],
        seed=origin.drawn_by,
        grain=origin.grain,
        phase=None if origin.phase is None else origin.phase.gives,
        energy=None if energy is None else energy[None],
    )
    return told(instrument, samples, latent, reference, origin)


def told(
    instrument: Instrument,
    samples: Tensor,
    latent: Tensor,
    reference: float | None,
    origin: Origin,
) -> Render:
    """Makes a render of samples: adds how they came to be.

    Args:
        instrument: Who played.
        samples: The sound, [1, T].
        latent: The latent it was played from, [Z].
        reference: Its level, a linear amplitude; None where its peak is -1 dBFS.
        origin: How it came to be made.

    Returns:
        The render.
    """
    provenance = {
        "name": origin.name,
        "made_by": f"timbrel {timbrel.__version__}",
        "instrument": instrument.name,
        "instrument_fingerprint": instrument.fingerprint,
        "ability": origin.ability,
        "seed": origin.seed,
        "number": origin.number,
        "grain": origin.grain,
        **_phase_facts(instrument, origin.phase),
        "settings": dict(origin.settings),
        "parents": [vars(parent) for parent in origin.parents],
        "sample_rate": instrument.sample_rate,
        "reference": reference,
        "latent": latent.tolist(),
    }
    return Render(Sound(samples, instrument.sample_rate, origin.name), latent, provenance)


def _phase_facts(instrument: Instrument, phase: Phase | None) -> dict[str, str]:
    """Which phase a render was made with; of a trained one the fingerprint too."""
    if phase is None:
        return {"phase": str(getattr(instrument.phase, "name", ""))}
    trained = {"phase_fingerprint": phase.fingerprint} if phase.fingerprint else {}
    return {"phase": phase.name, **trained}


def at(
    instrument: Instrument,
    latent: Tensor,
    *,
    seed: int = 0,
    name: str = "pick",
    parents: Sequence[Parent] = (),
    settings: Mapping[str, Any] | None = None,
    phase: Phase | None = None,
) -> Render:
    """Plays the sound of one latent, such as a point of a map.

    Args:
        instrument: Who plays.
        latent: The latent, [Z].
        seed: Seed of the phase method and of the grain.
        name: What the render is called.
        parents: The sounds it lies between, where they are known.
        settings: Where the latent comes from, such as a map's point.
        phase: The way from magnitudes to a waveform; None takes the instrument's own.

    Returns:
        The render, with a peak of -1 dBFS.

    Raises:
        AbilityError: When the instrument cannot play latents.
        UsageError: When the latent has another size or is no number.
    """
    origin = Origin(
        name,
        "pick",
        checked_seed(seed),
        parents=parents,
        settings=dict(settings or {}),
        phase=phase,
    )
    return play(instrument, latent, None, origin)


def trim(render: Render) -> Render:
    """Cuts the silence off a render's end, with a short fade; at least 50 ms stay.

    Args:
        render: Any render.

    Returns:
        The render up to where it falls under -72 dB of its own peak.
    """
    samples, rate = render.sound.samples, render.sound.sample_rate
    shortest = min(round(SHORTEST_S * rate), samples.shape[1])
    kept = max(levels.trim_end(samples, TRIM_DB).shape[1], shortest)
    samples = levels.fit_length(samples, kept, fade_samples=min(round(FADE_S * rate), kept))
    settings = {**render.provenance["settings"], "trimmed_to_samples": kept}
    return replace(
        render,
        sound=replace(render.sound, samples=samples),
        provenance={**render.provenance, "settings": settings},
    )


def write(
    folder: Path,
    renders: Iterable[Render],
    *,
    encoding: Encoding = "pcm_24",
    suffix: str = ".wav",
    force: bool = False,
) -> list[Path]:
    """Writes renders as they come: a sound file and a JSON sidecar each.

    A render that would clip is turned down to -0.1 dBFS, and its sidecar says by how much.

    Args:
        folder: Where to; made where there is none.
        renders: The renders; none is kept in memory after it is written.
        encoding: "pcm_16", "pcm_24" or "float_32".
        suffix: ".wav" or ".flac".
        force: Whether files of the same names are replaced.

    Returns:
        The paths of the sound files, in order.

    Raises:
        ExistsError: When a file stands there and `force` is false; it is left as it is.
        SoundFileError: When the disk takes no more.
    """
    paths: list[Path] = []
    for render in renders:
        path = _free(folder / f"{render.name}{suffix}", paths)
        write_at(path, render, encoding=encoding, force=force)
        paths.append(path)
    return paths


def refuse_existing(folder: Path, names: Iterable[str], *, suffix: str = ".wav") -> None:
    """Refuses names that are taken before the first of many renders is made.

    Args:
        folder: Where the renders shall go.
        names: The names that they will get.
        suffix: Their ending.

    Raises:
        ExistsError: When a sound file or a sidecar of one of the names stands there.
    """
    for name in names:
        for path in (folder / f"{name}{suffix}", folder / f"{name}.json"):
            if path.exists():
                advice = "choose another folder or add --force"
                raise ExistsError(f"{path} exists already", advice=advice)


def safe_name(text: str) -> str:
    """Makes a file name of any text: letters and digits of any script stay, the rest becomes "_".

    Args:
        text: Anything, such as a label that came with a stranger's files.

    Returns:
        A name without an ending that every system accepts, never empty.

    Example:
        >>> safe_name("../Große Trommel: 1"), safe_name("???"), safe_name("con")
        ('Große Trommel_ 1', 'sound', '_con')
    """
    text = unicodedata.normalize("NFC", text)
    kept = "".join(c if c.isalnum() or c in " -_.+" else "_" for c in text)
    kept = kept.encode("utf-8", "ignore")[:LONGEST_NAME_BYTES].decode("utf-8", "ignore")
    kept = kept.strip(" ._") or "sound"
    return f"_{kept}" if kept.split(".")[0].lower() in _RESERVED else kept


# Names that Windows keeps for devices, whatever their ending.
_RESERVED = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
)


def checked_seed(seed: int) -> int:
    """Checks a seed.

    Args:
        seed: A whole number of 0 or more.

    Returns:
        The same.

    Raises:
        UsageError: When it is negative or too large.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise UsageError(f"the seed {seed}", f"a whole number from 0 to {LARGEST_SEED}")
    return seed


def _free(path: Path, taken: Sequence[Path]) -> Path:
    """Two renders of one call may share a name; the second gets a number."""
    number, candidate = 2, path
    while candidate in taken:
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1
    return candidate


def write_at(
    path: Path, render: Render, *, encoding: Encoding = "pcm_24", force: bool = False
) -> None:
    """Writes one render under a name of one's own, and its sidecar; its own name is not asked.

    Args:
        path: The sound file, .wav or .flac.
        render: The render.
        encoding: "pcm_16", "pcm_24" or "float_32".
        force: Whether files that stand there are replaced.

    Raises:
        ExistsError: When a file stands there and `force` is false; it is left as it is.
        SoundFileError: When the disk takes no more.
    """
    sidecar = path.with_suffix(".json")
    if sidecar.exists() and not force:
        raise ExistsError(f"{sidecar} exists already", advice="choose another name or add --force")
    gain_db = 0.0 if encoding == "float_32" else _headroom_db(render.sound.samples)
    sound = replace(render.sound, samples=render.sound.samples * units.db_to_amplitude(gain_db))
    provenance = {**render.provenance, "gain_db": gain_db, "encoding": encoding}
    metadata = _metadata(provenance, render.name)
    text = json.dumps(provenance, ensure_ascii=False, indent=1)
    try:
        with atomic.new_file(sidecar) as part:  # on the disk before the sound, in place after it
            part.write_text(text + "\n", encoding="utf-8")
            files.write(path, sound, encoding=encoding, metadata=metadata, force=force)
    except OSError as error:
        raise SoundFileError(f"cannot write {path} ({error.strerror or error})") from None


def _headroom_db(samples: Tensor) -> float:
    """0 where nothing clips, else the negative gain that ends just below full scale."""
    peak_db = levels.peak_db(samples)
    return 0.0 if peak_db <= 0 else CEILING_DB - peak_db


def _metadata(provenance: Mapping[str, Any], name: str) -> dict[str, str]:
    """What the sound file itself says; what does not fit there stands in the sidecar."""
    said = {key: value for key, value in provenance.items() if key not in ("latent", "name")}
    for spare in ("", "parents", "settings"):
        said.pop(spare, None)
        comment = json.dumps(said, ensure_ascii=True, separators=(",", ":"))
        if len(comment) <= LONGEST_COMMENT_BYTES:
            break
    return {"title": name, "software": str(provenance["made_by"]), "comment": comment}
