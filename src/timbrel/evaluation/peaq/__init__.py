"""PEAQ: how much worse listeners would find a sound than the original, as a grade.

`grading` has the grade of a pair, and of many pairs joined; the other files are its parts, in the
order in which a sound passes them: bands and ear, spectra (with harmonics and extent), patterns,
loudness and detection, variables (with averages), network.
"""
