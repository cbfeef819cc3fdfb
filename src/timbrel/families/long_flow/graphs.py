"""Why `long_flow` cannot be exported."""

REASON = (
    "the step of its flow looks along beats by tables of rows that each tempo makes anew, and "
    "its encoder listens with a beat tracker; neither is written as a graph"
)
