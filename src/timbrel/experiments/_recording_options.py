"""The settings of the experiment about one recording."""

from typing import Literal

from timbrel.recipes import Options, option

Part = Literal["pieces", "holes", "bandwidth", "noise", "seams"]


class OneRecordingOptions(Options):
    """Which instruments learn from which recordings, how long, and what they are asked."""

    recipes: tuple[str, ...] = option(
        ("single", "caw-s2"),
        "Recipes of the instruments, each with changes behind it if you like, as in "
        '"single network.temperature=0.9"; the first is compared with the others.',
    )
    recordings: tuple[str, ...] = option(
        (), "Recordings by the names of their files; none takes all there are."
    )
    parts: tuple[Part, ...] = option(
        ("pieces", "holes", "bandwidth", "noise", "seams"), "What is asked of the instruments."
    )
    minutes: float = option(
        3.0,
        "Minutes of each training; there are up to three a recipe and recording.",
        unit="min",
        low=0.001,
        high=100_000,
    )
    seconds: float = option(
        25.0, "So much of each recording is used, from its beginning.", unit="s", low=4, high=600
    )
    pieces: int = option(6, "New pieces of each instrument.", low=2, high=64)
    holes_ms: tuple[float, ...] = option((50.0, 200.0, 750.0), "Lengths of the holes.", unit="ms")
    repaired_at: int = option(
        16_000,
        "Rate at which repairs are heard, in one channel; bandwidth is extended to it from half.",
        unit="Hz",
        low=2000,
        high=48_000,
    )
    snr_db: float = option(
        10.0, "How far the noise lies below the recording.", unit="dB", low=-20, high=60
    )
    draws: int = option(3, "Times that each hole is filled, or a band is added.", low=1, high=100)
    continuations: int = option(4, "Continuations of each instrument.", low=1, high=100)
    continued_s: float = option(4.0, "How long each goes on.", unit="s", low=1, high=60)
    heard: int = option(1, "Pieces of each instrument to see and hear.", low=0, high=8)
