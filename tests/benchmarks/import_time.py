"""How long does ``import mfatools`` take, beside the standard modules that any such library needs?

    uv run python tests/benchmarks/import_time.py

Both are imported in fresh interpreters, in turn; the time inside the interpreter is measured, so that starting it
does not count. Goal: a ratio of at most 1.5.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

RUNS = 41
PEER = "import hashlib, hmac, urllib.parse, dataclasses"
OURS = "import mfatools"


def milliseconds(statement: str) -> float:
    code = f"import time; t = time.perf_counter(); {statement}; print((time.perf_counter() - t) * 1e3)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def main() -> None:
    milliseconds(OURS)  # writes the byte code
    peer, ours = zip(*((milliseconds(PEER), milliseconds(OURS)) for _ in range(RUNS)), strict=True)
    print(f"{PEER}: median {statistics.median(peer):.2f} ms")
    print(f"{OURS}: median {statistics.median(ours):.2f} ms")
    print(f"ratio {statistics.median(ours) / statistics.median(peer):.2f}")


if __name__ == "__main__":
    main()
