"""Completing a sound: what is missing is made of magnitudes, and joins what is there.

Phases of what is known lead into what is missing, from both sides, along the slopes that the
magnitudes tell; then rounds of Griffin-Lim make all agree, and each leaves the known samples as
they are::

    known  |  missing  |  known
    ======>|--> ... <--|<======

Right at a joint, what is made takes over from what the known sound alone would go on as; so the
joint itself holds nothing that the known sound does not announce, and no click.
"""

import math

import torch
from torch import Tensor
from torch.nn.functional import pad

from timbrel.errors import UsageError
from timbrel.signal import linear_prediction
from timbrel.signal.phase import _iteration
from timbrel.signal.phase._iteration import Held
from timbrel.signal.phase.heap_integration import slopes
from timbrel.signal.stft import FrameSpec, check_spectrogram, istft, overlap_samples, stft

ITERATIONS = 60
MOMENTUM = 0.9
ORDER = 48  # samples that tell how a known sound goes on
_HEARD = 2048  # samples before a joint that these are found in
_FADES_A_HOP = 2  # what is made takes over within this part of a hop
_TOLERANCE = 1e-6
_TINY = 1e-30


def completed(
    sound: Tensor,
    known: Tensor,
    magnitude: Tensor,
    frames: FrameSpec,
    *,
    begun: Tensor | None = None,
    iterations: int = ITERATIONS,
) -> Tensor:
    """Completes one channel of a sound.

    Args:
        sound: The waveform, [T]; what is not known of it is not looked at.
        known: How far each sample is known, 0 to 1, [T].
        magnitude: Linear magnitudes that the whole is to have, [F, N].
        frames: How these were framed.
        begun: A waveform whose phases are begun with where nothing is known, [T]; None lets these
            follow from the known ones.
        iterations: Rounds of Griffin-Lim.

    Returns:
        The waveform, [T]: the sound where it is known, and what was missing.

    Raises:
        UsageError: When the parts do not fit together.

    Source:
        Phases from known ones: Průša, Balazs & Søndergaard 2017, section IV; magnitudes with
        samples that are held: Griffin & Lim 1984 as alternating projections.

    Example:
        >>> from timbrel.signal.stft import magnitude
        >>> frames, time = FrameSpec(512, 128), torch.arange(8000) / 8000
        >>> tone = torch.sin(2 * torch.pi * 500 * time)
        >>> known = ((time < 0.4) | (time > 0.5)).float()
        >>> whole = completed(tone * known, known, magnitude(tone[None], frames)[0], frames)
        >>> bool((whole - tone).abs().max() < 0.05)
        True
    """
    if sound.ndim != 1 or known.shape != sound.shape:
        raise UsageError(
            f"a sound of shape {tuple(sound.shape)}, known {tuple(known.shape)}", "[T] and [T]"
        )
    check_spectrogram(magnitude[None], frames, len(sound))
    level = magnitude.amax().clamp(min=_TINY)
    wanted = (magnitude / level).t().contiguous().float()
    spectrum = stft((sound * known)[None], frames)[0].t()
    whole = whole_frames(known, frames)[:, None]
    if begun is None:
        turns = _turns(wanted, spectrum, whole, frames)
    else:
        phases = torch.where(whole, spectrum.angle(), stft(begun[None], frames)[0].t().angle())
        turns = phases / math.tau
    count = len(wanted)
    before, length = frames.n_fft // 2, overlap_samples(frames, count)
    held = Held(
        pad(sound / level, (before, length - before - len(sound)))[None],
        pad(known, (before, length - before - len(sound))),
    )
    found = _iteration.refine(
        wanted[None],
        torch.polar(torch.ones_like(turns), turns * math.tau),
        frames,
        iterations=iterations,
        momentum=MOMENTUM,
        weight=_iteration.weight_of(frames, count, len(sound), wanted.device),
        held=held,
    )
    made = found[0, before : before + len(sound)] * level
    return _led_in(made, known, frames.hop_samples // _FADES_A_HOP)


def _led_in(made: Tensor, known: Tensor, fade: int) -> Tensor:
    """Lets known sounds go on into what is missing, where something else takes over."""
    forward = _led_on(made, known, fade)
    return _led_on(forward.flip(0), known.flip(0), fade).flip(0)


def _led_on(made: Tensor, known: Tensor, fade: int) -> Tensor:
    """Does so behind each known stretch; the last known samples of each are the same after it."""
    out, whole = made.clone(), known >= 1
    steps = pad(whole.int(), (1, 1)).diff()
    begins, ends = ((steps == way).nonzero()[:, 0].tolist() for way in (1, -1))
    follow = [*begins[1:], len(made)][: len(begins)]
    for begin, end, after in zip(begins, ends, follow, strict=True):
        count = min(fade, (after - end) // 2 if after < len(made) else after - end)
        heard = made[max(begin, end - _HEARD) : end]
        order = min(ORDER, len(heard) // 4)
        if count < 1 or order < 1:
            continue
        share = torch.arange(1, count + 1) / (count + 1)
        led = linear_prediction.continued(heard, count, order=order)
        part = slice(end, end + count)
        out[part] = torch.lerp(led, made[part], (0.5 - 0.5 * torch.cos(math.pi * share)).to(made))
    return out


def widened(sound: Tensor, magnitude: Tensor, frames: FrameSpec, *, known_bins: int) -> Tensor:
    """Adds high frequencies to one channel of a sound, in step with its low ones.

    Phases of the high cells follow from those of the low ones, so that strokes stay strokes.

    Args:
        sound: The waveform, [T], which holds the frequencies below.
        magnitude: Linear magnitudes of the whole, [F, N]; those below are not looked at.
        frames: How these were framed.
        known_bins: How many bins, from the lowest, are the sound's own.

    Returns:
        The waveform, [T].

    Raises:
        UsageError: When the parts do not fit together.

    Source:
        As `completed`, along frequency.

    Example:
        >>> frames = FrameSpec(512, 128)
        >>> tone = torch.sin(torch.arange(4000) / 5)
        >>> same = widened(tone, torch.zeros(257, 32), frames, known_bins=200)
        >>> bool((same - tone)[300:-300].abs().max() < 1e-3)
        True
    """
    check_spectrogram(magnitude[None], frames, len(sound))
    spectrum = stft(sound[None], frames)[0].t()
    wanted = magnitude.t().clone().float()
    wanted[:, :known_bins] = spectrum[:, :known_bins].abs()
    low = torch.zeros_like(wanted, dtype=torch.bool)
    low[:, :known_bins] = True
    turns = _turns(wanted, spectrum, low, frames)
    whole = torch.polar(wanted, (turns * math.tau).float())
    whole[:, :known_bins] = spectrum[:, :known_bins]
    return istft(whole.t()[None], frames, len(sound))[0]


def whole_frames(known: Tensor, frames: FrameSpec) -> Tensor:
    """Tells which frames hold nothing but what is known.

    Args:
        known: How far each sample is known, 0 to 1, [T].
        frames: How a sound is cut.

    Returns:
        Whether each does, bool [N].

    Example:
        >>> whole_frames(torch.tensor([1.0] * 12 + [0.0] * 4), FrameSpec(8, 4))
        tensor([ True,  True,  True, False, False])
    """
    count, hop = frames.frame_count(len(known)), frames.hop_samples
    missing = pad((known < 1).float().cumsum(0), (1, 0))
    middle = torch.arange(count) * hop
    low = (middle - frames.n_fft // 2).clamp(0, len(known))
    high = (middle + frames.n_fft // 2).clamp(0, len(known))
    return missing[high] - missing[low] == 0


def _turns(wanted: Tensor, spectrum: Tensor, whole: Tensor, frames: FrameSpec) -> Tensor:
    """Phases in turns, [N, F]: those of whole cells, and those that follow from them."""
    from timbrel.signal.phase import _heap

    relative = wanted / wanted.amax().clamp(min=_TINY)
    logs = relative.clamp(min=_TOLERANCE).log()
    loudness = 1 - logs / math.log(_TOLERANCE)
    along_time, along_frequency, advance = frames.phase_slopes(*slopes(logs))
    begun = torch.where(whole, spectrum.angle().double() / math.tau, math.nan)
    turns = _heap.integrate(
        loudness.contiguous().numpy(),
        along_time.numpy(),
        along_frequency.numpy(),
        advance.double().numpy(),
        begun.numpy(),
    )
    return torch.from_numpy(turns)
