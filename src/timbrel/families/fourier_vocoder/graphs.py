"""Why `fourier_vocoder` cannot be exported."""

REASON = (
    "it solves a system of equations for each frame after the one before, which no graph of "
    "operations does quickly"
)
