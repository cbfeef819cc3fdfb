"""All graphs of an instrument, found by listing: what its family declares, joined and ready."""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from timbrel.blocks.graph import Parts, Port, Way
from timbrel.errors import AbilityError
from timbrel.exporting.graphs import network
from timbrel.exporting.graphs.joining import Joined, Joiner
from timbrel.instruments.made import Made
from timbrel.progress import Report, Tracker, silent
from timbrel.signal.phase import GivesPhase


@dataclass(frozen=True, eq=False)
class Bundle:
    """The graphs of an instrument.

    Attributes:
        graphs: The graphs.
        ways: In which order they are run.
        sizes: Lengths of dimensions that are words, but for the batch.
        notes: What differs from the instrument.
        phase: The phase method of timbrel that does what the graphs do; None where none is needed.
        turns: Whether the graphs search for phases.
    """

    graphs: tuple[Joined, ...]
    ways: dict[str, Way]
    sizes: dict[str, int]
    notes: tuple[str, ...]
    phase: GivesPhase | None
    turns: bool


def reason_against(family: str) -> str:
    """Says why a family cannot be exported.

    Args:
        family: Its name.

    Returns:
        The reason, a sentence without a full stop; empty where it can.

    Example:
        >>> reason_against("sample_vae")
        ''
    """
    name = f"timbrel.families.{family}.graphs"
    if find_spec(name) is None:
        return "nobody has written its graphs yet"
    return str(getattr(import_module(name), "REASON", ""))


def parts_of(instrument: Made) -> Parts:
    """Asks an instrument's family for the parts of its network.

    Args:
        instrument: The instrument, on the CPU.

    Returns:
        The parts.

    Raises:
        AbilityError: When the family cannot be exported.
    """
    family = instrument.recipe.family
    if reason := reason_against(family):
        raise AbilityError(f"the family {family} as ONNX: {reason}")
    declared: Any = import_module(f"timbrel.families.{family}.graphs")
    found: Parts = declared.GRAPHS(
        instrument.network, (instrument.facts.bins, instrument.facts.frames)
    )
    return found


def built(instrument: Made, *, grain: float, report: Report = silent) -> Bundle:
    """Writes all graphs of an instrument.

    Args:
        instrument: The instrument, on the CPU.
        grain: How much of the grain is drawn where a host says nothing, 0 to 1.
        report: Where progress goes.

    Returns:
        The graphs.

    Raises:
        AbilityError: When its family, front end or phase method is no graph.
        InstrumentError: When torch cannot write a part.
    """
    parts = parts_of(instrument)
    joiner = Joiner(instrument, grain=grain)
    tracker, graphs = Tracker("writing graphs", len(parts.parts), report), list[Joined]()
    models = network.written(parts.parts, parts.sizes)
    for part in parts.parts:
        graphs.append(joiner.joined(part, models[part.name]))
        tracker.advance(note=part.name)
    rounds = joiner.rounds
    return Bundle(
        graphs=tuple(graphs),
        ways=dict(parts.ways),
        sizes=dict(parts.sizes),
        notes=(*parts.notes, *_notes(joiner, graphs)),
        phase=None if rounds is None else rounds.method,
        turns=any(_takes(graph, "turns") for graph in graphs),
    )


def _takes(graph: Joined, name: str) -> bool:
    ports: tuple[Port, ...] = graph.inputs
    return any(port.name == name for port in ports)


def _notes(joiner: Joiner, graphs: list[Joined]) -> list[str]:
    found = []
    if any(_takes(graph, "turns") for graph in graphs):
        found.append(f"phases are found by {joiner.front_end.rounds}")
    if joiner.rounds and joiner.rounds.replaces:
        found.append(
            f"the instrument itself begins with {joiner.rounds.replaces}, which is no graph; "
            "phases that a host finds so may be fed as `turns`"
        )
    if any(_takes(graph, "side") for graph in graphs):
        found.append(f"the encoder must be told {joiner.front_end.about_side_rows}")
    return found
