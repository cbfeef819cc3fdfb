"""What the page may ask for, one file a subject: each answer is made elsewhere, by a task."""

from typing import Annotated

from fastapi import Path

Named = Annotated[str, Path(max_length=120)]  # an instrument, recipe, training or test
