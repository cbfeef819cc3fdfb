"""Map: the sounds of an instrument as a picture."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from timbrel import atomic
from timbrel.errors import LibraryError, SoundFileError, TimbrelError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.library.rows import Skipped
from timbrel.mapping import drawing, layout, page
from timbrel.mapping.layout import SoundMap
from timbrel.progress import Report, silent
from timbrel.signal import files, levels
from timbrel.signal.files import Sound
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import layout_of
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

ENDINGS = (".png", ".json", ".html")
PAGE_RATE_HZ = 32_000  # of sounds inside a page: up to 16 kHz, in two thirds of the room
TRIM_DB = -60.0


@dataclass(frozen=True)
class MapDrawn:
    """A map on disk.

    Attributes:
        path: The picture, data or page.
        sounds: Sounds on the map.
        heard: How many of them the page can play; 0 for a picture or data.
        size_bytes: Size of the file.
        skipped: Sounds that the page should play and cannot, because their files are gone or
            damaged.
    """

    path: Path
    sounds: int
    heard: int
    size_bytes: int
    skipped: list[Skipped] = field(default_factory=list)


def draw_map(
    workspace: Workspace,
    name: str,
    *,
    projection: str = "umap",
    out: Path,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> MapDrawn:
    """Draws the map of an instrument's sounds, as a picture, as data or as a page that plays.

    Args:
        workspace: The workspace.
        name: The instrument.
        projection: How sounds are laid out, such as "umap" or "pca".
        out: The file; its ending, .png, .json or .html, says what it shall be.
        seed: Seed of the projection.
        device: Where the network shall live.
        force: Whether an existing file is replaced.
        report: Where progress goes.

    Returns:
        What was drawn.

    Raises:
        UsageError: When the ending is none of these.
        ExistsError: When the file exists and `force` is false.
        UnknownNameError: When there is no such instrument or projection.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"a map named {out.name!r}", f"a name that ends in {' '.join(ENDINGS)}")
    layout.refuse_existing(out, force=force)
    instrument = open_named(workspace, name, device)
    laid_out = layout_of(workspace, instrument, projection=projection, seed=seed, report=report)
    try:
        if ending == ".html":
            audio = _Audio(workspace, instrument)
            made = page.write_page(laid_out, out, audio=audio, force=force, report=report)
            return MapDrawn(out, made.sounds, made.heard, made.size_bytes, audio.skipped)
        _draw(laid_out, out, force=force)
    except OSError as error:
        raise TimbrelError(f"cannot write {out} ({error.strerror or error})") from None
    return MapDrawn(out, len(laid_out), 0, out.stat().st_size)


def _draw(laid_out: SoundMap, out: Path, *, force: bool) -> None:
    if out.suffix.lower() == ".png":
        drawing.draw_png(laid_out, out, force=force)
    else:
        text = json.dumps(drawing.as_json(laid_out), ensure_ascii=False, indent=1)
        atomic.write_text(out, text + "\n")


class _Audio:
    """Gives a page its sounds, and notes those whose files are gone or damaged."""

    def __init__(self, workspace: Workspace, instrument: Instrument) -> None:
        self.skipped: list[Skipped] = []
        self._names = {note.id: note.name for note in instrument.sounds}
        self._length_samples = round(instrument.recipe.duration_s * PAGE_RATE_HZ)
        self._sounds = self._opened(workspace, instrument)

    def _opened(self, workspace: Workspace, instrument: Instrument) -> LibrarySounds | None:
        try:
            return LibrarySounds(workspace, instrument)
        except LibraryError as error:
            self.skipped.append(Skipped(workspace.library, error.given, "missing"))
            return None

    def __call__(self, id_: str) -> bytes | None:
        if self._sounds is None:
            return None
        try:
            return flac_bytes(self._sounds.read(id_), self._length_samples)
        except (LibraryError, SoundFileError) as error:
            known = self._sounds.paths.get(id_, Path(self._names[id_]))
            self.skipped.append(Skipped(known, error.given, "missing"))
            return None


def flac_bytes(sound: Sound, length_samples: int) -> bytes:
    """Makes a sound small enough for a page: one channel, 32 kHz, 16 bit, no silence at its end.

    Args:
        sound: Any sound.
        length_samples: The most that is kept, at 32 kHz.

    Returns:
        A FLAC file.

    Raises:
        SoundFileError: When the sound holds values that are no numbers.
    """
    mono = levels.to_mono(sound.samples)
    mono = files.resample(mono, from_hz=sound.sample_rate, to_hz=PAGE_RATE_HZ)
    kept = levels.trim_end(mono[:, :length_samples], TRIM_DB)
    return files.as_bytes(Sound(kept, PAGE_RATE_HZ, ""), on_clip="scale")
