"""What training minimises: the error of magnitudes and the surprise at the true phases."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from timbrel.blocks.crops import random_crops
from timbrel.errors import TrainingError
from timbrel.families.fourier_vocoder.config import FourierVocoderOptions
from timbrel.families.fourier_vocoder.network import FourierVocoder, Prediction
from timbrel.families.fourier_vocoder.spectra import frequency_difference, time_difference, to_code
from timbrel.losses.phase import turn_surprise
from timbrel.signal.stft import stft

LARGEST_HEADROOM_DB = 30.0  # how much quieter a piece may be than its sound's loudest moment
LEAST_WEIGHT = 0.1  # of a cell at the floor beside one at the maximum


class FourierVocoderObjective:
    """The error of the magnitudes in dB, and how surprising the true turns of phase are.

    Args:
        options: The recipe's network table.

    Source:
        Turns of phase rather than phases, which a network learns in minutes: Masuyama et al. 2023,
        with the negative log-likelihood of von Mises distributions in place of a cosine.
    """

    def __init__(self, options: FourierVocoderOptions) -> None:
        self.options = options
        self.edge = options.n_fft // (2 * options.hop_samples)

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
            network: A `FourierVocoder`.
            code: Waveforms of a peak of one, [B, 1, T].
            label: Not used.
            step: Not used.
            generator: Where crops and headroom come from.

        Returns:
            ``loss``, and its parts ``magnitude`` in dB, ``time`` and ``frequency`` in nats a cell,
            and with a critic ``critic`` and ``fooled``.
        """
        if not isinstance(network, FourierVocoder):
            raise TrainingError(f"a network of type {type(network).__name__}", "a FourierVocoder")
        with torch.autocast(code.device.type, enabled=False):
            spectrum, heard, target = self._piece(network, code, generator)
        said = network.predict(heard)
        with torch.autocast(code.device.type, enabled=False):
            parts = self._phase_parts(network, said, spectrum, target)
            loss = self.options.phase_weight * (parts["time"] + parts["frequency"])
            if network.bands is not None:
                error = (said.code - target).abs() * (LEAST_WEIGHT + target)
                parts["magnitude"] = self.options.range_db * error.mean()
                loss = loss + parts["magnitude"]
        told = {name: part.detach() for name, part in parts.items()}
        if network.critic is not None:
            judged = network.critic.losses(real=target, fake=said.code)
            loss = loss + self.options.critic_weight * judged.fooling + judged.telling_apart
            told |= {"fooled": judged.fooling.detach(), "critic": judged.telling_apart.detach()}
        return {"loss": loss, **told}

    def _piece(
        self, network: FourierVocoder, code: Tensor, generator: torch.Generator
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Spectra of random pieces without their cut edges, and their codes heard and wanted."""
        frames = self.options.frames
        length = (self.options.crop_frames + 2 * self.edge) * frames.hop_samples
        lead = (self.edge + 2) * frames.hop_samples
        sound = random_crops(code[:, 0], length, lead_samples=lead, generator=generator)
        spectrum = stft(sound, frames)[..., self.edge : -self.edge or None]
        draw = torch.rand(len(sound), generator=generator, device=sound.device)
        headroom = torch.pow(10.0, draw * (LARGEST_HEADROOM_DB / 20))
        heard = network.hear(spectrum.abs())
        reference = heard.amax(dim=(1, 2)).clamp(min=1e-6) * headroom
        range_db = self.options.range_db
        target = to_code(spectrum.abs(), reference, range_db)
        return spectrum, to_code(heard, reference, range_db), target

    def _phase_parts(
        self, network: FourierVocoder, said: Prediction, spectrum: Tensor, target: Tensor
    ) -> dict[str, Tensor]:
        # Half the dB: -40 dB counts a tenth as much as the maximum.
        weight = torch.pow(10.0, (target - 1) * (self.options.range_db / 40))
        time = time_difference(spectrum, self.options.frames)
        frequency = frequency_difference(spectrum)
        joined = (weight[..., 1:] * weight[..., :-1]).sqrt()
        across = (weight[:, 1:] * weight[:, :-1]).sqrt()
        return {
            "time": turn_surprise(said.time[..., 1:], time, joined),
            "frequency": turn_surprise(said.frequency[:, :-1], frequency, across),
        }
