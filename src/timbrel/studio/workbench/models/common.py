"""What all requests and answers are made of: names, numbers with their limits, faults.

Names are looked up, never joined to a path. A sound is named by where it is known:
``library:ID``, ``made:ID``, ``upload:ID`` or ``training:ID``.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_SEED = 2**32 - 1

MOST_IDS = 100_000

Reference = Annotated[str, Field(pattern=r"^(library|made|upload|training):[0-9a-z-]{1,64}$")]

Id = Annotated[str, Field(pattern=r"^[0-9a-z]{1,32}$")]

Name = Annotated[str, Field(min_length=1, max_length=120)]

Label = Annotated[str, Field(max_length=120)]

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]

Weight = Annotated[float, Field(ge=-2, le=3, allow_inf_nan=False)]

Seconds = Annotated[float, Field(ge=0, le=36_000, allow_inf_nan=False)]

Minutes = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]

Seed = Annotated[int, Field(ge=0, le=MOST_SEED)]

Point = tuple[Share, Share]

Hole = tuple[Seconds, Seconds]

Projection = Literal["umap", "tsne", "pca"]


class Asked(BaseModel):
    """The base of all that the page sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """The base of all that the server answers."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _readable(cls, told: Any) -> Any:
        return readable(told)


def readable(value: Any) -> Any:
    r"""Makes texts such that an answer can say them: a stranger's file may hold half a letter.

    Args:
        value: Texts, in lists and mappings or not.

    Returns:
        The same, with a question mark for what is no letter.

    Example:
        >>> readable(["a\udcff", 1])
        ['a?', 1]
    """
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {readable(key): readable(entry) for key, entry in value.items()}
    return [readable(entry) for entry in value] if isinstance(value, list) else value


class Fault(Told):
    """What went wrong: what was given, what is accepted, what to do next.

    Attributes:
        text: All of it in one line.
        given: What was wrong.
        accepted: What would have been accepted, "" where that does not help.
        advice: What to do next, "" where there is nothing.
    """

    text: str
    given: str = ""
    accepted: str = ""
    advice: str = ""


class FaultAnswer(Told):
    """The answer to a request that failed."""

    error: Fault


class Sliding(Asked):
    """What is asked of an instrument's sliders."""

    values: dict[Name, Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]] = Field(
        default_factory=dict, max_length=16
    )
    locked: list[Name] = Field(default_factory=list, max_length=16)
