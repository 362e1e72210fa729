"""Speed of the diagnosis, beside pyotp on the same search, in one run.

    python tests/benchmarks/diagnose.py [--full]

Prints the ratio to ``pyotp.TOTP.verify(code, valid_window=N)``, the time of whole diagnoses, and what the full
search from 1970 to 2038 takes (estimated from a stretch of it; --full runs it).
"""

from __future__ import annotations

import argparse
import hashlib
import time
from datetime import UTC, datetime
from statistics import median

import pyotp

from mfatools.account import Account
from mfatools.diagnose import Case, diagnose
from mfatools.diagnose.matcher import Stream
from mfatools.secret import Secret
from mfatools.totp import Totp

KEY = hashlib.sha256(b"a lesson key").digest()[:20]
T = 1_759_406_407.0
STEPS = 20_160  # a week either way
RUNS = 5


def timed(run, clock=time.perf_counter) -> float:
    start = clock()
    run()
    return clock() - start


def key(n: int) -> Totp:
    return Totp(Secret(hashlib.sha256(b"%d" % n).digest()[:20]))


def ratio() -> None:
    """The same search by both, in turns, so that a busy machine slows both alike."""
    handler = pyotp.TOTP(Secret(KEY).reveal_base32())
    now = datetime.fromtimestamp(T, UTC)
    middle = int(T // 30)
    peer, ours = [], []
    for _ in range(RUNS):
        peer.append(timed(lambda: handler.verify("no code", for_time=now, valid_window=STEPS)))
        ours.append(timed(lambda: Stream(KEY).hits(middle - STEPS, middle + STEPS + 1, 10**6, {-1})))
    ratios = sorted(a / b for a, b in zip(peer, ours, strict=True))
    per_code = median(ours) / (2 * STEPS + 1) * 1e6
    print(f"one code, a week either way: {ratios[RUNS // 2]:.1f} times pyotp's speed ({per_code:.2f} us a code; "
          f"runs {ratios[0]:.1f} to {ratios[-1]:.1f})")  # fmt: skip


def case(shows, entries: int) -> Case:
    looks = [{"shown": shows.code(T + s), "read_at_local": T + s, "accepted": False} for s in (0, 64, 128)]
    others = [{"label": str(n), "uri": Account("Other", str(n), key(n)).uri()} for n in range(1, entries)]
    uri = Account("Example", "ada", Totp(Secret(KEY))).uri()
    return Case.from_json({"uri": uri, "codes": looks, "ntp_offset_s": 0.0, "other_entries": others})


def whole() -> None:
    for name, shows in (("right codes, refused", Totp(Secret(KEY))), ("an unknown key, all searched", key(99))):
        given = case(shows, 5)
        spent = [timed(lambda given=given: diagnose(given)) for _ in range(RUNS)]
        busy = min(timed(lambda given=given: diagnose(given), time.process_time) for _ in range(RUNS))
        print(f"three codes, five entries, {name}: best {min(spent):.2f} s, median {median(spent):.2f} s, "
              f"processor {busy:.2f} s, "
              f"{diagnose(given).hypotheses_tested:,} hypotheses")  # fmt: skip


def full(really: bool) -> None:
    share = timed(lambda: Stream(KEY).hits(10**7, 10**7 + 300_000, 10**6, {-1})) / 300_000
    print(f"1970 to 2038, two codes: about {share * 2**31 / 30:.0f} s")
    if really:
        print(f"really: {timed(lambda: diagnose(case(key(99), 1), full=True)):.0f} s")


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--full", action="store_true")
    asked = options.parse_args()
    ratio()
    whole()
    full(asked.full)
