"""What every family promises to programs without Python: parts that do as it does, or a reason."""

from importlib import import_module

import pytest
import torch
from torch import Tensor

from fixtures_graphs import drawn_instrument
from timbrel import plugins, recipes
from timbrel.blocks.graph import Parts
from timbrel.errors import AbilityError
from timbrel.exporting.graphs import building, checking, folder
from timbrel.exporting.graphs.building import parts_of, reason_against
from timbrel.instruments.instrument import Instrument

FAMILIES = plugins.names("families")
EXPORTED = [name for name in FAMILIES if not reason_against(name)]
TINY = {recipes.find(name).family: name for name in recipes.names() if name.endswith("-tiny")}
CLOSE_DB = -50.0
# the tiny ones, and what has a network of another shape than its family's tiny one
SHAPES = [*(TINY[name] for name in EXPORTED), "sample-vae-laptop"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_graphs_or_a_reason(family: str) -> None:
    declared = import_module(f"timbrel.families.{family}.graphs")
    assert hasattr(declared, "GRAPHS") != bool(getattr(declared, "REASON", ""))
    assert not reason_against(family).endswith(".")


def test_a_family_without_graphs_refuses_with_its_reason() -> None:
    made, _ = drawn_instrument(TINY["deep_griffin_lim"])
    with pytest.raises(AbilityError, match="the family deep_griffin_lim as ONNX: it finds phases"):
        parts_of(made)


def _run(parts: Parts, way: str, values: dict[str, Tensor], made: Instrument) -> dict[str, Tensor]:
    """Runs the parts of a way in torch: the code in place of the sound, drawn as the host does."""
    named, sizes = {part.name: part for part in parts.parts}, {"batch": 1, **parts.sizes}
    for step in parts.ways[way].steps:
        part = named[step.graph]
        for time in step.times or (None,):
            feed = []
            for port in part.inputs:
                shape = [sizes[dim] if isinstance(dim, str) else dim for dim in port.dims]
                if port.name == "time":
                    values["time"] = torch.full(shape, time or 0.0)
                elif port.name not in values:
                    values[port.name] = torch.randn(shape, generator=made._generator(0))
                feed.append(values[port.name])
            found = part.module(*feed)
            outputs = (found,) if isinstance(found, Tensor) else found
            for port, value in zip(part.outputs, outputs, strict=True):
                if port.name in sizes:
                    sizes[port.name] = int(value)
                values[port.name.removeprefix("next_")] = value
            if "detail" in values and "positions" in sizes:
                values["detail"] = values["detail"][:, :, : sizes["positions"]]
    return values


@pytest.mark.parametrize("recipe", SHAPES)
def test_parts_do_what_the_instrument_does(recipe: str) -> None:
    made, sounds = drawn_instrument(recipe)
    parts = parts_of(made)
    with torch.inference_mode():
        if "reconstruct" in parts.ways:
            for sound in sounds[:2, None]:
                code, _ = made.listen(sound)
                found = _run(parts, "reconstruct", {"code": code}, made)
                assert checking.error_db(found["latent"], made.latent_of(code)) < checking.LATENT_DB
                wanted = made.code(found["latent"], made.detail_of(code))
                assert checking.error_db(found["code"], wanted) < CLOSE_DB
        sample = made.network.sample(1, made._generator(1)) if "sample" in made.offers else None
        latent = made.cloud.latents[:1] if made.cloud.latents.shape[1] else sample
        assert latent is not None
        found = _run(parts, "generate", {"latent": latent}, made)
        assert checking.error_db(found["code"], made.code(latent)) < CLOSE_DB


@pytest.mark.slow
@pytest.mark.parametrize("family", EXPORTED)
def test_graphs_do_what_the_instrument_does(family: str, tmp_path: "object") -> None:
    from pathlib import Path

    place = Path(str(tmp_path))
    made, sounds = drawn_instrument(TINY[family])
    bundle = building.built(made, grain=1.0)
    facts = {"sample_rate": made.sample_rate}
    folder.fill(place, bundle, facts=facts, cloud=made.cloud, card="")
    latents = list(made.cloud.latents[:1, None])
    if not made.cloud.latents.shape[1]:
        latents = [made.network.sample(1, made._generator(1))]  # type: ignore[operator]
    heard = list(sounds[:2, None]) if "encode" in made.offers else []
    found = checking.compared(place, bundle, made, sounds=heard, latents=latents, grain=1.0)
    assert {one.way for one in found} == set(bundle.ways)
    for one in found:  # far below what is refused
        assert one.spectrum_db < 0.05
        assert one.wave_db < -40


@pytest.mark.slow
def test_a_growing_network_that_was_stopped_early_has_a_graph_too(tmp_path: "object") -> None:
    from pathlib import Path

    place = Path(str(tmp_path))
    made, _ = drawn_instrument(TINY["progressive_gan"])
    made.network.grow(int(made.network.level) - 2, 0.5)  # type: ignore[operator, arg-type]
    bundle = building.built(made, grain=1.0)
    folder.fill(place, bundle, facts={"sample_rate": made.sample_rate}, cloud=made.cloud, card="")
    latents = [made.network.sample(1, made._generator(1))]  # type: ignore[operator]
    (found,) = checking.compared(place, bundle, made, sounds=[], latents=latents, grain=1.0)
    assert found.wave_db < -40
