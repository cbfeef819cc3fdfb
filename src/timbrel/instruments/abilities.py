"""What an instrument can do, given what its network offers."""

from collections.abc import Collection

from timbrel.errors import AbilityError


def derive(offers: Collection[str], *, has_cloud: bool) -> frozenset[str]:
    """Derives what an instrument can do from what its network offers.

    Args:
        offers: The family's ``abilities``, the keys of `offers.OFFERS`.
        has_cloud: Whether the latents of training sounds came with the instrument.

    Returns:
        Names of abilities.

    Example:
        >>> sorted(derive({"encode", "decode"}, has_cloud=True))
        ['generate', 'map', 'morph', 'reconstruct']
        >>> sorted(derive({"decode", "sample"}, has_cloud=False))
        ['generate']
        >>> sorted(derive({"phase"}, has_cloud=False))
        ['phase']
        >>> sorted(derive({"improvise"}, has_cloud=True))
        ['continue', 'extend_bandwidth', 'generate', 'inpaint', 'vary']
    """
    abilities: set[str] = {"phase"} & set(offers)
    if {"encode", "decode"} <= set(offers):
        abilities |= {"reconstruct", "morph", "map"}
    if "decode" in offers and (has_cloud or "sample" in offers):
        abilities.add("generate")
    if "improvise" in offers:
        abilities |= {"generate", "vary", "continue", "inpaint", "extend_bandwidth"}
    if "clean" in offers:
        abilities.add("denoise")
    return frozenset(abilities)


def require(ability: str, abilities: Collection[str], instrument: str) -> None:
    """Stops where an instrument cannot do what was asked.

    Args:
        ability: What was asked, such as "morph".
        abilities: What the instrument can do.
        instrument: Its name, for the message.

    Raises:
        AbilityError: When it cannot.
    """
    if ability not in abilities:
        can = ", ".join(sorted(abilities)) or "nothing yet"
        raise AbilityError(
            f"the instrument {instrument!r} cannot {ability}",
            can,
            "choose another instrument: `timbrel instruments` lists what each can do",
        )
