"""Reads one sound file once, in pieces, and says what is in it or why it cannot be used."""

import hashlib
import math
import stat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from timbrel.errors import SoundFileError
from timbrel.library.features import features_of
from timbrel.library.loudness import LoudnessMeter
from timbrel.library.rows import Facts, Refusal, reason_of

# The decoder below `signal.files`: without torch a reading process starts in a third of the time.
from timbrel.signal._decoder import Block, Decoder
from timbrel.signal._opening import open_decoder
from timbrel.signal.limits import LOUDEST

SILENCE_DB = -80.0
LONG_S = 30.0  # of a longer sound, features describe an excerpt
EXCERPT_S = 10.0
_EXCERPT_VALUES = 8_000_000  # of all channels together, whatever rate a header claims


def analyse(path: Path) -> Facts | Refusal:
    """Reads a sound file once and keeps what the library wants to know.

    Memory stays the same however long the sound is. The features of a sound of more than
    `LONG_S` describe the `EXCERPT_S` that begin a third of the way in.

    Args:
        path: The file.

    Returns:
        What is in it, or why it cannot be used. Never raises for what a file holds.
    """
    try:
        str(path).encode()
        if path.stat().st_size == 0 and stat.S_ISREG(path.stat().st_mode):
            return Refusal("empty", "the file has no content")
        with open_decoder(path) as decoder:
            return _hear(decoder)
    except SoundFileError as error:
        return Refusal("unreadable", reason_of(error, path))
    except FileNotFoundError:
        return Refusal("missing", "it is named by its data set and not there")
    except UnicodeEncodeError:
        return Refusal("bad_name", "its name is no Unicode text; rename the file")
    except MemoryError:
        return Refusal("unreadable", "it needs more memory than there is")
    except OSError as error:
        return Refusal("unreadable", error.strerror or str(error))


def _hear(decoder: Decoder) -> Facts | Refusal:
    listener = _Listener(decoder)
    for block in decoder.blocks(0, None):
        if fault := _first_fault(block, listener.length, decoder.sample_rate):
            return Refusal("not_finite", fault)
        listener.push(block)
    if not listener.length:
        return Refusal("empty", "the file holds no samples")
    if listener.peak_db <= SILENCE_DB:
        return Refusal("silent", f"nothing in it rises above {SILENCE_DB:.0f} dB")
    return listener.facts()


def _first_fault(block: Block, before: int, sample_rate: int) -> str:
    """What is wrong with the first sample that is no number or beyond all measure, or ""."""
    highest = np.abs(block).max(axis=1, initial=0.0)
    wrong = ~(highest <= LOUDEST)  # written so that NaN counts
    if not wrong.any():
        return ""
    first = int(wrong.argmax())
    where = f"a sample at {(before + first) / sample_rate:.3f} s"
    if not np.isfinite(block[first]).all():
        return f"{where} is NaN or infinite"
    return f"{where} reaches {highest[first]:.3g}; accepted up to {LOUDEST:g}"


class _Listener:
    """Adds up, block by block, what `Facts` needs."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder
        rate, channels = decoder.sample_rate, decoder.channels
        self._hash = hashlib.sha256(f"{rate} {channels} ".encode())
        self._meter = LoudnessMeter(rate, channels)
        self._excerpt = _Excerpt(decoder)
        self._peak = 0.0
        self.length = 0

    def push(self, block: Block) -> None:
        self._hash.update(np.ascontiguousarray(block).data)
        self._meter.push(block.T)
        self._excerpt.push(block, self.length)
        self._peak = max(self._peak, float(np.abs(block).max(initial=0.0)))
        self.length += len(block)

    @property
    def peak_db(self) -> float:
        return 20 * math.log10(self._peak) if self._peak else -math.inf

    def facts(self) -> Facts:
        rate = self._decoder.sample_rate
        return Facts(
            content_hash=self._hash.hexdigest()[:32],
            duration_s=self.length / rate,
            sample_rate=rate,
            channels=self._decoder.channels,
            format=self._decoder.format,
            peak_db=self.peak_db,
            loudness_lufs=self._meter.lufs(),
            features=features_of(self._excerpt.mono(), rate),
        )


class _Excerpt:
    """Keeps the part that features describe: all of a sound, or some seconds of a long one."""

    def __init__(self, decoder: Decoder) -> None:
        rate, length = decoder.sample_rate, decoder.length_samples
        long = length > LONG_S * rate
        self._start = length // 3 if long else 0
        wanted = round((EXCERPT_S if long else LONG_S) * rate)
        self._stop = self._start + min(wanted, _EXCERPT_VALUES // decoder.channels)
        self._kept: list[Block] = []

    def push(self, block: Block, before: int) -> None:
        part = block[max(0, self._start - before) : max(0, self._stop - before)]
        if len(part):
            self._kept.append(part)

    def mono(self) -> NDArray[np.float32]:
        """The mix of all channels, [T]; where they cancel each other, the first alone."""
        samples = self._kept[0] if len(self._kept) == 1 else np.concatenate(self._kept)
        if samples.shape[1] == 1:
            return samples[:, 0]
        mix = samples.mean(axis=1)
        cancelled = np.square(mix).mean() < 1e-4 * np.square(samples).mean()
        return np.asarray(samples[:, 0] if cancelled else mix)
