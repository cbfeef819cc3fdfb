"""Evaluation: the answer to "how good is it"."""
