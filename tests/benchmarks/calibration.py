"""Calibration of the diagnosis on random worlds: of what it says at 90 to 100%, how much is true?

    python tests/benchmarks/calibration.py [cases] [first seed] [--plot FILE] [--show]

Prints a table of probabilities against truth, the expected calibration error, and how often the first finding
is right for each kind of break; --show prints each wrong one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from worlds import build

from mfatools.diagnose import Case, diagnose

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)


def run(cases: int, seed: int, *, show: bool = False):
    """(probability of the first finding, was it right, breaks) for each case."""
    rows = []
    for n in range(seed, seed + cases):
        given, truth, name = build(n)
        diagnosis = diagnose(Case.from_json(given))
        best = diagnosis.best
        rows.append((best.probability, best.family in truth, name))
        if show and best.family not in truth:
            told = [(f.family.value, f.cause, round(f.probability, 3)) for f in diagnosis.findings[:3]]
            print(n, name, sorted(truth), told)
    return rows


def bins(rows):
    """(low edge, high edge, cases, mean probability said, share that was true)."""
    for low, high in pairwise(EDGES):
        inside = [row for row in rows if low <= row[0] < high]
        if inside:
            said = sum(row[0] for row in inside) / len(inside)
            true = sum(row[1] for row in inside) / len(inside)
            yield low, high, len(inside), said, true


def error(rows) -> float:
    """Expected calibration error of the first finding's probability."""
    return sum(abs(said - true) * count for _, _, count, said, true in bins(rows)) / len(rows)


def table(rows) -> None:
    print(f"{'said':>14} {'cases':>6} {'mean said':>9} {'true':>6}")
    for low, high, count, said, true in bins(rows):
        print(f"{low:6.2f} to {min(high, 1):4.2f} {count:6} {said:9.3f} {true:6.3f}")
    names, right = Counter(), defaultdict(int)
    for _, good, name in rows:
        names[name] += 1
        right[name] += good
    print("first finding right, by break:")
    for name, count in names.most_common():
        print(f"  {name:28} {right[name]:4} of {count:4}  {right[name] / count:.2f}")


def plot(rows, path: str) -> None:
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    points = list(bins(rows))
    largest = max(count for _, _, count, _, _ in points)
    fig, ax = plt.subplots(figsize=(4.5, 4.5))
    ax.plot([0, 1], [0, 1], color="grey", lw=1)
    ax.scatter([p[3] for p in points], [p[4] for p in points], s=[10 + 200 * p[2] / largest for p in points])
    ax.set(xlabel="said", ylabel="true", title=f"{len(rows)} random cases", xlim=(0, 1.02), ylim=(0, 1.02))
    fig.savefig(path, bbox_inches="tight", dpi=120)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("cases", type=int, nargs="?", default=500)
    options.add_argument("seed", type=int, nargs="?", default=1)
    options.add_argument("--plot")
    options.add_argument("--show", action="store_true")
    asked = options.parse_args()
    start = time.perf_counter()
    rows = run(asked.cases, asked.seed, show=asked.show)
    spent = (time.perf_counter() - start) / len(rows)
    table(rows)
    right = sum(row[1] for row in rows) / len(rows)
    print(f"{len(rows)} cases, first finding right in {right:.1%}, ECE {error(rows):.4f}, {spent:.3f} s a case")
    if asked.plot:
        plot(rows, asked.plot)


if __name__ == "__main__":
    main()
