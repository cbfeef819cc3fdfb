"""Layouts: which keys a sample covers."""

from collections.abc import Sequence
from itertools import pairwise

from timbrel.errors import UsageError
from timbrel.exporting.patch import HIGHEST_KEY, LOUDEST, LOWEST_KEY, SOFTEST

FIRST_OF_A_KIT = 36  # C2, where drum machines begin
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def key_name(key: int) -> str:
    """Names a key as most samplers do, the 60 being C4.

    Args:
        key: A MIDI note number.

    Returns:
        Its name.

    Example:
        >>> key_name(60), key_name(37)
        ('C4', 'C#2')
    """
    return f"{NAMES[key % 12]}{key // 12 - 1}"


def spread(roots: Sequence[int], lowest: int, highest: int) -> list[tuple[int, int]]:
    """Gives each sample the keys that are nearest to its own.

    Args:
        roots: Keys of the samples, rising, each once.
        lowest: The lowest key of the keyboard.
        highest: The highest.

    Returns:
        (lowest, highest) key of each sample: without holes, from `lowest` to `highest` at least;
        a key halfway belongs to the sample below.

    Example:
        >>> spread([40, 43, 48], 36, 60)
        [(36, 41), (42, 45), (46, 60)]
    """
    ends = [(low + high) // 2 for low, high in pairwise(roots)]
    firsts = [min(lowest, roots[0]), *(end + 1 for end in ends)]
    return list(zip(firsts, [*ends, max(highest, roots[-1])], strict=True))


def kit_keys(count: int) -> list[int]:
    """Gives each sound of a kit a key of its own.

    Args:
        count: How many sounds there are, 1 to 128.

    Returns:
        Keys one after the other from C2 up, or from lower where they would not fit.

    Raises:
        UsageError: When there are more sounds than keys.

    Example:
        >>> kit_keys(3), kit_keys(100)[0]
        ([36, 37, 38], 28)
    """
    keys = HIGHEST_KEY - LOWEST_KEY + 1
    if count > keys:
        raise UsageError(
            f"{count} sounds for {keys} keys", f"up to {keys}", "export fewer, folder by folder"
        )
    first = min(FIRST_OF_A_KIT, keys - count)
    return list(range(first, first + count))


def bands(velocities: Sequence[int], most: int) -> list[list[int]]:
    """Sorts velocities into layers of about as many each.

    Args:
        velocities: Velocities, 1 to 127, rising, each once.
        most: How many layers there may be.

    Returns:
        The velocities of each layer, the softest first.

    Example:
        >>> bands([25, 50, 75, 100, 127], 2)
        [[25, 50, 75], [100, 127]]
    """
    count = min(most, len(velocities))
    sizes = [len(velocities) // count + (n < len(velocities) % count) for n in range(count)]
    starts = [sum(sizes[:n]) for n in range(count)]
    return [list(velocities[a : a + size]) for a, size in zip(starts, sizes, strict=True)]


def velocity_ranges(centres: Sequence[float]) -> list[tuple[int, int]]:
    """Gives each layer the velocities that are nearest to its own.

    Args:
        centres: The velocity of each layer, rising.

    Returns:
        (softest, loudest) velocity of each layer, together 1 to 127.

    Example:
        >>> velocity_ranges([30.0, 90.0])
        [(1, 60), (61, 127)]
    """
    ends = [min(max(round((a + b) / 2), SOFTEST), LOUDEST - 1) for a, b in pairwise(centres)]
    return list(zip([SOFTEST, *(end + 1 for end in ends)], [*ends, LOUDEST], strict=True))
