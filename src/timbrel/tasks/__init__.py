"""Tasks: one typed function per verb. They wire rooms together and never print."""
