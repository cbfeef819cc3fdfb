"""Map: the sounds of an instrument as a picture."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from timbrel import atomic
from timbrel.errors import LibraryError, SoundFileError, TimbrelError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.library.rows import Skipped, reason_of
from timbrel.mapping import drawing, layout, page, vorbis
from timbrel.mapping.layout import SoundMap
from timbrel.mapping.names import Groups
from timbrel.progress import Report, silent
from timbrel.signal import levels, resampling
from timbrel.signal.files import Sound
from timbrel.tasks.hearing import listening
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import Layout, with_new_sounds
from timbrel.tasks.naming import groups_of
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

ENDINGS = (".png", ".json", ".html")
PAGE_RATE_HZ = 44_100  # of sounds inside a page whose own rate Vorbis does not take
TRIM_DB = -60.0


@dataclass(frozen=True)
class MapDrawn:
    """A map on disk.

    Attributes:
        path: The picture, data or page.
        sounds: Sounds on the map: those that the instrument learned from, and those that came
            later.
        added: How many of them came later.
        library_sounds: All sounds that it was made from, those kept from it included.
        heard: How many of them the page can play; 0 for a picture or data.
        size_bytes: Size of the file.
        skipped: Sounds that the page should play and cannot, because their files are gone or
            damaged.
        left_off: Sounds that came later and that the instrument cannot hear.
        areas: Names that were found for areas of the map, and how many sounds each has; none
            where the sounds' own labels name it.
    """

    path: Path
    sounds: int
    added: int
    library_sounds: int
    heard: int
    size_bytes: int
    skipped: list[Skipped] = field(default_factory=list)
    left_off: list[Skipped] = field(default_factory=list)
    areas: list[tuple[str, int]] = field(default_factory=list)


def draw_map(  # noqa: PLR0913 - one argument an option of the command
    workspace: Workspace,
    name: str,
    *,
    projection: str = "umap",
    settings: Sequence[str] = (),
    out: Path,
    names_from: Path | None = None,
    fresh: bool = False,
    cluster: str | None = None,
    seed: int = 0,
    device: str = "cpu",
    force: bool = False,
    report: Report = silent,
) -> MapDrawn:
    """Draws the map of an instrument's sounds, as a picture, as data or as a page that plays.

    Sounds of the library that came after the instrument are placed among its own, which stay
    where they are.

    Args:
        workspace: The workspace.
        name: The instrument.
        projection: How sounds are laid out, such as "umap", "tsne" or "pca".
        settings: Settings of the projection, each ``key=value``.
        out: The file; its ending, .png, .json or .html, says what it shall be.
        names_from: A workspace whose labelled library names the sounds of this map.
        fresh: Whether all sounds are laid out anew.
        cluster: The address of a Ray cluster whose machines hear new sounds.
        seed: Seed of the projection.
        device: Where the network shall live.
        force: Whether an existing file is replaced.
        report: Where progress goes.

    Returns:
        What was drawn.

    Raises:
        UsageError: When the ending is none of these, or there are no labels to take names from.
        ExistsError: When the file exists and `force` is false.
        UnknownNameError: When there is no such instrument or projection.
        LibraryError: When `names_from` holds no library.
    """
    ending = out.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"a map named {out.name!r}", f"a name that ends in {' '.join(ENDINGS)}")
    layout.refuse_existing(out, force=force)
    wanted = Layout(projection, tuple(settings), seed)
    instrument = open_named(workspace, name, device)
    place = workspace.existing_instrument(name)
    with listening(instrument, place, cluster, report) as hear:
        laid_out, left_off = with_new_sounds(
            workspace, instrument, wanted, fresh=fresh, hear=hear, report=report
        )
    groups = groups_of(workspace, laid_out, names_from)
    try:
        if ending == ".html":
            audio = _Audio(workspace, instrument, laid_out)
            made = page.write_page(
                laid_out, out, audio=audio, groups=groups, settings=settings, force=force,
                report=report,
            )  # fmt: skip
            heard, skipped = made.heard, audio.skipped(made.missing)
        else:
            heard, skipped = 0, []
            _draw(laid_out, out, groups, force=force)
    except OSError as error:
        raise TimbrelError(f"cannot write {out} ({error.strerror or error})") from None
    return MapDrawn(
        path=out,
        sounds=len(laid_out),
        added=laid_out.added,
        library_sounds=laid_out.library_sounds,
        heard=heard,
        size_bytes=out.stat().st_size,
        skipped=skipped,
        left_off=left_off,
        areas=[(name.label, name.count) for name in groups.names if name.label] if groups else [],
    )


def _draw(laid_out: SoundMap, out: Path, groups: Groups | None, *, force: bool) -> None:
    if out.suffix.lower() == ".png":
        drawing.draw_png(laid_out, out, groups=groups, force=force)
    else:
        text = json.dumps(drawing.as_json(laid_out, groups), ensure_ascii=False, indent=1)
        atomic.write_text(out, text + "\n")


class _Audio:
    """Gives a page its sounds, from any thread, and notes why some are gone or damaged."""

    def __init__(self, workspace: Workspace, instrument: Instrument, laid_out: SoundMap) -> None:
        self._names = dict(zip(laid_out.ids, laid_out.names, strict=True))
        self._duration_s = instrument.recipe.duration_s
        self._faults: dict[str, Skipped] = {}
        self._sounds: LibrarySounds | None = None
        self._no_library: list[Skipped] = []
        try:
            self._sounds = LibrarySounds(
                workspace, instrument, laid_out.ids[len(laid_out) - laid_out.added :]
            )
        except LibraryError as error:
            self._no_library = [Skipped(workspace.library, error.given, "missing")]

    def __call__(self, id_: str) -> bytes | None:
        if self._sounds is None:
            return None
        try:
            return vorbis_bytes(self._sounds.read(id_), self._duration_s)
        except (LibraryError, SoundFileError) as error:
            known = self._sounds.paths.get(id_, Path(self._names[id_]))
            self._faults[id_] = Skipped(known, reason_of(error, known), "missing")
            return None

    def skipped(self, ids: Iterable[str]) -> list[Skipped]:
        """Why these sounds could not be had; one reason for all where the library is gone."""
        return self._no_library or [self._faults[id_] for id_ in ids]


def vorbis_bytes(sound: Sound, duration_s: float) -> bytes:
    """Makes a sound small enough for a page: one channel, Ogg Vorbis, no silence at its end.

    Args:
        sound: Any sound.
        duration_s: The most that is kept, in seconds.

    Returns:
        An Ogg Vorbis file at the sound's own rate, or at 44.1 kHz where Vorbis does not take it.

    Raises:
        SoundFileError: When the sound holds values that are no numbers.
    """
    rate = sound.sample_rate
    if not vorbis.LOWEST_RATE_HZ <= rate <= vorbis.HIGHEST_RATE_HZ:
        rate = PAGE_RATE_HZ
    mono = levels.to_mono(sound.samples)
    mono = resampling.resample(mono, from_hz=sound.sample_rate, to_hz=rate)
    kept = levels.trim_end(mono[:, : round(duration_s * rate)], TRIM_DB)
    return vorbis.encode(kept[0].numpy(), rate)
