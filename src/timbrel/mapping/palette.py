"""Colours and shapes of labels: told apart by colour-blind eyes, on dark and on light ground."""

from dataclasses import dataclass

# Ten colours of middling lightness after Tol's "bright" and "vibrant" schemes; eleven shapes.
# Ten and eleven share no factor, so 110 labels differ, and neighbours differ in both.
COLOURS = (
    "#4b84c4", "#ee6677", "#2f9440", "#ccaa22", "#33a8d0",
    "#b8458f", "#ee7733", "#009988", "#9a6b3f", "#8f7fe0",
)  # fmt: skip
SHAPES = (
    "circle", "square", "triangle", "diamond", "plus", "star",
    "triangle_down", "cross", "pentagon", "triangle_left", "triangle_right",
)  # fmt: skip
NO_LABEL_COLOUR = "#8c8c8c"


@dataclass(frozen=True)
class Style:
    """How the sounds of one label look.

    Attributes:
        colour: "#rrggbb".
        shape: One of `SHAPES`.
    """

    colour: str
    shape: str


def style(rank: int, label: str) -> Style:
    """Gives the look of a label.

    Args:
        rank: Its place in the legend, from 0.
        label: Its name; an empty one is grey.

    Returns:
        The look: the same for the same rank, different for any two of 110 ranks.

    Example:
        >>> style(0, "kick") == style(0, "snare"), style(0, "kick") == style(10, "kick")
        (True, False)

    Source:
        Tol, "Colour schemes", SRON technical note 09-002, 2021.
    """
    if not label:
        return Style(NO_LABEL_COLOUR, SHAPES[0])
    return Style(COLOURS[rank % len(COLOURS)], SHAPES[rank % len(SHAPES)])
