"""The rows of the reconstruction experiment, in the order of its tables."""

from collections.abc import Iterator

from timbrel.experiments import Request
from timbrel.experiments._routes import (
    Route,
    at_rate,
    phase_method,
    through_front_end,
    through_original_phase,
    through_stft,
)

S3_WINDOW, S3_HOP = 512, 128
MEL = {"n_fft": S3_WINDOW, "hop_samples": S3_HOP, "mels": 128}


def note_routes(request: Request, *, pitch: int, minutes: float) -> list[Route]:
    """Makes the rows of the notes; the trained ones learn from notes of other pitches first.

    Args:
        request: What was asked for.
        pitch: MIDI note number of the notes that are reconstructed, and not learned from.
        minutes: Minutes that each trained route learns.

    Returns:
        The rows, from S3's to ours.
    """
    return [*_of_s3(), *_of_ours()]


def _of_s3() -> Iterator[Route]:
    zero, fast = phase_method("zero"), phase_method("fast_griffin_lim")
    stft = f"STFT {S3_WINDOW}/{S3_HOP}"
    yield Route(f"{stft}, zero phase", through_stft(S3_WINDOW, S3_HOP, zero), (-3.506, 57))
    yield Route(f"{stft}, fast Griffin-Lim", through_stft(S3_WINDOW, S3_HOP, fast), (-0.585, 63))
    mel = through_front_end("log_mel", MEL, fast)
    yield Route("mel 128, fast Griffin-Lim", mel, (-1.966, 61))


def _of_ours() -> Iterator[Route]:
    plain = phase_method("griffin_lim")
    yield Route(f"STFT {S3_WINDOW}/{S3_HOP}, Griffin-Lim", through_stft(S3_WINDOW, S3_HOP, plain))


def drum_routes() -> list[Route]:
    """Makes the rows of the other sounds: at 44.1 kHz, and S3's 16 kHz inside of it.

    Returns:
        The rows.
    """
    zero, fast = phase_method("zero"), phase_method("fast_griffin_lim")
    plain = phase_method("griffin_lim")
    return [
        Route("16 kHz band alone", at_rate(16_000)),
        Route(
            "S3: 16 kHz, mel 128, Griffin-Lim",
            at_rate(16_000, through_front_end("log_mel", MEL, plain)),
        ),
        Route("STFT 1024/256, zero phase", through_stft(1024, 256, zero)),
        Route("STFT 1024/256, fast Griffin-Lim", through_stft(1024, 256, fast)),
        Route(
            "mel 128, Griffin-Lim",
            through_front_end("log_mel", {"n_fft": 1024, "hop_samples": 256, "mels": 128}, plain),
        ),
    ]
