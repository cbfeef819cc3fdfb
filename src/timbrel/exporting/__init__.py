"""Instruments for samplers: keys, tuning, loops, levels, and the formats that samplers read."""
