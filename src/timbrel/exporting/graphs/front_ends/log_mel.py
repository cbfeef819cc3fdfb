"""The front end log_mel as a graph."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from timbrel.exporting.graphs.front_ends._magnitudes import Magnitudes
from timbrel.exporting.graphs.phases import Rounds
from timbrel.exporting.graphs.writing import Writer
from timbrel.signal import mel


class MelMagnitudes(Magnitudes):
    """Mel bands, and smooth spectra that have them; see `timbrel.signal.mel`."""

    def __init__(
        self, front_end: Any, *, sample_rate: int, length_samples: int, rounds: Rounds
    ) -> None:
        super().__init__(
            front_end, sample_rate=sample_rate, length_samples=length_samples, rounds=rounds
        )
        self._bank: NDArray[np.float32] = mel.filterbank(front_end.bands(sample_rate)).numpy()

    def squeezed(self, write: Writer, power: str) -> str:
        """See `Magnitudes.squeezed`."""
        return write("MatMul", power, write.constant(np.ascontiguousarray(self._bank.T)))

    def spread(self, write: Writer, power: str) -> str:
        """See `Magnitudes.spread`; as `timbrel.signal.mel.to_linear` does it."""
        bank = self._bank
        shares = write.constant(bank / np.maximum(bank.sum(0), mel._TINY))
        squeeze = write.constant(np.ascontiguousarray(bank.T))
        areas = write.constant(np.maximum(bank.sum(1), mel._TINY).astype(np.float32))
        found = write("MatMul", write("Div", power, areas), shares)
        for _ in range(mel._STEPS):
            now = write("Add", write("MatMul", found, squeeze), write.number(mel._TINY))
            found = write("Mul", found, write("MatMul", write("Div", power, now), shares))
        if bank[:, 0].max() > 0:
            return found
        lowest = write("Mul", write.cut(found, 1, 2, axis=2), write.number(0.25))
        return write("Concat", lowest, write.cut(found, 1, bank.shape[1], axis=2), axis=2)


GRAPH = MelMagnitudes
