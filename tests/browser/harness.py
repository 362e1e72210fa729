"""A real chromium, real notebook servers, and a bare page with a fake model: what the browser tests stand on.

Everything a server or a browser writes (settings, history, temporary files, the profile) lies in a folder of its
own that is gone afterwards; only processes started here are ended. Nothing waits for time to pass: every wait is
on the state of the page or of the kernel.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import matplotlib.font_manager  # makes the list of fonts if need be: a kernel with a new home is slow at it
import nbformat
import support
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyter-widgets/jupyterlab-manager:plugin": {"saveState": True},  # the careless setting: the harder test
}
DARK = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}


class _Driver:
    """The one playwright of this process: it cannot be started twice. It stops with the last browser."""

    running: Playwright | None = None
    users = 0

    @classmethod
    def take(cls) -> Playwright:
        if cls.running is None:
            cls.running = sync_playwright().start()
        cls.users += 1
        return cls.running

    @classmethod
    def leave(cls) -> None:
        cls.users -= 1
        if cls.running is not None and cls.users == 0:
            cls.running.stop()
            cls.running = None


class Chrome:
    """Chromium with a profile of its own. ``with Chrome() as chrome: page = chrome.page()``."""

    def __init__(self, *flags: str, **options: Any) -> None:
        self.flags = [*FLAGS, *flags]
        allowed = ["clipboard-read", "clipboard-write"]
        self.options = {"viewport": {"width": 1280, "height": 900}, "permissions": allowed, **options}
        self.profile = Path(tempfile.mkdtemp(prefix="mfa-chrome-"))
        self.context: BrowserContext

    def __enter__(self) -> Self:
        binary = support.tool("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
        self.context = _Driver.take().chromium.launch_persistent_context(
            self.profile,
            executable_path=binary,
            headless=True,
            args=self.flags,
            **self.options,
        )
        return self

    def page(self) -> Page:
        """A new tab; ``page.errors`` collects what went wrong in it."""
        page = self.context.new_page()
        page.errors = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
        return page

    def __exit__(self, *_: object) -> None:
        self.context.close()
        _Driver.leave()
        shutil.rmtree(self.profile, ignore_errors=True)


class Server:
    """One notebook server on a free port: ``kind`` is lab, notebook, voila or marimo.

    ``files`` (name: text) are there before it starts: marimo serves no others.
    """

    def __init__(
        self,
        kind: str = "lab",
        settings: dict[str, dict[str, Any]] | None = None,
        files: dict[str, str] | None = None,
    ) -> None:
        self.kind = kind
        self.base = Path(tempfile.mkdtemp(prefix=f"mfa-{kind}-"))
        self.root = self.base / "work"
        self.log = self.base / "server.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._notebooks = 0
        overrides = self.base / "config" / "labconfig" / "default_setting_overrides.json"
        for folder in (self.root, self.base / "tmp", overrides.parent):
            folder.mkdir(parents=True)
        overrides.write_text(json.dumps({**SETTINGS, **(settings or {})}))
        for name, text in (files or {}).items():
            (self.root / name).write_text(text)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the server and its kernels: every file they write lies under ``base``."""
        base = self.base
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {
            **os.environ,
            "HOME": str(base),
            "TMPDIR": str(base / "tmp"),
            "XDG_CACHE_HOME": str(base / "cache"),
            "XDG_CONFIG_HOME": str(base / "xdg"),
            "IPYTHONDIR": str(base / "ipython"),
            "JUPYTER_CONFIG_DIR": str(base / "config"),
            "JUPYTER_DATA_DIR": str(base / "data"),
            "JUPYTER_RUNTIME_DIR": str(base / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(base / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(base / "workspaces"),
            "MPLCONFIGDIR": matplotlib.get_cachedir(),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            "PATH": path,
        }

    def __enter__(self) -> Self:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self._command()],
                env=self.environment,
                cwd=self.root,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_up()
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, number)
                self.process.wait(10)
                break
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.base, ignore_errors=True)

    def _command(self) -> list[str]:
        if self.kind == "voila":
            return ["voila", str(self.root), "--no-browser", f"--port={self.port}", "--Voila.ip=127.0.0.1"]
        if self.kind == "marimo":
            command = ["marimo", "--yes", "run", str(self.root), "--headless", "--no-token"]
            return [*command, "--host=127.0.0.1", f"--port={self.port}"]
        module, app = {"lab": ("jupyterlab", "LabApp"), "notebook": ("notebook", "JupyterNotebookApp")}[self.kind]
        return [
            module,
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            f"--port={self.port}",
            "--IdentityProvider.token=",
            "--ServerApp.port_retries=0",
            "--ServerApp.disable_check_xsrf=True",
            "--ServerApp.terminals_enabled=False",
            f"--ServerApp.root_dir={self.root}",
            f"--{app}.expose_app_in_browser=True",
        ]

    def _wait_until_up(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.url + "/", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{self.kind} did not start:\n" + self.log.read_text(errors="replace")[-2000:])

    def write(self, cells: Iterable[str], name: str | None = None) -> Path:
        """A new notebook with these cells."""
        self._notebooks += 1
        path = self.root / (name or f"notebook{self._notebooks}.ipynb")
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(notebook, path)
        return path


_PANEL = "(window.jupyterapp?.shell?.currentWidget)"
_READY = f"""() => {{
  const context = {_PANEL}?.context;
  return !!(context?.isReady && context.sessionContext.isReady
            && context.sessionContext.session?.kernel?.status === 'idle');
}}"""
_EXECUTE = """async code => {
  const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, store_history: false, silent: false });
  let said = '';
  future.onIOPub = message => {
    if (message.header.msg_type === 'stream') said += message.content.text;
    if (message.header.msg_type === 'error') said += `${message.content.ename}: ${message.content.evalue}`;
  };
  await future.done;
  return said;
}"""


class Notebook:
    """A notebook opened in JupyterLab or Notebook 7 in one tab of chromium."""

    def __init__(self, server: Server, page: Page, path: Path) -> None:
        self.server, self.page, self.path = server, page, path

    def open(self) -> Self:
        """Load (or load again) the page and wait until the kernel is idle."""
        place = {"lab": "/lab/tree/", "notebook": "/notebooks/"}[self.server.kind]
        # "reset": JupyterLab must not open again what earlier tests had open.
        self.page.goto(f"{self.server.url}{place}{self.path.name}?reset", wait_until="domcontentloaded")
        self.page.wait_for_function(_READY, timeout=90_000)
        return self

    def run(self, *, wait: bool = True) -> Self:
        """Run all cells. ``wait=False`` comes back at once, while they run."""
        if not wait:
            self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
            return self
        done = self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
        assert done, self.page.locator(".jp-OutputArea-output").all_inner_texts()
        return self

    def python(self, code: str) -> str:
        """Run code in the kernel without a cell; returns what it printed, or its error."""
        return str(self.page.evaluate(_EXECUTE, code)).strip()

    def save(self) -> None:
        """Save the notebook as the user would."""
        self.page.evaluate(f"() => {_PANEL}.context.save()")

    def checkpoint(self) -> None:
        """Write a checkpoint too."""
        self.page.evaluate(f"() => {_PANEL}.context.createCheckpoint()")

    def restart(self) -> None:
        """Restart the kernel as the menu does, without its question."""
        self.page.evaluate(f"() => {_PANEL}.context.sessionContext.session.kernel.restart()")
        self.page.wait_for_function(_READY, timeout=60_000)

    def close(self) -> None:
        """Shut the kernel down and close the tab."""
        if not self.page.is_closed():
            self.page.evaluate(f"async () => {{ await {_PANEL}?.context.sessionContext.shutdown(); }}")
            self.page.close()


_FAKE = """async ({ esm, css, state }) => {
  const style = document.createElement('style');
  style.textContent = css;
  document.head.append(style);
  document.documentElement.lang = 'en';
  document.title = 'a bare page';
  document.body.innerHTML = '<main><div id="host"></div></main>';
  const heard = {};
  const fake = window.fake = {
    sent: [], buffers: [], dead: false, controller: new AbortController(),
    emit(content, buffers = []) { (heard['msg:custom'] ?? []).forEach(call => call(content, buffers)); },
    event(name) { (heard[name] ?? []).forEach(call => call()); },
  };
  const model = {
    get: name => state[name], set(name, value) { state[name] = value; }, save_changes() {},
    on(name, call) { (heard[name] ??= []).push(call); },
    off(name, call) { heard[name] = (heard[name] ?? []).filter(other => other !== call); },
    send(content, _callbacks, buffers = []) {
      if (fake.dead) throw new Error('Cannot send');
      fake.sent.push(content);
      fake.buffers.push(buffers);
    },
  };
  const url = URL.createObjectURL(new Blob([esm], { type: 'text/javascript' }));
  fake.module = await import(url);
  const { signal } = fake.controller;
  const el = document.querySelector('#host');
  await fake.module.default.initialize?.({ model, signal });
  // A widget inside another one is played by its name.
  const inside = name => ({ async render({ el: place }) { place.innerHTML = `<button>${name}</button>`; } });
  const host = { getWidget: async name => inside(name) };
  fake.cleanup = await fake.module.default.render({ model, el, signal, host });
}"""


class BarePage:
    """A widget's own files in an empty page: no server, no kernel, and a clock that the test sets.

    Times are POSIX seconds. ``sent()`` is what the widget sent; ``emit`` plays the kernel's answer.
    """

    def __init__(self, page: Page, widget: type, now: float = 1_800_000_000.0, **state: Any) -> None:
        self.page = page
        page.clock.install(time=now)
        # A made-up https address: only such pages have a clipboard and a camera.
        page.route("https://bare.test/", lambda route: route.fulfill(body="", content_type="text/html"))
        page.goto("https://bare.test/")
        page.clock.pause_at(now + 1)
        page.evaluate(_FAKE, {"esm": str(widget._esm), "css": str(widget._css), "state": state})

    def sent(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Messages that the widget sent to its kernel, of one type or of all."""
        sent = self.page.evaluate("() => window.fake.sent")
        return [message for message in sent if kind in (None, message.get("type"))]

    def emit(self, **content: Any) -> None:
        """Let a message from the kernel arrive."""
        self.page.evaluate("content => window.fake.emit(content)", content)

    def die(self) -> None:
        """Let the kernel be gone: sending throws from now on, and the model says so."""
        self.page.evaluate("() => { window.fake.dead = true; window.fake.event('comm_live_update'); }")

    def now(self) -> float:
        """The page's clock, POSIX seconds."""
        return float(self.page.evaluate("() => Date.now()")) / 1000

    def run_for(self, seconds: float) -> None:
        """Let the page's clock run on, firing every timer on the way."""
        self.page.clock.run_for(round(seconds * 1000))

    def cleanup(self) -> None:
        """Take the widget off the page."""
        self.page.evaluate("async () => { window.fake.controller.abort(); await window.fake.cleanup?.(); }")


def axe(page: Page, within: str) -> list[str]:
    """Run axe-core on one element; every violation as one line: the rule and what it is about.

    axe waits by timers: where a test holds the page's clock still, a few milliseconds of it are let pass.
    """
    import axe_playwright_python

    script = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
    page.evaluate(script.read_text(encoding="utf8") + "; undefined")
    page.evaluate(
        "within => { window.axeReport = null; axe.run(within).then(r => { window.axeReport = r; }); }", within
    )
    if page.evaluate("() => '__pwClock' in window"):
        while page.evaluate("() => window.axeReport === null"):
            page.clock.run_for(1)
    page.wait_for_function("() => window.axeReport !== null")
    return [
        f"{violation['id']}: {violation['help']} ({node['html'][:120]})"
        for violation in page.evaluate("() => window.axeReport.violations")
        for node in violation["nodes"]
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
