"""Writes graphs of ONNX operations, one operation after the other."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 18  # which every runtime of the last years knows
IR_VERSION = 10
FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64

Dims = Sequence[str | int]


class Writer:
    """A graph in the making; values are known by their names.

    Args:
        prefix: What all its names begin with.
        numbers: Where its names' numbers come from; a loop's body shares those of its graph.

    Example:
        >>> write = Writer()
        >>> doubled = write("Add", "x", "x")
        >>> model = write.model({"x": ("batch", 2)}, {doubled: ("batch", 2)})
        >>> [node.op_type for node in model.graph.node]
        ['Add']
    """

    def __init__(self, prefix: str = "t", numbers: "count[int] | None" = None) -> None:
        self._prefix = prefix
        self._numbers = count() if numbers is None else numbers
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._arrays: dict[str, NDArray[Any]] = {}

    def name(self) -> str:
        """Makes a name that no other value has."""
        return f"{self._prefix}_{next(self._numbers)}"

    def many(self, operation: str, *inputs: str, outputs: int, **attributes: Any) -> list[str]:
        """Adds an operation with some outputs and gives their names."""
        names = [self.name() for _ in range(outputs)]
        self._nodes.append(helper.make_node(operation, inputs, names, **attributes))
        return names

    def __call__(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """Adds an operation with one output and gives its name."""
        return self.many(operation, *inputs, outputs=1, **attributes)[0]

    def named(self, name: str, value: str) -> str:
        """Gives a value a name of its own, as inputs and outputs have one."""
        self._nodes.append(helper.make_node("Identity", [value], [name]))
        return name

    def constant(self, array: Any) -> str:
        """Gives the name of a constant; equal ones are kept once."""
        value = np.asarray(array)
        key = (str(value.dtype), value.shape, value.tobytes())
        if key not in self._constants:
            self._constants[key] = self.name()
            self._arrays[self._constants[key]] = value
        return self._constants[key]

    def number(self, value: float) -> str:
        """Gives the name of a constant float."""
        return self.constant(np.float32(value))

    def ints(self, *values: int) -> str:
        """Gives the name of a constant list of integers."""
        return self.constant(np.array(values, np.int64))

    def cut(self, value: str, begin: int, end: int, axis: int) -> str:
        """Takes a part along an axis."""
        return self("Slice", value, self.ints(begin), self.ints(end), self.ints(axis))

    def reshaped(self, value: str, *dims: int) -> str:
        """Gives another shape; 0 leaves a dimension as it is, -1 takes what is left."""
        return self("Reshape", value, self.ints(*dims))

    def clipped(self, value: str, low: float, high: float | None = None) -> str:
        """Keeps values within bounds."""
        bounds = [self.number(low), *([] if high is None else [self.number(high)])]
        return self("Clip", value, *bounds)

    def largest(self, value: str, *axes: int) -> str:
        """Finds the largest along axes, which stay with a length of 1."""
        return self("ReduceMax", value, self.ints(*axes), keepdims=1)

    def repeated(
        self, times: int, carried: Sequence[str], body: Callable[["Writer", list[str]], list[str]]
    ) -> list[str]:
        """Does the same some times: each round takes what the one before gave.

        Args:
            times: How often.
            carried: What the first round takes, floats of any shape.
            body: (writer of the body, names of what it takes) -> names of what it gives; it may
                use all values of this graph.

        Returns:
            Names of what the last round gave.
        """
        inner = Writer(self._prefix, self._numbers)
        taken, again = [inner.name() for _ in carried], inner.name()
        given = body(inner, taken)
        # a value that passes through a body unchanged needs an operation of its own
        outputs = [inner("Identity", "keep_on"), *(inner("Identity", one) for one in given)]
        bool_ = TensorProto.BOOL
        graph = helper.make_graph(
            inner._nodes,
            "round",
            [
                helper.make_tensor_value_info(again, INT64, []),
                helper.make_tensor_value_info("keep_on", bool_, []),
                *(helper.make_tensor_value_info(one, FLOAT, None) for one in taken),
            ],
            [
                helper.make_tensor_value_info(outputs[0], bool_, []),
                *(helper.make_tensor_value_info(one, FLOAT, None) for one in outputs[1:]),
            ],
            initializer=inner._initializers(),
        )
        trips = self.constant(np.int64(times))
        true = self.constant(np.bool_(True))
        return self.many("Loop", trips, true, *carried, outputs=len(carried), body=graph)

    def _initializers(self) -> list[onnx.TensorProto]:
        return [numpy_helper.from_array(array, name) for name, array in self._arrays.items()]

    def model(self, inputs: dict[str, Dims], outputs: dict[str, Dims]) -> onnx.ModelProto:
        """Finishes the graph.

        Args:
            inputs: Dimensions of float inputs by name; a word is a dimension of any length.
            outputs: Dimensions of float outputs by name.

        Returns:
            The model.
        """
        graph = helper.make_graph(
            self._nodes,
            "timbrel",
            [helper.make_tensor_value_info(key, FLOAT, list(dims)) for key, dims in inputs.items()],
            [
                helper.make_tensor_value_info(key, FLOAT, list(dims))
                for key, dims in outputs.items()
            ],
            initializer=self._initializers(),
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION
        )
