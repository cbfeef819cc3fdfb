"""The page about the studio's API: its ten lines run against a studio."""

import re
import socket
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from fixtures_graphs import drawn_instrument
from timbrel.instruments import folder
from timbrel.signal import files
from timbrel.studio.workbench.app import make_app
from timbrel.studio.workbench.bench import Bench

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rest.md"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_ten_lines_make_sounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, port = tmp_path / "ws", _free_port()
    folder.save(root / "instruments" / "drums", drawn_instrument("pca-tiny")[0], run_folder=None)
    app = make_app(Bench(root), port=port, page={"index.html": b"<p></p>"})
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.05)
        assert server.started
        (code,) = re.findall(
            r"^```py\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        monkeypatch.chdir(tmp_path)
        exec(compile(code.replace("8765", str(port)), "rest.md", "exec"), {})
    finally:
        server.should_exit = True
        thread.join(20)
    assert capsys.readouterr().out.strip() == "['drums']"
    for number in range(2):
        assert files.read(tmp_path / f"new-{number}.wav").samples.abs().max() > 0.1
