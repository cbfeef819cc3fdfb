"""A demo sound is one that timbrel synthesises itself: the first minute needs no one's files.

`voices` names the labels and makes one sound of any of them; `folder` writes a whole library.
"""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44_100
LONGEST_S = 2.0
SHORTEST_S = 0.08

Samples = NDArray[np.float64]
"""One channel of sound, float64 [T]; while it is being made its level is free."""
