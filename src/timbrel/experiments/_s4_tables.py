"""What S4 found: its tables 5.1 to 5.6, mean squared errors in dB²."""

from typing import Final

FRAME = "1-D"
STRIDES = ("single", "double", "triple")
# bands -> stride -> values of an embedding
EMBEDDINGS: Final = {
    "log-magnitude": {"single": 250, "double": 124, "triple": 62},
    "log-mel": {"single": 56, "double": 28, "triple": 14},
}
BANDS = tuple(EMBEDDINGS)


def arm_name(bands: str, stride: str) -> str:
    """Names a 2-D network in tables.

    Args:
        bands: "log-magnitude" or "log-mel".
        stride: "single", "double" or "triple".

    Returns:
        Its name.

    Example:
        >>> arm_name("log-mel", "double")
        'log-mel double'
    """
    return f"{bands} {stride}"


# network -> training, validation, test (tables 5.1, 5.3, 5.5)
SPLITS: Final[dict[str, tuple[float, float, float]]] = {
    FRAME: (4.237, 4.638, 1.190),
    "log-magnitude single": (9.779, 10.094, 7.831),
    "log-magnitude double": (13.717, 14.056, 10.711),
    "log-magnitude triple": (18.292, 19.056, 16.655),
    "log-mel single": (30.579, 31.084, 18.322),
    "log-mel double": (49.685, 48.439, 33.689),
    "log-mel triple": (62.833, 60.471, 43.300),
}
PITCHES = tuple(range(30, 101, 5))
# network -> test, pitch by pitch (tables 5.2, 5.4, 5.6)
BY_PITCH: Final[dict[str, tuple[float, ...]]] = {
    FRAME: (1.049, 1.393, 0.935, 1.096, 1.019, 1.108, 1.086, 1.111, 1.164, 1.041, 1.177, 1.753,
            1.100, 1.796, 2.043),
    "log-magnitude single": (7.084, 7.912, 7.292, 7.251, 6.840, 7.535, 7.444, 8.313, 7.410, 7.850,
                             8.624, 9.299, 8.798, 9.948, 12.346),
    "log-magnitude double": (9.175, 12.294, 11.205, 12.434, 9.903, 10.434, 10.128, 10.286, 9.868,
                             9.949, 10.529, 11.090, 11.435, 12.032, 13.179),
    "log-magnitude triple": (12.241, 15.426, 18.639, 22.151, 20.287, 18.102, 17.670, 16.497,
                             14.894, 14.273, 15.486, 16.598, 16.415, 17.049, 19.812),
    "log-mel single": (17.178, 18.380, 19.382, 22.036, 22.398, 22.159, 21.472, 22.303, 23.875,
                       24.571, 29.053, 29.395, 33.316, 31.385, 32.129),
    "log-mel double": (24.567, 26.142, 34.125, 55.770, 41.101, 43.215, 40.493, 40.140, 41.950,
                       37.424, 43.572, 46.822, 51.408, 51.593, 51.426),
    "log-mel triple": (30.302, 36.509, 44.062, 51.097, 49.810, 56.664, 54.690, 51.926, 50.904,
                       49.297, 60.926, 62.750, 72.206, 70.607, 70.890),
}  # fmt: skip
