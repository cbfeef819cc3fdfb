"""Parts of networks as graphs, by torch's own exporter.

Most of what the exporter does takes the same time however small a network is, so that all parts
go through it together and are taken apart afterwards.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import onnx
import torch
from onnx.utils import Extractor
from torch import Tensor, nn
from torch.export import Dim

from timbrel.blocks.graph import Part, Port
from timbrel.errors import InstrumentError, reason_line
from timbrel.exporting.graphs.writing import IR_VERSION, OPSET

_EXAMPLE_BATCH = 2  # 1 would be taken for a length that never changes
_MOST = 1 << 16  # sounds of a batch


class Together(nn.Module):
    """Runs parts side by side: the inputs of all, the outputs of all.

    Args:
        parts: The parts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        super().__init__()
        self.parts = nn.ModuleList(part.module for part in parts)
        self._counts = [len(part.inputs) for part in parts]

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Runs all of them."""
        outputs, begin = list[Tensor](), 0
        for part, count in zip(self.parts, self._counts, strict=True):
            found = part(*inputs[begin : begin + count])
            outputs += [found] if isinstance(found, Tensor) else list(found)
            begin += count
        return tuple(outputs)


def written(parts: Sequence[Part], sizes: Mapping[str, int]) -> dict[str, onnx.ModelProto]:
    """Writes parts of a network as graphs.

    Args:
        parts: The parts, on the CPU.
        sizes: Lengths of their dimensions that are words, for the exporter to try.

    Returns:
        A model for each, by name; inputs and outputs are called as the part's ports are.

    Raises:
        InstrumentError: When the exporter cannot write them.
    """
    ports = [(part, port) for part in parts for port in part.inputs]
    lengths = {"batch": _EXAMPLE_BATCH, **sizes}
    dims = tuple(_free(part, port, sizes) for part, port in ports)
    try:
        with _quietly(), torch.no_grad():
            # apart, because the exporter would try less strict ways, which forget what is free
            traced = torch.export.export(
                Together(parts).eval(),
                tuple(torch.rand(_shape(port, lengths)) for _, port in ports),
                dynamic_shapes=(dims,),  # what `Together` takes is one list of any length
                strict=False,
            )
            program = torch.onnx.export(
                traced,
                dynamo=True,
                input_names=[_own(*one) for one in ports],
                output_names=[_own(part, port) for part in parts for port in part.outputs],
                opset_version=OPSET,
                verbose=False,
            )
            whole: onnx.ModelProto = program.model_proto  # type: ignore[union-attr]
            whole.ir_version = IR_VERSION
            return {part.name: _taken(whole, part) for part in parts}
    except Exception as error:  # the exporter's faults are of many kinds
        reason = reason_line(error)
        raise InstrumentError(f"the network cannot be written as a graph ({reason})") from error


def _own(part: Part, port: Port) -> str:
    """What a port is called while all parts are together."""
    return f"{part.name}__{port.name}"


def _free(part: Part, port: Port, sizes: Mapping[str, int]) -> dict[int, Dim]:
    """The dimensions of a port that are words; no two parts share one: each stands alone."""
    return {
        place: Dim(f"{part.name}__{dim}", min=1, max=sizes.get(dim, _MOST))
        for place, dim in enumerate(port.dims)
        if isinstance(dim, str)
    }


def _taken(whole: onnx.ModelProto, part: Part) -> onnx.ModelProto:
    """Takes one part out, its ports called by their own names."""
    names = {_own(part, port): port.name for port in (*part.inputs, *part.outputs)}
    inputs, outputs = ([_own(part, port) for port in x] for x in (part.inputs, part.outputs))
    model = Extractor(whole).extract_model(inputs, outputs)
    for value in (*model.graph.input, *model.graph.output):
        value.name = names.get(value.name, value.name)
        for dim in value.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.dim_param = dim.dim_param.removeprefix(f"{part.name}__")
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    del model.graph.value_info[:]
    return model


def _shape(port: Port, lengths: Mapping[str, int]) -> list[int]:
    return [lengths[dim] if isinstance(dim, str) else dim for dim in port.dims]


@contextmanager
def _quietly() -> Iterator[None]:
    """Keeps the exporter's warnings and logs away from users: what it makes is checked anyway."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
