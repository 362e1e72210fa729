"""A real time server: Debian's chronyd on loopback, on a port of its own, not touching this machine's clock."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time

import pytest
from click.testing import CliRunner
from support import tool

from mfatools.cli.clock import clock
from mfatools.clock import Confidence, Tools, check_clock
from mfatools.ntp import Why


@contextlib.contextmanager
def chronyd(tmp_path, *directives):
    """Run one; yields its address once it answers."""
    program = tool("chronyd", "/usr/sbin/chronyd")
    if os.geteuid() != 0:
        pytest.skip("chronyd wants to be started by root")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = ["cmdport 0", f"port {port}", "bindaddress 127.0.0.1", "allow 127/8", f"pidfile {tmp_path}/chronyd.pid"]
    base.append(f"bindcmdaddress {tmp_path}/chronyd.sock")
    command = [program, "-x", "-d", "-U", "-u", "root", *base, *directives]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(50):
                if check_clock([("127.0.0.1", port)], samples=1, timeout=0.2).unheard[:1] == () or not directives:
                    break
                time.sleep(0.1)
            yield "127.0.0.1", port
        finally:
            process.terminate()


def test_a_real_server_agrees_with_its_own_machine(tmp_path):
    with chronyd(tmp_path, "local stratum 3") as address:
        report = check_clock([address])
        assert report.confidence is Confidence.SINGLE_SOURCE
        assert abs(report.offset) <= report.bound < 0.1
        slow = check_clock([address], tools=Tools(now=lambda: time.time() - 42))
        assert slow.offset == pytest.approx(42, abs=slow.bound)
        done = CliRunner().invoke(clock, ["--server", "{}:{}".format(*address)])
        assert done.exit_code == 0, done.output


def test_a_real_server_that_has_no_time_says_so(tmp_path):
    with chronyd(tmp_path) as address:
        for _ in range(50):
            report = check_clock([address], samples=1, timeout=0.3)
            if report.unheard[0].why is not Why.REFUSED:
                break
            time.sleep(0.1)
    assert report.unheard[0].why is Why.NO_TIME
