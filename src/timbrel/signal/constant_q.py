"""The constant-Q transform as a tight frame, with an exact inverse: bands as even as a keyboard's.

The whole sound is transformed at once; each band cuts its piece out of the spectrum, under a window
that is even on a logarithmic axis, and goes back to time by itself::

    weight of band   k      k+1    k+2    k+3        four bands share each frequency; the
      at f_k         1      1/2     0      0         squares of their weights add up to one,
      at f_k+1      1/2      1     1/2     0         so that the same weights are the inverse

All bands have the same frames. A band's piece of spectrum is never longer than there are frames, so
that nothing is lost, whatever the phase.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import UsageError

_REACH = 2  # bands to each side in which a band's window still sees
# The Gaussian nearest to a Hann window of 2 * _REACH bands: see `windows.gaussian_width`.
_SHAPE = 4 * math.pi**2 / (0.25645 * (2 * _REACH) ** 2)
# Frames of silence after the sound, so that its end does not ring into its beginning.
_GUARD_FRAMES = 64


@dataclass(frozen=True)
class ConstantQ:
    """Bands with a constant number for each octave; the highest is centred at half the rate.

    Attributes:
        bins: The number of bands F; the lowest two also hold all that is below.
        bins_per_octave: Bands for each octave.
        hop_samples: Distance between two frames in samples.

    Example:
        >>> bands = ConstantQ(168, 24, 16)
        >>> sound = torch.randn(1, 4000)
        >>> torch.allclose(bands.inverse(bands.forward(sound), 4000), sound, atol=1e-5)
        True
    """

    bins: int
    bins_per_octave: int
    hop_samples: int

    def __post_init__(self) -> None:
        longest = int(2 / (1 - 2 ** (-2 * _REACH / self.bins_per_octave)))
        if not 1 <= self.hop_samples <= longest:
            raise UsageError(
                f"a hop of {self.hop_samples} samples for {self.bins_per_octave} bins an octave",
                f"1 to {longest}",
                "with a longer hop the highest bins could not be inverted",
            )

    def frame_count(self, length_samples: int) -> int:
        """Says how many frames a sound has.

        Args:
            length_samples: Length T of the sound, at least 1.

        Returns:
            The number of frames N: one each hop, and some silence, up to a length that is quickly
            transformed.
        """
        if length_samples < 1:
            raise UsageError(f"a sound of {length_samples} samples", "at least one sample")
        return int(next_fast_len(-(-length_samples // self.hop_samples) + _GUARD_FRAMES))

    def forward(self, sound: Tensor) -> Tensor:
        """Transforms sounds.

        Args:
            sound: Waveforms, [B, T].

        Returns:
            Complex coefficients, [B, F, N]; a sine of amplitude A has magnitudes up to about A.

        Source:
            Velasco, Holighaus, Dörfler & Grill, "Constructing an invertible constant-Q transform
            with nonstationary Gabor frames", DAFx 2011, with one number of frames for all bands.
        """
        if sound.ndim != 2:
            raise UsageError(f"sounds of shape {tuple(sound.shape)}", "[batch, samples]")
        count = self.frame_count(sound.shape[1])
        place, weight = _pieces(self, count, sound.device)
        whole = torch.fft.rfft(pad(sound, (0, count * self.hop_samples - sound.shape[1])))
        cells = whole.new_zeros(len(sound), self.bins * count + 1)
        cells[:, place.flatten()] = (whole[..., None] * weight).flatten(1)
        bands: Tensor = torch.fft.ifft(cells[:, :-1].view(-1, self.bins, count))
        return bands * (2 / self.hop_samples)

    def inverse(self, spectrum: Tensor, length_samples: int) -> Tensor:
        """Turns coefficients back into sounds: the least-squares inverse.

        Args:
            spectrum: Complex coefficients, [B, F, N].
            length_samples: Length T of the sounds wanted.

        Returns:
            Waveforms, [B, T].
        """
        count = self.frame_count(length_samples)
        place, weight = _pieces(self, count, spectrum.device)
        cells = pad(torch.fft.fft(spectrum).flatten(1), (0, 1))
        whole = (cells[:, place.flatten()].view(-1, *place.shape) * weight).sum(dim=-1)
        sound: Tensor = torch.fft.irfft(whole, n=count * self.hop_samples)
        return sound[:, :length_samples] * (self.hop_samples / 2)

    def phase_slopes(self, over_time: Tensor, over_frequency: Tensor) -> tuple[Tensor, ...]:
        """Tells the slopes of the phase; see `timbrel.signal.phase.HasSlopes`.

        Source:
            Průša & Holighaus, "Non-iterative filter bank phase (re)construction", EUSIPCO 2017.
        """
        height = torch.arange(self.bins, dtype=torch.float64) - (self.bins - 1)
        frequency = math.pi * 2 ** (height / self.bins_per_octave)  # in radians a sample
        step = frequency * (math.log(2) / self.bins_per_octave)  # from a band to the next
        hop, tau = self.hop_samples, math.tau
        along_time = over_frequency * (hop / _SHAPE * step).float()
        along_frequency = over_time * (-_SHAPE / (tau * tau * hop) / step).float()
        return along_time, along_frequency, frequency * (hop / tau)


@lru_cache(maxsize=4)
def _pieces(bands: ConstantQ, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Where each frequency of the whole goes, [J, 4] each: its cell and its weight there."""
    source = torch.arange(count * bands.hop_samples // 2 + 1)
    relative = (source.double() / source[-1]).clamp(min=1e-12)
    height = (relative.log2() * bands.bins_per_octave + bands.bins - 1).clamp(min=0)
    band = height.floor().long()[:, None] + torch.arange(1 - _REACH, 1 + _REACH)
    weight = torch.cos((height[:, None] - band) * (math.pi / (2 * _REACH))).square()
    inside = (band >= 0) & (band < bands.bins)
    weight = torch.where(inside, weight, 0.0)
    weight = weight / weight.square().sum(dim=1, keepdim=True).sqrt()
    # One cell behind all others takes what no band wants.
    place = torch.where(inside, band * count + source[:, None] % count, bands.bins * count)
    return place.to(device), weight.float().to(device)
