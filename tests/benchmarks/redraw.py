"""From a slider's event to the picture shown, in chromium and JupyterLab: the explorer beside the usual way.

    uv run python tests/benchmarks/redraw.py [moves]

The usual way is ipywidgets' `interact` with a new matplotlib figure. Both run in the same notebook, taking turns,
because times on a shared machine mean little by themselves: look at the ratio. Processor time in the kernel, which
other programs disturb less, is measured apart.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser.harness import Chrome, Notebook, Server

from mfatools import explore
from mfatools.widgets.explore_windows import RANGES, STEPS

CELLS = [
    "from mfatools import explore\nexplore.windows()",
    """
import matplotlib.pyplot as plt
from ipywidgets import IntSlider, interact
from mfatools import plots
def usual(phone):
    plots.windows(1_768_471_212, phone=phone, typing=10)
    plt.show()
interact(usual, phone=IntSlider(value=-42, min=-120, max=120));
""",
]
# Both return milliseconds from the event to the frame after the picture is in the page.
OURS = """value => new Promise(done => {
  const root = document.querySelector('.mfa.windows');
  const input = root.querySelector('[data-name=phone]');
  const began = performance.now();
  setTimeout(() => done(NaN), 5000);
  const shown = () => requestAnimationFrame(() => done(performance.now() - began));
  root.addEventListener('mfa-drawn', shown, { once: true });
  input.value = value;
  input.dispatchEvent(new Event('input', { bubbles: true }));
})"""
USUAL = """key => new Promise(done => {
  const interact = document.querySelector('.widget-interact');
  const output = interact.querySelector('.jupyter-widgets-output-area, .widget-output');
  const handle = interact.querySelector('.noUi-handle');
  setTimeout(() => done(NaN), 5000);
  const began = performance.now();
  const watcher = new MutationObserver(() => {
    const picture = output.querySelector('img');
    if (!picture || picture.dataset.seen) return;
    picture.dataset.seen = 'yes';
    watcher.disconnect();
    picture.decode().then(() => requestAnimationFrame(() => done(performance.now() - began)));
  });
  for (const picture of output.querySelectorAll('img')) picture.dataset.seen = 'yes';
  watcher.observe(output, { childList: true, subtree: true });
  handle.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
})"""


def line(name: str, times: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"{name:<34} median {statistics.median(times):6.1f} ms   p95 {p95:6.1f} ms   of {len(times)} moves"


def kernel(moves: int = 200) -> str:
    """Processor time that the kernel's side spends on one move, by slider."""
    explorer = explore.windows()
    explorer.send = lambda content, buffers=None: None
    told = []
    for name, (low, high, _) in RANGES.items():
        values = [value for value in range(low, high + 1) if name != "step" or value in STEPS]
        explorer.set(step=60)  # in which all sliders have their full range
        began = time.process_time()
        for move in range(moves):
            message = {"type": "draw", "nonce": "", "values": {name: values[move % len(values)]}}
            explorer._handle_custom_msg(message, [])
        told.append(f"{name} {1000 * (time.process_time() - began) / moves:.2f}")
    return "kernel, ms of processor time a move: " + ", ".join(told)


def main(moves: int = 40) -> None:
    with Server("lab") as server, Chrome() as chrome:
        book = Notebook(server, chrome.page(), server.write(CELLS)).open().run()
        page = book.page
        page.wait_for_selector(".windows .said[data-taken]")
        page.wait_for_selector(".widget-interact img")
        ours, usual = [], []
        for move in range(1, moves + 4):
            ours.append(page.evaluate(OURS, move if move % 2 else -move))
            usual.append(page.evaluate(USUAL, "ArrowRight"))
            if "-v" in sys.argv:
                print(ours[-1], usual[-1], flush=True)
        book.close()
    ours, usual = ours[3:], usual[3:]  # the first ones fill caches
    print(line("explore.windows()", ours))
    print(line("interact and a new figure", usual))
    print(f"{statistics.median(usual) / statistics.median(ours):.1f} times as fast")
    print(kernel())
    print(f"this machine was busy with {os.getloadavg()[0]:.1f} programs on {os.cpu_count()} processors")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
