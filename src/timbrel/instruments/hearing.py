"""How an instrument hears: from sounds to codes, latents, details and energies."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from timbrel.errors import AbilityError, SoundFileError
from timbrel.instruments.made import Made
from timbrel.instruments.offers import Encodes, KnowsDetail
from timbrel.signal import energy, levels, resampling
from timbrel.signal.files import Sound
from timbrel.signal.limits import LOUDEST


@dataclass(frozen=True, eq=False)
class Hears(Made):
    """An instrument as far as it hears; see `timbrel.instruments.instrument.Instrument`."""

    def fit(self, sound: Sound) -> Tensor:
        """Makes a sound such as it hears: one channel, its rate, its length, at the sound's level.

        Args:
            sound: Any sound, [C, T].

        Returns:
            The waveform, [1, T]; cut with a short fade, or padded with silence.

        Raises:
            SoundFileError: When the sound is empty, silent, or holds values that are no numbers
                or beyond all measure.
        """
        where = sound.source or "the sound"
        if not sound.samples.numel():
            raise SoundFileError(f"{where} is empty", "a sound with samples")
        if not levels.is_finite(sound.samples):
            raise SoundFileError(f"{where} holds values that are no numbers", "finite samples")
        if (peak := levels.peak(sound.samples)) > LOUDEST:
            raise SoundFileError(f"samples of {where} reach {peak:.3g}", f"up to {LOUDEST:g}")
        mono = levels.to_mono(sound.samples)
        mono = resampling.resample(mono, from_hz=sound.sample_rate, to_hz=self.sample_rate)
        fitted = levels.fit_length(mono, self.length_samples)
        if levels.is_silent(fitted):
            part = "the piece" if self.recipe.pieces else f"its first {self.recipe.duration_s:g} s"
            raise SoundFileError(f"{where} is silent in {part}", "a sound that can be heard")
        return fitted

    def encode(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Hears sounds: finds the latents that stand for them.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            Latents [B, Z] and references [B], a linear amplitude each; both on the CPU.

        Raises:
            AbilityError: When its network does not encode.
        """
        self._check_hears()
        with playing(self.network):
            code, reference = self._heard(sound)
        return self.latent_of(code), reference.float().cpu().clone()

    def detail(self, sound: Tensor) -> Tensor | None:
        """Hears what latents leave out of sounds, where the network knows of it.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            Details, [B, K, L], on the CPU; None where latents are all the network knows.
        """
        if not isinstance(self.network, KnowsDetail):
            return None
        with playing(self.network):
            code, _ = self._heard(sound)
        return self.detail_of(code)

    def energy(self, sound: Tensor) -> Tensor | None:
        """Hears how much energy each frame of sounds has.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            The sums of each frame's power relative to the square of the sound's reference,
            [B, N], on the CPU; None where the codes are no frames of magnitudes.
        """
        if not self.knows_energy:
            return None
        with playing(self.network):
            code, _ = self._heard(sound)
        return self.energy_of(code)

    def listen(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        """Hears sounds as its front end does, before the network.

        Args:
            sound: Waveforms as `fit` makes them, [B, T].

        Returns:
            Codes [B, F, N] and references [B], a linear amplitude each; both on the CPU.
        """
        with playing(self.network):
            code, reference = self._heard(sound)
        return code.float().cpu().clone(), reference.float().cpu().clone()

    def latent_of(self, code: Tensor) -> Tensor:
        """Finds the latents that stand for codes, as `encode` does for sounds.

        Args:
            code: Codes of its front end, [B, F, N].

        Returns:
            Latents [B, Z], on the CPU.

        Raises:
            AbilityError: When its network does not encode.
        """
        self._check_hears()
        with playing(self.network):
            latent = cast(Encodes, self.network).encode(code.to(self.device))
        # Cloned: a tensor of inference mode could not be trained on by whoever gets it.
        return latent.float().cpu().clone()

    def detail_of(self, code: Tensor) -> Tensor | None:
        """Finds what latents leave out of codes, as `detail` does for sounds.

        Args:
            code: Codes of its front end, [B, F, N].

        Returns:
            Details, [B, K, L], on the CPU; None where latents are all the network knows.
        """
        if not isinstance(self.network, KnowsDetail):
            return None
        with playing(self.network):
            return self.network.detail(code.to(self.device)).float().cpu().clone()

    def energy_of(self, code: Tensor) -> Tensor:
        """Finds the energy of each frame of spectral codes, as `energy` does for sounds.

        Args:
            code: Codes of its front end, [B, F, N].

        Returns:
            The energies, [B, N], on the CPU.
        """
        found = energy.frame_energy(self._magnitudes(code), **self._ranges())
        return found.float().cpu().clone()

    def _heard(self, sound: Tensor) -> tuple[Tensor, Tensor]:
        return self.front_end.encode(sound.to(self.device), sample_rate=self.sample_rate)

    def _magnitudes(self, code: Tensor) -> Tensor:
        """Rows of codes that are magnitudes: some front ends tell of other things below them."""
        return code[:, : code.shape[1] - self.side_rows]

    @property
    def side_rows(self) -> int:
        """How many of the last rows of its codes are no magnitudes, such as those of a pitch."""
        return int(getattr(self.front_end, "side_rows", 0))

    def _ranges(self) -> dict[str, float]:
        front_end: Any = self.front_end
        return {"range_db": front_end.range_db, "gate_db": front_end.gate_db}

    def _check_hears(self) -> None:
        if "encode" not in self.offers:
            raise AbilityError(f"the instrument {self.name!r} cannot hear a sound, only play")


@contextmanager
def playing(network: nn.Module) -> Iterator[None]:
    """Puts a network in evaluation mode without gradients; afterwards it is as it was.

    Args:
        network: Any network.

    Yields:
        Nothing.
    """
    was_training = network.training
    if was_training:
        network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        if was_training:
            network.train()
