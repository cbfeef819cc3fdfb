"""The network of `deep_griffin_lim`: one round, trained once and played many times."""

import math

import torch
from torch import Tensor, nn

from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.deep_griffin_lim.config import DeepGriffinLimOptions
from timbrel.signal.stft import FrameSpec, istft, stft

FLOOR = 1e-3  # of the maximum: cells below it are judged as if they were this loud
KERNEL = (5, 3)  # frames and bins
INPUTS = 7  # three spectra of two parts, and the magnitude


class GatedLayer(nn.Module):
    """A convolution over cells, let through by another of its kind.

    Shape:
        [B, C, N, F] -> [B, C', N, F]

    Source:
        Dauphin et al. 2017, "Language modeling with gated convolutional networks", section 2.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        padding = (KERNEL[0] // 2, KERNEL[1] // 2)
        self.both = nn.Conv2d(inputs, 2 * outputs, KERNEL, padding=padding)

    def forward(self, signal: Tensor) -> Tensor:
        """Convolves and gates."""
        value, gate = self.both(signal).chunk(2, dim=1)
        opened: Tensor = value * torch.sigmoid(gate)
        return opened


class Denoiser(nn.Module):
    """Guesses what is wrong with a spectrum, from it and both of its projections.

    Shape:
        three spectra [B, F, N] and their magnitude [B, F, N] -> the error, complex [B, F, N]
    """

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        inputs = [INPUTS, *[channels] * (layers - 1)]
        self.layers = nn.Sequential(*(GatedLayer(count, channels) for count in inputs))
        self.leave = nn.Conv2d(channels, 2, 1)
        nn.init.zeros_(self.leave.weight)  # a fresh network finds nothing wrong: Griffin-Lim
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, spectra: tuple[Tensor, Tensor, Tensor], magnitude: Tensor) -> Tensor:
        """Gives the error in units of `weight`."""
        weight = loudness_weight(magnitude)
        parts = [part for s in spectra for part in ((s / weight).real, (s / weight).imag)]
        cells = torch.stack([*parts, weight.log10()], dim=1).transpose(2, 3)
        values = self.leave(self.layers(cells.contiguous(memory_format=torch.channels_last)))
        real, imaginary = values.float().transpose(2, 3).unbind(1)
        return torch.complex(real, imaginary) * weight


class DeepGriffinLim(nn.Module):
    """Griffin-Lim with a trained network in each round.

    Args:
        options: The recipe's network table.

    Shape:
        both: spectrum, magnitude [B, F, N] -> two spectra [B, F, N]
        waveform: magnitude [B, F, N] of any length -> sounds [B, T]

    Source:
        Masuyama, Yatabe, Koizumi, Oikawa & Harada, "Deep Griffin-Lim iteration", ICASSP 2019,
        equations 11 to 14: X <- Z - F(X, Y, Z) with Y of the wanted magnitudes and Z consistent.
    """

    memory_format = torch.channels_last

    def __init__(self, options: DeepGriffinLimOptions) -> None:
        super().__init__()
        self.frames: FrameSpec = options.frames
        self.rounds = options.rounds
        self.denoiser = Denoiser(options.channels, options.layers)

    def both(
        self, spectrum: Tensor, magnitude: Tensor, length_samples: int
    ) -> tuple[Tensor, Tensor]:
        """Does one round.

        Args:
            spectrum: Complex spectra, [B, F, N].
            magnitude: The wanted magnitudes, about 1 at most, [B, F, N].
            length_samples: Length T of the sounds.

        Returns:
            What Griffin-Lim makes of it, and that with its error taken out, [B, F, N] each.
        """
        with torch.autocast(magnitude.device.type, enabled=False):
            wanted = with_phase_of(spectrum, magnitude)
            consistent = stft(istft(wanted, self.frames, length_samples), self.frames)
        error = self.denoiser((spectrum, wanted, consistent), magnitude)
        return consistent, consistent - error

    def waveform(self, magnitude: Tensor, *, length_samples: int, seed: int) -> Tensor:
        """Finds waveforms for magnitudes, each as if it were alone.

        Args:
            magnitude: Linear magnitudes in the network's own frames, [B, F, N].
            length_samples: Length T of the waveforms.
            seed: Seed of the phase to begin with.

        Returns:
            Waveforms, [B, T].
        """
        generator = torch.Generator().manual_seed(seed)
        turns = torch.rand(magnitude.shape[1:], generator=generator).to(magnitude.device)
        phasor = torch.polar(torch.ones_like(turns), turns * (2 * math.pi))
        parts = torch.split(magnitude.float(), 1)
        return torch.cat([self._one(part, phasor, length_samples) for part in parts])

    def _one(self, magnitude: Tensor, phasor: Tensor, length_samples: int) -> Tensor:
        level = magnitude.max().clamp(min=1e-30)
        wanted = magnitude / level
        spectrum = wanted * phasor
        for _ in range(self.rounds):
            _, spectrum = self.both(spectrum, wanted, length_samples)
        return istft(with_phase_of(spectrum, wanted), self.frames, length_samples) * level


def with_phase_of(spectrum: Tensor, magnitude: Tensor) -> Tensor:
    """Gives a spectrum other magnitudes and leaves its phase.

    Args:
        spectrum: Complex spectra, any shape.
        magnitude: Magnitudes, the same shape.

    Returns:
        Complex spectra; cells without a phase get one of 0.
    """
    size = spectrum.abs()
    turned = spectrum / size.clamp(min=1e-20)
    return magnitude * torch.where(size > 0, turned, torch.ones_like(turned))


def loudness_weight(magnitude: Tensor) -> Tensor:
    """Says how much an error counts at cells: between evenly and by their loudness.

    Args:
        magnitude: Magnitudes of 1 at most, [B, F, N].

    Returns:
        The size of error that counts as 1, [B, F, N].
    """
    return (magnitude + FLOOR).sqrt()


def build(options: DeepGriffinLimOptions, facts: DataFacts) -> DeepGriffinLim:
    """Builds a fresh network.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes.

    Returns:
        The network.

    Raises:
        RecipeError: When the front end is not `waveform`, which the network learns from.
    """
    if facts.bins != 1:
        raise RecipeError(
            f"codes of {facts.bins} rows for Deep Griffin-Lim", 'front_end.name = "waveform"'
        )
    return DeepGriffinLim(options)
