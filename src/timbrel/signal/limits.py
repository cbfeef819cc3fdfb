"""How loud a sound may be. Apart from `levels`, for processes that do without torch."""

LOUDEST = 1e6
"""The highest sample, full scale at 1, that timbrel works with: +120 dB.

Far above all that float files are mixed with, and far below where sums of squares leave float32.
"""
