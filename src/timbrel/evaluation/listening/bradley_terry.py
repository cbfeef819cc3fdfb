"""Bradley and Terry's model: from who was preferred to whom to one scale for all."""

from collections.abc import Mapping, Sequence

ROUNDS = 10_000
_STILL = 1e-12
PRIOR_WINS = 0.5  # each way between any two that met: else who always wins is infinitely strong


def strengths(names: Sequence[str], wins: Mapping[tuple[str, str], int]) -> dict[str, float]:
    """Finds how strong each is: i is preferred to j in ``s_i / (s_i + s_j)`` of the cases.

    Args:
        names: All that were compared.
        wins: (winner, loser) to how often.

    Returns:
        Name to strength; the strengths sum to 1. Half a win each way is added between any two that
        met, so that none is 0.

    Source:
        Bradley and Terry 1952; Hunter 2004, "MM algorithms for generalized Bradley-Terry models",
        equation 3.

    Example:
        >>> found = strengths(["a", "b"], {("a", "b"): 5, ("b", "a"): 2})
        >>> round(found["a"], 4)
        0.6875
    """
    met = {frozenset(pair) for pair, count in wins.items() if count}
    counted = {
        (one, other): wins.get((one, other), 0) + PRIOR_WINS
        for one in names
        for other in names
        if frozenset((one, other)) in met and one != other
    }
    found = dict.fromkeys(names, 1 / len(names))
    for _ in range(ROUNDS):
        last, found = found, _stepped(names, counted, found)
        if max(abs(found[name] - last[name]) for name in names) < _STILL:
            break
    return found


def _stepped(
    names: Sequence[str], wins: Mapping[tuple[str, str], float], found: Mapping[str, float]
) -> dict[str, float]:
    stepped = {}
    for one in names:
        won = sum(count for (winner, _), count in wins.items() if winner == one)
        weight = sum(
            (count + wins[loser, winner]) / (found[winner] + found[loser])
            for (winner, loser), count in wins.items()
            if winner == one
        )
        stepped[one] = won / weight if weight else found[one]
    total = sum(stepped.values())
    return {name: strength / total for name, strength in stepped.items()}
