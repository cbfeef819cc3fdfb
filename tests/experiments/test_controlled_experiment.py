"""The controlled experiment: what it holds equal, and when it says that two arms differ."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn import metrics

from timbrel import recipes
from timbrel.errors import RecipeError, UnknownNameError, UsageError
from timbrel.evaluation.statistics import Interval
from timbrel.experiments import Request, dense_vs_conv
from timbrel.experiments import _controlled_tables as tables
from timbrel.experiments._codes import errors, pieces
from timbrel.experiments._contrasts import Variable, contrast, student_interval
from timbrel.experiments._controlled import Arm, Design, Terms, Trial, held
from timbrel.experiments._own import read
from timbrel.experiments._running import _kept
from timbrel.experiments._s4_claims import AGAINST, HOLDS, ORDERS, UNDECIDED, is_flat, rises
from timbrel.experiments._s4_tables import BY_PITCH, FRAME, PITCHES, SPLITS
from timbrel.experiments._slopes import slope
from timbrel.experiments.spectral_autoencoders import SpectralAutoencodersOptions, design_of
from timbrel.recipes import changed
from timbrel.signal.frontends.rfft import packed, unpacked
from timbrel.tasks.workspace import Workspace

SMALL, LARGE = (
    Arm(f"{size} values", "sample-vae-tiny", (f"network.latent_size={size}",)) for size in (2, 8)
)
MSE = Variable("mse", "MSE", relative=True)
SNR = Variable("snr_db", "SNR (dB)", "higher", unit="dB")
TERMS = Terms(seeds=3, minutes=2)


# ---- one independent variable ----------------------------------------------------------------


def test_what_the_arms_name_differs_and_nothing_else() -> None:
    found = held(Design((SMALL, LARGE), varies=()), TERMS)
    assert found.differs == {"network.latent_size": {"2 values": 2, "8 values": 8}}
    assert found.equal["training.patience_validations"] == 50
    assert found.equal["training.validate_every_steps"] == 0, "patience counts epochs"
    assert found.equal["network.flow_layers"] == 1


def test_a_second_difference_is_refused_and_named() -> None:
    slower = Arm("slow", "sample-vae-laptop")
    with pytest.raises(UsageError, match=r"differ in sample_rate as well.*of slow.*varies"):
        held(Design((SMALL, slower)), TERMS)


def test_a_difference_that_may_be_is_not_refused() -> None:
    dense, conv = Arm("dense", "dense-laptop"), Arm("conv", "conv-laptop")
    assert set(held(Design((dense, conv)), TERMS).differs) == {
        "family", "network.widths", "network.channels", "network.bottleneck",
    }  # fmt: skip


@pytest.mark.parametrize(
    "arms",
    [(SMALL,), (SMALL, Arm("2-values", "sample-vae-tiny")), (SMALL, Arm("?!", "sample-vae-tiny"))],
)
def test_one_arm_is_none_and_two_need_two_names(arms: tuple[Arm, ...]) -> None:
    with pytest.raises(UsageError, match="arm"):
        held(Design(arms), TERMS)


def test_s4s_networks_differ_in_bands_strides_and_family_only() -> None:
    options = SpectralAutoencodersOptions(frame="frame-s4", slice="slice-s4-single")
    differs = held(design_of(options), options).differs
    assert {key.split(".")[0] for key in differs} == {"family", "network", "front_end"}
    assert set(differs["network.strides"].values()) == {"single", "double", "triple", None}


# ---- when arms differ ------------------------------------------------------------------------


def trials(seeds: int) -> list[Trial]:
    workspace = Workspace(Path("nowhere"))
    return [Trial(arm, seed, workspace, "cpu") for seed in range(seeds) for arm in (SMALL, LARGE)]


def measured(key: str, small: list[list[float]], large: list[list[float]]) -> dict[str, dict]:
    return {
        trial.name: {key: (small if trial.arm == SMALL else large)[trial.seed]}
        for trial in trials(len(small))
    }


def test_the_interval_over_seeds_is_that_of_a_paired_t_test() -> None:
    small, large = [8.0, 9.0, 7.5], [9.5, 10.1, 9.6]
    found = contrast(
        trials(3), measured("snr_db", [[x] for x in small], [[x] for x in large]),
        SNR, (SMALL, LARGE), unit="segments",
    )  # fmt: skip
    expected = stats.ttest_rel(large, small).confidence_interval(0.95)
    assert found is not None
    assert found.interval.low == pytest.approx(expected.low)
    assert found.interval.high == pytest.approx(expected.high)
    assert (found.word, found.gain, found.basis) == ("higher", 1, "3 seeds")


def test_errors_are_compared_in_per_cent_so_that_a_harder_split_does_not_count_more() -> None:
    small, large = [[100.0], [400.0], [25.0]], [[74.0], [292.0], [18.3]]
    found = contrast(trials(3), measured("mse", small, large), MSE, (SMALL, LARGE), unit="sounds")
    assert found is not None
    assert found.scaled(found.interval.value) == pytest.approx(-26.6, abs=0.1)
    assert found.gain == 1
    assert found.said().startswith("-26.6 % (-")


def test_an_interval_that_holds_0_is_no_difference() -> None:
    found = contrast(
        trials(3), measured("mse", [[1.0], [1.0], [1.0]], [[0.8], [0.7], [1.2]]),
        MSE, (SMALL, LARGE), unit="sounds",
    )  # fmt: skip
    assert found is not None
    assert (found.word, found.gain) == ("not told apart", 0)


def test_with_fewer_than_three_seeds_sounds_are_paired_and_that_is_said() -> None:
    small, large = [[1.0, 2.0, 3.0, math.nan]], [[2.0, 3.1, 4.0, 9.0]]
    found = contrast(trials(1), measured("snr_db", small, large), SNR, (SMALL, LARGE), unit="notes")
    assert found is not None
    assert found.basis == "3 notes of 1 training each"
    assert found.interval.value == pytest.approx(3.1 / 3)


def test_one_training_has_no_interval() -> None:
    assert math.isnan(student_interval([3.0]).low)


def test_where_nothing_is_learned_by_steps_nothing_has_to_converge() -> None:
    assert tables.ended({"pca": {"stopped_because": "fitted"}}, TERMS).startswith("All networks")


def verdict_of(small: list[list[float]], large: list[list[float]], ending: str) -> str:
    of = measured("mse", small, large)
    found = tables.contrasts((MSE,), trials(3), of, unit="sounds")
    courses = {one.name: {"stopped_because": ending} for one in trials(3)}
    return tables.verdict(Design((SMALL, LARGE)), TERMS, found, courses)


def test_the_verdict_says_not_better_and_what_had_not_converged() -> None:
    said = verdict_of([[1.0], [1.1], [1.0]], [[2.0], [2.1], [2.2]], "minutes")
    assert "8 values is not better: worse in MSE +103.3 %" in said
    assert "Of 6 trainings none had converged" in said
    assert "2 minutes" in said


def test_the_verdict_says_better_and_that_all_converged() -> None:
    said = verdict_of([[2.0], [2.1], [2.2]], [[1.0], [1.1], [1.0]], "patience")
    assert "Against 2 values, 8 values is better in MSE -5" in said
    assert "All 6 trainings had converged." in said


# ---- S0's dependent variables ----------------------------------------------------------------


def test_errors_are_scikit_learns(torch_rng: torch.Generator) -> None:
    before, after = torch.randn(2, 30, 4, generator=torch_rng) * 12
    found, pair = errors(before, after), (before.flatten().numpy(), after.flatten().numpy())
    assert found["mse"] == pytest.approx(metrics.mean_squared_error(*pair), rel=1e-5)
    assert found["mae"] == pytest.approx(metrics.mean_absolute_error(*pair), rel=1e-5)
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(*pair), rel=1e-5)


def test_a_segments_snr_is_that_of_its_samples(torch_rng: torch.Generator) -> None:
    sound = torch.randn(1, 4410, generator=torch_rng)
    noisy = sound + 0.1 * torch.randn(1, 4410, generator=torch_rng)
    found = errors(packed(sound)[0], packed(noisy)[0])["snr_db"]
    expected = 10 * math.log10(float(sound.square().sum() / (noisy - sound).square().sum()))
    assert found == pytest.approx(expected, abs=0.05), "but for 0 Hz, Parseval's theorem"
    assert float((unpacked(packed(noisy) - packed(sound)) - (noisy - sound)).abs().max()) < 1e-4


def test_silent_segments_are_left_out() -> None:
    code = torch.tensor([[1.0, 0.0, 3.0], [2.0, 0.0, 4.0]])
    assert [x.tolist() for x, _ in pieces(code, code, "segments")] == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("size", ["s0", "laptop", "tiny"])
def test_an_equal_model_has_as_many_parameters(size: str) -> None:
    wanted = dense_vs_conv.parameter_count(recipes.find(f"dense-{size}"))
    conv = recipes.find(f"conv-{size}")
    channels = dense_vs_conv.equal_channels(conv, wanted)
    equal = recipes.override(conv, [f"network.channels={list(channels)}"])
    assert dense_vs_conv.parameter_count(equal) == pytest.approx(wanted, rel=0.02)
    assert equal.network.model_dump()["bottleneck"] == conv.network.model_dump()["bottleneck"]


@pytest.mark.parametrize(
    ("slow", "fast", "epoch"),
    [([5, 4, 3, 2], [6, 4.5, 2.5, 1], 2), ([5, 4, 3], [4, 3, 2], 0), ([5, 2], [6, 3], None),
     ([5, 3, 3], [4, 3.5, 2], 2)],
)  # fmt: skip
def test_overtaking_counts_from_where_it_lasts(
    slow: list[float], fast: list[float], epoch: int | None
) -> None:
    curves = [[(n + 1.02, loss) for n, loss in enumerate(one)] for one in (slow, fast)]
    curves[1].append((len(fast) + 0.4, 99.0))  # training ended within an epoch
    found = dense_vs_conv._overtaken_at(*curves)
    assert math.isnan(found) if epoch is None else found == epoch


# ---- S4's findings ---------------------------------------------------------------------------


def test_every_order_is_true_of_s4s_own_figures() -> None:
    assert all(SPLITS[lower][2] < SPLITS[higher][2] for lower, higher in ORDERS)
    assert all(len(row) == len(PITCHES) for row in BY_PITCH.values())
    assert SPLITS[FRAME][2] == min(row[2] for row in SPLITS.values())


def test_no_trend_is_no_proof_where_the_interval_is_wide() -> None:
    ends = {HOLDS: (-3, 4), UNDECIDED: (-9, 12), AGAINST: (1, 4)}
    for word, (low, high) in ends.items():
        assert is_flat(Interval(0.5, low, high, 9), within=10) == word
    assert [rises(Interval(0.5, *ends[word], 9)) for word in (AGAINST, UNDECIDED)] == [
        HOLDS, UNDECIDED,
    ]  # fmt: skip


def test_a_slope_is_scipys(rng: np.random.Generator) -> None:
    pitches = rng.uniform(30, 100, 60)
    values = 5 + 0.5 * pitches / 12 + rng.normal(0, 0.5, 60)
    found, share = slope(pitches.tolist(), values.tolist(), seed=0)
    expected = stats.linregress(pitches / 12, values)
    assert found.value == pytest.approx(expected.slope)
    reach = stats.t.ppf(0.975, 58) * expected.stderr
    assert found.high - found.low == pytest.approx(2 * reach, rel=0.2), "bootstrap against Student"
    assert share.value == pytest.approx(100 * expected.slope / values.mean())


# ---- one's own -------------------------------------------------------------------------------

OWN = """
title = "Does a larger latent help?"
{more}
[[arms]]
name = "small"
recipe = "{recipe}"
settings = ["network.latent_size=2"]
[[arms]]
name = "large"
recipe = "sample-vae-tiny"
"""


def written(folder: Path, more: str = "", recipe: str = "sample-vae-tiny") -> Path:
    path = folder / "mine.toml"
    path.write_text(OWN.format(more=more, recipe=recipe), encoding="utf-8")
    return path


def test_a_file_is_an_experiment_whose_settings_can_be_changed(tmp_path: Path) -> None:
    experiment = read(written(tmp_path, "seeds = 5\nminutes = 1.5"))
    small, full = (experiment.scales[scale].settings for scale in ("small", "full"))
    assert (small.model_dump()["seeds"], small.model_dump()["minutes"]) == (5, 1.5)
    assert (full.model_dump()["patience"], full.model_dump()["minutes"]) == (50, 0)
    assert changed(small, ["seeds=4"]).model_dump()["seeds"] == 4
    assert experiment.title == "Does a larger latent help?"


def test_a_recipe_file_is_looked_for_beside_it(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        recipes.as_toml(recipes.find("sample-vae-tiny")), encoding="utf-8"
    )
    options = read(written(tmp_path, recipe="own.toml")).scales["small"].settings
    assert options.design.arms[0].recipe == str(tmp_path / "own.toml")  # type: ignore[attr-defined]
    assert set(held(options.design, TERMS).differs) == {"network.latent_size"}  # type: ignore[attr-defined]


def test_a_changed_recipe_file_is_trained_anew(tmp_path: Path) -> None:
    recipe = tmp_path / "own.toml"
    recipe.write_text(recipes.as_toml(recipes.find("sample-vae-tiny")), encoding="utf-8")
    options = read(written(tmp_path, recipe="own.toml")).scales["small"].settings
    request = Request(data=(), workspace=tmp_path, kept=tmp_path)
    first, same = (_kept(Workspace(tmp_path), "mine", "small", request, options) for _ in range(2))
    recipe.write_text(recipe.read_text("utf-8") + "# another\n", encoding="utf-8")
    assert first == same != _kept(Workspace(tmp_path), "mine", "small", request, options)


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ("seed = 3", RecipeError, "did you mean 'seeds'"),
        ("seeds = 0", RecipeError, "seeds"),
        ('metrics = ["odgg"]', UnknownNameError, "odg"),
        ("title = ", RecipeError, "no TOML"),
    ],
)
def test_a_file_that_does_not_fit_says_why(
    tmp_path: Path, more: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read(written(tmp_path, more))


def test_a_misspelt_key_of_an_arm_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text("utf-8").replace("settings", "settingz"), encoding="utf-8")
    with pytest.raises(RecipeError, match="did you mean 'settings'"):
        read(path)
    with pytest.raises(RecipeError, match="cannot read"):
        read(tmp_path / "none.toml")
