"""Constant-Q: bands as even as a keyboard's, in dB below the maximum, with an exact inverse."""

from typing import ClassVar, Literal

from pydantic import model_validator
from torch import Tensor

from timbrel.errors import UsageError
from timbrel.recipes import option
from timbrel.signal.constant_q import ConstantQ
from timbrel.signal.frontends import FrontEnd, _codes
from timbrel.signal.phase import GivesPhase, ServesTransforms


class ConstantQBands(FrontEnd):
    """Magnitudes of an invertible constant-Q transform, in dB below the maximum, as 0..1.

    The highest bin is centred at half the rate, the lowest holds all that is below as well: 168
    bins of 24 an octave reach down to 64 Hz at 16 kHz.
    """

    title: ClassVar[str] = "constant-Q spectrogram"
    spectral: ClassVar[bool] = True
    source: ClassVar[str] = "Velasco, Holighaus, Dörfler & Grill 2011"

    name: Literal["cqt"] = option("cqt", "Which front end.")
    bins: int = option(168, "Bins, counted down from half the rate.", low=8, high=1024)
    bins_per_octave: int = option(24, "Bins for each octave.", low=6, high=96)
    hop_samples: int = option(16, "Distance between frames.", unit="samples", low=1)
    range_db: float = option(
        80.0, "How far below its maximum a sound is seen.", unit="dB", low=1, high=200
    )
    gate_db: float = option(
        1.0, "What is up to this far above the floor is silent.", unit="dB", low=0, high=40
    )

    @model_validator(mode="after")
    def _fits(self) -> "ConstantQBands":
        ConstantQ(self.bins, self.bins_per_octave, self.hop_samples)
        return self

    @property
    def bands(self) -> ConstantQ:
        """The transform."""
        return ConstantQ(self.bins, self.bins_per_octave, self.hop_samples)

    def code_shape(self, length_samples: int) -> tuple[int, int]:
        """See `FrontEnd.code_shape`."""
        return self.bins, self.bands.frame_count(length_samples)

    def encode(self, sound: Tensor, *, sample_rate: int) -> tuple[Tensor, Tensor]:
        """See `FrontEnd.encode`."""
        return _codes.from_power(self.bands.forward(sound).abs().square(), self.range_db)

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
        """See `FrontEnd.decode`.

        Raises:
            UsageError: When the phase method knows of short-time spectra only.
        """
        _codes.check_code(code, self.code_shape(length_samples), length_samples)
        if not isinstance(phase, ServesTransforms):
            raise UsageError(
                f"the phase method {type(phase).__name__} with the front end cqt",
                "griffin_lim, fast_griffin_lim, heap_integration, zero or original",
                "a trained one knows only the spectra that it was trained on",
            )
        magnitude = _codes.to_power(code, self.range_db, self.gate_db).sqrt()
        sound = phase.waveform_in(magnitude, self.bands, length_samples=length_samples, seed=seed)
        return sound * reference.float()[:, None]


FRONT_END = ConstantQBands
