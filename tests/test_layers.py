"""The layer rule: a room imports only from lower levels, and families never from each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "timbrel"
LEVELS = {
    "errors": 0, "plugins": 0, "recipes": 0, "settings": 0, "progress": 0, "atomic": 0,
    "signal": 1,
    "library": 2, "blocks": 2, "losses": 2,
    "families": 3,
    "instruments": 4,
    "training": 5, "synthesis": 5, "mapping": 5, "evaluation": 5, "exporting": 5,
    "tasks": 6,
    "experiments": 7,
    "cli": 8, "studio": 8,
    "__main__": 9,
}  # fmt: skip


def _room(parts: tuple[str, ...]) -> str:
    """Families count as rooms of their own: they do not import each other."""
    name = Path(parts[0]).stem
    return "/".join(parts[:2]) if name == "families" and len(parts) > 2 else name


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _faults(root: Path) -> list[str]:
    faults = []
    for file in sorted(root.rglob("*.py")):
        parts = file.relative_to(root).parts
        room = _room(parts)
        if room == "__init__":
            continue
        for line, name in _imports(ast.parse(file.read_text(encoding="utf-8"))):
            if name.startswith("."):
                faults.append(f"{file.relative_to(root)}:{line}: a relative import")
            elif name.startswith("timbrel.") and not _allowed(room, _target(name)):
                faults.append(f"{file.relative_to(root)}:{line}: {room} imports {name}")
    return faults


def _target(name: str) -> str:
    parts = name.split(".")[1:]
    if parts[0] != "families" or len(parts) < 3:
        return parts[0]
    return "/".join(parts[:2])


def _allowed(room: str, target: str) -> bool:
    if target == "__version__" or room == target:
        return True
    level, other = LEVELS[room.split("/")[0]], LEVELS[target.split("/")[0]]
    return (
        other < level or (level == 0 and other == 0) or target == "families" == room.split("/")[0]
    )


def test_no_arrow_runs_up() -> None:
    assert _faults(SOURCE) == []


def _module(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _needs() -> dict[str, set[str]]:
    """What each module imports when it is imported itself (not later, inside a function)."""
    files = {_module(file): file for file in SOURCE.rglob("*.py")}
    needs = {}
    for module, file in files.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found = {name for node in tree.body for _, name in _imports_of(node)}
        parents = {name.rpartition(".")[0] for name in found}
        needs[module] = (found | parents) & files.keys() - {module, "timbrel"}
    return needs


def _imports_of(node: ast.stmt) -> Iterator[tuple[int, str]]:
    return _imports(node) if isinstance(node, ast.Import | ast.ImportFrom) else iter(())


def test_no_imports_run_in_a_circle() -> None:
    needs = _needs()
    while free := {module for module, others in needs.items() if not others & needs.keys()}:
        for module in free:
            del needs[module]
    assert needs == {}


def test_every_room_has_a_level() -> None:
    rooms = {p.stem for p in SOURCE.iterdir() if p.stem not in {"__init__", "py", "__pycache__"}}
    assert rooms <= set(LEVELS)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("signal/tone.py", "from timbrel.training import loop"),
        ("training/loop.py", "import timbrel.synthesis.morph"),
        ("families/one/network.py", "from timbrel.families.two import network"),
        ("signal/tone.py", "from .. import training"),
        ("instruments/folder.py", "def f():\n    from timbrel.tasks import train"),
    ],
)
def test_a_planted_arrow_is_found(tmp_path: Path, file: str, line: str) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(line)
    assert len(_faults(tmp_path)) == 1
    assert _faults(tmp_path)[0].startswith(f"{file}:{line.count(chr(10)) + 1}:")
