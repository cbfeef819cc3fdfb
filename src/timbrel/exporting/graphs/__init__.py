"""Instruments as graphs of operations: what a program without Python needs to play them."""
