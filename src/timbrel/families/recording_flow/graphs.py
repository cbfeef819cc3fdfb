"""Why `recording_flow` cannot be exported."""

REASON = (
    "it plays in stretches that look back at what was played, scale within scale; its own "
    "code is what steps it, and it is not written as a graph"
)
