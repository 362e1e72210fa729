import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from mfatools.qr import reedsolomon, symbol
from mfatools.qr.engines import zxing
from mfatools.qr.repair import drawn, repaired

VERSIONS = [1, 2, 6, 7, 10, 14, 22, 40]
LEVELS = {"l": 1, "m": 0, "q": 3, "h": 2}


def modules_of(made) -> np.ndarray:
    return np.array([list(row) for row in made.matrix], bool)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("error", LEVELS)
def test_layout_masks_formats_and_blocks_are_those_of_another_encoder(version, error):
    made = segno.make("otp", version=version, error=error, boost_error=False, micro=False)
    modules, plan = modules_of(made), symbol.layout(version)
    assert (modules[plan.known] == plan.pattern[plan.known]).all()
    soft = np.where(modules, 1.0, -1.0)
    assert symbol.formats_by_likelihood(soft, plan.formats)[0][1:] == (LEVELS[error], made.mask)
    bits = modules[plan.path[:, 0], plan.path[:, 1]] ^ symbol.mask(made.mask, plan.path)
    words = np.packbits(bits[: len(bits) // 8 * 8])
    for block in symbol.blocks(version, LEVELS[error]):
        assert not any(reedsolomon.syndromes(words[block.places], len(block.places) - block.data))


@given(st.data(), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_errors_and_erasures_are_put_right_up_to_the_bound(data, seed):
    random = np.random.default_rng(seed)
    made = segno.make("x" * 40, version=5, error="m", boost_error=False, micro=False)
    modules, plan = modules_of(made), symbol.layout(5)
    bits = modules[plan.path[:, 0], plan.path[:, 1]] ^ symbol.mask(made.mask, plan.path)
    words = np.packbits(bits[: len(bits) // 8 * 8])
    block = symbol.blocks(5, 0)[0]
    true, checks = words[block.places], len(block.places) - block.data
    erasures = data.draw(st.integers(0, checks))
    errors = (checks - erasures) // 2
    places = random.permutation(len(true))[: erasures + errors]
    spoilt = true.copy()
    spoilt[places] ^= random.integers(1, 256, len(places)).astype(np.uint8)
    answer = reedsolomon.corrected(
        spoilt, checks, [int(p) for p in places[:erasures]], reedsolomon.syndromes(spoilt, checks)
    )
    assert answer is not None
    assert (answer[0] == true).all()
    assert answer[1] == errors


def test_too_many_errors_are_refused():
    random = np.random.default_rng(0)
    wrong = 0
    for _ in range(200):
        block = random.integers(0, 256, 60).astype(np.uint8)
        wrong += reedsolomon.corrected(block, 20, [], reedsolomon.syndromes(block, 20)) is not None
    assert wrong == 0


def test_luck_is_counted():
    assert reedsolomon.chance_of_luck(100, 20, 0, 0) < 1e-40
    assert reedsolomon.chance_of_luck(100, 20, 20, 0) == 1.0
    assert reedsolomon.chance_of_luck(100, 20, 16, 1) < reedsolomon.chance_of_luck(100, 20, 16, 2)


@pytest.mark.parametrize("version", [1, 4, 7, 12])
@pytest.mark.parametrize("tilt", [0, 12])
def test_a_code_is_redrawn_from_bad_corners(version, tilt):
    """Corners off by a third of a module, seen at an angle, a fifth of the modules in the middle painted over."""
    from PIL import Image

    text = "otpauth" if version == 1 else "otpauth://totp/a?secret=JBSWY3DPEHPK"
    made = segno.make(text, version=version, error="m", boost_error=False, micro=False)
    clean = drawn(modules_of(made), 6)
    side = clean.shape[0]
    spoilt = clean.copy()
    middle = slice(int(side * 0.44), int(side * 0.56))
    spoilt[middle, middle] = 128
    flat = [(24, 24), (side - 24, 24), (side - 24, side - 24), (24, side - 24)]
    picture = Image.fromarray(spoilt).transform(
        (side, side),
        Image.Transform.QUAD,
        (0, 0, tilt, side, side, side, side, 0),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )
    grey = np.asarray(picture if tilt else Image.fromarray(spoilt))
    corners = tuple((x + 2, y - 2) for x, y in flat)
    (again,) = repaired(grey, corners, version)
    (hit,) = [hit for hit in zxing().read(again) if not hit.broken]
    assert hit.text == text


def test_nothing_comes_of_noise():
    noise = np.random.default_rng(4).integers(0, 255, (200, 200), dtype=np.uint8)
    corners = ((20, 20), (180, 20), (180, 180), (20, 180))
    assert list(repaired(noise, corners, 4)) == []
    assert list(repaired(noise, ((20, 20), (180, 180), (20, 180), (180, 20)), 4)) == []
    assert list(repaired(noise, ((5, 5),) * 4, 4)) == []
