"""The kernel's side of the live board, with messages caught where they would leave for the page."""

from __future__ import annotations

import json
import threading

import pytest

from mfatools.account import Account, parse
from mfatools.errors import MfaError
from mfatools.nonstandard import Motp
from mfatools.secret import Secret
from mfatools.totp import Algorithm, Encoder, Hotp, Totp
from mfatools.widgets.live import MOST_CODES, Live

KEY = b"12345678901234567890"  # RFC 6238 appendix B
NOW = 1_111_111_109.0  # a time of the same table: 8 digits, SHA1 give 07081804


class Board(Live):
    """A board that keeps what it sends."""

    def __init__(self, *accounts, **options):
        self.sent: list[dict] = []
        super().__init__(*accounts, **{"now": lambda: NOW, **options})

    def send(self, content, buffers=None):
        json.dumps(content)  # what a comm would do
        self.sent.append(content)

    def ask(self, kind="board", **content):
        """Play the page: send a request, return the answer."""
        self.sent.clear()
        self._handle_custom_msg({"type": kind, "nonce": "tab.1", **content}, [])
        (answer,) = self.sent
        assert answer["nonce"] == "tab.1"
        return answer

    def cards(self):
        return self.ask()["cards"]


def account(issuer="GitHub", name="alice", **settings):
    return Account(issuer, name, Totp(Secret(KEY), **settings))


def code_at(card, t):
    return card["codes"][int((t - card["t0"]) // card["step"]) - card["first"]]


def test_codes_of_the_next_quarter_of_an_hour_are_those_of_the_rfc():
    (card,) = Board(account(digits=8)).cards()
    assert code_at(card, NOW) == "07081804"
    assert code_at(card, 1_111_111_111) == "14050471"  # the table's next line, one step later
    assert (
        len(card["codes"]) == 1 + 900 // 30 + 2
    )  # the step before, those within, the one at the edge and its next
    assert {key: card[key] for key in ("issuer", "name", "type", "step")} == {
        "issuer": "GitHub",
        "name": "alice",
        "type": "totp",
        "step": 30,
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"algorithm": Algorithm.SHA512, "step": 60},
        {"digits": 5, "encoder": Encoder.STEAM},
        {"digits": 10, "algorithm": Algorithm.SHA256},
    ],
)
def test_every_code_is_the_entrys_own(settings):
    entry = account(**settings)
    (card,) = Board(entry).cards()
    expected = [entry.otp.code_of(card["first"] + place) for place in range(len(card["codes"]))]
    assert card["codes"] == expected


def test_offset_moves_the_codes_to_true_time_and_is_told():
    board = Board(account(digits=8), offset=2.0)  # at NOW the kernel is 2 s slow: the next step has begun
    answer = board.ask()
    (card,) = answer["cards"]
    assert card["first"] + 1 == (NOW + 2) // 30
    assert answer["offset"] == 2.0
    board.sent.clear()
    board.offset = None
    assert board.sent == [{"type": "changed"}]
    assert board.ask()["offset"] is None


def test_stamps_frame_the_work_of_the_kernel():
    ticks = iter([10.0, 10.25, 20.0, 20.5])
    board = Board(account(), now=lambda: next(ticks))
    ping, answer = board.ask("ping"), board.ask()
    assert (ping["received"], ping["sent"]) == (10.0, 10.25)
    assert (answer["received"], answer["sent"]) == (20.0, 20.5)


def test_a_short_step_does_not_make_a_long_message():
    (card,) = Board(account(step=1)).cards()
    assert len(card["codes"]) == MOST_CODES + 2
    (card,) = Board(account(step=86_400)).cards()
    assert len(card["codes"]) == 3


def test_times_before_1970_give_no_codes_and_no_error():
    (card,) = Board(account(), now=lambda: -5000.0).cards()
    assert card["codes"] == []


def test_add_remove_and_doubles():
    board = Board(account(), [account("Bank"), account()])
    assert [card["issuer"] for card in board.cards()] == ["GitHub", "Bank"]
    board.sent.clear()
    board.add(account("Mail"), account("Bank"))
    assert board.sent == [{"type": "changed"}]
    assert [entry.issuer for entry in board.accounts] == ["GitHub", "Bank", "Mail"]
    assert len({card["id"] for card in board.cards()}) == 3
    board.remove(account("Bank"))
    assert [entry.issuer for entry in board.accounts] == ["GitHub", "Mail"]


def test_what_is_no_account_is_refused_without_being_quoted():
    uri = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"
    with pytest.raises(MfaError) as caught:
        Live(uri)
    assert "JBSWY" not in str(caught.value)
    assert "account.parse" in caught.value.hint


def test_a_counter_moves_on_at_each_press_only():
    entry = Account("Bank", "joe", Hotp(Secret(KEY), counter=3))  # RFC 4226 appendix D
    board = Board(entry)
    (card,) = board.cards()
    assert (card["counter"], card["code"]) == (3, None)
    assert [board.ask("next", id=card["id"])["card"]["code"] for _ in range(3)] == ["969429", "338314", "254676"]
    (card,) = board.cards()  # as after a reload
    assert (card["counter"], card["code"]) == (6, "254676")
    assert board.accounts[0].counter == 6
    assert entry.counter == 3
    board.remove(entry)
    assert board.accounts == ()


def test_presses_in_two_threads_never_give_one_code_twice():
    board = Board(Account("Bank", "joe", Hotp(Secret(KEY))))
    (card,) = board.cards()
    board.sent.clear()

    def press():
        for _ in range(50):
            board._handle_custom_msg({"type": "next", "nonce": "x", "id": card["id"]}, [])

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counters = sorted(answer["card"]["counter"] for answer in board.sent)
    assert counters == list(range(1, 201))


def test_next_on_a_timed_entry_and_on_one_that_is_gone_is_an_error_in_words():
    board = Board(account())
    (card,) = board.cards()
    assert "follow the clock" in board.ask("next", id=card["id"])["what"]
    assert "no longer on the board" in board.ask("next", id="99")["what"]


def test_an_motp_entry_wants_its_pin_first():
    motp = Motp(Secret(bytes.fromhex("e3152afee62599c8")))
    board = Board(Account("VPN", "joe", motp))
    (card,) = board.cards()
    assert card["wants_pin"]
    assert "codes" not in card
    assert "PIN is empty" in board.ask("pin", id=card["id"], pin="")["what"]
    card = board.ask("pin", id=card["id"], pin="1234")["card"]
    assert code_at(card, NOW) == motp.code(NOW, "1234")
    assert code_at(card, NOW + 10) == motp.code(NOW + 10, "1234")
    assert "1234" not in repr(board) + repr(board._entries)


def test_notes_of_an_account_reach_the_page_in_words():
    (card,) = Board(parse("otpauth://totp/Short:x?secret=JBSWY3DP&issuer=Short")).cards()
    assert any("40 bits" in note["text"] and note["severity"] == "info" for note in card["notes"])


def test_no_trait_and_no_text_holds_a_code_or_a_key():
    entry = account()
    board = Board(entry, account("Bank"))
    card = board.cards()[0]
    bundle, _ = board._repr_mimebundle_()
    written = (
        json.dumps(board.get_state(), default=str) + json.dumps(bundle) + repr(board) + str(vars(board)["_entries"])
    )
    assert not [code for code in card["codes"] if code in written]
    assert entry.secret.reveal_base32() not in written
    assert "GitHub" not in written
    assert bundle["text/plain"] == repr(board) == "Live board of 2 accounts"
    assert repr(Board(entry)) == "Live board of 1 account"
    assert repr(Board()) == "Live board of 0 accounts"


def test_close_forgets_the_entries():
    board = Board(account())
    board.close()
    assert board.accounts == ()
    assert repr(board) == "Live board of 0 accounts"


def test_an_entry_is_removed_from_the_page_only_where_that_was_offered():
    entry = account()
    board = Board(entry, account("Bank"))
    first = board.cards()[0]
    assert board.ask()["removable"] is False
    assert "stay" in board.ask("remove", id=first["id"])["what"]
    gone = []
    board.offer_removal(gone.append)
    assert board.ask()["removable"] is True
    board.sent.clear()
    board._handle_custom_msg({"type": "remove", "nonce": "tab.1", "id": first["id"]}, [])
    assert [message["type"] for message in board.sent] == ["changed", "removed"]
    assert gone == [entry]
    assert [left.issuer for left in board.accounts] == ["Bank"]


def test_source_settings_and_what_to_do_about_the_clock_reach_the_page():
    board = Board()
    board.add(account(digits=8, algorithm=Algorithm.SHA256), source="from a.png")
    board.check_hint = "Look below."
    board.sent.clear()
    answer = board.ask()
    assert answer["check"] == "Look below."
    assert answer["cards"][0]["source"] == "from a.png"
    assert answer["cards"][0]["facts"] == ("8 digits", "hash SHA-256")
    assert "Clock()" in Live().check_hint


@pytest.mark.parametrize("offset", [float("nan"), float("inf"), "0.2", 1e13])
def test_an_offset_that_is_no_number_is_refused_at_once(offset):
    with pytest.raises(MfaError, match="offset"):
        Board(offset=offset)
    board = Board(offset=0.5)
    with pytest.raises(MfaError, match="offset"):
        board.offset = offset
    assert board.offset == 0.5


@pytest.mark.parametrize("horizon", [float("inf"), float("nan"), -1, 1e6, None])
def test_a_horizon_without_end_is_refused(horizon):
    with pytest.raises(MfaError, match="horizon"):
        Board(horizon=horizon)
