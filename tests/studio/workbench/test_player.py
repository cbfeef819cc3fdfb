"""One thread plays, in the order of asking; a journal runs nothing that was not asked for."""

import threading
from pathlib import Path

import pytest

from timbrel.studio.workbench import commands
from timbrel.studio.workbench.faults import TooMuch
from timbrel.studio.workbench.player import Player

ROOT = Path("beats")


def test_requests_are_played_for_one_at_a_time_in_their_order() -> None:
    player, order, may_go_on = Player(lambda: False), list[int](), threading.Event()
    first = threading.Thread(target=lambda: player.play(may_go_on.wait))
    first.start()
    others = []
    for number in range(5):
        others.append(
            threading.Thread(target=lambda n=number: player.play(lambda: order.append(n)))
        )
        others[-1].start()
        while player._thread._work_queue.qsize() <= number:  # until it stands in the queue
            pass
    assert order == []
    assert player.is_asked
    may_go_on.set()
    for thread in (first, *others):
        thread.join()
    assert order == [0, 1, 2, 3, 4]
    assert not player.is_asked


def test_beyond_so_many_who_wait_the_next_is_told_so() -> None:
    player, may_go_on = Player(lambda: False, most_waiting=1), threading.Event()
    first = threading.Thread(target=lambda: player.play(may_go_on.wait))
    first.start()
    while not player.is_asked:
        pass
    with pytest.raises(TooMuch, match="wait a moment"):
        player.play(lambda: None)
    may_go_on.set()
    first.join()
    assert player.play(lambda: 1) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["demo", "--out", "beats/demo"],
        ["generate", "kit", "--count", "1", "--out", "/home/me"],
        ["generate", "kit", "--count", "1", "--out", "beats/../elsewhere"],
        ["generate", "kit", "--count", "1", "--out=/home/me"],
        ["scan", "/drums", "--workspace", "/other"],
        ["scan", "/drums", "--workspace=/other"],
        ["listen", "build", "/elsewhere", "--kind", "mos"],
        [],
    ],
)
def test_a_journal_of_a_stranger_runs_nothing(arguments: list[str]) -> None:
    assert not commands.is_ours(ROOT, commands.whole(ROOT, arguments))


def test_a_command_for_another_workspace_is_not_ours() -> None:
    assert not commands.is_ours(ROOT, commands.whole(Path("other"), ["scan", "/drums"]))
    assert commands.is_ours(ROOT, commands.whole(ROOT, ["scan", "/drums"], seed=3))
