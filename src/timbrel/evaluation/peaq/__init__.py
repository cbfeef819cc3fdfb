"""PEAQ: how much worse listeners would find a sound than the original, as a grade."""

from timbrel.evaluation.peaq.grading import Grade, grade, joined

__all__ = ["Grade", "grade", "joined"]
