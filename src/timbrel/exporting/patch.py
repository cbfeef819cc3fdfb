"""A patch: which sample sounds at which keys and velocities, whatever format says it."""

from dataclasses import dataclass

from timbrel.errors import SoundFileError

LOWEST_KEY, HIGHEST_KEY = 0, 127
SOFTEST, LOUDEST = 1, 127  # velocity 0 ends a note


@dataclass(frozen=True)
class Loop:
    """The part of a sample that repeats for as long as a key is held.

    Attributes:
        start: Its first sample.
        end: Its last sample, which `start` follows: samplers count it in.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Region:
    """Where one sample sounds.

    Attributes:
        sample: Path of its file within the instrument's folder, with "/" between.
        length_samples: How long the file is.
        root: Key at which it sounds as it was recorded, up to `tune_cents`.
        lowest: Its lowest key.
        highest: Its highest key.
        softest: The least velocity it answers to, 1 to 127.
        loudest: The greatest.
        tune_cents: What is added to its pitch to be in tune at `root`.
        loop: Where it repeats; None plays it to its end.
    """

    sample: str
    length_samples: int
    root: int
    lowest: int
    highest: int
    softest: int = SOFTEST
    loudest: int = LOUDEST
    tune_cents: int = 0
    loop: Loop | None = None


@dataclass(frozen=True)
class Patch:
    """An instrument for samplers.

    Attributes:
        name: What a person calls it; becomes the name of its file.
        regions: Where its samples sound.
        release_s: How long a note fades after its key is let go, in seconds.
        one_shots: Whether a sample sounds at its own pitch and to its end, however the key is
            held: a kit, and not a keyboard.
    """

    name: str
    regions: tuple[Region, ...]
    release_s: float = 0.3
    one_shots: bool = False


def checked(patch: Patch) -> Patch:
    """Refuses a patch that some key or velocity would find fault with.

    Args:
        patch: A patch, of ours or read back from a file.

    Returns:
        The same: its keys and velocities have neither holes nor two samples at one place, loops lie
        inside of their samples.

    Raises:
        SoundFileError: When they do not.

    Example:
        >>> low = Region("a.wav", 100, root=40, lowest=36, highest=47)
        >>> high = Region("b.wav", 100, root=60, lowest=49, highest=60)
        >>> checked(Patch("two", (low, high)))
        Traceback (most recent call last):
        ...
        timbrel.errors.SoundFileError: the instrument 'two' has no sample at key 48, velocity 1.
    """
    if not patch.regions:
        raise SoundFileError(f"the instrument {patch.name!r} has no sample")
    for region in patch.regions:
        _check_region(patch, region)
    _check_cover(patch)
    return patch


def _check_region(patch: Patch, region: Region) -> None:
    loop = region.loop
    fits = (
        LOWEST_KEY <= region.lowest <= region.highest <= HIGHEST_KEY
        and SOFTEST <= region.softest <= region.loudest <= LOUDEST
        and LOWEST_KEY <= region.root <= HIGHEST_KEY
        and (loop is None or 0 <= loop.start < loop.end < region.length_samples)
    )
    if not fits:
        raise SoundFileError(f"{region.sample} of the instrument {patch.name!r} does not fit it")


def _check_cover(patch: Patch) -> None:
    """Each key from the lowest to the highest has one sample at each velocity, and no more."""
    lowest = min(region.lowest for region in patch.regions)
    highest = max(region.highest for region in patch.regions)
    for key in range(lowest, highest + 1):
        here = [region for region in patch.regions if region.lowest <= key <= region.highest]
        for velocity in range(SOFTEST, LOUDEST + 1):
            count = sum(region.softest <= velocity <= region.loudest for region in here)
            if count != 1:
                many = "no sample" if count == 0 else f"{count} samples"
                raise SoundFileError(
                    f"the instrument {patch.name!r} has {many} at key {key}, velocity {velocity}"
                )
