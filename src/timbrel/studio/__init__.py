"""The pages that timbrel serves, on this machine and to nobody else."""
