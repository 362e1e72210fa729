"""Hypothesis strategies: keys, settings, accounts as people and services make them, and worse."""

from __future__ import annotations

from hypothesis import strategies as st

from mfatools.account import LONGEST_STEP, Account
from mfatools.nonstandard import Motp
from mfatools.secret import Secret
from mfatools.totp import STEAM_DIGITS, Algorithm, Encoder, Hotp, Totp

secrets = st.binary(min_size=1, max_size=140).map(Secret)
algorithms = st.sampled_from(Algorithm)
digits = st.integers(1, 10)
decimal_totps = st.builds(Totp, secrets, st.integers(1, LONGEST_STEP), digits, algorithms)
steam_totps = st.builds(
    Totp, secrets, digits=st.just(STEAM_DIGITS), algorithm=algorithms, encoder=st.just(Encoder.STEAM)
)
totps = decimal_totps | steam_totps
hotps = st.builds(Hotp, secrets, st.integers(0, 2**63 - 1), digits, algorithms)
motps = st.builds(Motp, secrets)

# Everything that a sloppy reader trips over, and any other text.
awkward = st.text(st.sampled_from(" :/%?&=+#;@<>\"'\u00e9\u4e2d\U0001f511\u202e\0ab3A20"), max_size=12)
texts = st.one_of(st.sampled_from(["", "Steam", "steam", "Example", "a@b.org"]), awkward, st.text(max_size=20))
accounts = st.builds(Account, texts, texts, st.one_of(totps, hotps, motps))

# What an export of Google Authenticator can hold.
plain_totps = st.builds(Totp, secrets, st.just(30), st.sampled_from([6, 8]), algorithms)
plain_hotps = st.builds(Hotp, secrets, st.integers(0, 2**63 - 1), st.sampled_from([6, 8]), algorithms)
names = st.text(st.characters(blacklist_characters=":", blacklist_categories=("Cs",)), max_size=20)
exportable = st.builds(Account, names, names, plain_totps | plain_hotps)
