"""Joins parts of networks with the front end: a graph takes and gives sounds, not codes."""

from dataclasses import dataclass, replace
from typing import Any

import onnx
from onnx import compose

from timbrel import plugins
from timbrel.blocks.graph import Part, Port
from timbrel.errors import AbilityError
from timbrel.exporting.graphs.grain import grained
from timbrel.exporting.graphs.phases import Rounds, rounds_of
from timbrel.exporting.graphs.writing import Dims, Writer
from timbrel.instruments.made import Made

FRONT_ENDS = "exporting.graphs.front_ends"


@dataclass(frozen=True, eq=False)
class Joined:
    """A graph that is ready.

    Attributes:
        name: What it is called.
        model: The model.
        inputs: What it takes.
        outputs: What it gives.
    """

    name: str
    model: onnx.ModelProto
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


class Joiner:
    """Joins the parts of one instrument's network.

    Args:
        instrument: The instrument.
        grain: How much of the grain is drawn where a host says nothing, 0 to 1.

    Raises:
        AbilityError: When its front end or its phase method is no graph.
    """

    def __init__(self, instrument: Made, *, grain: float) -> None:
        front_end: Any = instrument.front_end
        self.grain = grain
        self.length, self.frames = instrument.length_samples, instrument.facts.frames
        self.rounds: Rounds | None = rounds_of(instrument.phase) if front_end.spectral else None
        if front_end.name not in plugins.names(FRONT_ENDS):
            raise AbilityError(
                f"the front end {front_end.name} as a graph", ", ".join(plugins.names(FRONT_ENDS))
            )
        made = plugins.load(FRONT_ENDS, front_end.name)
        self.front_end: Any = made(
            front_end,
            sample_rate=instrument.sample_rate,
            length_samples=self.length,
            rounds=self.rounds,
        )

    def joined(self, part: Part, model: onnx.ModelProto) -> Joined:
        """Joins a part with the front end where it takes or gives codes.

        Args:
            part: The part.
            model: The part as a graph.

        Returns:
            The graph.
        """
        made = Joined(part.name, model, part.inputs, part.outputs)
        if any(port.name == "code" for port in part.inputs):
            made = self._heard(made)
        if any(port.name == "code" for port in part.outputs):
            made = self._played(made)
        onnx.checker.check_model(made.model)
        return made

    def _heard(self, made: Joined) -> Joined:
        """Puts the front end before a graph."""
        write, side = Writer("hear"), self._side_port()
        long = write("Pad", "sound", write.ints(0, 0, 0, self.length))
        code, reference = self.front_end.hear(write, write.cut(long, 0, self.length, 1), "side")
        kept = write.named("reference", reference)
        ports = (_sound_port("samples", self.length), *side)
        (code_port,) = (port for port in made.inputs if port.name == "code")
        front = write.model(_dims(ports), {code: code_port.dims, kept: ("batch",)})
        others = tuple(port for port in made.inputs if port.name != "code")
        return replace(
            made,
            model=_merged(front, made.model, {code: "code"}),
            inputs=(*ports, *others),
            outputs=(*made.outputs, Port("reference", ("batch",), "amplitude of the loudest cell")),
        )

    def _side_port(self) -> tuple[Port, ...]:
        rows = self.front_end.side_rows
        dims = ("batch", rows, self.frames)
        return (Port("side", dims, self.front_end.about_side_rows, fill=0.0),) if rows else ()

    def _played(self, made: Joined) -> Joined:
        """Puts the inverse of the front end after a graph, with grain where it tells of any."""
        write, has_spread = Writer("play"), any(port.name == "spread" for port in made.outputs)
        edges = {"code": "play_code", **({"spread": "play_spread"} if has_spread else {})}
        code, ports = "play_code", self._play_ports(has_spread)
        if has_spread:
            code = grained(
                write,
                self.front_end,
                code=code,
                spread="play_spread",
                white="white",
                amount="grain",
            )
        sound = write.named("sound", self.front_end.play(write, code, "reference", "turns"))
        (code_port,) = (port for port in made.outputs if port.name == "code")
        taken = {name: code_port.dims for name in edges.values()}
        back = write.model({**taken, **_dims(ports)}, {sound: ("batch", self.length)})
        others = tuple(port for port in made.outputs if port.name not in edges)
        return replace(
            made,
            model=_merged(made.model, back, edges),
            inputs=(*made.inputs, *ports),
            outputs=(*others, _sound_port(self.length, self.length)),
        )

    def _play_ports(self, has_spread: bool) -> tuple[Port, ...]:
        ports = [Port("reference", ("batch",), "amplitude of the loudest cell", fill=1.0)]
        if self.front_end.turns_shape:
            about = "phases to begin with, in turns, the same for all sounds of a batch"
            ports.append(Port("turns", self.front_end.turns_shape, about, draw="uniform"))
        if has_spread:
            white = Port("white", ("batch", self.length), "white noise of the grain", draw="normal")
            about = "how much of the grain is drawn, 0 to 1"
            ports += [white, Port("grain", ("batch",), about, fill=self.grain)]
        return tuple(ports)


def _sound_port(length: str | int, heard: int) -> Port:
    about = f"a sound within -1..1; {heard} samples of it are heard"
    return Port("sound", ("batch", length), about)


def _dims(ports: tuple[Port, ...]) -> dict[str, Dims]:
    return {port.name: port.dims for port in ports}


def _merged(
    first: onnx.ModelProto, second: onnx.ModelProto, edges: dict[str, str]
) -> onnx.ModelProto:
    kept = [one.name for one in first.graph.output if one.name not in edges]
    given = [one.name for one in second.graph.output]
    return compose.merge_models(first, second, io_map=list(edges.items()), outputs=[*given, *kept])
