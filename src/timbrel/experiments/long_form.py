"""Ten seconds and more from noise: S1's four requirements, and who meets them in equal time.

songs --- pieces --- one training an instrument, equal minutes --- made sounds --- R1 to R4,
                                                                                   beside songs'
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from torch import Tensor

from timbrel.errors import TimbrelError
from timbrel.evaluation.pictures import spectrogram_db
from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments import _material as material
from timbrel.experiments._drawing import mosaic
from timbrel.experiments._findings import Exhibit, Findings, Picture
from timbrel.experiments._long_form_arms import (
    Arm,
    Judge,
    arms_of,
    made_sounds,
    pieces_of,
    steering_of,
    train_arm,
)
from timbrel.experiments._long_form_tables import Player, tables, verdict
from timbrel.experiments._made_songs import made_songs
from timbrel.experiments._memory import Memory
from timbrel.instruments.instrument import Instrument, normalised
from timbrel.instruments.lasting import plays_long
from timbrel.progress import Tracker
from timbrel.recipes import Options, option
from timbrel.signal.files import Sound
from timbrel.tasks.workspace import Workspace, open_library

SONGS = "songs"


class LongFormOptions(Options):
    """Which instruments, how long they are trained, and by how many sounds they are judged."""

    recipes: tuple[str, ...] = option(
        ("long-form", "growing", "wavegan-laptop", "specgan-laptop"),
        "Recipes of the instruments, each with changes behind it if you like, as in "
        '"growing network.equalised=divided"; the first is compared with the others.',
    )
    training_minutes: float = option(
        20.0, "Minutes that each instrument is trained.", unit="min", low=0.001, high=100_000
    )
    made: int = option(48, "Sounds that each instrument makes to be judged.", low=2, high=10_000)
    songs: int = option(48, "Pieces of songs that are measured beside.", low=2, high=10_000)
    sliders: int = option(
        8, "Sliders that are looked for in each instrument; 0 looks for none.", low=0, high=16
    )
    heard: int = option(4, "Sounds of each instrument to see and hear.", low=0, high=48)


@dataclass(frozen=True)
class _Work:
    """What one run shares."""

    request: Request
    options: LongFormOptions
    workspace: Workspace
    instruments: Mapping[Arm, Instrument]

    @property
    def judge(self) -> Judge:
        of = self.options
        return Judge(self.request, self.workspace, of.made, of.songs, of.sliders)


def run(request: Request, options: LongFormOptions) -> Findings:
    """Trains the instruments in equal time, and sets their sounds beside the songs.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        The tables of R1 to R4, who is ahead, and sounds to see and hear.

    Raises:
        UsageError: When there are no sounds, or no recipes.
    """
    arms = arms_of(options.recipes)
    request = _with_songs(request)
    workspace = material.library(request)
    work = _Work(request, options, workspace, _trained(request, options, workspace, arms))
    players = _players(work)
    shown = _shown(work)
    return Findings(
        subtitle=f"{len(arms)} instruments, each trained for {options.training_minutes:g} minutes "
        f"on {open_library(workspace).count()} songs; {options.made} sounds of each judged.",
        verdict=tuple(verdict(players)),
        tables=tables(players),
        pictures=_picture(shown),
        exhibits=_exhibits(shown),
        facts={
            f"fingerprint: {arm.title}": one.fingerprint for arm, one in work.instruments.items()
        },
    )


def _with_songs(request: Request) -> Request:
    """Sees to it that there are songs; where there are none and they may be made, makes some."""
    if request.data or not request.makes_sounds or Workspace(request.workspace).library.is_dir():
        return material.checked(request)
    folder = made_songs(request.kept / "made" / "songs", seed=request.seed)
    return replace(request, data=(folder,))


def _trained(
    request: Request, options: LongFormOptions, workspace: Workspace, arms: tuple[Arm, ...]
) -> dict[Arm, Instrument]:
    """Trains all instruments, or opens those that an earlier run has trained."""
    tracker = Tracker("training instruments", len(arms), request.report)
    made = {}
    for arm in arms:
        made[arm] = train_arm(request, workspace, arm, options.training_minutes)
        tracker.advance(note=f"{arm.title} is trained")
    return made


def _players(work: _Work) -> dict[str, Player]:
    """Measures every instrument, unless an earlier run has."""
    memory = Memory(work.request.kept / "figures")
    tracker = Tracker("judging", len(work.instruments), work.request.report)
    players = {}
    for arm, one in work.instruments.items():
        told = memory.recall(f"{arm.name}-sounds", partial(work.judge.figures, one))
        steered = memory.recall(f"{arm.name}-sliders", partial(work.judge.steering, one))
        players[arm.title] = Player(
            facts=_facts(one),
            sample_rate=one.sample_rate,
            length_s=one.length_samples / one.sample_rate,
            plays_long=plays_long(one),
            pieces=pieces_of(told),
            sets=told["sets"],
            unheard_sets=told["unheard sets"],
            steering=steering_of(steered),
            failed=told["failed"],
            seed=work.request.seed,
        )
        tracker.advance(note=arm.title)
    return players


def _facts(one: Instrument) -> dict[str, float | str]:
    summary = one.summary
    return {
        "Parameters": float(summary["parameters"]),
        "Steps": float(summary["steps"]),
        "Minutes": float(summary["seconds"]) / 60,
        "Ended because of": str(summary["stopped_because"]),
        "Pieces learned from": float(sum(note.split == "train" for note in one.sounds)),
    }


# ---- to see and hear -------------------------------------------------------------------------


def _shown(work: _Work) -> dict[str, list[Sound]]:
    """Songs as the first instrument hears them, and the first sounds of each instrument."""
    first, *_ = work.instruments.values()
    songs = work.judge.pieces(first, "train")
    rows = {SONGS: _sounds(songs.waveforms, songs.sample_rate) if songs else []}
    for arm, one in work.instruments.items():
        try:
            made = made_sounds(one, work.options.heard, seed=work.request.seed)
        except TimbrelError:
            continue  # the verdict says so
        rows[arm.title] = _sounds(made, one.sample_rate)
    return {name: sounds[: work.options.heard] for name, sounds in rows.items() if sounds}


def _sounds(waveforms: Tensor, rate_hz: int) -> list[Sound]:
    return [Sound(one[None], rate_hz) for one in normalised(waveforms)]


def _picture(shown: Mapping[str, Sequence[Sound]]) -> tuple[Picture, ...]:
    """A row of spectrograms of songs, and one of each instrument."""
    lengths = [one.samples.shape[1] / one.sample_rate for row in shown.values() for one in row]
    if not lengths:
        return ()
    columns = max(map(len, shown.values()))
    tiles = [
        spectrogram_db(one, duration_s=max(lengths))
        for row in shown.values()
        for one in (*row, *[row[-1]] * (columns - len(row)))
    ]
    caption = f"From above: {', '.join(shown)}; {max(lengths):.3g} s wide, 40 Hz to 20 kHz"
    return (Picture(caption, mosaic(tiles, columns=columns, framed=[False] * len(tiles))),)


def _exhibits(shown: Mapping[str, Sequence[Sound]]) -> tuple[Exhibit, ...]:
    """Number by number: a song, and what each instrument made of that number."""
    count = max(map(len, shown.values()), default=0)
    return tuple(
        Exhibit(
            f"Sound {number + 1}",
            "The first seeds, not chosen. All pictures are as wide as the longest sound.",
            {name: row[number] for name, row in shown.items() if number < len(row)},
            one_level=False,
            in_fives=True,
        )
        for number in range(count)
    )


EXPERIMENT = Experiment(
    title="Ten seconds and more from noise",
    about="Which instrument meets S1's requirements (length, coherence, steering, freedom from "
    "noise) when all are trained equally long on the same songs?",
    source="S1, a growing GAN for electronic music: its requirements 1 to 4; the measures are "
    "timbrel's",
    needs="songs, twenty pieces of their length at least",
    scales={
        "smoke": Scale(
            LongFormOptions(
                recipes=(
                    "long-form-tiny",
                    "growing-tiny pieces=true",
                    "wavegan-tiny",
                    "specgan-tiny",
                ),
                training_minutes=0.02,
                made=6,
                songs=6,
                sliders=0,
                heard=2,
            ),
            "a minute",
        ),
        "small": Scale(LongFormOptions(), "an hour and a half"),
        "full": Scale(
            LongFormOptions(
                recipes=("long-form", "growing-s1", "wavegan", "wavegan-long", "specgan"),
                training_minutes=1440,
                made=200,
                songs=200,
                heard=12,
            ),
            "five days, on a card",
        ),
    },
    run=run,
)
