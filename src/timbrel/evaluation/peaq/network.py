"""The network that turns eleven variables into a grade, with the weights of the standard."""

import numpy as np

from timbrel.evaluation.peaq.bands import Array

# ITU-R BS.1387-1, annex 2, tables 16 to 18; the variables stand in the order of `Variables`.
# fmt: off
_SMALLEST = np.array([
    393.916656, 361.965332, -24.045116, 1.110661, -0.206623, 0.074318,
    1.113683, 0.950345, 0.029985, 0.000101, 0.0,
])
_LARGEST = np.array([
    921.0, 881.131226, 16.212030, 107.137772, 2.886017, 13.933351,
    63.257874, 1145.018555, 14.819740, 1.0, 1.0,
])
# fmt: on
_HIDDEN_WEIGHTS = np.array(
    [
        [-0.502657, 0.436333, 1.219602],
        [4.307481, 3.246017, 1.123743],
        [4.984241, -2.211189, -0.192096],
        [0.051056, -1.762424, 4.331315],
        [2.321580, 1.789971, -0.754560],
        [-5.303901, -3.452257, -10.814982],
        [2.730991, -6.111805, 1.519223],
        [0.624950, -1.331523, -5.955151],
        [3.102889, 0.871260, -5.922878],
        [-1.051468, -0.939882, -0.142913],
        [-1.804679, -0.503610, -0.620456],
    ]
)
_HIDDEN_BIAS = np.array([-2.518254, 0.654841, -2.207228])
_WEIGHTS, _BIAS = np.array([-3.817048, 4.107138, 4.629582]), -0.307594
_LOWEST_GRADE, _HIGHEST_GRADE = -3.98, 0.22


def distortion_index(variables: Array) -> float:
    """Weighs the model output variables.

    Args:
        variables: The eleven of the basic version, in the order of `Variables`, [11].

    Returns:
        The distortion index; higher is better.

    Source:
        BS.1387-1, annex 2, 6.2; the variables are scaled but not clipped.
    """
    scaled = (variables - _SMALLEST) / (_LARGEST - _SMALLEST)
    return float(_BIAS + _WEIGHTS @ _sigmoid(_HIDDEN_BIAS + scaled @ _HIDDEN_WEIGHTS))


def difference_grade(index: float) -> float:
    """Maps a distortion index to the objective difference grade.

    Args:
        index: From `distortion_index`.

    Returns:
        The grade, from -3.98 to 0.22.

    Source:
        BS.1387-1, annex 2, 6.1, equation 95.

    Example:
        >>> round(difference_grade(0.0), 2)
        -1.88
    """
    grade = _LOWEST_GRADE + (_HIGHEST_GRADE - _LOWEST_GRADE) * _sigmoid(np.array(index))
    return float(grade)


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)
