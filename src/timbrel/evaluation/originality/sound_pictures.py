"""Pictures of an output beside the recording, as S2 shows them: waveform, spectrum, mel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from timbrel.evaluation.originality.canvas import (
    COPIED,
    INK,
    as_png,
    dress,
    figure_of,
    written,
)
from timbrel.evaluation.pictures import COLOURS, LOW_HZ, RANGE_DB
from timbrel.signal.files import Sound
from timbrel.signal.levels import to_mono
from timbrel.signal.mel import MelBands, to_mel
from timbrel.signal.stft import FrameSpec, power
from timbrel.signal.units import hz_to_mel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_S = 30.0
COLUMNS = 900  # of a waveform or a spectrogram
MELS, WINDOW_S = 96, 0.046
BANDS_AN_OCTAVE = 12
TICKS_HZ, MEL_TICKS_HZ = (100, 300, 1000, 3000, 10_000), (300, 1000, 3000, 10_000)

Floats = NDArray[np.float64]


def beside_the_recording(recording: Sound, output: Sound, *, title: str) -> bytes:
    """Draws waveform, spectrum and mel spectrogram of an output beside the recording's.

    Of both as much is shown as the shorter one lasts, 30 s at most, from the beginning; both are
    brought to one peak, and have the same axes.

    Args:
        recording: The recording.
        output: An output.
        title: Of the output.

    Returns:
        A PNG.

    Source:
        Sanz 2022 (S2), section 4.4.2: waveform, frequency domain and mel spectrogram of originals
        and of what was generated.
    """
    span_s = min(recording.duration_s, output.duration_s, LONGEST_S)
    nyquist_hz = max(recording.sample_rate, output.sample_rate) / 2
    figure = figure_of(6.6)
    grid = figure.subplots(3, 2, height_ratios=(1.0, 1.2, 1.5))
    figure.subplots_adjust(
        left=0.085, right=0.985, bottom=0.075, top=0.945, hspace=0.36, wspace=0.15
    )
    pair = (("the recording", recording, INK), (written(title), output, COPIED))
    for column, (name, sound, colour) in enumerate(pair):
        shown = _shown(sound, span_s)
        waveform, spectrum, mel = grid[:, column]
        _draw_waveform(waveform, shown, span_s, colour)
        waveform.set_title(f"{name}, 0 to {span_s:.1f} s", fontsize=10, color=INK, loc="left")
        _draw_spectrum(spectrum, shown, nyquist_hz, colour)
        _draw_mel(mel, shown, span_s, nyquist_hz)
    for row, label in zip(grid, ("waveform", "spectrum, dB", "mel spectrogram"), strict=True):
        row[0].set_ylabel(label, fontsize=9, color=INK)
    return as_png(figure)


def _shown(sound: Sound, span_s: float) -> Sound:
    """One channel of what is shown, at a peak of 1."""
    mono = to_mono(sound.samples.detach().float())[:, : max(1, round(span_s * sound.sample_rate))]
    return Sound(mono / mono.abs().max().clamp(min=1e-9), sound.sample_rate)


def _draw_waveform(axes: Axes, sound: Sound, span_s: float, colour: str) -> None:
    """Lowest and highest sample of each column, so that no peak is lost."""
    samples = sound.samples[0].numpy()
    edges = np.linspace(0, len(samples), min(COLUMNS, len(samples)) + 1).astype(int)[:-1]
    low, high = np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)
    axes.fill_between(edges / sound.sample_rate, low, high, color=colour, linewidth=0.3)
    dress(axes, x="s")
    axes.set(xlim=(0, span_s), ylim=(-1.05, 1.05))


def _draw_spectrum(axes: Axes, sound: Sound, nyquist_hz: float, colour: str) -> None:
    centres_hz, level_db = spectrum_db(sound)
    axes.plot(centres_hz, level_db, color=colour, linewidth=1.2)
    axes.fill_between(centres_hz, -RANGE_DB, level_db, color=colour, alpha=0.12, linewidth=0)
    dress(axes, x="Hz")
    axes.set_xscale("log")
    axes.set(xlim=(LOW_HZ, nyquist_hz), ylim=(-RANGE_DB, 3))
    ticks = [hz for hz in TICKS_HZ if hz < nyquist_hz]
    axes.set_xticks(ticks, [_hz(hz) for hz in ticks])
    axes.minorticks_off()


def spectrum_db(sound: Sound) -> tuple[Floats, Floats]:
    """Gives the mean power of a sound in bands of a semitone.

    Args:
        sound: Any sound of one channel, not empty.

    Returns:
        Centres in Hz, and levels below the strongest band, -80 to 0 dB, [K] each.

    Example:
        >>> tone = torch.sin(2 * torch.pi * 440 / 16_000 * torch.arange(16_000))[None]
        >>> centres_hz, level_db = spectrum_db(Sound(tone, 16_000))
        >>> bool(abs(np.log2(centres_hz[level_db.argmax()] / 440)) < 0.5 / 12)
        True
    """
    frames = FrameSpec(_n_fft(sound, 4 * WINDOW_S), _n_fft(sound, 4 * WINDOW_S) // 2)
    mean = power(sound.samples, frames)[0].mean(dim=1).double().numpy()
    bins_hz = np.arange(len(mean)) * sound.sample_rate / frames.n_fft
    steps = np.arange(0, np.log2(bins_hz[-1] / LOW_HZ) * BANDS_AN_OCTAVE)
    centres_hz = LOW_HZ * 2 ** (steps / BANDS_AN_OCTAVE)
    band = np.round(np.log2(np.maximum(bins_hz, 1e-9) / LOW_HZ) * BANDS_AN_OCTAVE).astype(int)
    inside = (band >= 0) & (band < len(steps))
    sums = np.bincount(band[inside], mean[inside], len(steps))
    # narrow low bands hold no bin: what stands between two bins is read off
    counts = np.bincount(band[inside], minlength=len(steps))
    density = np.where(
        counts > 0, sums / np.maximum(counts, 1), np.interp(centres_hz, bins_hz, mean)
    )
    strongest = density.max() or 1.0
    level_db = 10 * np.log10(np.maximum(density / strongest, 10 ** (-RANGE_DB / 10)))
    return centres_hz, np.asarray(level_db, np.float64)


def _draw_mel(axes: Axes, sound: Sound, span_s: float, nyquist_hz: float) -> None:
    """Bands upwards in mel; above half the sound's own rate the picture is empty."""
    level_db = mel_db(sound)
    low, high = hz_to_mel(LOW_HZ), hz_to_mel(sound.sample_rate / 2)
    axes.imshow(
        level_db, extent=(0, span_s, low, high), origin="lower", aspect="auto", cmap=COLOURS,
        vmin=-RANGE_DB, vmax=0, interpolation="nearest",
    )  # fmt: skip
    dress(axes, x="s", grid=False)
    ticks = [hz for hz in MEL_TICKS_HZ if hz < nyquist_hz]
    axes.set_yticks([hz_to_mel(float(hz)) for hz in ticks], [_hz(hz) for hz in ticks])
    axes.set(xlim=(0, span_s), ylim=(low, hz_to_mel(nyquist_hz)))


def mel_db(sound: Sound) -> Floats:
    """Gives a mel spectrogram.

    Args:
        sound: Any sound of one channel, not empty.

    Returns:
        Levels below the strongest cell, -80 to 0 dB, even in mel from 40 Hz to half the rate,
        [MELS, N].
    """
    n_fft = _n_fft(sound, WINDOW_S)
    hop = max(1, min(n_fft // 2, sound.samples.shape[1] // COLUMNS))
    bands = MelBands(sound.sample_rate, n_fft, MELS, LOW_HZ)
    cells = to_mel(power(sound.samples, FrameSpec(n_fft, hop)), bands)[0].double()
    strongest = cells.max().clamp(min=1e-20)
    level_db = 10 * torch.log10((cells / strongest).clamp(min=10 ** (-RANGE_DB / 10)))
    return np.asarray(level_db.numpy(), np.float64)


def _n_fft(sound: Sound, window_s: float) -> int:
    return max(64, int(2 ** np.round(np.log2(window_s * sound.sample_rate))))


def _hz(hz: float) -> str:
    return f"{hz / 1000:g} kHz" if hz >= 1000 else f"{hz:g} Hz"
