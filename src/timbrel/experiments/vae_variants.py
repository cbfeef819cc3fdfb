"""Which settings of S3's autoencoder matter: its tables 7.2, 7.3 and 7.4, shortened.

7.2   nine models: latent 8, 64, 256; flow layers 0, 10, 20; β; dropout; steps
7.3   NDB, Fréchet distance, mean ODG and fingerprint similarity of held-out reconstructions
7.4   mean and best ODG of each label, for "Overfit" and "Beta"
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import torch
from torch import Tensor

from timbrel.evaluation.sound_sets import Known
from timbrel.evaluation.statistics import mean_interval
from timbrel.experiments import Experiment, Request, Scale, _judging
from timbrel.experiments import _findings as findings
from timbrel.experiments import _material as material
from timbrel.experiments._findings import NOTHING, Cell, Column, Exhibit, Findings, Table
from timbrel.experiments._judging import Sounds
from timbrel.experiments._memory import Memory
from timbrel.experiments._training import trained
from timbrel.experiments._variants import (
    CLAIMS,
    S3_LABELS,
    TEST_SET_FID,
    TEST_SET_NDB,
    VARIANTS,
    Claim,
    Variant,
)
from timbrel.instruments.instrument import Instrument
from timbrel.progress import Tracker
from timbrel.recipes import Options, option
from timbrel.signal.files import Sound
from timbrel.tasks.workspace import Workspace, open_library

TEST_SET, FRONT_END = "Test set itself", "Front end alone"
TRAINING_SHARE = 0.8
Figures = Mapping[str, Any]


class VaeVariantsOptions(Options):
    """How far the nine models are trained and how many sounds judge them."""

    recipe: str = option("sample-vae-s3", "The recipe that the nine are variants of.")
    step_share: float = option(
        0.0125, "Share of S3's steps that each model is trained.", low=1e-6, high=1
    )
    shrink: int = option(
        1, "What latent sizes and flow layers are divided by, to try it out.", low=1, high=64
    )
    batch_size: int = option(16, "Sounds a step; S3 has 64.", low=1, high=1024)
    precision: str = option("bfloat16", "Number format of training; S3 has float32.")
    judged: int = option(120, "Held-out sounds at most that judge a model.", low=4)
    reference: int = option(800, "Training sounds at most that sets are compared with.", low=8)
    heard: int = option(3, "Held-out sounds to hear.", low=1, high=20)


@dataclass(frozen=True, eq=False)
class _Work:
    """The nine models, trained, and what it takes to judge them."""

    request: Request
    options: VaeVariantsOptions
    workspace: Workspace
    instruments: Mapping[str, Instrument]

    @property
    def one(self) -> Instrument:
        """Any of them: all have one front end and one split."""
        return self.instruments["64 dim"]

    @cached_property
    def held_out(self) -> Sounds:
        most, seed = self.options.judged, self.request.seed
        return _judging.held_out(self.workspace, self.one, most=most, seed=seed)

    @cached_property
    def reference(self) -> Known:
        """Heard at its first use: a resumed run may not need it."""
        return _judging.reference(
            self.workspace,
            self.one,
            most=self.options.reference,
            seed=self.request.seed,
            report=self.request.report,
        )


def run(request: Request, options: VaeVariantsOptions) -> Findings:
    """Trains the nine models and judges them.

    Args:
        request: What was asked for.
        options: How much is done.

    Returns:
        S3's three tables with ours beside, and which of S3's findings hold here.
    """
    request = material.checked(request)
    workspace = material.library(request)
    count = open_library(workspace).count()
    instruments = _trained(request, options, workspace, count)
    work = _Work(request, options, workspace, instruments)
    figures = _all_figures(work)
    labels = work.held_out.labels
    return Findings(
        subtitle=_subtitle(options, count, len(labels)),
        verdict=tuple(_verdict(figures, request.seed)),
        tables=(
            _setup(instruments),
            _results(figures, request.seed),
            *(_by_label(figures, labels, name, request.seed) for name in ("Overfit", "Beta")),
        ),
        exhibits=_exhibits(work),
    )


def _subtitle(options: VaeVariantsOptions, count: int, judged: int) -> str:
    return (
        f"Nine variants of {options.recipe}, each trained for {options.step_share:.4g} of S3's "
        f"steps in batches of {options.batch_size} ({options.precision}), on {count} sounds, "
        f"judged by {judged} held-out ones."
    )


def _file_name(name: str) -> str:
    return name.lower().replace(" ", "-")


# ---- training and judging --------------------------------------------------------------------


def steps_of(variant: Variant, share: float) -> int:
    """Says how long a variant is trained here.

    Args:
        variant: The variant.
        share: Share of S3's steps.

    Returns:
        Steps, at least 1.

    Example:
        >>> steps_of(VARIANTS[1], 0.0125)
        250
    """
    return max(1, round(variant.steps * share))


def _trained(
    request: Request, options: VaeVariantsOptions, workspace: Workspace, count: int
) -> dict[str, Instrument]:
    """Trains all nine, or opens those that an earlier run has trained."""
    total = sum(steps_of(variant, options.step_share) for variant in VARIANTS)
    tracker = Tracker("training the nine models", total, request.report)
    made = {}
    for variant in VARIANTS:
        steps = steps_of(variant, options.step_share)
        made[variant.name] = trained(
            request,
            workspace,
            options.recipe,
            name=_file_name(variant.name),
            steps=steps,
            settings=_settings(variant, options, count),
        )
        tracker.advance(steps, note=f"{variant.name} is trained")
    return made


def _settings(variant: Variant, options: VaeVariantsOptions, count: int) -> list[str]:
    every = max(1, steps_of(VARIANTS[0], options.step_share) // 5)
    settings = {
        "network.latent_size": -(-variant.latent_size // options.shrink),
        "network.flow_layers": -(-variant.flow_layers // options.shrink),
        "network.beta": round(TRAINING_SHARE * count) / options.batch_size
        if variant.scaled_kl
        else 1.0,
        **({} if variant.dropout else {"network.dropout": 0.0}),
        "training.batch_size": options.batch_size,
        "training.precision": options.precision,
        "training.schedule": "hold",
        "training.patience_validations": 0,
        "training.previews": 0,
        "training.validate_every_steps": every,
    }
    return [f"{key}={value}" for key, value in settings.items()]


def _all_figures(work: _Work) -> dict[str, Figures]:
    """Judges the real sounds, the front end alone, and the nine models."""
    memory = Memory(work.request.kept / "figures")
    seed = work.request.seed
    ways: dict[str, Callable[[Sounds], Tensor]] = {
        TEST_SET: lambda of: of.waveforms,
        FRONT_END: lambda of: _front_end_alone(work.one, of),
        **{
            name: partial(_judging.reconstructed, instrument, seed=seed)
            for name, instrument in work.instruments.items()
        },
    }
    tracker = Tracker("judging", len(ways), work.request.report)
    figures = {}
    for name, way in ways.items():
        figures[name] = memory.recall(_file_name(name), partial(_figures, work, way))
        tracker.advance(note=name)
    return figures


def _figures(work: _Work, way: Callable[[Sounds], Tensor]) -> Figures:
    of = work.held_out
    after = way(of)
    seed, report = work.request.seed, work.request.report
    return {
        "sets": _judging.set_figures(after, of.sample_rate, work.reference, seed=seed),
        "pairs": {} if after is of.waveforms else _judging.pair_figures(of, after, report),
        "n": len(after),
    }


def _front_end_alone(instrument: Instrument, of: Sounds) -> Tensor:
    recipe = instrument.recipe
    front_end: Any = recipe.front_end
    parts = []
    for batch in torch.split(of.waveforms, _judging.AT_ONCE):
        code, level = front_end.encode(batch, sample_rate=of.sample_rate)
        parts.append(
            front_end.decode(
                code,
                level,
                sample_rate=of.sample_rate,
                length_samples=batch.shape[1],
                phase=_judging.recipe_phase(instrument),
                seed=0,
            )
        )
    return torch.cat(parts)


# ---- the tables ------------------------------------------------------------------------------


def _setup(instruments: Mapping[str, Instrument]) -> Table:
    columns = (
        Column("Latent dimensions", digits=0),
        Column("Flow layers", digits=0),
        Column("β", digits=1),
        Column("Dropout"),
        Column("Steps", digits=0),
        Column("S3's steps", digits=0),
        Column("Best step", digits=0),
        Column("Best validation loss", digits=0),
        Column("Seconds", digits=0),
    )
    rows = {}
    for variant in VARIANTS:
        made = instruments[variant.name]
        network, summary = made.recipe.network.model_dump(), made.summary
        numbers = (
            network["latent_size"], network["flow_layers"], network["beta"], network["dropout"],
            summary["steps"], variant.steps, summary["best_step"], summary["best_loss"],
            summary["seconds"],
        )  # fmt: skip
        rows[variant.name] = [Cell(value=float(value)) for value in numbers]
    return Table(
        "The nine models (S3's table 7.2)",
        "Trained with the learning rate held, as S3 does; of each the weights that did best on "
        "the validation split are kept, where S3 keeps the last. β of Beta is N/M, sounds over "
        "batch size, as S3 has it.",
        columns,
        rows,
    )


def _results(figures: Mapping[str, Figures], seed: int) -> Table:
    columns = (
        Column("NDB of 50", "lower", 0),
        Column("Fréchet, classifier", "lower"),
        Column("Fréchet, spectrogram", "lower", 3),
        Column("ODG, mean", "higher", 3),
        Column("Fingerprint, mean", "higher", 1),
        Column("LSD (dB), mean", "lower"),
        Column("S3: NDB", digits=0),
        Column("S3: FID", digits=1),
        Column("S3: ODG", digits=3),
        Column("S3: fingerprint", digits=1),
    )
    s3 = {v.name: [v.ndb, v.fid, v.odg, v.fingerprint] for v in VARIANTS}
    s3[TEST_SET] = [TEST_SET_NDB, TEST_SET_FID]
    rows = {}
    for name in (TEST_SET, FRONT_END, *(variant.name for variant in VARIANTS)):
        theirs = [Cell(value=float(value)) for value in s3.get(name, [])]
        rows[name] = [*_own(figures[name], seed), *theirs, *[NOTHING] * (4 - len(theirs))]
    return Table(
        "Reconstructions of held-out sounds (S3's table 7.3)",
        "Sets are compared with training sounds, as S3 does; S3's Fréchet distance is of "
        "Inception features and comparable in order only. Small figures: 95 % intervals; for a "
        "set, 1.96 bootstrap standard errors.",
        columns,
        rows,
    )


def _own(figures: Figures, seed: int) -> list[Cell]:
    sets = [figures["sets"].get(name) for name in _judging.SETS]
    pairs = [figures["pairs"].get(name, []) for name in _judging.PAIRS]
    return [
        *(Cell(one[0], one[1], one[2], figures["n"]) if one else NOTHING for one in sets),
        *(findings.mean(one, seed=seed) for one in pairs),
    ]


def _by_label(figures: Mapping[str, Figures], labels: Sequence[str], name: str, seed: int) -> Table:
    """S3's table 7.4 for one model."""
    odg = figures[name]["pairs"].get("odg", [math.nan] * len(labels))
    place = ("Overfit", "Beta").index(name)
    rows = {}
    for label in sorted(set(labels)):
        own = [value for value, one in zip(odg, labels, strict=True) if one == label]
        finite = [value for value in own if math.isfinite(value)]
        s3 = S3_LABELS.get("".join(filter(str.isalnum, label.lower())))
        rows[label or "no label"] = [
            findings.mean(own, seed=seed),
            findings.single(max(finite, default=math.nan), count=len(finite)),
            *([Cell(value=value) for value in s3[place]] if s3 else [NOTHING, NOTHING]),
        ]
    rows["all"] = [
        findings.mean(odg, seed=seed),
        findings.single(
            max((v for v in odg if math.isfinite(v)), default=math.nan), count=len(odg)
        ),
        Cell(value=next(v.odg for v in VARIANTS if v.name == name)),
        NOTHING,
    ]
    columns = (
        Column("ODG, mean", "higher", 3),
        Column("ODG, best", "higher", 3),
        Column("S3: mean", digits=3),
        Column("S3: best", digits=3),
    )
    return Table(
        f"ODG of each label, {name} (S3's table 7.4)",
        "Sounds for which the grade is undefined are counted and left out, as S3's NaNs were.",
        columns,
        rows,
    )


# ---- what it says ----------------------------------------------------------------------------


def _verdict(figures: Mapping[str, Figures], seed: int) -> list[str]:
    if not all(figures[variant.name]["pairs"].get("odg") for variant in VARIANTS):
        return ["No ODG could be measured, so S3's findings cannot be tested."]
    told = [_tested(claim, figures, seed) for claim in CLAIMS]
    holds = sum(": holds" in one for one in told)
    against = sum(": the other way round" in one for one in told)
    return [
        f"Of {len(told)} of S3's findings about ODG {holds} hold here, {against} come out the "
        f"other way round, and {len(told) - holds - against} cannot be told from nothing at this "
        "length of training.",
        *told,
        _beta_fails(figures),
        _order(figures),
    ]


def _tested(claim: Claim, figures: Mapping[str, Figures], seed: int) -> str:
    """A claim holds where the 95 % interval of the paired difference lies above zero."""
    pairs = zip(
        figures[claim.higher]["pairs"]["odg"], figures[claim.lower]["pairs"]["odg"], strict=True
    )
    apart = [a - b for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    if not apart:
        return f"“{claim.said}”: no sound has a grade for both."
    found = mean_interval(apart, seed=seed)
    word = "holds" if found.low > 0 else "the other way round" if found.high < 0 else "undecided"
    s3 = {variant.name: variant.odg for variant in VARIANTS}
    return (
        f"“{claim.said}”: {word} ({claim.higher} over {claim.lower} {found.value:+.3f}, "
        f"{found.low:+.3f} to {found.high:+.3f}, n {found.count}; "
        f"S3 {s3[claim.higher] - s3[claim.lower]:+.3f})."
    )


def _beta_fails(figures: Mapping[str, Figures]) -> str:
    """S3's figure 7.4: only Beta leaves out whole kinds of sound."""
    ndb = {variant.name: figures[variant.name]["sets"]["ndb"] for variant in VARIANTS}
    most = max((name for name in ndb if name != "Beta"), key=lambda name: ndb[name][0])
    apart = ndb["Beta"][1] > ndb[most][2]
    word = "holds" if apart else "undecided" if ndb["Beta"][0] > ndb[most][0] else "does not hold"
    return (
        f"“Beta alone fails to make some kinds of sound”: {word} (NDB {ndb['Beta'][0]:.0f}, "
        f"{ndb['Beta'][1]:.0f} to {ndb['Beta'][2]:.0f}, against {ndb[most][0]:.0f} of {most}; "
        "S3 11 against 5)."
    )


def _order(figures: Mapping[str, Figures]) -> str:
    """S3 observed that a lower Fréchet distance goes with a higher ODG."""
    from scipy.stats import spearmanr

    name = "frechet_spectrogram"  # defined without labels, too
    frechet = [figures[v.name]["sets"][name][0] for v in VARIANTS]
    odg = [findings.mean(figures[v.name]["pairs"]["odg"], seed=0).value for v in VARIANTS]
    if len(set(frechet)) == 1 or None in odg or len(set(odg)) == 1:
        return "“A lower Fréchet distance goes with a higher ODG”: all models are alike."
    own = spearmanr(frechet, odg)
    s3 = spearmanr([v.fid for v in VARIANTS], [v.odg for v in VARIANTS])
    word = "holds" if own.statistic < 0 and own.pvalue < 0.05 else "undecided"
    return (
        f"“A lower Fréchet distance goes with a higher ODG”: {word} (rank correlation over the "
        f"nine {own.statistic:.2f}, p = {own.pvalue:.3f}; S3's own nine {s3.statistic:.2f})."
    )


def _exhibits(work: _Work) -> tuple[Exhibit, ...]:
    of, seed = work.held_out, work.request.seed
    rows = [round(k * (len(of.names) - 1) / work.options.heard) for k in range(work.options.heard)]
    few = Sounds(
        tuple(of.names[row] for row in rows),
        tuple(of.labels[row] for row in rows),
        of.waveforms[rows],
        of.sample_rate,
    )
    versions = {
        "original": few.waveforms,
        "front end alone": _front_end_alone(work.one, few),
        **{
            name: _judging.reconstructed(one, few, seed=seed)
            for name, one in work.instruments.items()
        },
    }
    return tuple(
        Exhibit(
            few.names[place],
            few.labels[place],
            {name: Sound(made[place][None], few.sample_rate) for name, made in versions.items()},
        )
        for place in range(len(rows))
    )


EXPERIMENT = Experiment(
    title="Nine variants of S3's autoencoder",
    about="Which of latent size, flow layers, β, dropout and length of training matter for the "
    "sound of reconstructions, and which of S3's findings hold here?",
    source="Rebnord 2022 (S3), section 7.2.1, tables 7.2 to 7.4",
    needs="a labelled folder of short sounds such as drums, some hundreds of them",
    scales={
        "smoke": Scale(
            VaeVariantsOptions(
                recipe="sample-vae-tiny",
                shrink=16,
                step_share=0.0002,
                batch_size=8,
                precision="float32",
                judged=5,
                reference=40,
                heard=1,
            ),
            "half a minute",
        ),
        "small": Scale(VaeVariantsOptions(), "25 minutes"),
        "full": Scale(
            VaeVariantsOptions(
                step_share=1.0, batch_size=64, precision="float32", judged=10_000, reference=20_000
            ),
            "a week",
        ),
    },
    run=run,
)
