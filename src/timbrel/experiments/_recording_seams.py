"""Seams: does a continuation begin so that nobody hears where the recording ended?

Two figures of a moment, each ranked among the same figures at random moments of the recording: how
far a click there would stand out, and how much louder or softer it is after than before.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from timbrel.experiments._recording_pieces import ITSELF, columns
from timbrel.experiments._recording_work import REFUSALS, Found, Rows, Work
from timbrel.experiments._takes import Take
from timbrel.instruments import improvising
from timbrel.instruments.instrument import Instrument
from timbrel.signal import levels
from timbrel.signal.files import Sound
from timbrel.synthesis import improvisations
from timbrel.synthesis.proposals import Proposals

CUT = "A cut without a fade"
NEAR_S, AROUND_S, LEVEL_S = 0.005, 0.3, 0.2
DIFFERENCES = 3  # of neighbouring samples: smooth sound has hardly any, a click has them all
MOMENTS = 1000  # of the recording, that a joint is ranked among
CUTS = 100
BEYOND = 95.0  # per cent of the recording's moments
SOFTEST_DB = -60.0  # below the recording's level, all is silence
SHOWN_S = 3.0  # before and after the joint
_TINY = 1e-9
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Own:
    """A recording's own moments, to rank others among.

    Attributes:
        samples: The recording in one channel, [T].
        sample_rate: Its rate in Hz.
        softest_db: The level below which all of it counts as silence.
        clicks_db: How far a click would stand out at random moments, rising.
        changes_db: How much the level changes there, rising.
    """

    samples: Tensor
    sample_rate: int
    softest_db: float
    clicks_db: FloatArray
    changes_db: FloatArray


def own(sound: Sound, *, seed: int) -> Own:
    """Measures a recording at random moments.

    Args:
        sound: The recording, a second or longer.
        seed: Seed of the moments.

    Returns:
        Its figures.
    """
    mono, rate = levels.to_mono(sound.samples)[0], sound.sample_rate
    edge = round(AROUND_S * rate)
    rng = np.random.default_rng([seed, 0])
    moments = rng.integers(edge, len(mono) - edge, MOMENTS).tolist()
    clicks = [click_db(mono, moment, rate) for moment in moments]
    softest_db = levels.rms_db(mono) + SOFTEST_DB
    changes = [level_change_db(mono, moment, rate, softest_db=softest_db) for moment in moments]
    return Own(mono, rate, softest_db, np.sort(clicks), np.sort(changes))


def click_db(samples: Tensor, moment: int, sample_rate: int) -> float:
    """Measures how far a moment stands out of the time around it as a click does.

    Args:
        samples: The sound, [T].
        moment: Which sample, 0.3 s or more from both ends.
        sample_rate: The rate in Hz.

    Returns:
        The largest third difference of samples within 5 ms over the root mean square of those
        within 0.3 s, in dB.

    Example:
        >>> tone = torch.sin(torch.arange(8000) / 20)
        >>> torn = torch.cat([tone[:4000], tone[4030:]])
        >>> click_db(tone, 4000, 8000) < 6, click_db(torn, 4000, 8000) > 25
        (True, True)
    """
    near, around = round(NEAR_S * sample_rate), round(AROUND_S * sample_rate)
    begin = max(0, moment - around)
    steps = samples[begin : moment + around].double().diff(DIFFERENCES).abs()
    middle = moment - begin
    largest = float(steps[max(0, middle - near) : middle + near].max())
    typical = float(steps.square().mean().sqrt())
    return 20 * math.log10(max(largest, _TINY) / max(typical, _TINY))


def level_change_db(samples: Tensor, moment: int, sample_rate: int, *, softest_db: float) -> float:
    """Measures how much the level changes at a moment.

    Args:
        samples: The sound, [T].
        moment: Which sample, 0.2 s or more from both ends.
        sample_rate: The rate in Hz.
        softest_db: The level below which all is silence, in dB.

    Returns:
        The difference of 0.2 s after and 0.2 s before in dB, without a sign.

    Example:
        >>> sound = torch.cat([torch.ones(4000), 2 * torch.ones(4000)])
        >>> round(level_change_db(sound, 4000, 8000, softest_db=-60), 2)
        6.02
    """
    size = round(LEVEL_S * sample_rate)
    before, after = samples[max(0, moment - size) : moment], samples[moment : moment + size]
    return abs(
        max(levels.rms_db(after[None]), softest_db) - max(levels.rms_db(before[None]), softest_db)
    )


def figures(known: Own, samples: Tensor, moment: int) -> dict[str, float]:
    """Ranks a joint among the recording's own moments.

    Args:
        known: The recording's moments.
        samples: The sound with the joint, [T].
        moment: Which sample begins what follows.

    Returns:
        ``click`` and ``level`` in dB; their ranks in per cent: 50 is what a moment of the recording
        has on average; and whether they lie beyond 95 %, 0 or 1.
    """
    click = click_db(samples, moment, known.sample_rate)
    level = level_change_db(samples, moment, known.sample_rate, softest_db=known.softest_db)
    found = {"click": click, "level": level}
    for name, among in (("click", known.clicks_db), ("level", known.changes_db)):
        low, high = (np.searchsorted(among, found[name], side) for side in ("left", "right"))
        found[f"{name} rank"] = 100 * float(low + high) / 2 / len(among)
        found[f"{name} beyond"] = float(found[f"{name} rank"] > BEYOND)
    return found


def seams(work: Work, take: Take) -> Found:
    """Lets instruments go on where a recording ends, and ranks the joints.

    Args:
        work: What is done; what an instrument refuses is noted there.
        take: The recording.

    Returns:
        Numbers of each joint; of cuts without a fade; and of the recording's own moments.
    """
    rows: Rows = {}
    heard: list[tuple[str, str]] = []
    for arm, instrument in work.players(take, "whole").items():
        name = f"{take.key}-seams-{work.arms.index(arm) + 1}"
        try:
            told = work.memory.recall(name, lambda: _continued(work, instrument, name))  # noqa: B023 - called at once
        except REFUSALS as error:
            work.note(f"{arm.title} (seams)", take, error)
            continue
        rows[arm.title] = told["numbers"]
        heard.append((arm.title, told["heard"]))
    plain = work.memory.recall(f"{take.key}-seams-plain", lambda: _plain(work, take))
    return Found({**rows, **plain}, heard)


def _continued(work: Work, instrument: Instrument, name: str) -> dict[str, Any]:
    last = improvising.recording_of(instrument).sounds()[-1].cpu()
    known = own(Sound(last, instrument.sample_rate), seed=work.request.seed)
    made = [
        one.sound
        for one in improvisations.continued(
            instrument,
            seconds=work.options.continued_s,
            proposals=Proposals(work.options.continuations, work.request.seed),
        )
    ]
    joint, reach = last.shape[1], round(SHOWN_S * instrument.sample_rate)
    shown = made[0].samples[:, max(0, joint - reach) : joint + reach]
    return {
        "numbers": columns([figures(known, levels.to_mono(o.samples)[0], joint) for o in made]),
        "heard": work.shelf.keep(name, Sound(shown, instrument.sample_rate)),
    }


def _plain(work: Work, take: Take) -> Rows:
    known = own(take.sound, seed=work.request.seed)
    rng, edge = np.random.default_rng([work.request.seed, 1]), round(AROUND_S * known.sample_rate)
    begins = rng.integers(edge, len(known.samples) - edge, 2 * CUTS).tolist()
    cuts = [
        figures(known, torch.cat([known.samples[a - edge : a], known.samples[b : b + edge]]), edge)
        for a, b in zip(begins[::2], begins[1::2], strict=True)
    ]
    moments = [figures(known, known.samples, moment) for moment in begins]
    return {CUT: columns(cuts), ITSELF: columns(moments)}
