"""The pyramid of `catch_a_waveform`: players at every scale, and how signals climb in training."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from timbrel.blocks.recording import Recording
from timbrel.errors import RecipeError
from timbrel.families import DataFacts
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.players import Critic, Generator
from timbrel.signal import files
from timbrel.signal.interpolation import stretched


class Pyramid(nn.Module):
    """The players of all scales, and how signals climb from one to the next in training.

    Args:
        options: The recipe's network table.
        facts: The recordings: channels, length and rate.
    """

    level: Tensor
    fade: Tensor
    noise_sizes: Tensor
    noise_seed: Tensor
    memory_format = torch.channels_last

    def __init__(self, options: CatchAWaveformOptions, facts: DataFacts) -> None:
        super().__init__()
        rates = options.rates_hz
        if facts.bins != facts.channels or rates[-1] != facts.sample_rate:
            raise RecipeError(
                f"codes of {facts.bins} rows at {facts.sample_rate} Hz for scales up to "
                f"{rates[-1]} Hz",
                "the front end waveform, and the recipe's rate as the last scale's",
            )
        self.options, self.rates_hz = options, rates
        self.recording = Recording(facts.channels, facts.frames)
        widths = [options.width(scale) for scale in range(len(rates))]
        channels = facts.channels
        self.generator = nn.ModuleList(Generator(options, channels, width) for width in widths)
        self.critic = nn.ModuleList(Critic(options, channels, width) for width in widths)
        self.register_buffer("level", torch.tensor(len(rates)))
        self.register_buffer("fade", torch.tensor(1.0))
        self.register_buffer("noise_sizes", torch.zeros(len(rates)))
        self.register_buffer("noise_seed", torch.tensor(0))
        self._real: dict[int, list[Tensor]] = {}

    # --- scales --------------------------------------------------------------------------------

    def grow(self, level: int, fade: float) -> None:
        """Sets where it stands: how many scales there are so far."""
        self.level.fill_(level)
        self.fade.fill_(fade)

    @property
    def scale(self) -> int:
        """The highest scale so far, from 0."""
        return int(self.level) - 1

    def train(self, mode: bool = True) -> "Pyramid":
        """Only the highest scale learns; those below play by what they have learned."""
        super().train(mode)
        for scale in range(len(self.rates_hz)):
            if scale != self.scale:
                self.generator[scale].eval()
                self.critic[scale].eval()
        return self

    def at(self, sounds: Sequence[Tensor], scale: int) -> list[Tensor]:
        """Lowers sounds of the full rate to the rate of a scale.

        Args:
            sounds: Waveforms, [C, T] each.
            scale: The scale, from 0.

        Returns:
            Waveforms, [1, C, 1, T'] each, in channels-last memory.
        """
        return [self._lowered(sound, scale) for sound in sounds]

    def _lowered(self, sound: Tensor, scale: int) -> Tensor:
        rate, full = self.rates_hz[scale], self.rates_hz[-1]
        lower = files.resample(sound.cpu(), from_hz=full, to_hz=rate)
        return _channels_last(lower.to(self.recording.samples.device)[None, :, None, :])

    def real(self, scale: int) -> list[Tensor]:
        """The recordings at the rate of a scale, [1, C, 1, T'] each; lowered once."""
        if scale not in self._real:
            self._real = {scale: self.at(self.recording.parts(), scale)}
        return self._real[scale]

    # --- climbing ------------------------------------------------------------------------------

    def step(self, scale: int, coarse: Tensor, noise: Tensor | None) -> Tensor:
        """Makes the signal of a scale from what comes from below; beyond its ends there is silence.

        Args:
            scale: The scale.
            coarse: What comes from below at this scale's rate, [1, C, 1, L].
            noise: What is added to it, the same shape; None adds none.

        Returns:
            The signal, [1, C, 1, L].
        """
        noisy = coarse if noise is None else coarse + noise
        reach = self.options.reach
        padded = (nn.functional.pad(part, (reach, reach)) for part in (noisy, coarse))
        made: Tensor = self.generator[scale](*padded)
        return made

    def raised(self, signal: Tensor, scale: int, length: int) -> Tensor:
        """Brings a signal to the rate of a scale from that of the one below."""
        ratio = self.rates_hz[scale] / self.rates_hz[scale - 1]
        return _channels_last(stretched(signal.contiguous(), ratio, length))

    def length_at(self, scale: int, length_samples: int) -> int:
        """How many samples of a scale a sound of the full rate has."""
        rate, full = self.rates_hz[scale], self.rates_hz[-1]
        return max(1, (2 * length_samples * rate + full) // (2 * full))

    def first_noise(self, part: int, length: int) -> Tensor:
        """The noise of the first scale from which recording number `part` comes back."""
        draws = torch.Generator().manual_seed(int(self.noise_seed) + part)
        shape = (1, self.recording.channels, 1, length)
        return _channels_last(torch.randn(shape, generator=draws).to(self.noise_sizes.device))

    @torch.no_grad()
    def coarse(self, scale: int, generator: torch.Generator) -> list[Tensor]:
        """Draws what comes from below a scale, for each recording, as long as it is.

        Args:
            scale: The scale.
            generator: Where the noise comes from.

        Returns:
            Signals at the scale's own rate, [1, C, 1, T'] each.
        """
        return [self._climbed(part, scale, generator) for part in range(len(self.real(scale)))]

    @torch.no_grad()
    def returned(self, scale: int) -> list[Tensor]:
        """What comes from below a scale without noise, but for the first: nearly the recordings."""
        return [self._climbed(part, scale, None) for part in range(len(self.real(scale)))]

    def _climbed(self, part: int, scale: int, generator: torch.Generator | None) -> Tensor:
        lengths = self._lengths(part, scale)
        signal = self._silence(lengths[0])
        for below in range(scale):
            if below:
                signal = self.raised(signal, below, lengths[below])
            noise = (
                self.first(below, part, signal)
                if generator is None
                else self.drawn(below, signal, generator)
            )
            signal = self.step(below, signal, noise)
        return self.raised(signal, scale, lengths[scale]) if scale else signal

    def first(self, scale: int, part: int, signal: Tensor) -> Tensor | None:
        """The noise of a scale that brings a recording back: none above the first scale."""
        return None if scale else self.noise_sizes[0] * self.first_noise(part, signal.shape[-1])

    def drawn(self, scale: int, signal: Tensor, generator: torch.Generator) -> Tensor:
        """Draws the noise of a scale, as long as a signal."""
        noise = torch.randn(signal.shape, generator=generator, device=generator.device)
        return _channels_last(self.noise_sizes[scale] * noise.to(signal.device))

    def _silence(self, length: int) -> Tensor:
        shape = (1, self.recording.channels, 1, length)
        return _channels_last(torch.zeros(shape, device=self.noise_sizes.device))

    def _lengths(self, part: int, scale: int) -> list[int]:
        """Samples of a recording at each scale up to one."""
        length = self.recording.parts()[part].shape[1]
        return [self.length_at(below, length) for below in range(scale + 1)]


def _channels_last(signal: Tensor) -> Tensor:
    return signal.contiguous(memory_format=torch.channels_last)
