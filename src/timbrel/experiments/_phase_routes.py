"""The rows of the reconstruction experiment, in the order of its tables."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from timbrel.experiments import Request
from timbrel.experiments import _material as material
from timbrel.experiments._routes import (
    Render,
    Route,
    at_rate,
    phase_method,
    through_front_end,
    through_original_phase,
    through_stft,
)
from timbrel.experiments._training import trained
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec
from timbrel.synthesis.phases import TrainedPhase

NOTE_HZ = 16_000
MELS = 128
S3_FRAMES = FrameSpec(512, 128)
CQT = {"bins": 168, "bins_per_octave": 24}
RANGE_DB, WIDE_DB = 80.0, 120.0  # how far below a note's maximum a code reaches
# short windows, close together: 128 bands are then nearly all the bins there are
SHORT_FRAMES = FrameSpec(256, 16, "gaussian")
POLISH = 8  # rounds of fast Griffin-Lim that follow heap integration
# S3's figures of what the trained families stand for, at S3's frames
S3_TRAINED = {"deep_griffin_lim": (-3.913, 53.0), "fourier_vocoder": (-3.911, 53.0)}


def framed(frames: FrameSpec) -> str:
    """Names how sounds are framed, such as "512/128".

    Args:
        frames: How.

    Returns:
        Window and hop in samples, and the window's shape where it is no Hann's.

    Example:
        >>> framed(FrameSpec(1024, 128, "gaussian"))
        '1024/128 Gaussian'
    """
    shape = " Gaussian" if frames.window == "gaussian" else ""
    return f"{frames.n_fft}/{frames.hop_samples}{shape}"


def _mel(frames: FrameSpec, phase: GivesPhase, range_db: float = RANGE_DB) -> Render:
    settings = {
        "range_db": range_db,
        "n_fft": frames.n_fft,
        "hop_samples": frames.hop_samples,
        "window": frames.window,
        "mels": MELS,
    }
    return through_front_end("log_mel", settings, phase)


def note_routes() -> list[Route]:
    """Makes the rows of the notes that nothing is learned for.

    Returns:
        The rows: S3's with S3's figures, then others.
    """
    return [*_of_s3(), *_stft(), *_bands()]


def _of_s3() -> Iterator[Route]:
    zero, fast = phase_method("zero"), phase_method("fast_griffin_lim")
    stft = f"STFT {framed(S3_FRAMES)}"
    yield Route(f"{stft}, zero phase", through_stft(S3_FRAMES, zero), (-3.506, 57))
    yield Route(f"{stft}, fast Griffin-Lim", through_stft(S3_FRAMES, fast), (-0.585, 63))
    yield Route("mel 128 of 512/128, fast Griffin-Lim", _mel(S3_FRAMES, fast), (-1.966, 61))
    cqt = through_front_end("cqt", CQT, fast)
    yield Route("CQT 168, fast Griffin-Lim", cqt, (-3.326, 69))


def _stft() -> Iterator[Route]:
    plain, heap = phase_method("griffin_lim"), phase_method("heap_integration")
    polished = phase_method("heap_integration", iterations=POLISH)
    yield Route("STFT 512/128, original phase", through_original_phase(S3_FRAMES))
    yield Route("STFT 512/128, Griffin-Lim", through_stft(S3_FRAMES, plain))
    for frames in (
        S3_FRAMES,
        FrameSpec(1024, 256),
        FrameSpec(1024, 128),
        FrameSpec(1024, 128, "gaussian"),
    ):
        name = f"STFT {framed(frames)}, heap integration"
        yield Route(name, through_stft(frames, heap))
        yield Route(f"{name}, {POLISH} rounds", through_stft(frames, polished))


def _bands() -> Iterator[Route]:
    heap = phase_method("heap_integration")
    polished = phase_method("heap_integration", iterations=POLISH)
    for frames in (S3_FRAMES, FrameSpec(1024, 128)):
        name = f"mel 128 of {framed(frames)}, heap integration"
        yield Route(name, _mel(frames, heap))
        yield Route(f"{name}, {POLISH} rounds", _mel(frames, polished))
    how = f"{WIDE_DB:.0f} dB, heap integration, {POLISH} rounds"
    short = _mel(SHORT_FRAMES, polished, WIDE_DB)
    yield Route(f"mel 128 of {framed(SHORT_FRAMES)}, {how}", short)
    yield Route("CQT 168, heap integration", through_front_end("cqt", CQT, heap))
    yield Route(
        f"CQT 168, heap integration, {POLISH} rounds", through_front_end("cqt", CQT, polished)
    )
    wide = through_front_end("cqt", {**CQT, "range_db": WIDE_DB}, polished)
    yield Route(f"CQT 168, {how}", wide)


def trained_routes(
    request: Request, learned_from: Path, recipe_names: Sequence[str], *, minutes: float
) -> list[Route]:
    """Trains the networks that find phases, and makes their rows.

    Args:
        request: What was asked for.
        learned_from: A folder of sounds to learn from; none of those that are reconstructed.
        recipe_names: Recipes of instruments with the ability "phase".
        minutes: Minutes that each learns.

    Returns:
        Two rows a network: behind mel bands of its own frames, and behind all magnitudes.
    """
    workspace = material.library(request, [learned_from])
    routes = []
    for recipe in recipe_names:
        instrument = trained(request, workspace, recipe, name=recipe, minutes=minutes)
        phase = TrainedPhase(instrument)
        phase.check_rate(NOTE_HZ)
        frames = phase.network.frames
        s3 = S3_TRAINED.get(instrument.recipe.family) if frames == S3_FRAMES else None
        routes += [
            Route(f"mel 128 of {framed(frames)}, {recipe}", _mel(frames, phase), s3),
            Route(f"STFT {framed(frames)}, {recipe}", through_stft(frames, phase)),
        ]
    return routes


def drum_routes() -> list[Route]:
    """Makes the rows of the other sounds: at 44.1 kHz, and S3's 16 kHz inside of it.

    Returns:
        The rows.
    """
    zero, fast = phase_method("zero"), phase_method("fast_griffin_lim")
    plain, heap = phase_method("griffin_lim"), phase_method("heap_integration")
    polished = phase_method("heap_integration", iterations=POLISH)
    coarse, fine = FrameSpec(1024, 256), FrameSpec(1024, 128)
    return [
        Route("16 kHz: band alone", at_rate(NOTE_HZ)),
        Route(
            "16 kHz: mel 128 of 512/128, Griffin-Lim (S3)", at_rate(NOTE_HZ, _mel(S3_FRAMES, plain))
        ),
        Route(
            "16 kHz: STFT 1024/128, heap integration", at_rate(NOTE_HZ, through_stft(fine, heap))
        ),
        Route("STFT 1024/256, zero phase", through_stft(coarse, zero)),
        Route("STFT 1024/256, fast Griffin-Lim", through_stft(coarse, fast)),
        Route("STFT 1024/256, original phase", through_original_phase(coarse)),
        *(
            Route(f"STFT {framed(frames)}, heap integration", through_stft(frames, heap))
            for frames in (FrameSpec(512, 64), fine, FrameSpec(2048, 256))
        ),
        Route(f"STFT 1024/128, heap integration, {POLISH} rounds", through_stft(fine, polished)),
        Route("mel 128 of 1024/256, Griffin-Lim", _mel(coarse, plain)),
        Route("mel 128 of 1024/256, heap integration", _mel(coarse, heap)),
    ]
