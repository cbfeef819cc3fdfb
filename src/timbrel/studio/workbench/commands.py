"""The command of every action: what the page does is what a person could have typed.

A command is a list of arguments behind ``timbrel``. Files that the server chose are written as
they are; `shown` writes the whole line for a person to copy.
"""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from timbrel.studio.workbench.models.common import Sliding
from timbrel.studio.workbench.models.instruments import MorphWish, PathWish, PickWish, PlayWish

FOR_PROGRAMS = ("--json", "--progress", "json")


def whole(root: Path, arguments: Sequence[str], *, seed: int | None = None) -> list[str]:
    """Completes a command for the machine: the workspace, the seed, and answers for programs.

    Args:
        root: The workspace.
        arguments: The command and its own arguments.
        seed: The seed; None where there is none.

    Returns:
        All that stands behind ``timbrel``.
    """
    seeded = [] if seed is None else ["--seed", str(seed)]
    return ["--workspace", str(root), *FOR_PROGRAMS, *seeded, *arguments]


def shown(root: Path, arguments: Sequence[str], *, seed: int | None = None) -> str:
    """Writes a command as a person would type it.

    Args:
        root: The workspace.
        arguments: The command and its own arguments.
        seed: The seed; None or 0, the usual one, is left out.

    Returns:
        One line.

    Example:
        >>> shown(Path("beats"), ["generate", "my kit", "--count", "4", "--out", "new"], seed=3)
        "timbrel --workspace beats --seed 3 generate 'my kit' --count 4 --out new"
    """
    seeded = ["--seed", str(seed)] if seed else []
    return shlex.join(["timbrel", "--workspace", str(root), *seeded, *arguments])


def optional(name: str, value: object) -> list[str]:
    """Writes an option where it has a value.

    Args:
        name: The option.
        value: Its value; None where it is not given.

    Returns:
        Two arguments, or none.

    Example:
        >>> optional("--label", "kick"), optional("--label", None)
        (['--label', 'kick'], [])
    """
    if value is None:
        return []
    return [name, exact(value) if isinstance(value, float) else str(value)]


def exact(value: float) -> str:
    """Writes a number such that the command reads the very same.

    Args:
        value: A number.

    Returns:
        Its digits.

    Example:
        >>> exact(2.0), exact(1 / 3)
        ('2', '0.3333333333333333')
    """
    return repr(float(value)).removesuffix(".0")


def point(at: Iterable[float]) -> str:
    """Writes a point of a map.

    Args:
        at: x and y.

    Returns:
        Both with a comma between, exactly.
    """
    return ",".join(repr(float(value)) for value in at)


def sliding(sliders: Sliding) -> list[str]:
    """Writes what is asked of sliders.

    Args:
        sliders: Their values and locks.

    Returns:
        The options.
    """
    values = [
        f"--slider={name}={'' if value < 0 else '+'}{exact(value)}"
        for name, value in sliders.values.items()
        if value
    ]
    return [*values, *(f"--lock={name}" for name in sliders.locked)]


def pick(name: str, wish: PickWish, sounds: Sequence[str], out: str) -> list[str]:
    """The command of a pick.

    Args:
        name: The instrument.
        wish: What is asked for.
        sounds: The files or ids of its sounds.
        out: The file.

    Returns:
        Its arguments.
    """
    weights = None if wish.weights is None else ",".join(map(exact, wish.weights))
    return [
        "pick", name,
        *(f"--at={point(at)}" for at in wish.at),
        *(part for sound in sounds for part in ("--sound", sound)),
        *([f"--weights={weights}"] if weights else []),
        *_projected(wish.projection), "--out", out,
    ]  # fmt: skip


def path(name: str, wish: PathWish, out: str) -> list[str]:
    """The command of a way over a map.

    Args:
        name: The instrument.
        wish: What is asked for.
        out: The file.

    Returns:
        Its arguments.
    """
    return [
        "pick", name, "--path", " ".join(map(point, wish.points)),
        "--steps", str(wish.steps), *optional("--seconds", wish.seconds),
        *_projected(wish.projection), "--out", out,
    ]  # fmt: skip


def play(name: str, wish: PlayWish, out: str) -> list[str]:
    """The command of a few new sounds.

    Args:
        name: The instrument.
        wish: What is asked for.
        out: The folder.

    Returns:
        Its arguments.
    """
    return [
        "generate", name, "--count", str(wish.count), *optional("--label", wish.label),
        *optional("--seconds", wish.seconds), *optional("--tempo", wish.tempo_bpm),
        *sliding(wish.sliders), "--out", out,
    ]  # fmt: skip


def morph(name: str, wish: MorphWish, sounds: Sequence[str], out: str) -> list[str]:
    """The command of a morph.

    Args:
        name: The instrument.
        wish: What is asked for.
        sounds: The files of its sounds.
        out: The folder.

    Returns:
        Its arguments.
    """
    weights = None if wish.weights is None else ",".join(map(exact, wish.weights))
    return [
        "morph", name, *sounds,
        *([f"--weights={weights}"] if weights else []),
        *optional("--steps", wish.steps), "--out", out,
    ]  # fmt: skip


def _projected(projection: str) -> list[str]:
    return [] if projection == "umap" else ["--projection", projection]


VERBS = frozenset(
    {"scan", "train", "map", "sliders", "evaluate", "generate", "vary", "continue", "inpaint",
     "extend", "denoise", "search", "listen"}
)  # fmt: skip


def is_ours(root: Path, arguments: Sequence[str]) -> bool:
    """Whether a command from a journal is one that this studio would have written.

    A workspace may come from a stranger, and its journal must not run what a person never asked
    for: another workspace, another verb, or files written elsewhere.

    Args:
        root: The workspace.
        arguments: What stands behind ``timbrel``.

    Returns:
        Whether it may run.

    Example:
        >>> is_ours(Path("beats"), whole(Path("beats"), ["scan", "/drums"]))
        True
        >>> is_ours(Path("beats"), whole(Path("beats"), ["demo", "--out", "/home"]))
        False
    """
    head = ["--workspace", str(root), *FOR_PROGRAMS]
    rest = list(arguments[len(head) :])
    if list(arguments[: len(head)]) != head:
        return False
    rest = rest[2:] if rest[:1] == ["--seed"] else rest
    places = [rest[at + 1] for at, one in enumerate(rest[:-1]) if one == "--out"]
    places += rest[2:3] if rest[:2] == ["listen", "build"] else []
    told_elsewhere = any(one.split("=")[0] == "--workspace" for one in rest)
    joined = any(one.startswith("--out=") for one in rest)
    inside = all(Path(place).resolve().is_relative_to(root.resolve()) for place in places)
    return rest[:1] != [] and rest[0] in VERBS and inside and not (told_elsewhere or joined)
