"""The sounds of a plan: listed from the library, split, and cut where the recipe asks for it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from timbrel.errors import TrainingError
from timbrel.instruments.cloud import SoundNote
from timbrel.library import pieces
from timbrel.library.catalogue import Catalogue
from timbrel.library.pieces import Piece
from timbrel.library.rows import SoundRow
from timbrel.library.splits import Split, SplitEntry, split
from timbrel.recipes import Recipe
from timbrel.tasks.recipes import slice_s

FEWEST_SOUNDS = 20
_FEWEST_WHOLE = 3  # sounds that give one to each split
_WEIGHED_S = 10.0  # a song of which weighs as much as a short sound
_RARE = 3  # a label of fewer sounds cannot be in all splits: such labels are split together


def listed(
    catalogue: Catalogue, recipe: Recipe, *, seed: int, keep_groups: bool
) -> tuple[SoundNote, ...]:
    """Lists all that a library gives a recipe to learn from, with its splits.

    The pieces of a sound stay together, and long sounds weigh more than short ones. Only where
    there are one or two sounds do their pieces come apart: in blocks of neighbours. The same
    library and seed hold the same sounds out for all recipes that cut them.

    Args:
        catalogue: The library.
        recipe: The recipe; it says whether sounds are cut.
        seed: Seed of the split.
        keep_groups: Whether kits or instruments stay together in the split.

    Returns:
        Sounds or pieces, in the order of the library.

    Raises:
        TrainingError: When there are too few.
    """
    found = [_Found(row, recipe) for row in catalogue.rows()]
    _check_enough(found, recipe)
    if recipe.pieces and len(found) < _FEWEST_WHOLE:
        splits = _blocks(found, seed)
    else:
        splits = _splits(found, seed=seed, keep_groups=keep_groups)
    return tuple(note for one in found for note in one.notes(splits))


def pieces_of(row: SoundRow, recipe: Recipe) -> list[Piece]:
    """Says what a recipe learns from of one sound of the library.

    Args:
        row: The sound.
        recipe: The recipe.

    Returns:
        Its pieces; the sound itself, as far as it is heard, where the recipe cuts none.
    """
    name, length_s = row.path.name, recipe.duration_s
    if not recipe.pieces:
        return [Piece(row.id, name, 0.0, min(row.duration_s, length_s))]
    return pieces.cut(row.id, name, row.duration_s, piece_s=length_s, skip_s=recipe.skip_s)


def mean_length_s(catalogue: Catalogue, recipe: Recipe) -> float:
    """Says how long what is learned from is on average.

    Args:
        catalogue: The library.
        recipe: The recipe.

    Returns:
        Seconds, no more than the recipe's length.
    """
    lengths = [p.length_s for row in catalogue.rows() for p in pieces_of(row, recipe)]
    return sum(lengths) / max(1, len(lengths))


class _Found:
    """The little of a row that a plan keeps in memory."""

    __slots__ = ("group", "hash", "id", "label", "pieces", "weight")

    def __init__(self, row: SoundRow, recipe: Recipe) -> None:
        self.id, self.hash = row.id, row.content_hash or row.id
        self.label, self.group = row.label, row.group
        self.pieces = pieces_of(row, recipe)
        # By seconds and not by pieces, so that recipes of any length hold the same songs out.
        self.weight = max(1, round(row.duration_s / _WEIGHED_S)) if recipe.pieces else 1

    def entries(self, label: str) -> Iterator[SplitEntry]:
        """As many as it weighs, of one content, which keeps them together."""
        for number in range(self.weight):
            yield SplitEntry(
                self.id if not number else f"{self.id} {number}", self.hash, label, self.group
            )

    def notes(self, splits: Mapping[str, Split]) -> Iterator[SoundNote]:
        """Each piece, in its own split or that of its sound."""
        for piece in self.pieces:
            part = splits[piece.id if piece.id in splits else self.id]
            yield SoundNote(piece.id, piece.name, self.label, part)


def _blocks(found: Sequence[_Found], seed: int) -> dict[str, Split]:
    parts = [pieces.split([piece.id for piece in one.pieces], seed=seed) for one in found]
    return {id_: part for one in parts for id_, part in one.items()}


def _splits(found: Sequence[_Found], *, seed: int, keep_groups: bool) -> dict[str, Split]:
    counts = Counter(one.label for one in found)
    labels = (one.label if counts[one.label] >= _RARE else "" for one in found)
    entries = [e for one, label in zip(found, labels, strict=True) for e in one.entries(label)]
    return split(entries, seed=seed, keep_groups=keep_groups)


def _check_enough(found: Sequence[_Found], recipe: Recipe) -> None:
    """Counts what is learned from: sounds, pieces of sounds, or seconds of them."""
    count = sum(len(one.pieces) for one in found)
    if count >= FEWEST_SOUNDS:
        return
    if recipe.pieces:
        raise TrainingError(
            f"the library gives {count} pieces of {recipe.duration_s:.3g} s, too few to learn from",
            f"{FEWEST_SOUNDS} or more; good instruments have heard some hundreds",
            "add more or longer sounds with `timbrel scan FOLDER`, or set a shorter duration_s",
        )
    if len(found) < _FEWEST_WHOLE or _parts(found, recipe) < FEWEST_SOUNDS:
        raise TrainingError(
            f"the library holds {count} sounds, too few to learn from",
            f"{FEWEST_SOUNDS} or more; good instruments have heard some hundreds",
            "add more with `timbrel scan FOLDER`",
        )


def _parts(found: Sequence[_Found], recipe: Recipe) -> int:
    """How many different parts of sounds a network learns from, no more than one a second."""
    part_s = slice_s(recipe)
    if not part_s:
        return len(found)
    return sum(max(1, int(p.length_s / max(1.0, part_s))) for one in found for p in one.pieces)
