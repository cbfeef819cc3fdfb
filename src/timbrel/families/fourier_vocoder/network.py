"""The network of `fourier_vocoder`: a backbone over frames, a head over cells."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from timbrel.blocks.critics import SpectrogramCritic
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.fourier_vocoder.config import FourierVocoderOptions
from timbrel.families.fourier_vocoder.integration import integrated, refined
from timbrel.families.fourier_vocoder.spectra import (
    guessed_turns,
    smooth_magnitude,
    to_code,
    to_magnitude,
)
from timbrel.signal.mel import MelBands

LOWEST_LEVEL = 1e-10


class Prediction(NamedTuple):
    """What the network says of a spectrogram.

    Attributes:
        code: The magnitudes in dB as 0..1, [B, F, N].
        time: The turn since the frame before, times how certain it is, complex [B, F, N].
        frequency: The turn to the next bin, times how certain it is, complex [B, F, N]; the last
            bin's means nothing.
    """

    code: Tensor
    time: Tensor
    frequency: Tensor


class FrameBlock(nn.Module):
    """A ConvNeXt block over frames: each channel along time, then all channels of a frame.

    Shape:
        [B, C, 1, N] -> [B, C, 1, N]

    Source:
        Liu et al. 2022, "A ConvNet for the 2020s", section 2; along time as in Siuzdak 2023.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.along = nn.Conv2d(channels, channels, (1, 7), padding=(0, 3), groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, 3 * channels)
        self.narrow = nn.Linear(3 * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, signal: Tensor) -> Tensor:
        """Adds what the block has learned to its input, [B, C, 1, N]."""
        inner = self.norm(self.along(signal).permute(0, 2, 3, 1))
        inner = self.narrow(functional.gelu(self.widen(inner))) * self.scale
        added: Tensor = signal + inner.permute(0, 3, 1, 2)
        return added


class Backbone(nn.Module):
    """Hears whole frames and their neighbours in time; gives each cell some values.

    Shape:
        code [B, F, N] -> features [B, K, N, F]

    Source:
        Siuzdak 2023, "Vocos: closing the gap between time-domain and Fourier-based neural
        vocoders", section 3.
    """

    def __init__(self, options: FourierVocoderOptions) -> None:
        super().__init__()
        bins, channels = options.frames.bins, options.channels
        self.enter = nn.Conv2d(bins, channels, (1, 3), padding=(0, 1))
        self.blocks = nn.Sequential(*(FrameBlock(channels) for _ in range(options.blocks)))
        self.norm = nn.LayerNorm(channels)
        self.leave = nn.Linear(channels, bins * options.features)
        self.features = options.features

    def forward(self, code: Tensor) -> Tensor:
        """Codes [B, F, N] -> features of cells [B, K, N, F]."""
        signal = self.enter(code.unsqueeze(2).contiguous(memory_format=torch.channels_last))
        signal = self.norm(self.blocks(signal).permute(0, 2, 3, 1))[:, 0]
        features: Tensor = self.leave(signal).unflatten(2, (self.features, -1)).transpose(1, 2)
        return features


class Head(nn.Module):
    """Looks at each cell, its neighbours and the backbone's features; the same at every bin.

    Shape:
        maps: I of [B, F, N], features [B, K, N, F] -> O of [B, F, N]
    """

    def __init__(self, options: FourierVocoderOptions, *, maps: int, outputs: int) -> None:
        super().__init__()
        width = options.head_channels
        inputs = [maps + 1 + options.features, *[width] * (options.head_layers - 1)]
        self.layers = nn.ModuleList(nn.Conv2d(i, width, 3, padding=1) for i in inputs)
        self.leave = nn.Conv2d(width, outputs, 1)
        nn.init.normal_(self.leave.weight, std=0.01)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    def forward(self, maps: Sequence[Tensor], features: Tensor) -> tuple[Tensor, ...]:
        """Gives some values for each cell."""
        cells = torch.stack(tuple(maps), dim=1).transpose(2, 3)
        place = torch.linspace(-1, 1, cells.shape[3], device=cells.device).expand_as(cells[:, :1])
        signal = torch.cat([cells, place, features.to(cells.dtype)], dim=1)
        for layer in self.layers:
            signal = functional.gelu(layer(signal.contiguous(memory_format=torch.channels_last)))
        values: Tensor = self.leave(signal).float().transpose(2, 3)
        return values.unbind(1)


class FourierVocoder(nn.Module):
    """Finds phases for magnitudes, and sharp magnitudes for mel bands.

    The phase begins at what the slopes of the log-magnitude tell (phase-gradient heap
    integration's guess), and the network learns how far that is wrong and how certain it is.

    Args:
        options: The recipe's network table.
        sample_rate: Rate of the sounds in Hz, which mel bands depend on.

    Shape:
        predict: code [B, F, N] of any length -> `Prediction`
        waveform: magnitude [B, F, N] -> sounds [B, T]
    """

    memory_format = torch.channels_last

    def __init__(self, options: FourierVocoderOptions, sample_rate: int) -> None:
        super().__init__()
        self.options, self.frames = options, options.frames
        self.bands = MelBands(sample_rate, options.n_fft, options.mels) if options.mels else None
        self.backbone = Backbone(options)
        self.sharpen = Head(options, maps=1, outputs=1) if options.mels else None
        self.turn = Head(options, maps=5, outputs=4)
        wants_critic = self.bands is not None and options.critic_weight > 0
        self.critic = SpectrogramCritic(options.critic_channels) if wants_critic else None

    def hear(self, magnitude: Tensor) -> Tensor:
        """Gives magnitudes as the network hears them: squeezed to mel bands, where it has any."""
        return magnitude if self.bands is None else smooth_magnitude(magnitude, self.bands)

    def predict(self, code: Tensor) -> Prediction:
        """Predicts magnitudes and phases.

        Args:
            code: Heard magnitudes in dB as 0..1, [B, F, N].

        Returns:
            Sharper magnitudes (the same ones where it hears every bin), and turns of phase.
        """
        features = self.backbone(code)
        sharp = code
        if self.sharpen is not None:
            sharp = code + self.sharpen([code], features)[0]
        seen = sharp.detach()  # magnitudes are learned as magnitudes, not to please the phase
        guesses = guessed_turns(seen, self.options.range_db, self.frames)
        parts = [part for guess in guesses for part in (guess.real, guess.imag)]
        told = self.turn([seen, *parts], features)
        time, frequency = (
            guess * torch.complex(1 + a, b)
            for guess, a, b in zip(guesses, told[::2], told[1::2], strict=True)
        )
        return Prediction(sharp, time, frequency)

    def waveform(self, magnitude: Tensor, *, length_samples: int, seed: int) -> Tensor:
        """Finds waveforms for magnitudes, each as if it were alone.

        Args:
            magnitude: Linear magnitudes in the network's own frames, [B, F, N].
            length_samples: Length T of the waveforms.
            seed: Seed of the phase to begin with.

        Returns:
            Waveforms, [B, T].
        """
        sounds = [
            self._one(part, length_samples, seed) for part in torch.split(magnitude.float(), 1)
        ]
        return torch.cat(sounds)

    def _one(self, magnitude: Tensor, length_samples: int, seed: int) -> Tensor:
        level = magnitude.max().clamp(min=LOWEST_LEVEL)
        wanted, said = self.sharp(magnitude / level)
        turns = (said.time[0], said.frequency[0, :-1])
        phasor = integrated(wanted[0], *turns, self.frames, seed=seed)[None]
        return level * refined(wanted, phasor, self.options.rounds, self.frames, length_samples)

    def sharp(self, magnitude: Tensor) -> tuple[Tensor, Prediction]:
        """Gives the magnitudes that it plays for those that it is given.

        Args:
            magnitude: Linear magnitudes, about 1 at most, [B, F, N].

        Returns:
            Magnitudes, [B, F, N], silent where it heard nothing; and all that it said.
        """
        heard = self.hear(magnitude)
        reference = heard.amax(dim=(1, 2)).clamp(min=LOWEST_LEVEL)
        said = self.predict(to_code(heard, reference, self.options.range_db))
        if self.bands is None:
            return magnitude, said
        found = to_magnitude(said.code, reference, self.options.range_db)
        return torch.where(heard > 0, found, 0.0), said


def build(options: FourierVocoderOptions, facts: DataFacts) -> FourierVocoder:
    """Builds a fresh network.

    Args:
        options: The recipe's network table.
        facts: The shape of the codes and the rate.

    Returns:
        The network.

    Raises:
        RecipeError: When the front end is not `waveform`, which the network learns from.
    """
    if facts.bins != 1:
        raise RecipeError(
            f"codes of {facts.bins} rows for a vocoder", 'front_end.name = "waveform"'
        )
    return FourierVocoder(options, facts.sample_rate)
