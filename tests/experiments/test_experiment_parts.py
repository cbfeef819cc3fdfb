"""The pieces of experiments: routes, grids, claims, layouts."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from timbrel.errors import LibraryError, RecipeError, UnknownNameError, UsageError
from timbrel.evaluation.metrics.log_spectral_distance import log_spectral_distance
from timbrel.evaluation.metrics.snr import METRIC as SNR
from timbrel.experiments import Request, vae_variants
from timbrel.experiments import _material as material
from timbrel.experiments._layouts import by_pca, by_tsne
from timbrel.experiments._phase_routes import drum_routes, note_routes
from timbrel.experiments._routes import Route, at_rate, rendered, through_original_phase
from timbrel.experiments._running import overview, run
from timbrel.experiments._variants import CLAIMS, VARIANTS, Claim
from timbrel.experiments.latent_grid import grid_points, outside
from timbrel.signal.stft import FrameSpec
from timbrel.tasks.workspace import Workspace

RATE_HZ = 16_000


def request_for(folder: Path, **changes: object) -> Request:
    given = {"data": (), "workspace": folder / "ws", "kept": folder / "kept", **changes}
    return Request(**given)  # type: ignore[arg-type]


# ---- routes ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def note() -> torch.Tensor:
    return material._note(60, np.random.default_rng(0)).samples[0, :8000]


def test_the_original_phase_gives_the_sound_back(note: torch.Tensor) -> None:
    route = Route("original", through_original_phase(FrameSpec(512, 128)))
    (back,) = rendered(route, [note], sample_rate=RATE_HZ, seed=0)
    assert SNR.compute(note, back, RATE_HZ) > 60, "all that is lost is rounding"


@pytest.mark.parametrize("route", note_routes(), ids=lambda route: route.name)
def test_each_route_of_the_notes_keeps_length_and_most_of_the_spectrum(
    route: Route, note: torch.Tensor
) -> None:
    (back,) = rendered(route, [note], sample_rate=RATE_HZ, seed=0)
    assert back.shape == note.shape
    assert torch.isfinite(back).all()
    limit = 40 if "zero phase" in route.name else 16  # dB; silence would be at about 60
    assert log_spectral_distance(note, back, RATE_HZ) < limit


def test_a_band_limit_takes_what_is_above_it() -> None:
    time_s = torch.arange(44_100) / 44_100
    low, high = (torch.sin(2 * math.pi * hz * time_s) for hz in (1000, 12_000))
    route = Route("16 kHz", at_rate(RATE_HZ))
    (back,) = rendered(route, [low + high], sample_rate=44_100, seed=0)
    inner = slice(4410, -4410)
    assert (back - low)[inner].square().mean().sqrt() < 0.01


def test_sounds_of_unequal_length_come_back_in_their_order() -> None:
    lengths = [4000, 4000, 5000, 4000] + [3000] * 9
    sounds = [torch.full((length,), float(place)) for place, length in enumerate(lengths)]
    same = Route("nothing", lambda sound, _rate, _seed: sound)
    back = rendered(same, sounds, sample_rate=RATE_HZ, seed=0)
    assert [(len(one), float(one[0])) for one in back] == [
        (length, float(place)) for place, length in enumerate(lengths)
    ]


def test_names_of_routes_differ() -> None:
    for routes in (note_routes(), drum_routes()):
        names = [route.name for route in routes]
        assert len(set(names)) == len(names)


# ---- sounds ----------------------------------------------------------------------------------


def test_made_notes_are_laid_out_as_nsynth_is(tmp_path: Path) -> None:
    asked = material.checked(request_for(tmp_path, makes_sounds=True), with_notes=True)
    found = material.found(asked)
    pitches = [one.pitch_semitones for one in found if one.label == "made"]
    assert pitches.count(60) == 2
    assert len(set(pitches)) == 12
    assert any(one.label == "kick" for one in found)


def test_without_sounds_an_experiment_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--data FOLDER"):
        material.checked(request_for(tmp_path))


def test_a_folder_without_sounds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="holds no sounds"):
        material.found(request_for(tmp_path, data=(tmp_path,)))


def test_other_sounds_and_other_settings_do_not_take_up_what_was_kept(tmp_path: Path) -> None:
    asked = material.checked(request_for(tmp_path, makes_sounds=True), with_notes=True)
    notes, drums = asked.data
    prints = {
        material.fingerprint(request_for(tmp_path, data=data))
        for data in ((notes,), (drums,), (notes, drums))
    }
    assert len(prints) == 3


# ---- S3's findings ---------------------------------------------------------------------------


def figures(odg: dict[str, list[float]]) -> dict[str, object]:
    return {name: {"pairs": {"odg": values}} for name, values in odg.items()}


@pytest.mark.parametrize(
    ("higher", "word"),
    [([-3.0, -2.9, -3.1, -3.0], "holds"), ([-3.9, -3.8, -3.9, -3.9], "the other way round"),
     ([-3.0, -3.9, -3.0, -3.9], "undecided")],
)  # fmt: skip
def test_a_claim_is_decided_by_the_interval_of_paired_differences(
    higher: list[float], word: str
) -> None:
    claim = Claim("longer is better", "Overfit", "64 dim")
    said = vae_variants._tested(
        claim, figures({"Overfit": higher, "64 dim": [-3.5, -3.4, -3.5, -3.4]}), seed=0
    )
    assert f": {word} (" in said
    assert "S3 +0.042" in said


def test_every_claim_is_true_of_s3s_own_figures() -> None:
    odg = {variant.name: variant.odg for variant in VARIANTS}
    assert all(odg[claim.higher] > odg[claim.lower] for claim in CLAIMS)


def test_the_nine_models_are_s3s() -> None:
    assert len(VARIANTS) == 9
    assert sum(variant.steps for variant in VARIANTS) == 187_000
    settings = vae_variants._settings(VARIANTS[5], vae_variants.VaeVariantsOptions(), 2469)
    assert "network.beta=123.4375" in settings, "N/M: 1,975 training sounds in batches of 16"


# ---- maps ------------------------------------------------------------------------------------


def test_the_grid_is_read_like_a_page() -> None:
    points = grid_points(10)
    assert points.shape == (100, 2)
    assert points[0].tolist() == pytest.approx([0.05, 0.95])
    assert points[9].tolist() == pytest.approx([0.95, 0.95])
    assert points[99].tolist() == pytest.approx([0.95, 0.05])


def test_a_point_is_outside_where_its_cell_holds_no_sound() -> None:
    sounds = np.array([[0.5, 0.5], [0.1, 0.1]], dtype=np.float32)
    points = np.array([[0.52, 0.5], [0.6, 0.5], [0.1, 0.14]], dtype=np.float32)
    assert outside(points, sounds, step=0.1).tolist() == [False, True, False]


def test_pca_finds_back_to_latents_of_two_dimensions(rng: np.random.Generator) -> None:
    flat = rng.normal(size=(40, 2)) @ rng.normal(size=(2, 9))
    layout = by_pca(flat.astype(np.float32))
    assert layout.inverse is not None
    assert np.allclose(layout.inverse(layout.positions), flat, atol=1e-4)
    assert layout.positions.min(axis=0).tolist() == [0, 0]
    assert layout.positions.max(axis=0).tolist() == [1, 1]


def test_tsne_has_no_inverse(rng: np.random.Generator) -> None:
    latents = rng.normal(size=(30, 4)).astype(np.float32)
    layout = by_tsne(latents, perplexity=5, iterations=250, seed=0)
    assert layout.inverse is None
    assert layout.positions.shape == (30, 2)


# ---- the room --------------------------------------------------------------------------------


def test_the_sources_experiments_are_there() -> None:
    names = {one["name"] for one in overview()}
    assert {"reconstruction", "vae-variants", "projections", "latent-grid"} <= names


def test_each_says_what_it_asks_needs_and_takes() -> None:
    for one in overview():
        assert all(one[word] for word in ("title", "about", "source", "needs"))
        assert set(one["durations"]) == {"smoke", "small", "full"}


@pytest.mark.parametrize(
    ("changes", "error", "said"),
    [
        ({"name": "reconstructio"}, UnknownNameError, "reconstruction"),
        ({"scale": "tiny"}, UsageError, "smoke, small, full"),
        ({"settings": ["pitsch=60"]}, RecipeError, "pitch"),
        ({"settings": ["pitch=200"]}, RecipeError, "127"),
        ({"data": [Path("nowhere")]}, LibraryError, "nowhere does not exist"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    tmp_path: Path, changes: dict[str, object], error: type[Exception], said: str
) -> None:
    given: dict[str, object] = {"name": "reconstruction", "scale": "smoke", **changes}
    with pytest.raises(error, match=said):
        run(Workspace(tmp_path / "ws"), **given)  # type: ignore[arg-type]
    assert not (tmp_path / "ws").exists()
