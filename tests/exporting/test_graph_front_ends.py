"""Front ends and Griffin-Lim as graphs, run by onnxruntime, against timbrel's own in torch."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from fixtures_graphs import drawn_instrument, fading_sounds
from timbrel import plugins
from timbrel.errors import AbilityError
from timbrel.exporting.graphs.checking import error_db
from timbrel.exporting.graphs.fourier import Fourier
from timbrel.exporting.graphs.grain import grained
from timbrel.exporting.graphs.phases import rounds_of
from timbrel.exporting.graphs.writing import Dims, Writer
from timbrel.signal.frontends.log_magnitude import LogMagnitude
from timbrel.signal.frontends.log_mel import LogMel
from timbrel.signal.frontends.metered import Metered
from timbrel.signal.frontends.pitched import Pitched
from timbrel.signal.frontends.rfft import RfftCoefficients
from timbrel.signal.frontends.waveform import Waveform
from timbrel.signal.phase.fast_griffin_lim import FastGriffinLim
from timbrel.signal.phase.griffin_lim import GriffinLim
from timbrel.signal.phase.heap_integration import HeapIntegration
from timbrel.signal.phase.zero import Zero

RATE_HZ, LENGTH = 16_000, 4_000
CASES: list[tuple[Any, Any]] = [
    (LogMagnitude(n_fft=512, hop_samples=128), GriffinLim(iterations=6)),
    (LogMagnitude(n_fft=500, hop_samples=120, window="gaussian"), FastGriffinLim(iterations=5)),
    (LogMel(n_fft=512, hop_samples=256, mels=40), FastGriffinLim(iterations=0)),
    (LogMel(n_fft=256, hop_samples=64, mels=32, low_hz=200.0, norm="none"), GriffinLim()),
    (Pitched(n_fft=1024, hop_samples=256), HeapIntegration(iterations=4)),
    (Metered(n_fft=512, hop_samples=128), FastGriffinLim(iterations=4)),
    (Waveform(), Zero()),
    (Waveform(scaling="min_max", mu=255), Zero()),
    (RfftCoefficients(segment_samples=441, relative=False), Zero()),
    (RfftCoefficients(segment_samples=400), Zero()),
]


def _ran(
    write: Writer, feed: dict[str, NDArray[Any]], outputs: dict[str, Dims]
) -> list[NDArray[Any]]:
    model = write.model({name: value.shape for name, value in feed.items()}, outputs)
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 3, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options)
    found: list[NDArray[Any]] = session.run(None, feed)
    return found


@pytest.mark.parametrize("length", [4, 7, 12, 441, 1024, 2205])
def test_the_transform_is_numpy_s(length: int) -> None:
    segments = np.random.default_rng(1).standard_normal((2, 3, length)).astype(np.float32)
    fourier, write = Fourier(length), Writer()
    tables = fourier.forward(write, "x")
    parts = [fourier.ordered(write, table) for table in tables]
    again = fourier.inverse(write, *(fourier.tabled(write, part) for part in parts))
    dims: Dims = (2, 3, fourier.bins)
    feed = {"x": segments}
    real, imaginary, back = _ran(
        write, feed, {parts[0]: dims, parts[1]: dims, again: segments.shape}
    )
    wanted = np.fft.rfft(segments)
    size = np.abs(wanted).max()
    assert np.abs(real + 1j * imaginary - wanted).max() < 1e-6 * size
    assert np.abs(back - segments).max() < 1e-5


@pytest.mark.parametrize("number", range(len(CASES)))
def test_a_graph_hears_and_plays_as_the_front_end_does(number: int) -> None:
    front_end, phase = CASES[number]
    rounds = rounds_of(phase) if front_end.spectral else None
    graph = plugins.load("exporting.graphs.front_ends", front_end.name)(
        front_end, sample_rate=RATE_HZ, length_samples=LENGTH, rounds=rounds
    )
    sounds = fading_sounds(LENGTH, RATE_HZ)[:3]
    code, reference = front_end.encode(sounds, sample_rate=RATE_HZ)
    shape = code.numpy().shape

    write, feed = Writer(), {"sound": sounds.numpy()}
    if graph.side_rows:
        feed["side"] = code[:, -graph.side_rows :].numpy()
    names = graph.hear(write, "sound", "side")
    heard = _ran(write, feed, {names[0]: shape, names[1]: shape[:1]})
    assert np.abs(heard[0] - code.numpy()).max() < 1e-4  # of the code's range
    np.testing.assert_allclose(heard[1], reference.numpy(), rtol=1e-5)

    write, feed = Writer(), {"code": code.numpy(), "reference": reference.numpy()}
    if graph.turns_shape:
        turns = torch.rand(*graph.turns_shape, generator=torch.Generator().manual_seed(4))
        feed["turns"] = turns.numpy()
    played = graph.play(write, "code", "reference", "turns")
    (found,) = _ran(write, feed, {played: (len(sounds), LENGTH)})
    wanted = front_end.decode(
        code,
        reference,
        sample_rate=RATE_HZ,
        length_samples=LENGTH,
        phase=phase if rounds is None else rounds.method,
        seed=4,
    )
    assert error_db(torch.from_numpy(found), wanted) < -60


@pytest.mark.parametrize("heard_frames", [0, 9, 40, 100])
def test_grain_is_the_instrument_s_however_early_a_sound_ends(heard_frames: int) -> None:
    made, _ = drawn_instrument("one-shot-tiny")
    front_end: Any = made.front_end
    graph = plugins.load("exporting.graphs.front_ends", front_end.name)(
        front_end,
        sample_rate=made.sample_rate,
        length_samples=made.length_samples,
        rounds=rounds_of(FastGriffinLim(iterations=0)),
    )
    generator = torch.Generator().manual_seed(2)
    code = torch.rand(1, *front_end.code_shape(made.length_samples), generator=generator)
    spread = 0.1 * torch.rand(code.shape, generator=generator)
    code[:, :, heard_frames:] = 0
    write = Writer()
    drawn = grained(write, graph, code="code", spread="spread", white="white", amount="amount")
    white = torch.randn(1, made.length_samples, generator=torch.Generator().manual_seed(3))
    feed = {"code": code.numpy(), "spread": spread.numpy(), "white": white.numpy()}
    (found,) = _ran(write, {**feed, "amount": np.ones(1, np.float32)}, {drawn: tuple(code.shape)})
    wanted = made._grained(code, spread, seed=3, grain=1.0)
    assert heard_frames == 0 or (wanted - code).abs().max() > 0.01
    assert np.abs(found - wanted.numpy()).max() < 1e-4


def test_a_phase_that_is_no_rounds_is_refused() -> None:
    with pytest.raises(AbilityError, match="the phase method zero as a graph"):
        rounds_of(Zero())
