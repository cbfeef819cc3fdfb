"""What a pick is made of: points of a map and sounds, each with its latent and its parents."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from timbrel.errors import UsageError
from timbrel.instruments.instrument import Instrument
from timbrel.mapping import edge, inverse, mixing
from timbrel.mapping.layout import FloatArray, SoundMap
from timbrel.synthesis.reconstruct import hear
from timbrel.synthesis.renders import Parent
from timbrel.tasks import rendering

MIDDLE = "the middle of the cloud"
Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Ingredient:
    """One point or sound.

    Attributes:
        latent: What stands for it, [Z].
        parents: The sounds it consists of, their weights summing to 1.
        place: Where it lies on the map; None where that must be looked up.
        note: Anything to say about it, "" mostly.
    """

    latent: FloatArray
    parents: tuple[Parent, ...]
    place: Point | None = None
    note: str = ""


def of_point(sound_map: SoundMap, point: Point) -> Ingredient:
    """Finds what belongs to a point of a map; outside the cloud, what belongs to its edge.

    Args:
        sound_map: The map.
        point: x and y, each from 0 to 1.

    Returns:
        The latent, with the sounds that it mixes.

    """
    held = edge.held(sound_map, point)
    parents = tuple(_parent(sound_map, *each) for each in inverse.neighbours(sound_map, held.point))
    note = "" if not held.outside else (
        f"{point[0]:g},{point[1]:g} lies outside the cloud, {_told(held.outside)} spacings from "
        f"its nearest sound {parents[0].name}; the edge there, "
        f"{held.point[0]:.4f},{held.point[1]:.4f}, is played"
    )  # fmt: skip
    return Ingredient(inverse.latent_at(sound_map, [held.point])[0], parents, held.point, note)


def of_sound(sound_map: SoundMap, instrument: Instrument, name: str) -> Ingredient:
    """Finds a sound by its file, or by its name or id on the map.

    Args:
        sound_map: The map.
        instrument: Who hears a file.
        name: A file; else a name or an id that stands on the map.

    Returns:
        Its latent.

    Raises:
        UsageError: When it is neither, or several sounds of the map have that name.
        SoundFileError: When the file cannot be heard.
    """
    path = Path(name).expanduser()
    if path.is_file():
        heard = hear(instrument, rendering.read(instrument, path))
        return Ingredient(heard.latent.numpy(), (Parent(heard.name, 1.0),))
    index = _on_the_map(sound_map, name)
    x, y = sound_map.positions[index].tolist()
    return Ingredient(sound_map.latents[index], (_parent(sound_map, index, 1.0),), (x, y))


def _on_the_map(sound_map: SoundMap, name: str) -> int:
    if name in sound_map.ids:
        return sound_map.ids.index(name)
    found = [index for index, known in enumerate(sound_map.names) if known == name]
    if not found:
        raise UsageError(
            f"{name!r}, which is no file and no sound of the map",
            "a sound file, or a name or id as `timbrel map INSTRUMENT --out map.json` lists them",
        )
    if len(found) > 1:
        ids = ", ".join(sound_map.ids[index] for index in found[:5])
        raise UsageError(f"{name!r}, the name of {len(found)} sounds", f"one of their ids: {ids}")
    return found[0]


def mixed(
    sound_map: SoundMap, ingredients: Sequence[Ingredient], weights: Sequence[float] | None
) -> Ingredient:
    """Mixes points and sounds, and keeps the mix where the instrument knows what it plays.

    Args:
        sound_map: The map.
        ingredients: One or more.
        weights: A number each, negative ones too; None for equal parts.

    Returns:
        The mix; where some weight is negative and the mix lies outside the cloud, the edge of the
        cloud towards it, with a note.

    Raises:
        UsageError: When weights and ingredients differ in number, or the weights are all 0.
    """
    parts = mixing.shares(len(ingredients), weights)
    if len(ingredients) == 1 and parts == [1.0]:
        return ingredients[0]
    notes = [each.note for each in ingredients if each.note]
    latents = np.stack([each.latent for each in ingredients])
    latent = mixing.mix(latents, parts, sound_map.latents.mean(axis=0))
    if min(parts) < 0:
        latent, outside = edge.held_latent(sound_map, latent)
        notes += [_note(outside)] if outside else []
    return Ingredient(latent, _parents(ingredients, parts), None, "; ".join(notes))


def _note(outside: float) -> str:
    return (
        f"the mix lies outside the cloud, {_told(outside)} times as far from its nearest sound as "
        "sounds lie from theirs; the edge towards it is played"
    )


def _told(times: float) -> str:
    return f"{times:.1f}" if math.isfinite(times) else "endless"


def _parents(ingredients: Sequence[Ingredient], parts: Sequence[float]) -> tuple[Parent, ...]:
    """All parents with their weights; what the weights lack of 1 is the middle of the cloud."""
    summed: dict[tuple[str, str, str], float] = {}
    for each, part in zip(ingredients, parts, strict=True):
        for parent in each.parents:
            key = (parent.name, parent.id, parent.label)
            summed[key] = summed.get(key, 0.0) + part * parent.weight
    rest = 1.0 - sum(parts)
    if abs(rest) > 1e-9:
        summed[MIDDLE, "", ""] = rest
    ranked = sorted(summed.items(), key=lambda item: -abs(item[1]))
    return tuple(Parent(name, weight, id_, label) for (name, id_, label), weight in ranked)


def _parent(sound_map: SoundMap, index: int, weight: float) -> Parent:
    return Parent(
        sound_map.names[index], weight, id=sound_map.ids[index], label=sound_map.labels[index]
    )
