"""What is made at once: a click, a key, a drag. Instruments are open, and one plays at a time."""

from collections.abc import Callable, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from timbrel.signal import files
from timbrel.studio.workbench import commands, planning, sounds
from timbrel.studio.workbench.bench import Bench
from timbrel.studio.workbench.faults import NotReady
from timbrel.studio.workbench.models.instruments import MorphWish, PathWish, PickWish, PlayWish
from timbrel.studio.workbench.models.made import Made, MadeAgain, MadeNow, Picked
from timbrel.studio.workbench.models.wishes import Wish
from timbrel.synthesis import renders
from timbrel.synthesis.sliders import Wanted
from timbrel.tasks import generate as generating
from timbrel.tasks import map_path
from timbrel.tasks import morph as morphing
from timbrel.tasks import pick as picking
from timbrel.tasks.instruments import open_named
from timbrel.tasks.layouts import Layout, is_laid_out

AGAIN: dict[str, type[PickWish | PathWish | PlayWish | MorphWish]] = {
    "pick": PickWish,
    "path": PathWish,
    "play": PlayWish,
    "morph": MorphWish,
}


def pick(bench: Bench, name: str, wish: PickWish) -> Picked:
    """Makes the sound of points of the map, or of a mix.

    Args:
        bench: What the studio works with.
        name: The instrument.
        wish: Where.

    Returns:
        The sound, and where it lies.
    """
    ids = [_on_map(bench, reference) for reference in wish.sounds]
    id_, out = _file(bench, name, "pick")
    weights = None if wish.weights is None else tuple(wish.weights)

    def played() -> picking.Picked:
        _laid_out(bench, name, wish)
        return picking.pick(
            bench.workspace,
            name,
            picking.Wish(tuple(wish.at), tuple(ids), weights),
            out=out,
            projection=wish.projection,
            seed=wish.seed,
            device=bench.device,
        )

    picked = bench.play(played)
    arguments = commands.pick(name, wish, ids, out.name)
    made = _keep(bench, out, id_, "pick", name, arguments, wish, called=picked.label)
    return Picked(made=made, at=picked.at, note=picked.note)


def _laid_out(bench: Bench, name: str, wish: PickWish | PathWish) -> None:
    """Refuses a map that is not laid out: that takes a minute, and others wait meanwhile."""
    instrument = open_named(bench.workspace, name, bench.device)
    if "map" not in instrument.abilities:
        return  # the task says so better
    if not is_laid_out(bench.workspace, instrument, Layout(wish.projection, (), wish.seed)):
        raise NotReady(f"the map of {name!r} is not laid out", advice="lay it out first: a job map")


def path(bench: Bench, name: str, wish: PathWish) -> Picked:
    """Makes one sound of a way over the map.

    Args:
        bench: What the studio works with.
        name: The instrument.
        wish: The way.

    Returns:
        The sound, and where it ends.
    """
    id_, out = _file(bench, name, "path")

    def played() -> picking.Picked:
        _laid_out(bench, name, wish)
        return map_path.follow(
            bench.workspace,
            name,
            wish.points,
            steps=wish.steps,
            seconds=wish.seconds,
            out=out,
            projection=wish.projection,
            seed=wish.seed,
            device=bench.device,
        )

    picked = bench.play(played)
    arguments = commands.path(name, wish, out.name)
    made = _keep(bench, out, id_, "path", name, arguments, wish, called="path")
    return Picked(made=made, at=picked.at, note=picked.note)


def play(bench: Bench, name: str, wish: PlayWish) -> MadeNow:
    """Makes a few sounds.

    Args:
        bench: What the studio works with.
        name: The instrument.
        wish: How many, of what, and with what sliders.

    Returns:
        The sounds.
    """
    folder = _folder(bench, name)
    made = bench.play(
        lambda: generating.generate(
            bench.workspace,
            name,
            count=wish.count,
            label=wish.label,
            out=folder,
            seed=wish.seed,
            device=bench.device,
            wanted=Wanted(dict(wish.sliders.values), tuple(wish.sliders.locked)),
            seconds=wish.seconds,
            tempo_bpm=wish.tempo_bpm,
        )
    )
    arguments = commands.play(name, wish, folder.name)
    return MadeNow(made=_keep_all(bench, made.paths, "play", name, arguments, wish))


def morph(bench: Bench, name: str, wish: MorphWish) -> MadeNow:
    """Makes sounds between two to four sounds.

    Args:
        bench: What the studio works with.
        name: The instrument.
        wish: Which sounds, and how much of each.

    Returns:
        The sounds.
    """
    given = [sounds.path_of(bench, reference) for reference in wish.sounds]
    folder = _folder(bench, name)
    made = bench.play(
        lambda: morphing.morph(
            bench.workspace,
            name,
            given,
            steps=wish.steps,
            weights=None if wish.weights is None else [wish.weights],
            out=folder,
            seed=wish.seed,
            device=bench.device,
        )
    )
    arguments = commands.morph(name, wish, [str(one) for one in given], folder.name)
    return MadeNow(made=_keep_all(bench, made.paths, "morph", name, arguments, wish))


def again(bench: Bench, id_: str) -> MadeAgain:
    """Makes a sound of the history once more.

    Args:
        bench: What the studio works with.
        id_: Its id.

    Returns:
        The new sound, and whether its samples are the same to the last bit; or the job that makes
        it, where it was made by one.

    Raises:
        Gone: When there is no such sound.
    """
    before, wish = bench.history.one(id_), dict(bench.history.wish(id_))
    if before.kind not in AGAIN:
        wished: Wish = TypeAdapter(Wish).validate_python(wish)
        return MadeAgain(job=planning.begin(bench, wished))
    number = int(wish.pop("number", 0))
    makers: dict[str, Callable[..., Picked | MadeNow]] = {
        "pick": pick, "path": path, "play": play, "morph": morph,
    }  # fmt: skip
    asked = AGAIN[before.kind].model_validate(wish)
    answer = makers[before.kind](bench, before.instrument, asked)
    made = answer.made if isinstance(answer, Picked) else answer.made[number]
    return MadeAgain(
        made=made, same=_same(bench.history.file(id_), bench.history.file(made.id))
    )  # fmt: skip


def _same(one: Path, other: Path) -> bool:
    first, second = files.read(one), files.read(other)
    return first.samples.shape == second.samples.shape and bool(
        (first.samples == second.samples).all()
    )


def _on_map(bench: Bench, reference: str) -> str:
    """A sound of the library is on the map by its id; any other is heard from its file."""
    room, _, id_ = reference.partition(":")
    return id_ if room == "library" else str(sounds.path_of(bench, reference))


def _file(bench: Bench, name: str, kind: str) -> tuple[str, Path]:
    id_ = bench.history.next_id()
    called = renders.safe_name(f"{name}-{kind}-{id_}")
    return id_, bench.workspace.renders / "studio" / f"{called}.wav"


def _folder(bench: Bench, name: str) -> Path:
    called = renders.safe_name(f"{name}-{bench.history.next_id()}")
    return bench.workspace.renders / "studio" / called


def _keep_all(
    bench: Bench, paths: Sequence[Path], kind: str, name: str, arguments: list[str],
    wish: PlayWish | MorphWish,
) -> list[Made]:  # fmt: skip
    made = []
    for number, path_ in enumerate(paths):
        id_ = bench.history.next_id()
        called = getattr(wish, "label", None) or ("sound" if kind == "play" else kind)
        made.append(_keep(bench, path_, id_, kind, name, arguments, wish, number, called=called))
    return made


def _keep(  # noqa: PLR0913 - what is kept of a sound
    bench: Bench,
    out: Path,
    id_: str,
    kind: str,
    name: str,
    arguments: list[str],
    wish: PickWish | PathWish | PlayWish | MorphWish,
    number: int = 0,
    *,
    called: str = "",
) -> Made:
    made = bench.history.add(
        out,
        id_=id_,
        kind=kind,
        instrument=name,
        command=commands.shown(bench.workspace.root, arguments, seed=wish.seed),
        wish={**wish.model_dump(mode="json"), "number": number},
        name=renders.safe_name(f"{called} {int(id_, 16)}") if called else "",
    )
    bench.measuring.ask([id_])
    return made
