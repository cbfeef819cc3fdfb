"""An experiment asks one question of the sources again, and ends in a report. One file each.

Each file declares ``EXPERIMENT``, an `Experiment`. On a command line a name has hyphens where its
file has underscores (``vae-variants``).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from timbrel.progress import Report, silent
from timbrel.recipes import Options

if TYPE_CHECKING:
    from timbrel.experiments._findings import Findings

ROOM = "experiments"
SCALES = ("smoke", "small", "full")


@dataclass(frozen=True)
class Request:
    """One run of an experiment.

    Attributes:
        data: Folders of sounds; empty for the workspace's library, or at the scale "smoke" for
            sounds that timbrel makes itself.
        workspace: The root of the workspace whose library (and instruments) it may use.
        kept: The folder that keeps what a killed run has done; a workspace of its own.
        seed: Seed of all that is drawn.
        device: Where the arithmetic happens: "cpu", "cuda" or "mps".
        makes_sounds: Whether it may make its own sounds where there are no others.
        report: Where progress goes.
    """

    data: tuple[Path, ...]
    workspace: Path
    kept: Path
    seed: int = 0
    device: str = "cpu"
    makes_sounds: bool = False
    report: Report = silent


@dataclass(frozen=True)
class Scale:
    """How large an experiment is done.

    Attributes:
        settings: All numbers that decide how long it takes; a user may change each.
        duration: What it takes on two processor cores, for people.
    """

    settings: Options
    duration: str


@dataclass(frozen=True)
class Experiment:
    """The declaration of an experiment.

    Attributes:
        title: What it is called in lists.
        about: What it asks, in one or two sentences.
        source: Whose question it is, and where the answer stands.
        needs: What sounds it needs, in a sentence.
        scales: Name of a scale to what it means; "smoke", "small" and "full".
        run: (request, settings) -> findings.
    """

    title: str
    about: str
    source: str
    needs: str
    scales: Mapping[str, Scale]
    run: Callable[[Request, Any], "Findings"]


def module_name(name: str) -> str:
    """Turns the name of an experiment as it is typed into that of its file.

    Args:
        name: Such as "vae-variants".

    Returns:
        Such as "vae_variants".

    Example:
        >>> module_name("vae-variants")
        'vae_variants'
    """
    return name.replace("-", "_")


def typed_name(module: str) -> str:
    """Turns the name of an experiment's file into what is typed.

    Args:
        module: Such as "vae_variants".

    Returns:
        Such as "vae-variants".

    Example:
        >>> typed_name("vae_variants")
        'vae-variants'
    """
    return module.replace("_", "-")
