"""The kernel's side of the scan: pictures come as messages, cards in words go back, accounts stay here."""

from __future__ import annotations

import json
import threading
from types import SimpleNamespace

import pytest

from mfatools import migration
from mfatools.account import Account, parse
from mfatools.errors import EngineError, MfaError, PictureError
from mfatools.nonstandard import Motp
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp
from mfatools.widgets import cards
from mfatools.widgets.base import Message
from mfatools.widgets.scan import Scan
from mfatools.widgets.start import start

CANARY = "MZXW6YTBOJRGC6TBMZXW6YTBOJRGC6TB"
OTHER = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
URI = f"otpauth://totp/GitHub:alice?secret={CANARY}&issuer=GitHub"
CORNERS = ((1, 1), (9, 1), (9, 9), (1, 9))


class Reading(list):
    """What `mfatools.qr.read` gives back, as far as a scan looks at it."""

    def __init__(self, *texts, advice=()):
        super().__init__(SimpleNamespace(text=text, corners=CORNERS) for text in texts)
        self.advice = [SimpleNamespace(code="A", text=text, hint="") for text in advice]


def read(picture, *, budget, stop):
    """A reader for "pictures" that are the texts themselves, one a line."""
    if picture == b"broken":
        raise PictureError("This is no picture.", "Take a screenshot.")
    if picture == b"bug":
        raise ZeroDivisionError(CANARY)
    if picture == b"blank":
        return Reading(advice=["The code is cut off.", "Show all of it."])
    return Reading(*picture.decode().split("\n"))


class Bench(Scan):
    """A scan that keeps what it sends, and a page that waits for its answers."""

    def __init__(self, **options):
        self.sent: list[dict] = []
        self.nonces = 0
        super().__init__(**{"reader": read, **options})

    def send(self, content, buffers=None):
        json.dumps(content)  # what a comm would do
        self.sent.append(content)

    def post(self, kind, *buffers, **content):
        """Play the page: send a message and wait for its threads."""
        self.nonces += 1
        content = {"type": kind, "nonce": f"tab.{self.nonces}", **content}
        self._handle_custom_msg(content, [memoryview(buffer) for buffer in buffers])
        for thread in threading.enumerate():
            if thread.name == "mfatools-scan":
                thread.join(10)
        return [message for message in self.sent if message.get("nonce") == content["nonce"]]

    def picture(self, *texts, name="shot.png", via="file"):
        return self.post("picture", "\n".join(texts).encode(), name=name, via=via)

    def shown(self):
        return [message for message in self.sent if message["type"] == "cards"][-1]["cards"]


def test_a_picture_becomes_a_card_an_account_and_a_live_code():
    scan = Bench()
    (done,) = scan.picture(URI)
    assert done["type"] == "done"
    assert done["say"] == "Found: GitHub alice."
    (card,) = scan.shown()
    assert (card["kind"], card["title"], card["subtitle"], card["source"]) == (
        "account",
        "GitHub",
        "alice",
        "from shot.png",
    )
    assert scan.accounts == [parse(URI)]
    assert scan.live.accounts == (parse(URI),)
    assert scan.found == 1


def test_nothing_that_is_sent_or_saved_or_printed_holds_the_key():
    scan = Bench()
    scan.picture(URI)
    scan.picture(URI + "&digits=99")
    scan.post("text", text=URI.replace("alice", "bob"))
    state = {name: value for name, value in scan.get_state().items() if name not in ("_esm", "_css")}
    out = json.dumps(scan.sent) + repr(scan) + str(scan) + str(state) + repr(scan._cards)
    assert CANARY not in out
    assert "otpauth://" not in out
    assert repr(scan) == "Scan of 2 accounts"


def test_accounts_of_one_picture_keep_their_order_and_newer_pictures_stand_on_top():
    scan = Bench()
    names = ["carol", "alice", "bob"]
    scan.picture(*(URI.replace("alice", name).replace(CANARY, CANARY[:-1] + name[0].upper()) for name in names))
    assert [card["subtitle"] for card in scan.shown()] == names
    (done,) = scan.picture(URI.replace("alice", "dave"))
    assert (done["say"], done["level"]) == ("Found: GitHub dave.", "info")  # its code may stand far below
    assert [card["subtitle"] for card in scan.shown()] == ["dave", *names]
    assert [account.name for account in scan.accounts] == [*names, "dave"]


def test_a_repeated_account_is_not_added_but_said():
    scan = Bench()
    scan.picture(URI)
    scan.picture(URI, name="again.png")
    assert [card["kind"] for card in scan.shown()] == ["duplicate", "account"]
    assert "from shot.png" in scan.shown()[0]["text"]
    assert len(scan.accounts) == len(scan.live.accounts) == 1


def test_the_same_picture_again_and_again_makes_no_stack():
    scan = Bench()
    for _ in range(3):
        scan.picture(URI)
        scan.post("picture", b"blank", name="blank.png")
        scan.picture("WIFI:S:home;;", name="wifi.png")
    assert [card["kind"] for card in scan.shown()] == ["other", "nothing", "duplicate", "account"]
    scan.post("picture", b"blank", name="another blank.png")
    assert [card["kind"] for card in scan.shown()].count("nothing") == 2


def test_an_account_sweeps_away_what_failed_before_it_but_not_beside_it():
    scan = Bench()
    for _ in range(3):
        scan.picture("nothing of ours")
    scan.post("refused", name="a", what="This file is empty.", hint="Save it again.", lot="two")
    scan.post("picture", b"broken", name="b", lot="two")
    assert len(scan.shown()) == 3  # the same picture makes no stack
    scan.post("picture", URI.encode(), name="c", lot="two")
    assert [card["source"] for card in scan.shown()] == ["from c", "from b", "from a"]
    scan.picture("still nothing of ours")
    assert len(scan.shown()) == 4
    scan.post("frame", URI.replace("alice", "bob").encode(), via="camera")
    assert [card["kind"] for card in scan.shown()] == ["account", "account"]


def test_an_account_that_is_here_already_sweeps_too_and_an_export_keeps_its_card():
    scan = Bench()
    scan.picture(URI)
    account = scan.accounts[0]
    first, _ = migration.build([account, *(parse(URI.replace("alice", f"a{n}")) for n in range(20))])[:2]
    scan.picture(first, name="export")
    scan.picture("nothing of ours")
    scan.picture(URI)
    assert sorted({card["kind"] for card in scan.shown()}) == ["account", "batch", "duplicate"]


def test_many_accounts_again_take_one_card_and_one_sentence():
    scan = Bench()
    texts = [URI.replace("alice", name) for name in ("alice", "bob", "carol")]
    (done,) = scan.picture(*texts)
    assert done["say"] == "Found 3 accounts: GitHub alice, GitHub bob, GitHub carol."
    assert done["level"] == "quiet"  # they are seen at once
    (done,) = scan.picture(*texts, name="again.png")
    assert [card["kind"] for card in scan.shown()] == ["duplicate", *["account"] * 3]
    assert scan.shown()[0]["title"] == "3 accounts are here already"
    assert done["say"].count("here already") == 1
    scan.post("remove", card=scan.shown()[1]["id"])
    assert [card["kind"] for card in scan.shown()] == ["account"] * 2


def test_what_is_gone_is_no_longer_here_already():
    scan = Bench()
    scan.picture(URI)
    scan.picture(URI, name="again.png")
    scan.remove(scan.accounts[0])
    assert scan.shown() == []


def test_the_same_account_with_another_key_is_marked_as_a_refreshed_page():
    scan = Bench()
    scan.picture(URI)
    scan.picture(URI.replace(CANARY, OTHER))
    newest = scan.shown()[0]
    assert newest["kind"] == "account"
    assert newest["notes"][0]["code"] == "W_NEWER_KEY"
    assert len(scan.accounts) == 2


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("WIFI:S:home;T:WPA;P:canary-pass;;", "other", "Wi-Fi"),
        ("https://example.org/canary", "other", "not opened"),
        ("FIDO:/123456", "other", "passkey"),
        ("otpauth://totp/canary?issuer=x", "error", "secret"),
        ("otpauth://totp/canary?secret=ABCDEFG1", "error", "digit 1"),
        ("Steam canary", "other", "two-factor"),
    ],
)
def test_a_code_without_an_account_is_told_what_it_is_and_never_quoted(text, kind, words):
    scan = Bench()
    scan.picture(text)
    (card,) = scan.shown()
    assert card["kind"] == kind
    assert words in card["text"]
    assert card["hint"]
    assert "canary" not in json.dumps(scan.sent)
    assert not scan.accounts


def test_a_picture_that_is_none_and_one_without_a_code_get_words():
    scan = Bench()
    scan.post("picture", b"broken", name="x.png")
    scan.post("picture", b"blank", via="paste")
    nothing, broken = scan.shown()
    assert (nothing["kind"], nothing["text"], nothing["hint"]) == (
        "nothing",
        "The code is cut off.",
        "Show all of it.",
    )
    assert nothing["source"] == "pasted"
    assert (broken["kind"], broken["text"], broken["hint"]) == (
        "error",
        "This is no picture.",
        "Take a screenshot.",
    )


def test_without_any_advice_there_is_still_something_to_do():
    card = cards.of_nothing([])
    assert card.text
    assert "screenshot" in card.hint


def test_our_own_bug_is_told_without_its_message():
    (answer,) = Bench().post("picture", b"bug")
    assert answer["type"] == "error"
    assert "ZeroDivisionError" in answer["what"]
    assert CANARY not in json.dumps(answer)


def test_a_file_that_the_page_would_not_send_ends_as_a_card_too():
    scan = Bench()
    scan.post("refused", name="empty.png", via="file", what="This file is empty.", hint="Save it again.", lot="l")
    scan.post("picture", URI.encode(), lot="l")
    account, refused = scan.shown()
    assert account["kind"] == "account"
    assert (refused["kind"], refused["source"], refused["text"]) == (
        "error",
        "from empty.png",
        "This file is empty.",
    )


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (URI.replace(CANARY, "ABCDEFG1"), "Read, but the key in it is broken"),
        ("otpauth://totp/x?issuer=y", "Read, but there is no key in it"),
        (URI + "&digits=99", "Read, but it does not make an account"),
        ("WIFI:S:home;;", "Not a two-factor code"),
    ],
)
def test_a_code_that_was_read_is_not_said_to_be_unreadable(text, title):
    scan = Bench()
    scan.picture(text)
    assert scan.shown()[0]["title"] == title


def test_a_message_without_its_picture_is_answered():
    scan = Bench()
    (answer,) = scan.post("picture", name="x.png")
    assert answer["type"] == "done"
    assert "did not arrive" in scan.shown()[0]["text"]


def test_an_export_says_which_codes_are_missing_until_all_are_here():
    scan = Bench()
    accounts = [Account("Shop", f"n{i}", Totp(Secret(bytes([i + 1] * 20)))) for i in range(5)]
    first, second, third = migration.build(accounts, per_code=2, batch_id=77)
    scan.picture(first)
    scan.picture(third)
    batch = scan.shown()[0]
    assert batch["kind"] == "batch"
    assert batch["title"].startswith("1 of 3 codes")
    assert "number 2 has not" in batch["text"]
    scan.picture(second)
    assert all(card["kind"] == "account" for card in scan.shown())
    assert sorted(account.name for account in scan.accounts) == [f"n{i}" for i in range(5)]


def test_removing_the_card_of_an_export_forgets_what_it_lacks():
    scan = Bench()
    accounts = [Account("Shop", f"n{i}", Totp(Secret(bytes([i + 1] * 20)))) for i in range(4)]
    first, _ = migration.build(accounts, per_code=2, batch_id=77)
    scan.picture(first)
    scan.post("remove", card=scan.shown()[0]["id"])
    scan.picture(URI)
    assert [card["kind"] for card in scan.shown()] == ["account"] * 3


def test_a_card_is_removed_with_its_live_code():
    scan = Bench()
    scan.picture(URI, URI.replace("alice", "bob"))
    first, second = scan.shown()
    scan.post("remove", card=first["id"])
    assert [card["id"] for card in scan.shown()] == [second["id"]]
    assert [account.name for account in scan.live.accounts] == ["bob"]
    scan.remove(scan.accounts[0])
    assert scan.shown() == []
    assert scan.accounts == []
    scan.picture(URI)
    scan.post("clear")
    assert scan.shown() == []
    assert scan.live.accounts == ()


def test_a_card_of_the_board_says_it_all_and_is_removed_there():
    scan = Bench()
    scan.picture(URI + "&digits=8")
    scan.picture(URI.replace(CANARY, OTHER), name="new.png")
    sent = []
    scan.live.send = lambda content, buffers=None: sent.append(content)
    scan.live._handle_custom_msg({"type": "board", "nonce": "b"}, [])
    assert sent[0]["removable"] is True
    old, new = sent[0]["cards"]
    assert (old["source"], new["source"]) == ("from shot.png", "from new.png")
    assert "8 digits" in old["facts"]
    assert new["notes"][0]["code"] == "W_NEWER_KEY"
    scan.live._handle_custom_msg({"type": "remove", "nonce": "r", "id": old["id"]}, [])
    assert [account.secret for account in scan.accounts] == [parse(URI.replace(CANARY, OTHER)).secret]
    assert [card["kind"] for card in scan.shown()] == ["account"]
    assert len(scan.live.accounts) == scan.found == 1


def test_pasted_text_works_like_a_picture():
    scan = Bench()
    scan.post("text", text=f"{URI}\n{URI.replace('alice', 'bob')}", via="paste")
    assert [account.name for account in scan.accounts] == ["alice", "bob"]
    assert scan.shown()[0]["source"] == "pasted"


def test_callbacks_get_each_account_and_their_errors_are_shown():
    scan, heard = Bench(), []

    @scan.on_account
    def broken(account):
        raise ValueError(account.secret.reveal_base32())

    scan.on_account(heard.append)
    scan.picture(URI)
    assert heard == [parse(URI)]
    (notice,) = [message for message in scan.sent if message["type"] == "notice"]
    assert "broken" in notice["text"]
    assert "ValueError" in notice["text"]
    assert CANARY not in json.dumps(scan.sent)
    with pytest.raises(MfaError, match="function"):
        scan.on_account("print")


def test_a_camera_frame_gives_corners_and_ends_with_an_account():
    scan = Bench()
    (nothing,) = scan.post("frame", b"\n".join([b"https://example.org"]), via="camera")
    assert (nothing["done"], nothing["found"][0]["account"]) == (False, False)
    assert "web link" in nothing["say"]
    (got,) = scan.post("frame", URI.encode(), via="camera")
    assert got["done"] is True
    assert got["found"] == [{"corners": [list(corner) for corner in CORNERS], "account": True}]
    assert scan.shown()[0]["source"] == "seen by the camera"
    (again,) = scan.post("frame", URI.encode(), via="camera")
    assert again["done"] is True
    assert len(scan.shown()) == 1


def test_a_camera_without_any_engine_is_told_what_to_install():
    def none(picture, *, budget, stop):
        raise EngineError("No QR engine works here.", "Install zxing-cpp.")

    (answer,) = Bench(reader=none).post("frame", b"pixels", via="camera")
    assert (answer["type"], answer["what"], answer["hint"]) == (
        "error",
        "No QR engine works here.",
        "Install zxing-cpp.",
    )


def test_the_camera_goes_on_while_codes_of_an_export_are_missing():
    scan = Bench()
    accounts = [Account("Shop", f"n{i}", Totp(Secret(bytes([i + 1] * 20)))) for i in range(4)]
    first, second = migration.build(accounts, per_code=2, batch_id=5)
    (half,) = scan.post("frame", first.encode(), via="camera")
    assert half["done"] is False
    assert "still missing" in half["say"]
    (whole,) = scan.post("frame", second.encode(), via="camera")
    assert whole["done"] is True


def test_long_work_is_stopped_and_leaves_nothing():
    begun = threading.Event()

    def patient(picture, *, budget, stop):
        begun.set()
        while not stop():
            pass
        return Reading(URI)

    scan = Bench(reader=patient)
    message = {"type": "picture", "nonce": "tab.x", "name": "long.png"}
    scan._handle_custom_msg(message, [memoryview(b"pixels")])
    assert begun.wait(5)
    scan.post("stop", nonce="tab.x")
    assert not scan.accounts
    assert not scan._desk._stops
    assert [sent for sent in scan.sent if sent.get("nonce") == "tab.x"] == []


def test_a_python_without_threads_reads_all_the_same(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    scan = Bench()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    scan.picture(URI)
    assert len(scan.accounts) == 1


def test_a_page_that_is_opened_later_gets_the_cards():
    scan = Bench()
    scan.picture(URI)
    scan.sent.clear()
    scan.post("hello")
    assert [card["title"] for card in scan.shown()] == ["GitHub"]


@pytest.mark.parametrize(
    ("otp", "said"),
    [
        (Totp(Secret(b"x" * 20)), ()),
        (
            Totp(Secret(b"x" * 20), step=60, digits=8, algorithm=Algorithm.SHA256),
            ("a new code every 60 seconds", "8 digits", "hash SHA-256"),
        ),
        (Totp(Secret(b"x" * 20), digits=5, encoder=Encoder.STEAM), ("Steam, 5 letters and digits",)),
        (Hotp(Secret(b"x" * 20), counter=7), ("counter-based",)),
        (Motp(Secret(b"x" * 16)), ("Mobile-OTP, needs a PIN",)),
    ],
    ids=["usual", "all else", "steam", "counter", "motp"],
)
def test_only_unusual_settings_are_spoken_of(otp, said):
    assert cards.facts(Account("I", "n", otp)) == said


def test_weighty_notes_stand_first():
    card = cards.of_account(parse(f"otpauth://totp/a?secret={CANARY.lower()}&issuer=b&algorithm=SHA512"))
    levels = [note["severity"] for note in card.page()["notes"]]
    assert levels[0] == "warn"
    assert levels == sorted(levels, reverse=True)
    assert len(set(levels)) == 2


def test_a_board_of_the_users_own_is_fed():
    from mfatools.widgets.live import Live

    board = Live()
    scan = Bench(live=board)
    scan.picture(URI)
    assert board.accounts == (parse(URI),)


@pytest.fixture
def shell(monkeypatch):
    """Whose turn it is in this process: an IPython shell, or none."""
    current = SimpleNamespace(shell=None)
    monkeypatch.setattr("IPython.get_ipython", lambda: current.shell)
    return current


class Shell:
    """An IPython shell, as far as `start` looks at it."""


def test_start_again_hands_back_the_page_with_its_accounts(shell):
    shell.shell = Shell()
    page = start()
    page.on_text(Message("text", {"text": URI}))
    assert start() is page
    assert "run its cell again" in page.lead
    assert start().accounts == [parse(URI)]
    page.close()
    assert start() is not page


def test_a_fresh_start_forgets_the_old_page(shell):
    shell.shell = Shell()
    page = start()
    page.on_text(Message("text", {"text": URI}))
    new = start(fresh=True)
    assert new is not page
    assert start() is new
    assert page.accounts == new.accounts == []
    assert page.live.accounts == ()


def test_nobody_gets_the_page_of_somebody_else(shell):
    assert start() is not start()  # no shell: people may share the process
    assert "run its cell again" not in start().lead
    mine, yours = Shell(), Shell()
    shell.shell = mine
    page = start()
    shell.shell = yours
    assert start() is not page
    shell.shell = mine
    assert start() is page


def test_start_is_one_page_with_a_heading():
    page = start()
    assert isinstance(page, Scan)
    assert page.title
    assert page.live.check_hint == "Check the clock below."
    assert "saved" in page.lead


def test_start_has_the_clock_and_the_doctor_and_they_share_what_is_known():
    from mfatools.widgets.start import start

    page = start(fresh=True)
    try:
        assert page.doctor.scan is page
        assert page.clock is not None
        assert "doctor" in page.get_state()
    finally:
        page.close()
    assert page.doctor.comm is None


def test_an_account_that_comes_twice_at_once_is_kept_once():
    bench = Bench()
    from_a_picture, pasted = bench._made([URI], "from a picture"), bench._made([URI], "pasted")
    bench._add(from_a_picture)
    (card,) = bench._add(pasted)
    assert card.sort is cards.Sort.DUPLICATE
    assert [one.account for one in bench._cards if one.account] == bench.accounts == [parse(URI)]
