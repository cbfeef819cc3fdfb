"""Waveform: the samples themselves, scaled to a peak of one."""

from typing import ClassVar, Literal

from torch import Tensor
from torch.nn.functional import pad

from timbrel.recipes import option
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import PhaseMethod


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
        reference = sound.abs().amax(dim=-1).clamp(min=1e-10)
        return (sound / reference[:, None])[:, None], reference

    def decode(
        self,
        code: Tensor,
        reference: Tensor,
        *,
        sample_rate: int,
        length_samples: int,
        phase: PhaseMethod,
        seed: int,
    ) -> Tensor:
        """See `FrontEnd.decode`."""
        sound = code[:, 0].float().clamp(-1, 1) * reference.float()[:, None]
        return pad(sound, (0, length_samples - sound.shape[-1]))


FRONT_END = Waveform
