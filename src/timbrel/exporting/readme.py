"""What an exported instrument tells a person: what it is, where it comes from, what is allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from timbrel.exporting.layout import key_name
from timbrel.exporting.patch import Patch

RIGHTS = (
    "The sounds were made by a model that was trained on sounds of the person who exported this "
    "instrument. What may be done with it depends on the licences of those sounds, which that "
    "person knows and timbrel does not."
)
MOST_NAMED = 200


def about(patch: Patch, provenance: Mapping[str, Any]) -> str:
    """Describes an instrument in plain words.

    Args:
        patch: The instrument.
        provenance: How it was made, as in `Export.provenance`.

    Returns:
        Paragraphs with a blank line between.
    """
    sources = _sources(provenance["samples"])
    paragraphs = [_what(patch), _how(provenance), _tuning(provenance["samples"])]
    paragraphs += ["Made of these sounds:\n" + "\n".join(sources)] if sources else []
    return "\n\n".join(one for one in [*paragraphs, RIGHTS] if one)


def _what(patch: Patch) -> str:
    lowest = min(region.lowest for region in patch.regions)
    highest = max(region.highest for region in patch.regions)
    samples = len({region.sample for region in patch.regions})
    looped = len({region.sample for region in patch.regions if region.loop})
    layers = len({region.softest for region in patch.regions})
    keys = f"keys {key_name(lowest)} to {key_name(highest)} (C4 is key 60)"
    if patch.one_shots:
        return f"A kit of {samples} sounds, one a key: {keys}."
    return f"{samples} samples, {looped} of them looped, in {layers} velocity layers: {keys}."


def _how(provenance: Mapping[str, Any]) -> str:
    if "morph" not in provenance:
        return f"Made by {provenance['made_by']} of renders that were there."
    one, other = provenance["morph"]
    share = 100 * float(provenance["weight"])
    return (
        f"Made by {provenance['made_by']} with the instrument {provenance['instrument']}: "
        f"{100 - share:g} % {one} and {share:g} % {other}, morphed key by key."
    )


def _tuning(samples: Sequence[Mapping[str, Any]]) -> str:
    untuned = [str(one["file"]) for one in samples if not one["has_pitch"]]
    if not untuned:
        return ""
    return "Without a clear pitch, and so not tuned: " + ", ".join(untuned) + "."


def _sources(samples: Sequence[Mapping[str, Any]]) -> list[str]:
    names = sorted({str(name) for one in samples for name in one.get("sources", ())})
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], *([f"and {more} more"] if more > 0 else [])]
