"""What a WAV file tells a sampler, for `files` only: its key and its loop, in a chunk `smpl`."""

import struct
from dataclasses import dataclass

from timbrel.errors import UsageError

_NS_A_SECOND = 10**9
_FORWARD = 0


@dataclass(frozen=True)
class Marks:
    """What a sampler wants to know of a sample.

    Attributes:
        key: The key at which it sounds as it is, a MIDI note number, 0 to 127.
        loop: Its first and last sample that repeat while the key is held; None where none do.
    """

    key: int
    loop: tuple[int, int] | None = None


def marked(content: bytes, marks: Marks, sample_rate: int, length_samples: int) -> bytes:
    """Adds a chunk `smpl` to a WAV file.

    Args:
        content: The bytes of the file.
        marks: What it shall tell.
        sample_rate: Its rate in Hz.
        length_samples: How many samples each channel has.

    Returns:
        The bytes of the file with the chunk at its end.

    Raises:
        UsageError: When it is no WAV file of less than 4 GB, or the marks do not fit it.

    Source:
        IBM and Microsoft, Multimedia Programming Interface and Data Specifications 1.0 (1991),
        New Multimedia Data Types 3.0 (1994): the sampler chunk; a loop's last sample is played.
    """
    if content[:4] != b"RIFF":
        raise UsageError("marks for samplers in another file than WAV", "a .wav name, up to 4 GB")
    start, end = marks.loop or (0, 0)
    if not (0 <= marks.key <= 127 and 0 <= start <= end < length_samples):
        raise UsageError(
            f"the key {marks.key} and the loop {marks.loop} of {length_samples} samples",
            "a key from 0 to 127, a loop within the sound",
        )
    loops = [] if marks.loop is None else [(0, _FORWARD, start, end, 0, 0)]
    head = (0, 0, round(_NS_A_SECOND / sample_rate), marks.key, 0, 0, 0, len(loops), 0)
    body = struct.pack("<9I", *head) + b"".join(struct.pack("<6I", *loop) for loop in loops)
    content += b"\0" * (len(content) % 2)  # chunks begin at even places
    whole = content[8:] + b"smpl" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(whole)) + whole
