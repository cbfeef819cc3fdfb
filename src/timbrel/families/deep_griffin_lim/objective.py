"""What training minimises: what one round leaves wrong in a spectrum with noise in it."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.crops import random_crops
from timbrel.errors import TrainingError
from timbrel.families.deep_griffin_lim.config import DeepGriffinLimOptions
from timbrel.families.deep_griffin_lim.network import DeepGriffinLim, loudness_weight
from timbrel.signal.stft import stft


class DeepGriffinLimObjective:
    """The absolute error of a spectrum after one round, louder cells counting more.

    Args:
        options: The recipe's network table.

    Source:
        Masuyama et al. 2019, equation 15 and section 3.3: one round alone is trained, on clean
        spectra with complex Gaussian noise of -6 to 12 dB in them.
    """

    def __init__(self, options: DeepGriffinLimOptions) -> None:
        self.options = options

    def losses(
        self,
        network: nn.Module,
        code: Tensor,
        label: Tensor,
        *,
        step: int,
        generator: torch.Generator,
    ) -> Mapping[str, Tensor]:
        """See `timbrel.families.Objective.losses`.

        Args:
            network: A `DeepGriffinLim`.
            code: Waveforms of a peak of one, [B, 1, T].
            label: Not used.
            step: Not used.
            generator: Where crops and noise come from.

        Returns:
            ``loss``, and ``griffin_lim``: the same error after a round without the network.
        """
        if not isinstance(network, DeepGriffinLim):
            raise TrainingError(f"a network of type {type(network).__name__}", "a DeepGriffinLim")
        frames, options = self.options.frames, self.options
        length = options.crop_frames * frames.hop_samples
        with torch.autocast(code.device.type, enabled=False):
            sound = random_crops(
                code[:, 0], length, lead_samples=2 * frames.hop_samples, generator=generator
            )
            clean = stft(sound, frames)
            clean = clean / clean.abs().amax(dim=(1, 2), keepdim=True).clamp(min=1e-9)
            noisy = clean + self._noise(clean, generator)
        magnitude = clean.abs()
        weight = loudness_weight(magnitude)
        plain, better = network.both(noisy, magnitude, length)
        return {
            "loss": ((better - clean).abs() / weight).mean(),
            "griffin_lim": ((plain - clean).abs() / weight).mean().detach(),
        }

    def _noise(self, clean: Tensor, generator: torch.Generator) -> Tensor:
        """Complex Gaussian noise, of a level drawn for each spectrum."""
        low, high = self.options.lowest_snr_db, self.options.highest_snr_db
        draw = torch.rand(len(clean), 1, 1, generator=generator, device=clean.device)
        level = clean.abs().square().mean(dim=(1, 2), keepdim=True).sqrt()
        level = level * torch.pow(10.0, -(low + (high - low) * draw) / 20)
        parts = torch.randn((*clean.shape, 2), generator=generator, device=clean.device)
        return torch.view_as_complex(parts) * (level / 2**0.5)
