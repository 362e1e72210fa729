"""Connecting to the first of a name's addresses that answers, as RFC 8305 ("happy eyeballs") has it.

`socket.create_connection` gives each address the whole of the time. Where a network drops what is sent by IPv6, as
broken ones do, the first address would use up the deadline though the second one answers at once.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections.abc import Iterable

from mfatools.clock.udp import Address, resolve

HEAD_START = 0.25  # s that an address has before the next one is tried beside it; RFC 8305 section 5


def dial(place: tuple[str, int], timeout: float, source: object = None) -> socket.socket:
    """A connection to this host and port; stands in for `socket.create_connection`.

    Args:
        place: host and port.
        timeout: seconds for all addresses together, and then for each call on the connection.
        source: must be None.

    Raises:
        OSError: no such name, no address answered (TimeoutError), or why the last one failed.
    """
    trying: list[socket.socket] = []
    addresses = resolve(*place, kind=socket.SOCK_STREAM)
    try:
        found = _first(addresses, trying, time.monotonic() + timeout)
        trying.remove(found)
    finally:
        for one in trying:
            one.close()
    found.settimeout(timeout)
    return found


def _first(addresses: Iterable[Address], trying: list[socket.socket], end: float) -> socket.socket:
    """Try one address after the other, each a little after the one before, until one of them is connected."""
    error: OSError = TimeoutError()
    for family, address in addresses:
        if time.monotonic() >= end:
            break
        try:
            trying.append(_begun(family, address))
        except OSError as why:  # this machine has no such family, or no route for it
            error = why
            continue
        found = _wait(trying, min(end, time.monotonic() + HEAD_START))
        if isinstance(found, socket.socket):
            return found
        error = found or error
    while trying:
        found = _wait(trying, end)
        if isinstance(found, socket.socket):
            return found
        if found is None:
            raise TimeoutError
        error = found
    raise error


def _begun(family: int, address: tuple[str, int] | tuple[str, int, int, int]) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setblocking(False)
        one.connect(address)
    except BlockingIOError:  # under way
        pass
    except OSError:
        one.close()
        raise
    return one


def _wait(trying: list[socket.socket], until: float) -> socket.socket | OSError | None:
    """The one that is connected by then; or why one, no longer among those tried, failed; or None."""
    with selectors.DefaultSelector() as selector:
        for one in trying:
            selector.register(one, selectors.EVENT_WRITE)
        ready = [key.fileobj for key, _ in selector.select(max(0.0, until - time.monotonic()))]
    for one in [one for one in trying if one in ready]:
        if not (number := one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
            return one
        trying.remove(one)
        one.close()
        return OSError(number, os.strerror(number))
    return None
