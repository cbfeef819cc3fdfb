"""Waveform: the samples themselves, scaled to a peak of one."""

from typing import ClassVar, Literal

from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase


class Waveform(FrontEnd):
    """The samples themselves as one row, divided by their peak."""

    title: ClassVar[str] = "waveform"
    spectral: ClassVar[bool] = False
    source: ClassVar[str] = "pulse-code modulation"

    name: Literal["waveform"] = option("waveform", "Which front end.")

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return 1, length_samples

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        if sound.ndim != 2 or not sound.shape[1]:
            raise UsageError(f"sounds of shape {tuple(sound.shape)}", "[batch, samples]")
        reference = _codes.finite(sound.abs().amax(dim=1)).clamp(min=_codes.REFERENCE_FLOOR)
        return (sound / reference[:, None])[:, None], reference

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
        return code[:, 0].float().clamp(-1, 1) * reference.float()[:, None]


FRONT_END = Waveform
