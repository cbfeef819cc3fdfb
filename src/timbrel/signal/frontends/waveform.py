"""Waveform: the samples themselves, scaled to lie within -1..1."""

import math
from typing import ClassVar, Literal

from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase


class Waveform(FrontEnd):
    """The samples themselves as one row, divided by their peak; companded where wished."""

    title: ClassVar[str] = "waveform"
    spectral: ClassVar[bool] = False
    source: ClassVar[str] = "pulse-code modulation"

    name: Literal["waveform"] = option("waveform", "Which front end.")
    scaling: Literal["peak", "min_max"] = option(
        "peak",
        "What fills -1..1: peak divides by the peak, min_max stretches lowest to highest over it "
        "and forgets what is constant.",
    )
    mu: int = option(
        0,
        "The µ of µ-law companding, 255 as a rule; 0 leaves samples as they are.",
        low=0,
        high=65535,
    )

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return 1, length_samples

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        if sound.ndim != 2 or not sound.shape[1]:
            raise UsageError(f"sounds of shape {tuple(sound.shape)}", "[batch, samples]")
        scaled, reference = peak_scaled(sound) if self.scaling == "peak" else min_max_scaled(sound)
        return (companded(scaled, self.mu) if self.mu else scaled)[:, None], reference

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: GivesPhase,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`."""
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        sound = code[:, 0].float().clamp(-1, 1)
        if self.mu:
            sound = expanded(sound, self.mu)
        if self.scaling == "min_max":
            sound = sound - sound.mean(dim=1, keepdim=True)
        return sound * reference.float()[:, None]


def peak_scaled(sound: Tensor) -> tuple[Tensor, Tensor]:
    """Divides sounds by their peaks.

    Args:
        sound: Waveforms, [B, T].

    Returns:
        The same within -1..1, [B, T], and the peaks [B].

    Raises:
        UsageError: When a sound holds NaN or infinite samples.
    """
    reference = _codes.finite(sound.abs().amax(dim=1)).clamp(min=_codes.REFERENCE_FLOOR)
    return sound / reference[:, None], reference


def min_max_scaled(sound: Tensor) -> tuple[Tensor, Tensor]:
    """Stretches sounds so that their lowest sample is -1 and their highest 1.

    The sum and difference of the two extremes are two numbers, and a code keeps one beside it: the
    other, where silence lies, is found again as the code's mean, for sounds have none of their own.

    Args:
        sound: Waveforms, [B, T].

    Returns:
        The same over -1..1, [B, T], silence as 0 throughout; and half of their range, [B].

    Raises:
        UsageError: When a sound holds NaN or infinite samples.

    Source:
        Metsälä 2024 (S0), section 5.2.1: min-max normalisation to [-1, 1].
    """
    low, high = (_codes.finite(extreme) for extreme in sound.aminmax(dim=1))
    reference = ((high - low) / 2).clamp(min=_codes.REFERENCE_FLOOR)
    middle = (high + low) / 2
    return ((sound - middle[:, None]) / reference[:, None]).clamp(-1, 1), reference


def companded(sound: Tensor, mu: int) -> Tensor:
    """Makes soft samples louder, so that each decade of loudness gets its share of the range.

    Args:
        sound: Waveforms; what is outside of -1..1 is clipped.
        mu: How much; 255 as a rule.

    Returns:
        Companded waveforms within -1..1, the same shape.

    Source:
        ITU-T G.711; as S0 and van den Oord et al. 2016: sign(x) ln(1 + µ|x|) / ln(1 + µ).

    Example:
        >>> import torch
        >>> companded(torch.tensor([0.0, 0.01, -1.0]), 255)
        tensor([ 0.0000,  0.2285, -1.0000])
    """
    clipped = sound.clamp(-1, 1)
    return clipped.sign() * (mu * clipped.abs()).log1p() / math.log1p(mu)


def expanded(code: Tensor, mu: int) -> Tensor:
    """Inverts `companded`: sign(y) ((1 + µ)^|y| - 1) / µ.

    Args:
        code: Companded waveforms.
        mu: The µ they were companded with.

    Returns:
        Waveforms, the same shape.

    Example:
        >>> import torch
        >>> expanded(companded(torch.tensor([0.5, -0.25]), 255), 255)
        tensor([ 0.5000, -0.2500])
    """
    return code.sign() * (code.abs() * math.log1p(mu)).expm1() / mu


FRONT_END = Waveform
