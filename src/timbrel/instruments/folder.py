"""The folder an instrument lives in: written whole or not at all, believed only when checked.

    instrument.json      what it is; the resolved recipe; checksums     (`document`)
    weights.safetensors  the network                                    (`weights`)
    cloud.safetensors    latents and references of the training sounds
    sounds.csv           id, name, label, split of the library's sounds (`cloud`)
    card.md              the same for people                            (`card`)
    history.csv  previews/  checkpoints/                                from training

torch is imported only by `save` and `open_instrument`: `describe` stays light.
"""

import shutil
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timbrel import atomic, recipes
from timbrel.errors import ExistsError, InstrumentError, UsageError, reason_line
from timbrel.instruments import card, document
from timbrel.instruments import cloud as clouds
from timbrel.instruments.document import CHECKPOINTS, CLOUD, HISTORY, PREVIEWS, SOUNDS, WEIGHTS
from timbrel.instruments.phases import method_of, what_sounds

if TYPE_CHECKING:
    from torch import nn

    from timbrel.families import DataFacts, Family
    from timbrel.instruments.cloud import Cloud, SoundNote
    from timbrel.instruments.document import Document
    from timbrel.instruments.instrument import Instrument
    from timbrel.recipes import Recipe

HIGHEST_RATE_HZ = 768_000


def save(
    folder: Path, instrument: "Instrument", *, run_folder: Path | None, force: bool = False
) -> None:
    """Writes an instrument, whole or not at all.

    Args:
        folder: Where it shall stand; its name becomes the instrument's name.
        instrument: The instrument.
        run_folder: Where training left `history.csv`, `previews/` and `checkpoints/`, which are
            copied; None where there are none.
        force: Whether an instrument that stands there is replaced.

    Raises:
        ExistsError: When something stands there and `force` is false, or it is no instrument.
        InstrumentError: When the disk takes no more, or the weights are not finite.
    """
    if force and folder.exists() and not (folder / document.DOCUMENT).is_file():
        raise ExistsError(f"{folder} is no instrument and is not replaced", "an instrument folder")
    try:
        with atomic.new_folder(folder, force=force) as part:
            _fill(part, instrument, folder.name)
            if run_folder is not None:
                _copy_run(run_folder, part)
    except OSError as error:
        raise InstrumentError(
            f"cannot write {folder} ({error.strerror or error})", advice="free some space"
        ) from None


def describe(folder: Path) -> dict[str, Any]:
    """Says what an instrument is, from `instrument.json` alone; no weights are read.

    Args:
        folder: The instrument folder.

    Returns:
        Plain facts, ready for JSON: name, title, family, abilities, sample_rate, duration_s,
        labels, sounds by split, training, fingerprints, versions.

    Raises:
        InstrumentError: When the folder is no instrument or is damaged.
    """
    said = document.read(folder)
    return {
        "name": folder.resolve().name,
        "title": str(said.recipe.get("title", "")),
        "recipe": str(said.recipe.get("name", "")),
        "duration_s": said.recipe.get("duration_s"),
        "labels": list(said.labels),
        "abilities": sorted(said.abilities),
        **said.model_dump(
            mode="json",
            include={
                "family",
                "sample_rate",
                "sounds",
                "training",
                "library_fingerprint",
                "fingerprint",
                "phases",
                "timbrel_version",
                "torch_version",
            },
        ),
    }


def read_card(folder: Path) -> str:
    """Reads an instrument's card.

    Args:
        folder: The instrument folder.

    Returns:
        Markdown.

    Raises:
        InstrumentError: When there is none, or it is damaged.
    """
    return document.read_text(folder, document.CARD)


def open_instrument(folder: Path, *, device: str = "cpu") -> "Instrument":
    """Opens an instrument, checking all of it: nothing in the folder is believed or run.

    Args:
        folder: The instrument folder.
        device: Where its network shall live, such as "cpu" or "cuda".

    Returns:
        The instrument, ready to play.

    Raises:
        InstrumentError: When the folder is no instrument, or damaged, with the reason.
        UsageError: When there is no such device.
    """
    from timbrel.instruments.instrument import Instrument

    said = document.read(folder)
    recipe, facts, family = _recipe_of(folder, said)
    network = _network_of(folder, said, recipe, facts, family)
    sounds = _checked_sounds(folder, said)
    return Instrument(
        name=folder.resolve().name,
        recipe=recipe,
        facts=facts,
        network=_on_device(network, device),
        cloud=_cloud_of(folder, said, sounds, network, family),
        sounds=sounds,
        summary=said.training,
        library_fingerprint=said.library_fingerprint,
        fingerprint=said.fingerprint,
        timbrel_version=said.timbrel_version,
        torch_version=said.torch_version,
        phases=said.phases,
    )


def _fill(part: Path, instrument: "Instrument", name: str) -> None:
    from timbrel.instruments import weights

    weights.write(part / WEIGHTS, weights.state_of(instrument.network))
    tensors = {"latents": instrument.cloud.latents, "references": instrument.cloud.references}
    weights.write(part / CLOUD, {key: t.float().contiguous().clone() for key, t in tensors.items()})
    clouds.write_sounds(part, instrument.sounds)
    document.write(part, _document_of(part, instrument))
    (part / document.CARD).write_text(card.written(name, document.read(part)), encoding="utf-8")


def _document_of(part: Path, instrument: "Instrument") -> "Document":
    return document.Document(
        format_version=document.FORMAT_VERSION,
        family=instrument.recipe.family,
        recipe=document.finite(recipes.as_table(instrument.recipe)),
        abilities=tuple(sorted(instrument.abilities)),
        sample_rate=instrument.sample_rate,
        bins=instrument.facts.bins,
        frames=instrument.facts.frames,
        channels=instrument.facts.channels,
        labels=instrument.labels,
        sounds=dict(Counter(note.split for note in instrument.sounds)),
        library_fingerprint=instrument.library_fingerprint,
        training=dict(instrument.summary),
        fingerprint=instrument.fingerprint,
        checksums={name: document.checksum(part / name) for name in (WEIGHTS, CLOUD, SOUNDS)},
        timbrel_version=instrument.timbrel_version,
        torch_version=instrument.torch_version,
        phases=instrument.phases,
    )


def _copy_run(run_folder: Path, part: Path) -> None:
    if (run_folder / HISTORY).is_file():
        shutil.copyfile(run_folder / HISTORY, part / HISTORY)
    for name in (PREVIEWS, CHECKPOINTS):
        if (run_folder / name).is_dir():
            # A kill may have left a half-written `.HEX.part.safetensors` among them.
            shutil.copytree(run_folder / name, part / name, ignore=shutil.ignore_patterns(".*"))


def _recipe_of(folder: Path, said: "Document") -> "tuple[Recipe, DataFacts, Family]":
    """The recipe is as hostile as the rest: whatever its parsing raises is the folder's fault."""
    from timbrel import plugins
    from timbrel.families import DataFacts

    try:
        recipe = recipes.parse(said.recipe)
        family: Family = plugins.load("families", recipe.family)
        fits = recipe.family == said.family and recipe.sample_rate == said.sample_rate
        shape = _code_shape(recipe, said.channels)
    except Exception as error:  # a recipe can be wrong in more ways than can be listed
        raise InstrumentError(
            f"the recipe in {folder} does not fit ({reason_line(error)})"
        ) from None
    if not fits or shape != (said.bins, said.frames):
        raise InstrumentError(
            f"the recipe in {folder} contradicts what the folder says of itself",
            f"family {recipe.family}, {recipe.sample_rate} Hz, code {shape[0]} x {shape[1]}",
            document.ADVICE,
        )
    if said.phases is not None:
        method_of(said.phases.best)
    length = recipe.length_samples if family.needs == "one recording" else 0
    facts = DataFacts(said.bins, said.frames, said.labels, said.sample_rate, said.channels, length)
    return recipe, facts, family


def _code_shape(recipe: "Recipe", channels: int) -> tuple[int, int]:
    from timbrel.instruments import recorded

    if recipe.sample_rate > HIGHEST_RATE_HZ:
        raise ValueError(f"{recipe.sample_rate} Hz is more than {HIGHEST_RATE_HZ} Hz")
    return recorded.shape(recipe, channels)


def _network_of(
    folder: Path, said: "Document", recipe: "Recipe", facts: "DataFacts", family: "Family"
) -> "nn.Module":
    import torch

    from timbrel.instruments import offers, weights

    def build() -> "nn.Module":
        with torch.random.fork_rng(devices=[]):
            return family.build(recipe.network, facts)

    try:
        shapes = weights.shapes_of(build)
    except Exception as error:  # as with the recipe
        raise InstrumentError(
            f"the recipe in {folder} builds no network ({reason_line(error)})"
        ) from None
    tensors = weights.read(folder, WEIGHTS, lambda found: weights.check_shapes(found, shapes))
    if weights.fingerprint(what_sounds(said.recipe, said.phases), tensors) != said.fingerprint:
        raise InstrumentError(
            f"the recipe or the weights in {folder} were changed", advice=document.ADVICE
        )
    network = build()
    weights.load(network, tensors)
    if lacks := offers.missing(network, family.abilities):
        raise InstrumentError(f"the network of {recipe.family} does not {lacks[0]}")
    return network.eval()


def _checked_sounds(folder: Path, said: "Document") -> "tuple[SoundNote, ...]":
    for name in (CLOUD, SOUNDS):
        if document.checksum(document.checked_file(folder, name)) != said.checksums.get(name):
            raise InstrumentError(f"{folder / name} was changed", advice=document.ADVICE)
    return clouds.read_sounds(folder, said.labels)


def _cloud_of(
    folder: Path,
    said: "Document",
    sounds: "tuple[SoundNote, ...]",
    network: "nn.Module",
    family: "Family",
) -> "Cloud":
    from timbrel.instruments import weights

    count = sum(note.split == "train" for note in sounds)
    width = _latent_size(network, said, family)

    def expected(found: weights.Shapes) -> None:
        latents = found.get("latents", ())
        fits = len(latents) == 2 and latents[0] == count and width in (None, latents[1])
        if found.keys() != {"latents", "references"} or not fits:
            raise InstrumentError(
                f"the cloud in {folder} does not fit: {dict(found)!r:.200}",
                f"latents [{count}, {width or 'Z'}] and references [{count}]",
                document.ADVICE,
            )

    tensors = weights.read(folder, CLOUD, expected)
    return clouds.of(sounds, tensors["latents"].float(), tensors["references"].float())


def _latent_size(network: "nn.Module", said: "Document", family: "Family") -> int | None:
    """Asks the network itself; None where it does not encode."""
    import torch

    if "encode" not in family.abilities:
        return None
    silence = torch.zeros(1, said.bins, said.frames)
    try:
        with torch.inference_mode():
            return int(network.encode(silence).shape[1])  # type: ignore[operator]
    except Exception as error:  # as with the recipe
        raise InstrumentError(
            f"the network of {said.family} cannot hear ({reason_line(error)})"
        ) from None


def _on_device(network: "nn.Module", device: str) -> "nn.Module":
    try:
        return network.to(device)
    except (RuntimeError, AssertionError) as error:
        raise UsageError(
            f"no device {device!r} ({reason_line(error)})", "cpu, cuda or mps"
        ) from None
