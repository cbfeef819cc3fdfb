"""The pyramid of `catch_a_waveform`: players at every scale, and how signals climb in training."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from timbrel.blocks.recording import Recording
from timbrel.errors import RecipeError, TrainingError
from timbrel.families import DataFacts
from timbrel.families.catch_a_waveform.config import CatchAWaveformOptions
from timbrel.families.catch_a_waveform.players import Critic, Generator
from timbrel.signal import resampling
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
    inherited: Tensor
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
        self.register_buffer("inherited", torch.zeros(len(rates), dtype=torch.bool))
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

    @torch.no_grad()
    def inherit(self, other: object, code: Tensor) -> None:
        """Begins with what another pyramid learned at the same rates; see `Improvises.inherit`.

        Args:
            other: A pyramid of the same layers and channels.
            code: Not used.

        Raises:
            TrainingError: When no scale of the two is alike.
        """
        self.inherited.zero_()
        if isinstance(other, Pyramid):
            for scale, rate in enumerate(self.rates_hz):
                if rate in other.rates_hz:
                    self._take(scale, other, other.rates_hz.index(rate))
        if not self.inherited.any():
            raise TrainingError(
                "an instrument that has no scale alike",
                "one with the same layers, widths and channels, and some rates in common",
            )

    def _take(self, scale: int, other: "Pyramid", theirs: int) -> None:
        """Takes the players of a scale over where they are of the same shapes."""
        pairs = [
            (players[scale], others[theirs])
            for players, others in ((self.generator, other.generator), (self.critic, other.critic))
        ]
        if theirs < int(other.level) and all(_shapes(a) == _shapes(b) for a, b in pairs):
            for player, learned in pairs:
                player.load_state_dict(learned.state_dict())
            self.inherited[scale] = True

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
        lower = resampling.resample(sound.cpu(), from_hz=full, to_hz=rate)
        return _channels_last(lower.to(self.recording.samples.device)[None, :, None, :])

    def real(self, scale: int) -> list[Tensor]:
        """The recordings at the rate of a scale, [1, C, 1, T'] each; lowered once."""
        if scale not in self._real:
            self._real = {scale: self.at(self.recording.parts(), scale)}
        return self._real[scale]

    def known(self, scale: int) -> list[Tensor | None]:
        """Which samples of the recordings at a scale lie in no hole, [T']; None where all do."""
        if not self.recording.holes.any():
            return [None] * len(self.real(scale))
        whole, begin, found = self.recording.known(), 0, []
        ratio = self.rates_hz[-1] / self.rates_hz[scale]
        for part, real in zip(self.recording.sounds(), self.real(scale), strict=True):
            place = (torch.arange(real.shape[-1], device=whole.device) * ratio).round().long()
            found.append(whole[(begin + place).clamp(max=begin + part.shape[1] - 1)])
            begin += part.shape[1]
        return list(found)

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


def _shapes(player: nn.Module) -> list[tuple[int, ...]]:
    return [tuple(weight.shape) for weight in player.state_dict().values()]


def _channels_last(signal: Tensor) -> Tensor:
    return signal.contiguous(memory_format=torch.channels_last)
