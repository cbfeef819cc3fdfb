"""Instruments: what training makes, and the folder it lives in."""
