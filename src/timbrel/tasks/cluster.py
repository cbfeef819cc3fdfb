"""A Ray cluster that somebody started: reaching it, and what it has."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from timbrel.errors import TimbrelError, UsageError, reason_line
from timbrel.signal._quiet import quiet

LOCAL = "local"
ACCEPTED = "local, auto, or HOST:PORT of the cluster's head, on one of its machines"
_ANSWERS_WITHIN_S = 5.0


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process is connected to.

    Attributes:
        ray: The package that speaks to it.
        nodes: What each machine has, such as ``{"CPU": 16.0, "GPU": 1.0}``.
    """

    ray: Any
    nodes: tuple[dict[str, float], ...]

    def count(self, kind: str) -> int:
        """Counts processors or cards.

        Args:
            kind: "CPU" or "GPU".

        Returns:
            How many there are in all.
        """
        return int(sum(node.get(kind, 0.0) for node in self.nodes))

    def room(self, threads: int, device: str) -> int:
        """Counts the workers that its machines have room for; none spreads over two machines.

        Args:
            threads: Processors of each, 1 or more.
            device: Where each computes, "cpu" or "cuda", one card each.

        Returns:
            How many, 0 or more.

        Example:
            >>> Cluster(None, ({"CPU": 8.0}, {"CPU": 6.0}, {})).room(4, "cpu")
            3
        """
        return sum(
            min(int(node.get("CPU", 0)) // threads, int(node.get("GPU", 0)))
            if device == "cuda"
            else int(node.get("CPU", 0)) // threads
            for node in self.nodes
        )


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """Connects to a cluster for as long as a block runs.

    Args:
        address: "local" starts Ray on this machine; "auto" or "HOST:PORT" finds a cluster that was
            started with ``ray start``.

    Yields:
        The cluster.

    Raises:
        TimbrelError: When Ray is not installed, or nothing answers there.
        UsageError: When the address is none.
    """
    ray = _ray()
    _check_answers(address)
    try:
        with quiet():  # Ray says there how much it will say
            ray.init(
                address=address,
                include_dashboard=False if address == LOCAL else None,
                log_to_driver=False,
                logging_level="ERROR",
            )
    except Exception as error:  # Ray raises plain ones too
        raise _unreachable(address, error) from None
    try:
        nodes = [dict(node["Resources"]) for node in ray.nodes() if node["Alive"]]
        yield Cluster(ray, tuple(nodes))
    finally:
        ray.shutdown()


def _ray() -> Any:
    # Nothing is told to strangers about how this is used; read when Ray is imported.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    try:
        import ray
    except ImportError:
        raise TimbrelError(
            "working on a cluster needs the package ray", advice="pip install 'timbrel[cluster]'"
        ) from None
    return ray


def _check_answers(address: str) -> None:
    """Looks whether anything listens there, for Ray itself would wait for a minute."""
    if address in (LOCAL, "auto"):
        return
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise UsageError(f"the cluster address {address!r}", ACCEPTED)
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS_WITHIN_S).close()
    except OSError as error:
        raise _unreachable(address, error) from None


def _unreachable(address: str, error: Exception) -> TimbrelError:
    return TimbrelError(
        f"no cluster answers at {address!r} ({reason_line(error)})",
        ACCEPTED,
        "start one with `ray start --head`, or say --cluster local",
    )


def check_workers(cluster: Cluster, workers: int, device: str, threads: int = 1) -> None:
    """Makes sure that a cluster has processors and a card for every worker.

    Args:
        cluster: The cluster.
        workers: How many there shall be.
        device: Where each computes, "cpu" or "cuda".
        threads: Processors of each, 1 or more.

    Raises:
        UsageError: When it has fewer, or none of its machines has as many processors.

    Example:
        >>> check_workers(Cluster(None, ({"CPU": 2.0}, {"CPU": 2.0})), 4, "cpu")
    """
    kind, named = ("GPU", "graphics cards") if device == "cuda" else ("CPU", "processors")
    there = cluster.count(kind)
    if workers > there:
        raise UsageError(
            f"{workers} workers on a cluster of {there} {named}",
            f"at most {there} workers",
            "take fewer, or add machines with `ray start --address`",
        )
    room = cluster.room(threads, device)
    if workers > room:
        largest = max((int(node.get("CPU", 0)) for node in cluster.nodes), default=0)
        raise UsageError(
            f"{workers} workers of {threads} processors each on machines that have room for {room}",
            f"at most {largest} threads, and as many workers as the machines then take",
            "take fewer --threads or --workers, or add machines with `ray start --address`",
        )
