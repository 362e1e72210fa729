"""The shared time bench as a child process: ``with Farm([{"behaviour": "honest"}]) as farm: farm.addresses``."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from typing import Any, Self

from support import shared


class Farm:
    """Fake time servers on loopback.

    Args:
        servers: what each one does, see the bench's README.
        script: ``"ntpfarm.py"`` or ``"httpdatefarm.py"``.
        args: further arguments.
        seed: of its randomness.
    """

    def __init__(
        self, servers: Sequence[dict[str, Any]], script: str = "ntpfarm.py", args: Sequence[str] = (), seed: int = 1
    ) -> None:
        command = [sys.executable, str(shared("ntp", script)), "--config", "-", *args]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"seed": seed, "servers": list(servers)}))
        self._process.stdin.close()
        try:
            ready = json.loads(self._process.stdout.readline())
        except ValueError:  # it could not start
            self.__exit__()
            raise
        self.servers: list[dict[str, Any]] = ready["servers"]
        self._control: str = ready["control"]

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Host and port of each."""
        return [(server["addr"], server["port"]) for server in self.servers]

    @property
    def urls(self) -> list[str]:
        """The web servers' addresses."""
        return [server["url"] for server in self.servers]

    def stats(self) -> list[dict[str, Any]]:
        """What each server saw: requests, replies, the last packets."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(self._control + "/stats", timeout=5) as answer:
            return list(json.load(answer).values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._process.kill()  # it has nothing to save, and its own handler can hang in a lock
        self._process.wait(5)
        if self._process.stdout:
            self._process.stdout.close()
