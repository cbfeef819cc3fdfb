"""Why `deep_griffin_lim` cannot be exported."""

REASON = (
    "it finds phases for other instruments and plays no sound of its own; name it with "
    "--phase instead"
)
