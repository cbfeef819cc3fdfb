"""Repairs of a sound, of the kind that an instrument learned: high frequencies, noise, holes."""

import math
from typing import cast

import torch
from torch import Tensor

from timbrel.blocks.outline import Outline
from timbrel.errors import UsageError
from timbrel.instruments import improvising, recorded
from timbrel.instruments.hearing import playing
from timbrel.instruments.instrument import Instrument
from timbrel.instruments.offers import Cleans
from timbrel.signal import noise_floor
from timbrel.signal.completion import widened
from timbrel.signal.files import Sound
from timbrel.signal.frontends import Framed
from timbrel.signal.stft import FrameSpec, istft, stft
from timbrel.synthesis.heard import Heard, channels_back, heard
from timbrel.synthesis.proposals import Proposals
from timbrel.synthesis.renders import Origin, Render, told

_CROSSING = FrameSpec(1024, 256)
_LEAST_CLEAR = 1e-3  # share of a cell's power that is no noise, at least
_OWN_BAND = 0.95  # of half its rate, up to which a file is taken at its word


def extended(
    instrument: Instrument, sound: Sound, *, known_hz: float | None = None, proposals: Proposals
) -> list[Render]:
    """Adds the high frequencies that a sound lacks, as the instrument learned them.

    Args:
        instrument: Who learned from a recording of its kind with more of them.
        sound: The sound.
        known_hz: Up to which frequency it is whole; None takes nearly half its rate.
        proposals: How many, and of which seed.

    Returns:
        The renders at the instrument's rate; below that frequency the sound as it is.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When nothing is missing, or the frequency is out of range.
        SoundFileError: When the sound cannot be heard.
    """
    instrument.require("extend_bandwidth")
    top = instrument.sample_rate / 2
    cut_hz = _OWN_BAND * sound.sample_rate / 2 if known_hz is None else known_hz
    if not (math.isfinite(cut_hz) and 100 <= cut_hz < _OWN_BAND * top):
        raise UsageError(
            f"a sound that is whole up to {cut_hz:g} Hz",
            f"100 to less than {_OWN_BAND * top:g} Hz for one of {instrument.sample_rate} Hz",
            "say by --from HZ where it ends",
        )
    source = heard(instrument, sound)
    outline = Outline(source.code.shape[1], source.code, known_hz=cut_hz)
    settings: dict[str, object] = {"known_hz": cut_hz}
    return [
        _extended(instrument, outline, source, cut_hz, origin)
        for origin in proposals.origins(instrument, "extend_bandwidth", settings, source.name)
    ]


def _extended(
    instrument: Instrument, outline: Outline, source: Heard, cut_hz: float, origin: Origin
) -> Render:
    code = improvising.code(instrument, outline, seed=origin.drawn_by)
    reference = improvising.reference_of(instrument) * source.gain
    if instrument.front_end.spectral:
        frames = cast(Framed, instrument.front_end).frames
        wanted = reference * recorded.channel_magnitudes(
            instrument.recipe, code, channels=instrument.facts.channels
        )
        bins = _bins(cut_hz, frames, instrument.sample_rate)
        made = torch.stack(
            [
                widened(one, magnitude, frames, known_bins=bins)
                for one, magnitude in zip(source.samples, wanted, strict=True)
            ]
        )
    else:
        made = code[:, : source.samples.shape[1]] * reference
        bins = _bins(cut_hz, _CROSSING, instrument.sample_rate)
        made = _crossed(source.samples, made, bins)
    return told(instrument, channels_back(made, source.channels), torch.zeros(0), None, origin)


def _bins(hz: float, frames: FrameSpec, sample_rate: int) -> int:
    return max(1, min(frames.bins - 1, math.floor(hz * frames.n_fft / sample_rate)))


def _crossed(low: Tensor, high: Tensor, bins: int) -> Tensor:
    """Takes low frequencies of one sound and high ones of another."""
    both = stft(low, _CROSSING)
    both[:, bins:] = stft(high, _CROSSING)[:, bins:]
    return istft(both, _CROSSING, low.shape[1])


def denoised(
    instrument: Instrument, sound: Sound, *, strength: float = 1.0, proposals: Proposals
) -> list[Render]:
    """Takes steady noise out of a sound, and leaves what the instrument knows of its kind.

    The noise is measured in the sound itself, where it is softest. A cell of its spectrum that is
    far louder than the noise is turned down by what noise adds to it, a cell that is hardly louder
    by as much as what the instrument expects there is below what is heard, and between the two by
    some of both. Phases stay.

    Args:
        instrument: Who learned from a recording of its kind.
        sound: The sound.
        strength: How much of the noise is taken, 0 to 1.
        proposals: Of which seed; one is made.

    Returns:
        One render, at the instrument's rate.

    Raises:
        AbilityError: When the instrument cannot.
        UsageError: When the strength is out of range.
        SoundFileError: When the sound cannot be heard.

    Source:
        Power subtraction: Boll 1979, "Suppression of acoustic noise in speech using spectral
        subtraction", and Wiener's gain; that an instrument decides where these cannot is ours.
    """
    instrument.require("denoise")
    if not 0 <= strength <= 1:
        raise UsageError(f"a strength of {strength:g}", "0 to 1")
    if proposals.count != 1:
        raise UsageError(f"{proposals.count} proposals", "one: nothing of it is drawn")
    source = heard(instrument, sound)
    settings: dict[str, object] = {"strength": strength}
    (origin,) = proposals.origins(instrument, "denoise", settings, source.name)
    frames = cast(Framed, instrument.front_end).frames
    bins, range_db = frames.bins, recorded.range_db(instrument.recipe)
    with playing(instrument.network):
        clean = cast(Cleans, instrument.network).cleaned(source.code)[:bins].float().cpu()
    gain_db = strength * _gain_db(source.code[:bins] * range_db, clean * range_db)
    spectra = stft(source.samples, frames) * 10 ** (gain_db / 20)
    made = istft(spectra, frames, source.samples.shape[1])
    made = channels_back(made, source.channels)
    return [told(instrument, made, torch.zeros(0), None, origin)]


def _gain_db(noisy_db: Tensor, expected_db: Tensor) -> Tensor:
    """How far each cell [F, N] is turned down."""
    noise_db = noise_floor.level(noisy_db)[:, None] + noise_floor.MEAN_ABOVE_DB
    clear = (1 - 10 ** ((noise_db - noisy_db) / 10)).clamp(_LEAST_CLEAR, 1)
    subtracted_db = 10 * torch.log10(clear)
    return torch.lerp((expected_db - noisy_db).clamp(max=0), subtracted_db, clear)
