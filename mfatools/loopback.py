"""The lab's time servers on this computer's own network: real packets that never leave it.

For lessons and for trying things out where there is no network. Servers on 127.0.0.1 are reached from this computer
only; their ports are whatever is free.

Example:
    >>> from mfatools.lab import Clock, TimeServer
    >>> with Loopback({"honest": TimeServer(Clock(offset=2)), "silent": TimeServer(behaviour="silent")}) as servers:
    ...     sorted(servers.addresses)
    ['honest', 'silent']
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Self

from mfatools.lab import TimeServer

_LONGEST = 1024  # bytes of a question that are read


class Loopback:
    """Time servers that answer from now until `close`, or until Python ends. Also a context manager.

    Args:
        servers: by the names that you give them.
        now: what true time is for them, POSIX seconds: each server's own clock is wrong against this.
    """

    def __init__(self, servers: Mapping[str, TimeServer], now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._selector = selectors.DefaultSelector()
        self._ear, self._bell = socket.socketpair()
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        self.addresses = {name: self._open(server) for name, server in servers.items()}
        self._thread = threading.Thread(target=self._serve, name="mfatools-loopback", daemon=True)
        self._thread.start()

    @property
    def names(self) -> dict[str, str]:
        """The names by address, to read a report with."""
        return {address: name for name, address in self.addresses.items()}

    def close(self) -> None:
        """Stop answering; more than once does no harm."""
        if self._thread.is_alive():
            self._bell.send(b".")
            self._thread.join()
            for key in list(self._selector.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
            self._bell.close()
            self._selector.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Loopback({', '.join(f'{name}: {address}' for name, address in self.addresses.items())})"

    def _open(self, server: TimeServer) -> str:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind(("127.0.0.1", 0))
        one.setblocking(False)
        self._selector.register(one, selectors.EVENT_READ, server)
        return "{}:{}".format(*one.getsockname())

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data is None:
                    return
                self._answer(key.fileobj, key.data)  # type: ignore[arg-type]

    def _answer(self, one: socket.socket, server: TimeServer) -> None:
        try:
            request, client = one.recvfrom(_LONGEST)
            if reply := server.answer(request, self._now()):
                one.sendto(reply, client)
        except OSError:  # whoever asked has gone
            return
