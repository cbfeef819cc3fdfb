"""Previews of what learns from a recording: a new piece now and then, beside the recording."""

from itertools import islice
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from timbrel import atomic
from timbrel.blocks.outline import Outline
from timbrel.errors import TrainingError
from timbrel.instruments import recorded
from timbrel.instruments.offers import Improvises
from timbrel.recipes import Recipe
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.signal.frontends import FrontEnd
from timbrel.signal.phase import GivesPhase
from timbrel.signal.stft import FrameSpec, magnitude
from timbrel.training.latents import device_of
from timbrel.training.seeds import derived

LONGEST_S = 12.0
_RANGE_DB = 80.0


class RecordingPreviewer:
    """Writes previews of a network that improvises; give it to `loop.train`.

    At its first call it writes the recording (``original.wav``), then at each call a new piece as
    long as it, 12 s at most, by the same seed (``step-000400.wav``), and a picture of both.

    Args:
        folder: Where previews go, usually ``previews/`` in the training's folder.
        recipe: The recipe.
        channels: Channels of the recording.
    """

    def __init__(self, folder: Path, recipe: Recipe, *, channels: int) -> None:
        self.folder, self.recipe, self.channels = folder, recipe, channels
        longest = round(LONGEST_S * recipe.sample_rate)
        self.length_samples = min(longest, recipe.length_samples)

    @torch.no_grad()
    def __call__(self, network: nn.Module, step: int) -> None:
        """Writes one preview.

        Args:
            network: A network that improvises.
            step: Steps done.
        """
        if not isinstance(network, Improvises):
            raise TrainingError(f"a network of type {type(network).__name__}", "one that plays")
        original = network.recording.parts()[0][:, : self.length_samples].cpu()
        if not (self.folder / "original.wav").exists():
            self._write(original, "original")
        made = self._made(network, device_of(network))
        self._write(made, f"step-{step:06d}")
        self._draw(original, made, step)

    def _made(self, network: Improvises, device: torch.device) -> Tensor:
        front_end = cast(FrontEnd, self.recipe.front_end)
        frames = front_end.code_shape(self.length_samples)[1]
        draws = torch.Generator(device).manual_seed(derived(0, "preview", 0))
        parts = islice(network.improvise(Outline(frames), draws), frames)
        code = torch.cat(list(parts), dim=1)[:, :frames].float().cpu()
        return recorded.sounded(
            self.recipe,
            code,
            1.0,
            channels=self.channels,
            length_samples=self.length_samples,
            phase=cast(GivesPhase, self.recipe.phase),
            seed=0,
        )

    def _write(self, samples: Tensor, name: str) -> None:
        sound = Sound(samples.float(), self.recipe.sample_rate, "")
        path = self.folder / f"{name}.wav"
        files.write(path, sound, encoding="pcm_16", on_clip="scale", force=True)

    def _draw(self, original: Tensor, made: Tensor, step: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(10, 5), layout="constrained")
        FigureCanvasAgg(figure)
        frames = FrameSpec(1024, 256)
        for axis, sound, title in zip(
            figure.subplots(2, 1), (original, made), ("the recording", f"step {step}"), strict=True
        ):
            cells = magnitude(sound.mean(0, keepdim=True), frames)[0].clamp(min=1e-9)
            level = 20 * (cells / cells.max().clamp(min=1e-9)).log10()
            extent = (0.0, sound.shape[1] / self.recipe.sample_rate, 0.0, self._top_khz())
            axis.imshow(
                level.numpy(), origin="lower", aspect="auto", vmin=-_RANGE_DB, vmax=0, extent=extent
            )
            axis.set_title(title, fontsize=9)
            axis.set_ylabel("kHz")
        with atomic.new_file(self.folder / f"step-{step:06d}.png") as part:
            figure.savefig(part, dpi=80)

    def _top_khz(self) -> float:
        return self.recipe.sample_rate / 2000
