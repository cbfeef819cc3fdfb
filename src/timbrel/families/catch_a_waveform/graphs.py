"""Why `catch_a_waveform` cannot be exported."""

REASON = (
    "each of its scales asks the one below for more samples as it plays, without an end; that "
    "is a program and no graph"
)
