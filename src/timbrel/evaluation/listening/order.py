"""Order: which pages a listener is given, in which order, and what stands where on each.

All of it follows from hashes of the test's and the listener's names: random from one listener to
the next, the same whenever and wherever a listener comes back, and nothing has to be kept.
"""

import hashlib
from dataclasses import dataclass

from timbrel.evaluation.listening.description import Description, Trial


@dataclass(frozen=True)
class Shown:
    """One page as one listener sees it.

    Attributes:
        trial: The page's name.
        sounds: Names of the sounds in their places: A and B, or 1, 2, 3 and so on.
        reference: Name of the open reference, "" where there is none.
        x: Name of the sound that is X, "" where there is none.
        x_is: The sound of `sounds` that X is, "" where there is no X; no listener is told.
    """

    trial: str
    sounds: tuple[str, ...]
    reference: str = ""
    x: str = ""
    x_is: str = ""


def shown_to(description: Description, listener: str) -> tuple[Shown, ...]:
    """Lays a test out for a listener.

    Args:
        description: The test.
        listener: The listener's name in the results.

    Returns:
        The listener's pages in their order.

    Example:
        >>> trials = tuple(Trial(id=f"{n:032x}", sounds=(f"{n:032d}",)) for n in range(1, 9))
        >>> test = Description(format_version=1, id="t", kind="mos", title="t", per_listener=3,
        ...                    longest_s=1, loudness_lufs=-23, trials=trials)
        >>> len(shown_to(test, "a")), shown_to(test, "a") == shown_to(test, "b")
        (3, False)
    """
    ordered = sorted(
        description.trials, key=lambda trial: _draw(description.id, listener, trial.id)
    )
    return tuple(
        _laid_out(description.id, listener, trial) for trial in ordered[: description.per_listener]
    )


def _laid_out(test: str, listener: str, trial: Trial) -> Shown:
    sounds = sorted(trial.sounds, key=lambda sound: _draw(test, listener, trial.id, sound))
    if not trial.twins:
        return Shown(trial.id, tuple(sounds), trial.reference)
    chosen = int(_draw(test, listener, trial.id, "x"), 16) % len(trial.twins)
    return Shown(trial.id, tuple(sounds), x=trial.twins[chosen], x_is=trial.sounds[chosen])


def _draw(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
