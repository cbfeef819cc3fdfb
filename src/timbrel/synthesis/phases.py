"""Phases by name: a method that ships with timbrel, or a trained instrument in its place."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from timbrel import plugins
from timbrel.errors import AbilityError, UnknownNameError, UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import FindsPhase
from timbrel.signal.frontends import Framed
from timbrel.signal.phase import GivesPhase, PhaseMethod
from timbrel.signal.phase.original import Original
from timbrel.signal.stft import FrameSpec
from timbrel.synthesis.source_phases import SourcePhases

ROOM = "signal.phase"
SOURCES = "sources"  # the phases of the sounds that a morph is made of


@dataclass(frozen=True, eq=False)
class TrainedPhase:
    """An instrument with the ability "phase", as a way from magnitudes to a waveform.

    Attributes:
        instrument: The instrument.
    """

    instrument: Instrument

    @property
    def network(self) -> FindsPhase:
        """The network that finds the phases."""
        return cast(FindsPhase, self.instrument.network)

    def waveform(
        self, magnitude: Tensor, frames: FrameSpec, *, length_samples: int, seed: int
    ) -> Tensor:
        """See `timbrel.signal.phase.PhaseMethod.waveform`.

        Raises:
            UsageError: When the spectrogram is framed otherwise than the network has learned.
        """
        self.check_frames(frames)
        with torch.inference_mode():
            found = self.network.waveform(
                magnitude.detach().to(self.instrument.device),
                length_samples=length_samples,
                seed=seed,
            )
        return found.to(magnitude.device)

    def check_frames(self, frames: FrameSpec) -> None:
        """Refuses frames that the network has not learned.

        Args:
            frames: How a spectrogram is framed.

        Raises:
            UsageError: When they are others.
        """
        learned = self.network.frames
        if frames != learned:
            raise UsageError(
                f"spectrograms of {_framed(frames)} for the phase of {self.instrument.name!r}",
                f"{_framed(learned)}, which it was trained for",
                f"train one with --set network.n_fft={frames.n_fft} "
                f"--set network.hop_samples={frames.hop_samples}",
            )

    def check_rate(self, sample_rate: int) -> None:
        """Refuses rates that the network has not learned.

        Args:
            sample_rate: The rate of the sounds to come, in Hz.

        Raises:
            UsageError: When it is another.
        """
        learned = self.instrument.sample_rate
        if sample_rate != learned:
            raise UsageError(
                f"sounds at {sample_rate} Hz for the phase of {self.instrument.name!r}",
                f"{learned} Hz, which it was trained for",
                f"train one with --set sample_rate={sample_rate}",
            )


@dataclass(frozen=True, eq=False)
class Phase:
    """A phase that a person named.

    Attributes:
        name: Its name.
        gives: The way from magnitudes to a waveform.
        fingerprint: Of the trained instrument, or "" where it is a method.
    """

    name: str
    gives: GivesPhase
    fingerprint: str = ""

    def of(self, sound: Tensor) -> "Phase":
        """Gives the phase for one sound that is played back.

        Args:
            sound: The sound as the instrument heard it, [1, T].

        Returns:
            The same; where it is taken from sounds, that of this one.
        """
        if isinstance(self.gives, SourcePhases):
            return Phase(self.name, SourcePhases(sound))
        if not isinstance(self.gives, Original):
            return self
        return Phase(self.name, self.gives.keeping(sound))

    def between(self, sounds: Tensor, at: Tensor, weights: Tensor) -> "Phase":
        """Gives the phase for a mixture of sounds.

        Args:
            sounds: The sounds as the instrument heard them, [S, T].
            at: Which frame of each sound each frame takes, [S, N].
            weights: How much of each sound is in each frame, [S, N].

        Returns:
            The same; where the phases of the sources are kept, those of these sounds.
        """
        if not isinstance(self.gives, SourcePhases):
            return self
        return Phase(self.name, SourcePhases(sounds, at, weights))

    def for_new_sounds(self, *, mixed: bool = False) -> "Phase":
        """Makes sure that it serves sounds that are new.

        Args:
            mixed: Whether they are mixtures of sounds that are at hand, as in a morph.

        Returns:
            The same.

        Raises:
            UsageError: When it is taken from sounds, and there are none.
        """
        of_one = isinstance(self.gives, PhaseMethod) and self.gives.needs_sound
        if of_one or (isinstance(self.gives, SourcePhases) and not mixed):
            verbs = "`reconstruct` alone" if of_one else "`morph` and `reconstruct`"
            raise UsageError(
                f"the phase method {self.name!r} for sounds that are new",
                "a phase method that needs no sound",
                f"{self.name!r} is for {verbs}",
            )
        return self


def resolve(
    name: str,
    player: Instrument,
    *,
    instruments: Collection[str] = (),
    opened: Callable[[str], Instrument],
) -> Phase:
    """Finds the phase method of a name, or the trained instrument of that name.

    Where both have the name, it is the method: those are fewer and documented.

    Args:
        name: A plug-in of `signal.phase`, with its settings as they come; "sources" for the
            phases of the sounds that a morph is made of; or an instrument.
        player: The instrument that shall play with it.
        instruments: Names of the instruments there are.
        opened: Opens one of them.

    Returns:
        The phase.

    Raises:
        UnknownNameError: When nothing of that name exists.
        UsageError: When it was trained for another rate or other frames, or when the player
            makes waveforms itself, so that no phase is missing.
        AbilityError: When the instrument of that name finds no phases.
    """
    front_end = player.front_end
    if not front_end.spectral:
        raise UsageError(
            f"the phase {name!r} for {player.name!r}",
            "instruments that play magnitudes",
            f"it plays a {front_end.title}, which misses no phase: leave --phase out",
        )
    methods = {*plugins.names(ROOM), SOURCES}
    if name == SOURCES:
        check_framed(name, player)
        return Phase(SOURCES, SourcePhases(torch.zeros(1, 0)))
    if name in methods:
        return Phase(name, plugins.load(ROOM, name)())
    if name not in instruments:
        raise UnknownNameError("phase method or instrument", name, {*methods, *instruments})
    return _trained(opened(name), player)


def _trained(instrument: Instrument, player: Instrument) -> Phase:
    if "phase" not in instrument.abilities:
        raise AbilityError(
            f"the instrument {instrument.name!r} finds no phases",
            "an instrument with the ability phase",
            "train one: `timbrel train vocoder --name NAME`",
        )
    trained = TrainedPhase(instrument)
    trained.check_rate(player.sample_rate)
    trained.check_frames(check_framed(instrument.name, player))
    return Phase(instrument.name, trained, instrument.fingerprint)


def check_framed(name: str, player: Instrument) -> FrameSpec:
    """Refuses instruments whose front end makes no short-time spectra.

    Args:
        name: The phase that knows of short-time spectra alone.
        player: The instrument that shall play with it.

    Returns:
        How the player's spectra are framed.

    Raises:
        UsageError: When it makes others.
    """
    front_end = player.front_end
    if not isinstance(front_end, Framed):
        raise UsageError(
            f"a {front_end.title} for the phase of {name!r}",
            "front ends of short-time spectra, as log_magnitude and log_mel are",
            "choose a phase method such as heap_integration",
        )
    return front_end.frames


def _framed(frames: FrameSpec) -> str:
    return f"{frames.n_fft}/{frames.hop_samples} samples ({frames.window})"
