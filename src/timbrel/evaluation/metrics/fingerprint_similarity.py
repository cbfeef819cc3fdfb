"""Fingerprint similarity: how much of a sound's Chromaprint fingerprint is left."""

import shutil
import subprocess
import tempfile
from math import ceil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.evaluation.metrics import Metric
from timbrel.evaluation.metrics._spectra import checked_pair
from timbrel.signal.files import Sound, write

# Chromaprint needs about 2.7 s; S3 doubled its sounds of 2 s.
SHORTEST_S = 4.0
SYSTEM_PACKAGE = (
    "the system's Chromaprint (Debian, Ubuntu: libchromaprint-tools; elsewhere the program fpcalc)"
)
_HIGHEST = 0.9 * 2**15


def fingerprint_similarity(reference: Tensor, test: Tensor, sample_rate: int) -> float:
    """Compares the Chromaprint fingerprints of two sounds, as text, by Levenshtein ratio.

    Both are brought to one peak, and repeated whole until they last 4 s. The fingerprint hears
    which of the twelve pitch classes sound when; nothing of how well they sound. Unlike sounds have
    20 to 50 and more, not 0, because any two such texts share letters.

    Args:
        reference: The sound as it should be, [T].
        test: The sound to judge, [T].
        sample_rate: Their rate in Hz.

    Returns:
        The similarity, 0 to 100 (the same fingerprint).

    Raises:
        UsageError: When the pair cannot be compared, or Chromaprint is not installed.

    Source:
        S3's measure: the compressed fingerprint of Chromaprint (Lalinský 2011; Jang et al.,
        "Pairwise boosted audio fingerprint", 2009), FuzzyWuzzy's simple ratio (0 to 100).

    Example:
        >>> METRIC.ideal, METRIC.extra
        (100.0, 'evaluate')
    """
    pair = checked_pair(reference, test)
    try:
        from rapidfuzz.fuzz import ratio
    except ImportError:
        raise _missing() from None
    a, b = (chromaprint_text(sound, sample_rate) for sound in pair)
    return float(ratio(a, b))


def lacking() -> str:
    """Tells what of Chromaprint itself is to be installed.

    Returns:
        What to install, "" where its library or its program `fpcalc` is found.
    """
    return "" if _library() or shutil.which("fpcalc") else SYSTEM_PACKAGE


def chromaprint_text(sound: Tensor, sample_rate: int, *, in_process: bool = True) -> str:
    """Gives a sound's compressed Chromaprint fingerprint.

    Args:
        sound: A sound, [T].
        sample_rate: Its rate in Hz.
        in_process: Whether to ask the library where there is one; else, the program `fpcalc`.

    Returns:
        The fingerprint as base64.

    Raises:
        UsageError: When neither is installed.
    """
    times = ceil(SHORTEST_S * sample_rate / len(sound))
    level = sound / sound.abs().max().clamp(min=1e-12)
    pcm = (level * _HIGHEST).round().to(torch.int16).repeat(times)
    library = _library() if in_process else None
    if library is None:
        return _by_program(pcm, sample_rate)
    fingerprinter = library.Fingerprinter()
    fingerprinter.start(sample_rate, 1)
    fingerprinter.feed(pcm.numpy().tobytes())
    text: bytes = fingerprinter.finish()
    return text.decode()


def _library() -> Any | None:
    """The module that speaks to Chromaprint's library; none where either is missing."""
    try:
        import chromaprint
    except ImportError:
        return None
    return chromaprint


def _by_program(pcm: Tensor, sample_rate: int) -> str:
    """Asks `fpcalc`, whose exit status says nothing: some versions end a whole file with 3."""
    program = shutil.which("fpcalc")
    if program is None:
        raise _missing()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.wav"
        write(path, Sound(pcm[None].float() / 2**15, sample_rate), encoding="pcm_16")
        done = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    return "".join(line[12:] for line in done.stdout.splitlines() if line[:12] == "FINGERPRINT=")


def _missing() -> UsageError:
    return UsageError(
        "fingerprint similarity without Chromaprint",
        advice=f"install it with: pip install 'timbrel[evaluate]', and {SYSTEM_PACKAGE}",
    )


METRIC = Metric(
    title="Fingerprint similarity",
    unit="of 100",
    higher_is_better=True,
    ideal=100.0,
    needs="pair",
    source="Chromaprint; S3",
    compute=fingerprint_similarity,
    extra="evaluate",
    packages=("rapidfuzz",),
    lacking=lacking,
)
