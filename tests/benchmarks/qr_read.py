"""How many pictures of a set are read, how fast, by each engine alone, by the cascade and by their union.

    uv run python tests/benchmarks/qr_read.py ../shared/qr/degraded.jsonl ../shared/qr/public.jsonl

A manifest is a file of JSON lines with ``file`` (a path beside the manifest), ``expected`` (texts; empty when
nothing may be found) and, if there is one, ``set`` (the row of the table). A picture counts as read when every
expected text is found (``--any``: one of them), after control characters and blanks are dropped; as other when
something else is found as well. Everything is measured in one run, engines and cascade by turns on the same
picture, so that the ratios hold on a busy machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mfatools import qr
from mfatools.errors import PictureError
from mfatools.qr.load import frames

Texts = set[str]


@dataclass
class Score:
    """What one reader did on one set."""

    right: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)

    def line(self, name: str, pictures: int) -> str:
        rate = 100 * self.right / pictures if pictures else float("nan")
        times = f"{statistics.median(self.ms):9.1f} {np.percentile(self.ms, 95):9.1f}" if self.ms else f"{'':19}"
        return f"{name:24}{self.right:5}/{pictures:<5}{rate:6.1f}%{len(self.wrong):6} {times}"


def clean(text: str) -> str:
    """The text without control characters and blanks, which the sources of the truth treat differently."""
    return "".join(c for c in text if c.isprintable() and not c.isspace())


def rows(manifest: Path) -> Iterator[dict]:
    for line in manifest.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        expected = row["expected"] if isinstance(row["expected"], list) else [row["expected"]]
        yield {**row, "expected": {clean(text) for text in expected}, "path": manifest.parent / row["file"]}


def readers(budget: float) -> dict[str, Callable[[Path], Texts]]:
    """Each engine alone on the grey picture as it is, and the cascade."""

    def alone(engine: qr.Engine) -> Callable[[Path], Texts]:
        def read(path: Path) -> Texts:
            frame = next(iter(frames(path)))
            return {clean(hit.text) for hit in engine.read(frame.grey) if not hit.broken}

        return read

    def cascade(path: Path) -> Texts:
        return {clean(found.text) for found in qr.read(path, budget=budget)}

    return {engine.name: alone(engine) for engine in qr.installed()} | {"cascade": cascade}


def run(manifest: Path, options: argparse.Namespace) -> None:
    every = readers(options.budget)
    scores: dict[str, Score] = {name: Score() for name in [*every, "engines together", "all together"]}
    by_set: dict[str, list[bool]] = defaultdict(list)
    easy: dict[str, list[float]] = {name: [] for name in every}
    nothing: list[tuple[float, float]] = []
    with_code = 0
    for row in rows(manifest):
        if options.only and options.only not in row["file"]:
            continue
        got = {name: _timed(read, row["path"], scores[name]) for name, read in every.items()}
        engines = set().union(*(texts for name, texts in got.items() if name != "cascade"))
        got |= {"engines together": engines, "all together": engines | got["cascade"]}
        if row["expected"]:
            with_code += 1
        for name, texts in got.items():
            _judge(scores[name], row, texts, options.any)
        if row["expected"]:
            by_set[row.get("set", "all")].append(_is_right(row["expected"], got["cascade"], options.any))
        else:
            nothing.append((scores["cascade"].ms[-1], row["path"].stat().st_size))
        if "zxing-cpp" in every and row["expected"] and _is_right(row["expected"], got["zxing-cpp"], options.any):
            for name in every:
                easy[name].append(scores[name].ms[-1])
    _print(manifest, scores, with_code, by_set, easy, [ms for ms, _ in nothing], options)


def _timed(read: Callable[[Path], Texts], path: Path, score: Score) -> Texts:
    begun = time.perf_counter()
    try:
        texts = read(path)
    except PictureError:
        texts = set()
    score.ms.append(1e3 * (time.perf_counter() - begun))
    return texts


def _is_right(expected: Texts, texts: Texts, some: bool) -> bool:
    return bool(expected & texts) if some else expected <= texts


def _judge(score: Score, row: dict, texts: Texts, some: bool) -> None:
    if row["expected"]:
        right = _is_right(row["expected"], texts, some)
        score.right += right
        if not right:
            score.missed.append(row["file"])
    if texts - row["expected"]:
        score.wrong.append(row["file"])


def _print(manifest, scores, with_code, by_set, easy, nothing, options) -> None:
    print(f"\n{manifest.name}: {with_code} pictures with a code, {len(nothing)} without")
    print(f"{'':24}{'read':>10} {'rate':>8} {'other':>6} {'median ms':>9} {'p95 ms':>9}")
    for name, score in scores.items():
        print(score.line(name, with_code))
    if easy.get("zxing-cpp"):
        base, whole = (statistics.median(easy[name]) for name in ("zxing-cpp", "cascade"))
        print(
            f"read by zxing-cpp as it is ({len(easy['cascade'])}): median {base:.2f} ms, cascade {whole:.2f} ms,",
            end=" ",
        )
        ratios = [b / a for a, b in zip(easy["zxing-cpp"], easy["cascade"], strict=True)]
        print(f"{whole / base:.2f} x; median of the ratios {statistics.median(ratios):.2f} x")
    if nothing:
        print(f"no code: median {statistics.median(nothing):.0f} ms, worst {max(nothing):.0f} ms")
    for name, rights in sorted(by_set.items()):
        print(f"  {name:22}{sum(rights):5}/{len(rights):<5}{100 * sum(rights) / len(rights):6.1f}%")
    if options.missed:
        for kind, files in (("missed", scores["cascade"].missed), ("other", scores["cascade"].wrong)):
            for file in files:
                print(f"  {kind}: {file}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", nargs="+", type=Path)
    parser.add_argument("--budget", type=float, default=2.0, help="seconds a picture (default: 2)")
    parser.add_argument("--any", action="store_true", help="one of the expected texts is enough")
    parser.add_argument("--missed", action="store_true", help="name the pictures that were not read")
    parser.add_argument("--only", help="only files whose name contains this")
    options = parser.parse_args()
    for manifest in options.manifest:
        run(manifest, options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
