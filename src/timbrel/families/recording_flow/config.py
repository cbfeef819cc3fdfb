"""The options of the family `recording_flow`."""

from itertools import pairwise

from pydantic import model_validator

from timbrel.recipes import Options, option


class RecordingFlowOptions(Options):
    """Principal components of a recording's frames, drawn at several scales of time.

    Lists have one value a scale, the coarsest first.
    """

    frames_a_position: tuple[int, ...] = option(
        (16, 4, 1),
        "Frames of a position; each divides the one before, and the last is 1.",
    )
    components: tuple[int, ...] = option(
        (24, 64, 128), "Principal components that each scale tells; no fewer than the one before."
    )
    channels: tuple[int, ...] = option((96, 128, 128), "Channels of each scale's network.")
    blocks: tuple[int, ...] = option(
        (4, 5, 7), "Residual blocks of each scale's network; they look 1, 2, 4 positions apart."
    )
    crops: tuple[int, ...] = option(
        (32, 64, 96), "Positions of the stretches that each scale learns from."
    )
    batches: tuple[int, ...] = option((8, 8, 8), "Stretches a step.")
    draw_steps: int = option(24, "Steps in which each scale is drawn.", low=1, high=500)
    temperature: float = option(
        1.0,
        "Spread of the noise that a piece is drawn from; 1 draws as widely as was learned.",
        low=0, high=2,
    )  # fmt: skip
    led: float = option(
        0.5, "Share of stretches that are learned with a part of them known.", low=0, high=1
    )
    hinted: float = option(
        0.25,
        "Share of stretches that are learned with what a dull or noisy copy of them tells.",
        low=0, high=1,
    )  # fmt: skip
    unit_db: float = option(
        80.0, "What a code's range of 0 to 1 stands for, as the front end has it.",
        unit="dB", low=1, high=200,
    )  # fmt: skip
    doubt: float = option(
        0.1, "Noise on what a scale is told of the one above it, at most, in its own spread.",
        low=0, high=10,
    )  # fmt: skip

    @model_validator(mode="after")
    def _fits(self) -> "RecordingFlowOptions":
        lists = ("components", "channels", "blocks", "crops", "batches")
        count = len(self.frames_a_position)
        for name in lists:
            if len(getattr(self, name)) != count:
                raise ValueError(
                    f"{len(getattr(self, name))} {name} and {count} frames_a_position: one a scale"
                )
        spans = self.frames_a_position
        if not spans or spans[-1] != 1 or min(spans) < 1:
            raise ValueError(f"frames_a_position {list(spans)}: falling to 1")
        if any(one % other or one == other for one, other in pairwise(spans)):
            raise ValueError(f"frames_a_position {list(spans)}: each must divide the one before")
        if list(self.components) != sorted(self.components) or self.components[0] < 1:
            raise ValueError(f"components {list(self.components)}: rising")
        if min(*self.channels, *self.crops, *self.batches) < 1 or min(self.blocks) < 1:
            raise ValueError("channels, blocks, crops and batches: 1 or more")
        return self
