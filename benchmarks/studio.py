"""The studio under load: many clients at once, for some minutes, on a real instrument.

    python benchmarks/studio.py WORKSPACE INSTRUMENT [--clients 50] [--minutes 2]

Each client does what a page does: it looks at the state, scrolls the table, fetches sounds, and
clicks on the map. Printed are the times of each kind of request, how many failed, and the memory of
the server over time. Times of `pick` are those of the queue: one instrument plays at a time.
"""

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import httpx2 as httpx

KINDS = (("state", 1), ("table", 3), ("sound", 6), ("pick", 4), ("made", 1))


def main() -> None:
    """Starts a server, loads it, and prints what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("workspace", type=Path)
    options.add_argument("instrument")
    options.add_argument("--clients", type=int, default=50)
    options.add_argument("--minutes", type=float, default=2.0)
    asked = options.parse_args()
    command = [sys.executable, "-m", "timbrel", "--workspace", str(asked.workspace), "--json",
               "studio", "--port", "0"]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            address = _address(server)
            asyncio.run(_load(address, server.pid, asked))
        finally:
            server.terminate()


def _address(server: "subprocess.Popen[str]") -> str:
    text = ""
    assert server.stdout
    for line in server.stdout:
        text += line
        if line.startswith("}"):
            return str(json.loads(text)["address"]).rstrip("/")
    raise SystemExit("the studio does not start")


async def _load(address: str, pid: int, asked: argparse.Namespace) -> None:
    times: dict[str, list[float]] = defaultdict(list)
    wrong: dict[str, int] = defaultdict(int)
    until_s = time.monotonic() + 60 * asked.minutes
    memory = [_memory_mb(pid)]
    async with httpx.AsyncClient(
        base_url=address, timeout=120, limits=httpx.Limits(max_connections=asked.clients)
    ) as client:
        first = await client.get("/api/library/sounds?count=200")
        sounds = [one["sound"] for one in first.json()["sounds"]]
        clients = [
            _client(client, number, asked.instrument, sounds, until_s, times, wrong)
            for number in range(asked.clients)
        ]
        await asyncio.gather(_watch(pid, memory, until_s), *clients)
    print(f"{asked.clients} clients, {asked.minutes:g} minutes")
    print(f"{'request':8} {'count':>7} {'median ms':>10} {'p95 ms':>9} {'p99 ms':>9} {'failed':>7}")
    for kind, _ in KINDS:
        own = sorted(times[kind])
        if own:
            at = [own[min(len(own) - 1, int(q * len(own)))] for q in (0.5, 0.95, 0.99)]
            shown = " ".join(f"{1000 * t:9.0f}" for t in at)
            print(f"{kind:8} {len(own):7} {shown} {wrong[kind]:7}")
    rate = len(times["pick"]) / (60 * asked.minutes)
    print(f"{rate:.1f} picks a second, so that {asked.clients} who wait take "
          f"{asked.clients / max(rate, 1e-9):.1f} s: what p99 of pick is bounded by")  # fmt: skip
    half = len(memory) // 2
    first, second = statistics.median(memory[:half]), statistics.median(memory[half:])
    print(f"memory of the server, MB: {memory[0]:.0f} at first, {first:.0f} in the first half, "
          f"{second:.0f} in the second")  # fmt: skip


async def _client(
    client: httpx.AsyncClient,
    number: int,
    instrument: str,
    sounds: list[str],
    until_s: float,
    times: dict[str, list[float]],
    wrong: dict[str, int],
) -> None:
    draw = random.Random(number)
    names, weights = zip(*KINDS, strict=True)
    while time.monotonic() < until_s:
        kind = draw.choices(names, weights)[0]
        began_s = time.monotonic()
        try:
            answer = await _ask(client, kind, instrument, sounds, draw)
            wrong[kind] += answer.status_code >= 400
        except httpx.HTTPError:
            wrong[kind] += 1
        times[kind].append(time.monotonic() - began_s)
        await asyncio.sleep(draw.uniform(0.05, 0.5))


async def _ask(
    client: httpx.AsyncClient, kind: str, instrument: str, sounds: list[str], draw: random.Random
) -> httpx.Response:
    if kind == "pick":
        at = [draw.uniform(0.2, 0.8), draw.uniform(0.2, 0.8)]
        answer = await client.post(f"/api/instruments/{instrument}/pick", json={"at": [at]})
        if answer.status_code == 201:
            return await client.get(f"/api/sounds/{answer.json()['made']['sound']}")
        return answer
    if kind == "sound":
        return await client.get(f"/api/sounds/{draw.choice(sounds)}")
    if kind == "table":
        start = draw.randrange(0, 2000, 100)
        return await client.get(f"/api/library/sounds?start={start}&count=100&order=label")
    return await client.get(f"/api/{kind}")


async def _watch(pid: int, memory: list[float], until_s: float) -> None:
    while time.monotonic() < until_s:
        await asyncio.sleep(1.0)
        memory.append(_memory_mb(pid))


def _memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main()
