"""Mixing two notes: S4's correlation matrix, the pairs it points to, and how good their morphs are.

notes --- embeddings --- correlations --- pairs --- morphs --- how good?
          of one recipe                   10 lowest            of each recipe, with its energy
                                          10 spread            corrected and not, and crossfades
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np

from timbrel.errors import TimbrelError, UsageError
from timbrel.evaluation.features import train_features
from timbrel.evaluation.morph_lines import Line
from timbrel.evaluation.morph_trials import morph_example, series_of
from timbrel.evaluation.morphs import WEIGHTS, Judged, Listener, Series, crossfade, judged
from timbrel.evaluation.sketches import sketch
from timbrel.experiments import Experiment, Request, Scale
from timbrel.experiments import _material as material
from timbrel.experiments._findings import Exhibit, Findings, Picture
from timbrel.experiments._matrix import matrix
from timbrel.experiments._memory import Memory
from timbrel.experiments._mixing_tables import CROSSFADE, Outcome, tables, verdict
from timbrel.experiments._mixtures import (
    FloatArray,
    Mixture,
    Note,
    alike,
    embeddings,
    every_pair,
    lowest,
    notes_of,
    spread,
    table_of,
)
from timbrel.experiments._training import trained
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Tracker
from timbrel.recipes import Options, option
from timbrel.signal.files import Sound
from timbrel.tasks.judge_morphs import played
from timbrel.tasks.sounds import LibrarySounds
from timbrel.tasks.workspace import Workspace

ASKED = ("guitar", "brass")  # S4's own pair
PLAIN = f"{CROSSFADE} of the originals"
LEARNED_FROM = 2000  # notes that the listener learns from, at most


class MixingOptions(Options):
    """Whose embeddings, which pairs, who morphs them."""

    recipes: tuple[str, ...] = option(
        ("morph", "slice-laptop-single"), "Recipes of the instruments that morph."
    )
    correlations_of: str = option(
        "slice-laptop-single", "The recipe whose embeddings choose the pairs; one of `recipes`."
    )
    energies: tuple[str, ...] = option(
        ("", "off"),
        "Energy corrections of `morph`: each instrument plays with all; empty is its own way.",
    )
    training_minutes: float = option(
        7.0, "Minutes that each instrument is trained.", unit="min", low=0.001, high=100_000
    )
    pairs: int = option(10, "Pairs with the lowest correlations.", low=1, high=1000)
    spread_pairs: int = option(
        10, "More pairs, evenly along the order of correlations.", low=0, high=1000
    )
    heard: int = option(3, "Pairs to see and hear.", low=0, high=50)


@dataclass(frozen=True)
class _Player:
    """One row of the table: an instrument with an energy correction."""

    name: str
    instrument: Instrument
    energy: str | None


@dataclass(frozen=True)
class _Work:
    """What one run shares."""

    request: Request
    options: MixingOptions
    workspace: Workspace
    instruments: Mapping[str, Instrument]

    @property
    def chooser(self) -> Instrument:
        """Whose embeddings choose the pairs."""
        return self.instruments[self.options.correlations_of]

    @property
    def players(self) -> list[_Player]:
        """Every instrument with every energy correction that it can play with."""
        return [
            _Player(f"{name}, energy {energy}" if energy else name, one, energy or None)
            for name, one in self.instruments.items()
            for energy in self.options.energies
            if not energy or one.knows_energy
        ]


# Row of the table -> what was measured of each pair.
_Figures = dict[str, list[Judged]]


def run(request: Request, options: MixingOptions) -> Findings:
    """Trains the instruments, chooses pairs, morphs them and judges the morphs.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        The matrix, the tables "How good is a morph", and morphs to see and hear.

    Raises:
        UsageError: When no recipe has the name whose embeddings are asked for, or there are no
            notes of two families.
    """
    work = _prepared(material.checked_notes(request), options)
    listed = notes_of(work.workspace, work.chooser)
    latents = {name: _heard(work, one, listed) for name, one in work.instruments.items()}
    notes, own = latents[options.correlations_of]
    table = table_of(own)
    outcome = _outcome(work, _chosen(notes, table, options), latents)
    return Findings(
        subtitle=f"{len(outcome.pairs)} pairs of {len(notes)} notes of "
        f"{len({note.label for note in notes})} families, morphed by "
        f"{', '.join(work.instruments)}.",
        verdict=tuple(verdict(outcome)),
        tables=tables(outcome),
        pictures=(_picture(notes, table, options.correlations_of),),
        exhibits=_exhibits(work, outcome.pairs),
        facts={
            "pairs of held-out notes": sum(
                pair.first.held_out and pair.second.held_out for pair in outcome.pairs
            ),
            **{f"fingerprint: {name}": one.fingerprint for name, one in work.instruments.items()},
        },
    )


def _heard(work: _Work, one: Instrument, notes: Sequence[Note]) -> tuple[list[Note], FloatArray]:
    return embeddings(work.workspace, one, notes, work.request.report)


def _outcome(
    work: _Work,
    pairs: Sequence[Mixture],
    latents: Mapping[str, tuple[list[Note], FloatArray]],
) -> Outcome:
    heard, figures = _judged(work, pairs)
    if not heard:
        raise UsageError("no pair that every instrument can morph", "notes that can be heard")
    return Outcome(
        pairs=heard,
        figures=figures,
        players={
            name: [p.name for p in work.players if p.instrument is one and p.energy]
            for name, one in work.instruments.items()
        },
        correlated={name: _correlations(*found, heard) for name, found in latents.items()},
        alike={n: alike(notes, table_of(found), ASKED) for n, (notes, found) in latents.items()},
        asked=ASKED,
        seed=work.request.seed,
    )


def _correlations(
    notes: Sequence[Note], latents: FloatArray, pairs: Sequence[Mixture]
) -> list[float]:
    """How alike the two notes of each pair are to an instrument."""
    rows = {note.id: row for row, note in enumerate(notes)}
    ends = [[rows[pair.first.id], rows[pair.second.id]] for pair in pairs]
    return [float(table_of(latents[two])[0, 1]) for two in ends]


def _picture(notes: Sequence[Note], table: FloatArray, name: str) -> Picture:
    """S4's matrix, of the pitch that most families have."""
    families = Counter(pitch for pitch, _ in {(note.pitch, note.label) for note in notes})
    pitch = max(families, key=lambda one: (families[one], -(one or 0.0)))
    rows = [row for row, note in enumerate(notes) if note.pitch == pitch]
    of = "of no known pitch" if pitch is None else f"of pitch {pitch:g}"
    return Picture(
        f"Correlations of the embeddings of {name}: {len(rows)} notes {of}, by family",
        matrix(table[np.ix_(rows, rows)], [notes[row].label for row in rows]),
    )


def _prepared(request: Request, options: MixingOptions) -> _Work:
    if options.correlations_of not in options.recipes:
        raise UsageError(
            f"the embeddings of {options.correlations_of!r}",
            f"one of the recipes that are trained: {', '.join(options.recipes)}",
            f"say --set correlations_of={options.recipes[0]}",
        )
    workspace = material.library(request)
    instruments = {
        recipe: trained(request, workspace, recipe, name=recipe, minutes=options.training_minutes)
        for recipe in options.recipes
    }
    for one in instruments.values():
        one.require("morph")
    return _Work(request, options, workspace, instruments)


def _chosen(notes: Sequence[Note], table: FloatArray, options: MixingOptions) -> list[Mixture]:
    """Pairs of held-out notes; of all notes where those are too few."""
    rows = [row for row, note in enumerate(notes) if note.held_out]
    held_out = every_pair([notes[row] for row in rows], table[np.ix_(rows, rows)])
    every = held_out
    if len(lowest(held_out, options.pairs)) < options.pairs:
        every = every_pair(notes, table)
    if not every:
        raise UsageError(
            f"{len(notes)} notes without two of different families within an octave",
            "notes of two families or more",
            "name a folder laid out as NSynth is, such as data/notes",
        )
    first = lowest(every, options.pairs, always=ASKED)
    return [*first, *spread(every, options.spread_pairs, beside=first)]


# ---- judging ---------------------------------------------------------------------------------


def _judged(work: _Work, pairs: Sequence[Mixture]) -> tuple[list[Mixture], _Figures]:
    """Judges every pair by every player; a pair that one cannot morph is left out of all."""
    memory = Memory(work.request.kept / "figures")
    listener = _listener(work)
    tracker = Tracker("morphing", len(pairs) * len(work.players), work.request.report)
    heard: list[Mixture] = []
    figures: _Figures = {}
    for pair in pairs:
        found: dict[str, Judged] = {}
        for player in work.players:
            name = f"{player.name} {pair.first.id} {pair.second.id}".replace(" ", "-")
            kept = memory.recall(name, partial(_figures, work, player, pair, listener))
            found |= {row: _judged_from(pair.title, one) for row, one in kept.items()}
            tracker.advance(note=player.name)
        if all(player.name in found for player in work.players):
            heard.append(pair)
            for row, one in found.items():
                figures.setdefault(row, []).append(one)
    return heard, figures


def _figures(
    work: _Work, player: _Player, pair: Mixture, listener: Listener | None
) -> dict[str, Any]:
    """All figures of one morph and of the crossfades beside it, as plain values."""
    read = LibrarySounds(work.workspace, work.chooser).read
    try:
        ends = read(pair.first.id), read(pair.second.id)
        made = _series(work, player, pair, ends)
        found = {player.name: asdict(judged(made, listener))}
        if player.energy is None:
            found[f"{player.name}: {CROSSFADE}"] = asdict(judged(crossfade(made), listener))
        if player.name == work.options.recipes[0]:
            found[PLAIN] = asdict(judged(crossfade(_originals(player, pair, ends)), listener))
    except TimbrelError:
        return {}
    return found


def _series(work: _Work, player: _Player, pair: Mixture, ends: tuple[Sound, Sound]) -> Series:
    sounds = played(
        player.instrument, *ends, energy=player.energy, seed=work.request.seed
    )  # fmt: skip
    return series_of(pair.title, sounds, ends)


def _originals(player: _Player, pair: Mixture, ends: tuple[Sound, Sound]) -> Series:
    """The notes as they are, as the ends of a series."""
    fitted = [player.instrument.fit(sound)[0] for sound in ends]
    inner = [fitted[0]] * (len(WEIGHTS) - 1)
    return Series(pair.title, (*inner, fitted[1]), player.instrument.sample_rate)


def _judged_from(title: str, kept: Mapping[str, Any]) -> Judged:
    lines = {name: Line(**line) if line else None for name, line in kept["lines"].items()}
    return Judged(title, kept["numbers"], lines)


def _listener(work: _Work) -> Listener | None:
    """A classifier of the families, trained on what the instruments trained on."""
    notes = [note for note in work.chooser.sounds if note.split == "train" and note.label]
    order = np.random.default_rng(work.request.seed).permutation(len(notes))[:LEARNED_FROM]
    read = LibrarySounds(work.workspace, work.chooser).read
    tracker = Tracker("teaching a listener", len(order), work.request.report)
    sketches, labels = [], []
    for row in sorted(order.tolist()):
        tracker.advance()
        try:
            sketches.append(sketch(read(notes[row].id)))
        except TimbrelError:
            continue
        labels.append(notes[row].label)
    if len(set(labels)) < 2:
        return None
    known = train_features(np.stack(sketches), labels, seed=work.request.seed)
    return lambda sound: known.of(sketch(sound)[None])[0].astype("float64")


# ---- sounds ----------------------------------------------------------------------------------


def _exhibits(work: _Work, pairs: Sequence[Mixture]) -> tuple[Exhibit, ...]:
    """The first pairs by each instrument: the morph in a row, the crossfade in the row beneath."""
    read = LibrarySounds(work.workspace, work.chooser).read
    shown = []
    for pair in pairs[: work.options.heard]:
        ends = read(pair.first.id), read(pair.second.id)
        for player in work.players:
            example = morph_example(_series(work, player, pair, ends), ends, "")
            note = (
                f"{pair.first.label} to {pair.second.label}, pitches {pair.pitches}, correlation "
                f"{pair.correlation:.2f}. Above the morph, beneath it originals and crossfade."
            )
            title = f"{player.name}: {pair.title}"
            shown.append(
                Exhibit(title, note, example.sounds, one_level=False, in_fives=True)
            )  # fmt: skip
    return tuple(shown)


EXPERIMENT = Experiment(
    title="Mixing two notes",
    about="Which notes are worth mixing, how good are their morphs, and do notes that are less "
    "alike make better mixtures?",
    source="Langer 2023 (S4), sections 4.5.1, 5.2.2, 6.1.3 and 6.3.1; the measures are timbrel's",
    needs="notes of several families of instruments, laid out as NSynth is (examples.json with "
    "pitches)",
    scales={
        "smoke": Scale(
            MixingOptions(
                recipes=("morph-tiny", "slice-tiny"),
                correlations_of="slice-tiny",
                training_minutes=0.02,
                pairs=2,
                spread_pairs=2,
                heard=1,
            ),
            "a minute",
        ),
        "small": Scale(MixingOptions(), "half an hour"),
        "full": Scale(
            MixingOptions(
                recipes=("morph", "slice-s4-single", "slice-s4-double", "slice-s4-triple"),
                correlations_of="slice-s4-single",
                energies=("", "mean", "off"),
                training_minutes=240,
                pairs=50,
                spread_pairs=50,
                heard=10,
            ),
            "a day and a half",
        ),
    },
    run=run,
)
