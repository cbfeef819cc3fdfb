"""Endings of files that may hold sound. Apart from `files`, for scans that do without torch."""

SUFFIXES = frozenset(
    {
        *(".wav", ".wave", ".bwf", ".rf64", ".w64"),
        *(".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".opus", ".mp3"),
        *(".au", ".snd", ".caf", ".m4a", ".m4b", ".aac", ".mp4"),
    }
)
"""Endings, in lower case, of the files that timbrel tries to read; what is in them decides."""
