"""What the live board costs and how true it is, in real JupyterLab, beside the usual way (a thread and Labels).

    uv run python tests/benchmarks/live.py [--seconds 60] [--long]

Prints, for 1, 10 and 100 entries and for ten Labels set once a second: messages a minute, CPU of the browser above
the idle notebook; then how late codes flip, also while the kernel is busy, and how soon they are back after a
reload. ``--long`` watches one board for ten minutes, which holds one whole cycle of asking for more codes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browser.harness import Chrome, Notebook, Server

IMPORTS = """
from mfatools.account import Account
from mfatools.totp import Totp
from mfatools.secret import Secret
from mfatools.widgets.live import Live
key = Secret(b"12345678901234567890")
def board(size, step=30):
    return Live(*(Account(f"Service {n}", "x", Totp(key, step=step)) for n in range(size)))
"""
LABELS = """
import threading, time, ipywidgets
labels = [ipywidgets.Label() for _ in range(10)]
def run():
    while True:
        t = time.time()
        for label in labels: label.value = f"{Totp(key).code(t)} {30 - t % 30:.0f} s"
        time.sleep(1)
threading.Thread(target=run, daemon=True).start()
ipywidgets.VBox(labels)
"""
COUNT = """() => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const seen = window.seen = { all: 0, widget: 0, long: [] };
  kernel.anyMessage.connect((_, { msg }) => {
    seen.all += 1;
    if (msg.header.msg_type.startsWith('comm_')) seen.widget += 1;
  });
  new PerformanceObserver(list => seen.long.push(...list.getEntries().map(entry => entry.duration)))
    .observe({ entryTypes: ['longtask'] });
}"""
EXECUTE = """code => {
  window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.requestExecute({ code });
}"""
WATCH = """step => {
  window.late = [];
  const node = document.querySelector('.live .digits');
  new MutationObserver(() => {
    const t = Date.now() / 1000;
    requestAnimationFrame(() => setTimeout(() => {
      const drawn = Date.now() / 1000;
      window.late.push([1000 * (t % step), 1000 * (drawn % step)]);
    }));
  }).observe(node, { childList: true, characterData: true, subtree: true });
}"""


def children(pid: int) -> list[int]:
    """A process and all below it."""
    below = [
        int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
    ]
    return [pid, *(deeper for child in below for deeper in children(child))]


def cpu(profile: Path) -> float:
    """CPU seconds that the chromium with this profile has used so far, all its processes."""
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"--user-data-dir={profile}".encode() in path.read_bytes() and b"--type=" not in path.read_bytes():
                stats = [Path(f"/proc/{pid}/stat").read_text() for pid in children(int(path.parent.name))]
                ticks += sum(sum(map(int, stat.rsplit(")", 1)[1].split()[11:13])) for stat in stats)
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def show(server: Server, chrome: Chrome, *cells: str) -> Notebook:
    return Notebook(server, chrome.page(), server.write([IMPORTS, *cells])).open().run()


def watch(book: Notebook, chrome: Chrome, seconds: float) -> tuple[float, float, dict]:
    """Messages a minute (all, widgets' own) are in the third value; CPU in percent of one core; seconds watched."""
    book.page.evaluate(COUNT)
    before, start = cpu(chrome.profile), time.monotonic()
    book.page.wait_for_timeout(seconds * 1000)
    took = time.monotonic() - start
    return 100 * (cpu(chrome.profile) - before) / took, took, book.page.evaluate("() => window.seen")


def costs(server: Server, chrome: Chrome, seconds: float) -> None:
    print(
        f"{'what':<22}{'messages/min':>14}{'of widgets':>12}{'browser CPU':>13}"
        f"{'above idle':>12}{'longest task':>14}"
    )
    idle = None
    cases = {"idle notebook": "1", "1 entry": "board(1)", "10 entries": "board(10)", "100 entries": "board(100)"}
    for name, cell in {**cases, "10 Labels at 1 Hz": LABELS}.items():
        book = show(server, chrome, cell)
        book.page.wait_for_timeout(8000)  # the first exchanges are over
        load, took, seen = watch(book, chrome, seconds)
        idle = load if idle is None else idle
        each = [f"{seen[kind] * 60 / took:.1f}" for kind in ("all", "widget")]
        longest = max(seen["long"], default=0)
        print(f"{name:<22}{each[0]:>14}{each[1]:>12}{load:>12.1f}%{load - idle:>11.1f}%{longest:>11.0f} ms")
        book.close()


def flips(server: Server, chrome: Chrome, seconds: float) -> None:
    for name, busy in {
        "kernel idle": "pass",
        "kernel busy": f"e = time.time() + {seconds}\nwhile time.time() < e: pass",
    }.items():
        book = show(server, chrome, "import time\nboard(10, step=2)")
        book.page.locator(".live .digits").first.wait_for()
        book.page.wait_for_timeout(7000)
        book.page.evaluate(WATCH, 2)
        book.page.evaluate(EXECUTE, busy)
        book.page.wait_for_timeout(seconds * 1000)
        late = book.page.evaluate("() => window.late")
        for place, what in enumerate(("written", "drawn")):
            values = [flip[place] for flip in late]
            middle, worst = statistics.median(values), max(values)
            print(f"flip {what}, {name}: {len(values)} flips, median {middle:.0f} ms late, worst {worst:.0f} ms")
        book.close()


def reload(server: Server, chrome: Chrome) -> None:
    book = show(server, chrome, "board(10)")
    book.page.locator(".live .digits").first.wait_for()
    book.save()
    start = time.monotonic()
    book.open()
    ready = time.monotonic()
    book.page.locator(".live .digits").first.wait_for()
    shown = time.monotonic()
    print(f"reload: page and kernel ready after {ready - start:.1f} s, codes {shown - ready:.2f} s later")
    book.close()


def cycle(server: Server, chrome: Chrome) -> None:
    book = show(server, chrome, "board(10)")
    _, took, seen = watch(book, chrome, 600)
    print(f"ten minutes, first exchanges included: {seen['widget']} widget messages for 10 entries", end=" ")
    print(f"= {seen['widget'] * 60 / took / 10:.3f} a minute and entry ({seen['all']} messages of any kind)")
    book.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="The live board's cost and truth in real JupyterLab.")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    with Server("lab") as server, Chrome() as chrome:
        flips(server, chrome, min(options.seconds, 40))
        reload(server, chrome)
        costs(server, chrome, options.seconds)
        if options.long:
            cycle(server, chrome)


if __name__ == "__main__":
    main()
