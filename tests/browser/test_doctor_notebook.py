"""The doctor in real JupyterLab, from the picture to the remedy: real stories, played on the lab bench."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import segno
from browser.harness import Notebook, Server, axe
from farm import Farm
from playwright.sync_api import Page, expect

# The bench lives in the kernel; what it shows comes to the test by the kernel's side door, as if it were read.
STORY = """
import time
from mfatools import lab
from mfatools.totp import Algorithm
from mfatools.widgets.doctor import Doctor
service = lab.Service(policy=lab.Policy({policy}), seed={seed}{service})
service.sign_up("ada")
page = service.page("ada")
phone = lab.Phone({phone})
entry = phone.scan(page.uri)
doctor = Doctor(servers={servers!r})
doctor
"""


def story(farm: Farm, *, phone: str = "", policy: str = "", service: str = "", seed: int = 7) -> str:
    servers = [f"{host}:{port}" for host, port in farm.addresses]
    return STORY.format(phone=phone, policy=policy, service=service, seed=seed, servers=servers)


@pytest.fixture(scope="module")
def farm() -> Iterator[Farm]:
    with Farm([{"behaviour": "honest"}] * 3) as running:
        yield running


@pytest.fixture
def lab(chrome, servers: Callable[[str], Server]) -> Iterator[Callable[[str], Notebook]]:
    opened = []

    def run(cell: str) -> Notebook:
        book = Notebook(servers("lab"), chrome.page(), servers("lab").write([cell])).open().run()
        opened.append(book)
        return book

    yield run
    for book in opened:
        book.close()


def show(book: Notebook, *texts: str) -> None:
    """Choose pictures of these QR codes in the doctor's scan."""
    files = []
    for number, text in enumerate(texts):
        out = io.BytesIO()
        segno.make(book.python(f"print({text})"), micro=False).save(out, kind="png", scale=5, border=4)
        files.append({"name": f"shot{number}.png", "mimeType": "image/png", "buffer": out.getvalue()})
    with book.page.expect_file_chooser() as chooser:
        book.page.locator(".doctor [data-act=choose]").click()
    chooser.value.set_files(files)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def shown(page: Page, step: str) -> None:
    expect(page.locator(f".d-panel.d-{step}")).to_be_visible(timeout=30_000)


def read(book: Notebook, code: str, *, ago: float = 0.0, answer: str = "No, refused") -> None:
    """Tell a code that the phone shows, or showed ``ago`` seconds before, and what the site said."""
    page = book.page
    shown(page, "code")
    if ago:
        text = book.python(f"t = time.time() - {ago}; print({code}, t)").split()
        page.get_by_text("I noted the code earlier").click()
        page.locator(".doctor input[type=datetime-local]").fill(local(page, float(text[1])))
    else:
        text = book.python(f"t = time.time(); print({code})").split()
    page.locator(".d-big").press_sequentially(text[0])
    if ago:
        press(page, "Continue")
    else:
        page.keyboard.press("Enter")  # as people do
    shown(page, "answer")
    page.locator(".d-said", has_text=answer).click()


def local(page: Page, t: float) -> str:
    """A moment as the page's own clock on the wall has it."""
    script = "t => { const d = new Date(t * 1000); d.setMinutes(d.getMinutes() - d.getTimezoneOffset());"
    return str(page.evaluate(script + " return d.toISOString().slice(0, 19); }", t))


def told(book: Notebook, code: str = "phone.code(t)", *, answer: str = "No, refused") -> None:
    """A code noted 45 s ago and one of now, and the way to the answer."""
    read(book, code, ago=45, answer=answer)
    shown(book.page, "details")
    press(book.page, "Back")
    shown(book.page, "answer")
    press(book.page, "Back")
    read(book, code, answer=answer)
    shown(book.page, "details")


def cause(book: Notebook) -> str:
    """Ask why; the family, and the card is there with its remedy."""
    page = book.page
    press(page, "Why was it refused?")
    shown(page, "why")
    expect(page.locator(".d-best h4")).not_to_be_empty(timeout=60_000)
    expect(page.locator(".d-busy")).to_be_hidden(timeout=60_000)
    return book.python("print(doctor.diagnosis.best.family)")


def picture(page: Page, name: str) -> None:
    """Keep a screenshot if somebody wants to look."""
    if folder := os.environ.get("MFATOOLS_SCREENSHOTS"):
        page.locator(".doctor").screenshot(path=Path(folder) / f"doctor_lab_{name}.png")


def test_the_phones_clock_is_93_seconds_slow(lab, farm):
    book = lab(story(farm, phone="lab.Clock(offset=-93)"))
    page = book.page
    show(book, "page.uri")
    shown(page, "code")
    expect(page.locator(".d-code .live .digits")).to_be_visible(timeout=30_000)
    expect(page.locator(".d-clock")).to_contain_text("clock is right", timeout=30_000)
    assert farm.stats()[0]["requests"] > 0
    right = book.python("print(service.confirm('ada', phone.code(time.time()), time.time()).ok)")
    assert right == "False"  # the bench agrees that the site refuses
    told(book)
    assert cause(book) == "PHONE_CLOCK"
    expect(page.locator(".d-best")).to_contain_text("s slow")
    expect(page.locator(".d-best .d-checklist")).to_contain_text("automatic")
    expect(page.locator(".d-best").get_by_role("img")).to_have_accessible_name(re.compile("^Timeline"))
    expect(page.locator(".d-best figcaption")).to_contain_text("So it was too old.")
    low, high = map(float, book.python("print(*doctor.diagnosis.best.offset_s)").split())
    assert low - 2 <= -93 <= high + 2
    assert axe(page, ".doctor") == []
    picture(page, "slow")
    # The remedy: the clock is set, the next code is taken, and the person says so.
    book.python("phone.clock = lab.Clock()")
    assert book.python("print(service.confirm('ada', phone.code(time.time()), time.time()).ok)") == "True"
    press(page, "It works now")
    expect(page.locator(".d-solved")).to_be_visible()


def test_the_code_of_another_entry(lab, farm):
    book = lab(story(farm) + "\nother = lab.Service(name='Shop', seed=3)\nother.sign_up('ada')\ndoctor")
    book.python("two = other.page('ada'); second = phone.scan(two.uri)")
    show(book, "page.uri", "two.uri")
    book.page.get_by_role("radio", name="Example").click(timeout=30_000)
    told(book, "phone.code(t, second)")
    assert cause(book) == "WRONG_ENTRY"
    expect(book.page.locator(".d-best")).to_contain_text("Shop")
    picture(book.page, "entry")


def test_the_page_was_loaded_again_after_the_scan(lab, farm):
    book = lab(story(farm))
    show(book, "page.uri")
    told(book)
    press(book.page, "Show the newer QR code")
    shown(book.page, "scan")
    book.python("again = service.page('ada')")
    show(book, "again.uri")
    shown(book.page, "details")
    assert cause(book) == "SECRET_DIFFERENT"
    assert book.python("print(service.confirm('ada', phone.code(time.time()), time.time()).ok)") == "False"
    expect(book.page.locator(".d-best .d-checklist li")).not_to_have_count(0)
    picture(book.page, "refreshed")


def test_an_app_that_ignores_sha256(lab, farm):
    book = lab(story(farm, phone="quirks=[lab.Quirk.IGNORES_ALGORITHM]", policy="algorithm=Algorithm.SHA256"))
    show(book, "page.uri")
    told(book)
    book.page.get_by_label("Which app shows the codes?").fill("Google Authenticator (Android)")
    book.page.get_by_role("radio", name="Android phone").check()
    assert cause(book) == "PARAM_IGNORED"
    assert book.python("print(doctor.case.app, doctor.case.platform)") == "Google Authenticator (Android) android"
    picture(book.page, "sha256")


def test_all_is_well(lab, farm):
    book = lab(story(farm))
    show(book, "page.uri")
    assert book.python("print(service.confirm('ada', phone.code(time.time()), time.time()).ok)") == "True"
    told(book, answer="Yes")
    assert cause(book) == "OK"
    expect(book.page.locator(".d-best.is-ok")).to_be_visible()
    picture(book.page, "fine")


def test_right_codes_refused_lead_to_probe_codes(lab, farm):
    """The service's clock is 85 s slow: the codes prove that this side is right, a probe code the rest."""
    book = lab(story(farm, service=", clock=lab.Clock(offset=-85)"))
    show(book, "page.uri")
    told(book)
    assert cause(book) == "SERVICE_SIDE"
    page = book.page
    expect(page.locator(".d-probes")).to_contain_text("lock an account")
    press(page, "Show the code")
    code = page.locator(".d-probe-code")
    expect(code).to_have_text(re.compile(r"\d{3} \d{3}"))
    press(page, "Copy")
    picture(page, "probes")
    sent = page.evaluate("() => navigator.clipboard.readText()")
    assert book.python(f"print(service.confirm('ada', '{sent}', time.time()).ok)") == "True"
    press(page, "Accepted")
    expect(page.locator(".d-best h4")).to_have_text("The service's clock is wrong", timeout=30_000)
    expect(page.locator(".d-probe-results")).to_contain_text("accepted. The service's clock is")
    picture(page, "probed")
    # The case goes to support without its key, is opened in a fresh page, and the picture gives the key again.
    press(page, "Copy the case")
    expect(page.locator(".d-kept")).to_contain_text("clipboard")
    saved = page.evaluate("() => navigator.clipboard.readText()")
    assert sent in saved
    assert "otpauth" not in saved
    press(page, "Start over")
    shown(page, "scan")
    page.get_by_text("Continue a saved case").click()
    page.get_by_label("Or paste its text").fill(saved)
    press(page, "Use this text")
    expect(page.locator(".d-scan .d-lead")).to_contain_text("It holds no key")
    show(book, "page.uri")
    shown(page, "answer" if page.locator(".d-answer.d-panel").is_visible() else "details")
    assert cause(book) == "SERVICE_CLOCK"


def test_a_reloaded_page_goes_on_and_a_restarted_kernel_is_told(lab, farm):
    book = lab(story(farm, phone="lab.Clock(offset=-93)"))
    show(book, "page.uri")
    told(book)
    assert cause(book) == "PHONE_CLOCK"
    book.save()
    book.open()
    shown(book.page, "why")
    expect(book.page.locator(".d-best h4")).to_have_text("The phone's clock is wrong")
    expect(book.page.locator(".d-codes li")).to_have_count(2)


def test_typed_digits_are_not_the_notebooks_keys(chrome, servers, farm):
    """Notebook 7 takes single keys for commands unless the focused element says that they are its own."""
    server = servers("notebook")
    book = Notebook(server, chrome.page(), server.write([story(farm)])).open().run()
    show(book, "page.uri")
    shown(book.page, "code")
    book.page.locator(".d-big").press_sequentially("1122", delay=20)
    book.page.locator(".d-big").press_sequentially("dd00", delay=20)
    assert book.page.locator(".d-big").input_value() == "1122dd00"
    assert book.page.locator(".jp-CodeCell").count() == 1
    book.close()
