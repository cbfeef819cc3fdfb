"""Previews: what a network in training makes of the same few sounds, to hear and to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from timbrel import atomic
from timbrel.instruments.offers import Encodes, FindsPhase, KnowsDetail, Samples
from timbrel.recipes import Recipe
from timbrel.signal import files
from timbrel.signal.files import Sound
from timbrel.signal.stft import magnitude
from timbrel.training.latents import device_of
from timbrel.training.seeds import derived
from timbrel.training.store import CodeStore

# codes [B, F, N], references [B] -> sounds [B, T]
Decode = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class PreviewSounds:
    """The few sounds that every preview is made of.

    Attributes:
        codes: Their codes, [B, F, N].
        references: The amplitude each code is relative to, [B].
        names: What they are called in pictures.
    """

    codes: Tensor
    references: Tensor
    names: tuple[str, ...]


def chosen(store: CodeStore, count: int, *, names: Sequence[str] = ()) -> PreviewSounds:
    """Chooses sounds for previews: spread evenly over labels, then over the store.

    Args:
        store: The validation split.
        count: How many; fewer where the store holds fewer.
        names: The name of each sound of the store; its ids where left out.

    Returns:
        The sounds.
    """
    by_label = sorted(range(len(store)), key=lambda row: (int(store.labels[row]), row))
    kept = min(count, len(store))
    rows = [by_label[(2 * place + 1) * len(store) // (2 * kept)] for place in range(kept)]
    titles = names or store.ids
    references = torch.from_numpy(store.references[rows])
    return PreviewSounds(store.batch(rows), references, tuple(titles[row] for row in rows))


def decoder(recipe: Recipe, *, seed: int = 0) -> Decode:
    """Makes the way from codes to sounds that a recipe names.

    Args:
        recipe: Its front end and phase method.
        seed: Seed of anything drawn on the way.

    Returns:
        A function from codes [B, F, N] and references [B] to sounds [B, T].
    """

    def decode(codes: Tensor, references: Tensor) -> Tensor:
        sound: Tensor = recipe.front_end.decode(  # type: ignore[attr-defined]
            codes,
            references,
            sample_rate=recipe.sample_rate,
            length_samples=recipe.length_samples,
            phase=recipe.phase,
            seed=seed,
        )
        return sound

    return decode


def remade(network: nn.Module, codes: Tensor) -> Tensor:
    """Gives what a network makes of codes.

    Args:
        network: A network that offers ``encode`` and ``decode``, or ``detail`` and ``play``; or
            one that finds phases, which gets the sounds' magnitudes and has to make sounds of them;
            or one that offers ``decode`` and ``sample`` alone, which makes sounds of its own, the
            same latents each time.
        codes: Codes, [B, F, N]; waveforms [B, 1, T] for a network that finds phases.

    Returns:
        Codes of the same shape.
    """
    if isinstance(network, KnowsDetail):
        return network.play(network.detail(codes))[0]
    if isinstance(network, Samples) and not isinstance(network, Encodes):
        return _made(network, codes)
    if not isinstance(network, FindsPhase):
        coder: Any = network
        decoded: Tensor = coder.decode(coder.encode(codes))
        return decoded
    length = codes.shape[2]
    found = network.waveform(magnitude(codes[:, 0], network.frames), length_samples=length, seed=0)
    return found[:, None]


def _made(network: Any, codes: Tensor) -> Tensor:
    """One at a time: sounds may be long, and what makes them wide."""
    draws = torch.Generator().manual_seed(derived(0, "preview", 0))
    latents = network.sample(len(codes), draws).to(codes.device)
    return torch.cat([network.decode(latent) for latent in latents.split(1)])


class Previewer:
    """Writes previews; give it to `loop.train`, which calls it now and then.

    At its first call it writes what the front end alone makes of the sounds
    (``1-original.wav`` ...), then at each call ``1-step-000400.wav`` ... and one picture,
    ``step-000400.png``, with the codes before and after. A network that makes sounds of its own
    alone has them beside real ones, which they are not meant to repeat.

    Args:
        folder: Where previews go, usually ``previews/`` in the training's folder.
        sounds: What they are made of.
        decode: From codes to sounds.
        sample_rate: Rate of the sounds in Hz.
    """

    def __init__(
        self, folder: Path, sounds: PreviewSounds, *, decode: Decode, sample_rate: int
    ) -> None:
        self.folder, self.sounds = folder, sounds
        self.decode, self.sample_rate = decode, sample_rate

    @torch.no_grad()
    def __call__(self, network: nn.Module, step: int) -> None:
        """Writes one preview.

        Args:
            network: A network that `remade` can be asked of.
            step: Steps done.
        """
        if len(self.sounds.codes) == 0:
            return
        if not self._path(1, "original").exists():
            self._write(self.sounds.codes, "original")
        device = device_of(network)
        made = remade(network, self.sounds.codes.to(device)).float().cpu()
        self._write(made, f"step-{step:06d}")
        if made.shape[1] > 1:  # samples are no picture
            self._draw(made, step)

    def _path(self, number: int, what: str) -> Path:
        return self.folder / f"{number}-{what}.wav"

    def _write(self, codes: Tensor, what: str) -> None:
        sounds = self.decode(codes, self.sounds.references)
        for number, samples in enumerate(sounds, start=1):
            sound = Sound(samples[None].float(), self.sample_rate, "")
            path = self._path(number, what)
            files.write(path, sound, encoding="pcm_16", on_clip="scale", force=True)

    def _draw(self, made: Tensor, step: int) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        count = len(made)
        figure = Figure(figsize=(6, 1.6 * count + 0.4), layout="constrained")
        FigureCanvasAgg(figure)
        grid = figure.subplots(count, 2, squeeze=False)
        for row, name, before, after in zip(
            grid, self.sounds.names, self.sounds.codes, made, strict=True
        ):
            for axis, code, title in ((row[0], before, name), (row[1], after, f"step {step}")):
                axis.imshow(code.numpy(), origin="lower", aspect="auto", vmin=0, vmax=1)
                axis.set_title(str(title)[:40].replace("$", r"\$"), fontsize=8)
                axis.set_axis_off()
        with atomic.new_file(self.folder / f"step-{step:06d}.png") as part:
            figure.savefig(part, dpi=80)
