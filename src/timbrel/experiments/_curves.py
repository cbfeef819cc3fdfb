"""Pictures of controlled experiments: losses over epochs, and S0's waveforms and frequencies."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from timbrel.experiments._drawing import INK, as_png, figure_of
from timbrel.mapping.palette import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH_INCHES, ROW_INCHES, CURVES_INCHES = 9.6, 1.5, 4.2
Curve = Sequence[tuple[float, float]]


def losses(curves: Mapping[str, Sequence[Curve]], *, x: str, y: str) -> bytes:
    """Draws losses, a colour an arm and a line a training.

    Args:
        curves: Name of an arm to the curves of its trainings, each (place, loss) in order.
        x: What the horizontal axis shows.
        y: What the vertical axis shows.

    Returns:
        A PNG; the vertical axis is logarithmic where all losses are above 0.
    """
    figure = figure_of(WIDTH_INCHES, CURVES_INCHES)
    axes = figure.add_axes((0.09, 0.13, 0.88, 0.83))
    for rank, (name, own) in enumerate(curves.items()):
        colour = style(rank, name).colour
        for number, curve in enumerate(own):
            places, values = zip(*curve, strict=True) if curve else ((), ())
            label = name.replace("$", r"\$") if number == 0 else None
            axes.plot(places, values, color=colour, linewidth=1.2, alpha=0.85, label=label)
            if curve:
                best = min(curve, key=lambda point: point[1])
                axes.plot(*best, marker="o", color=colour, markersize=5)
    every = [value for own in curves.values() for curve in own for _, value in curve]
    axes.set_yscale("log" if every and min(every) > 0 else "linear")
    axes.set_xlabel(x, color=INK)
    axes.set_ylabel(y, color=INK)
    axes.legend(frameon=False, fontsize=9, labelcolor=INK)
    return as_png(figure)


def waves_and_spectra(sounds: Mapping[str, Tensor], sample_rate: int) -> bytes:
    """Draws sounds under each other: left the waveform, right how strong each frequency is.

    Args:
        sounds: Name to waveform [T], the original first; all of one length.
        sample_rate: Their rate in Hz.

    Returns:
        A PNG; all rows have the axes of the first.

    Source:
        Metsälä 2024 (S0), figures 11 to 20.
    """
    figure = figure_of(WIDTH_INCHES, ROW_INCHES * len(sounds) + 0.5)
    grid = figure.subplots(len(sounds), 2, squeeze=False)
    first = next(iter(sounds.values()))
    tallest = float(first.abs().amax()) * 1.2 or 1.0
    loudest = float(magnitudes(first).max()) * 1.2 or 1.0
    for (left, right), (name, sound) in zip(grid, sounds.items(), strict=True):
        time_s = np.arange(len(sound)) / sample_rate
        left.plot(time_s, sound.numpy(), color=INK, linewidth=0.4)
        left.set_ylim(-tallest, tallest)
        strength = magnitudes(sound)
        right.plot(
            np.linspace(0, sample_rate / 2, len(strength)), strength, color=INK, linewidth=0.4
        )
        right.set_ylim(0, loudest)
        _titled(left, right, name)
    grid[-1, 0].set_xlabel("s", color=INK)
    grid[-1, 1].set_xlabel("Hz", color=INK)
    figure.tight_layout()
    return as_png(figure)


def _titled(left: "Axes", right: "Axes", name: str) -> None:
    name = name.replace("$", r"\$")
    left.set_title(f"{name}: waveform", fontsize=9, color=INK)
    right.set_title(f"{name}: frequencies", fontsize=9, color=INK)
    for axes in (left, right):
        axes.tick_params(labelsize=7)


def magnitudes(sound: Tensor) -> np.ndarray:
    """Gives the magnitudes of a sound's Fourier transform.

    Args:
        sound: A waveform, [T].

    Returns:
        Magnitudes, [T // 2 + 1].
    """
    return np.abs(np.fft.rfft(sound.numpy()))
