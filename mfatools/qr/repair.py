"""Reading a code that the engines see but cannot decode: blurred, tiny, photographed, or with a part covered.

An engine tells where the corners are. From there: fit the grid to the patterns that every QR code has (finders,
timing, alignment); look at each module's grey; learn from the known modules how grey turns into dark and light,
with blur taken out; hold the least certain bytes for erased and let Reed-Solomon do the rest. What comes out is
drawn afresh and handed to an engine, which alone says what the text is.

A block counts as put right only when luck is out of the question (less than one in a million); where it alone does
not show that, bytes that came out as a proper otpauth URI do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from mfatools.qr import reedsolomon
from mfatools.qr.engines import Corners, Grey
from mfatools.qr.grid import Fit, Floats, fits, grey_at
from mfatools.qr.symbol import Layout, Modules, blocks, format_bits, formats_by_likelihood, layout, mask, side_of

_LUCK = 1e-6  # chance of a wrong correction that is let through, a block
_LUCK_BEFORE_TEXT = 0.01  # the same, before the text has been looked at
_IN_URI = 0.35  # chance that a random byte is one of the 88 that a URI may have
_URI = re.compile(
    rb"otpauth(-migration)?://[A-Za-z0-9._~:/?#@!$&'()*+,;=% -]+", re.IGNORECASE
)  # RFC 3986, section 2
_BYTE_MODE = 0b0100  # mode indicator of 8-bit data (section 7.4.1)
_QUIET = 2  # modules around the code that are looked at too


def repaired(
    grey: Grey, corners: Corners, version: int, go_on: Callable[[], bool] = lambda: True
) -> Iterator[Grey]:
    """Clean pictures of the code inside ``corners``; usually none or one.

    Args:
        grey: the picture.
        corners: top left, top right, bottom right, bottom left, in its pixels.
        version: what the engine took it for; its neighbours are tried when it fits badly.
        go_on: asked between tries.
    """
    picture = grey.astype(np.float32)
    for fit in fits(picture, corners, version, go_on):
        for soft in _softs(picture, fit):
            if not go_on():
                return
            modules = _decoded(soft, layout(fit.version))
            if modules is not None:
                yield drawn(modules)
                return


def drawn(modules: Modules, size: int = 4) -> Grey:
    """A clean picture of a symbol, ``size`` pixels a module, with its quiet zone."""
    light = np.pad(~modules, 4, constant_values=True)
    return np.kron(light, np.ones((size, size), np.uint8)).astype(np.uint8) * np.uint8(255)


def _softs(picture: Floats, fit: Fit) -> Iterator[Floats]:
    """Guesses of the modules, above 0 for dark, the farther the surer: plain, then with blur undone."""
    plan = layout(fit.version)
    greys = _module_greys(picture, fit)
    plain = _in_uniform_light(greys, plan)
    inner = np.s_[_QUIET:-_QUIET, _QUIET:-_QUIET]
    yield _doubting_patches(plain[inner])
    for reach in (1, 2):
        yield _doubting_patches(_unblurred(plain, plan, reach))


def _module_greys(picture: Floats, fit: Fit) -> Floats:
    """The mean grey of the middle of each module, with two modules more on each side."""
    side = side_of(fit.version)
    line = np.arange(-_QUIET, side + _QUIET) + 0.5
    total = np.zeros((len(line), len(line)), np.float32)
    for dy in (-0.2, 0.0, 0.2):
        for dx in (-0.2, 0.0, 0.2):
            x, y = np.meshgrid(line + dx, line + dy)
            total += grey_at(picture, fit.corners, side, x.ravel(), y.ravel()).reshape(total.shape)
    return total / 9


def _in_uniform_light(greys: Floats, plan: Layout) -> Floats:
    """-1 for light and +1 for dark, by planes of light and of dark laid through the known modules."""
    y, x = np.mgrid[0 : len(greys), 0 : len(greys)].astype(np.float32) / len(greys) - 0.5
    plane = np.stack([np.ones_like(x), x, y], axis=-1)
    rows, columns = (place + _QUIET for place in np.nonzero(plan.known))
    sign = np.where(plan.pattern[plan.known], 1.0, -1.0)
    known = plane[rows, columns]
    answer = np.linalg.lstsq(np.hstack([known, known * sign[:, None]]), greys[rows, columns], rcond=None)[0]
    middle, half = plane @ answer[:3], plane @ answer[3:]
    half = np.where(np.abs(half) < 0.5, np.where(answer[3] < 0, -0.5, 0.5), half)
    return np.asarray(((greys - middle) / half).clip(-3, 3), np.float32)


def _unblurred(plain: Floats, plan: Layout, reach: int) -> Floats:
    """Each module from itself and its neighbours, by weights learnt from the known ones, then the sure ones."""
    side = len(plan.known)
    windows = np.lib.stride_tricks.sliding_window_view(plain, (2 * reach + 1, 2 * reach + 1))
    offset = _QUIET - reach
    windows = windows[offset : offset + side, offset : offset + side].reshape(side * side, -1)
    features = np.hstack([windows, np.ones((side * side, 1), np.float32)])
    known = plan.known.ravel()
    truth = np.where(plan.pattern.ravel(), 1.0, -1.0)
    weight, target = known.astype(np.float64), truth
    soft = np.zeros(side * side)
    for _ in range(4):
        soft = features @ _ridge(features, target, weight)
        target = np.where(known, truth, np.sign(soft))
        weight = np.where(known, 1.0, np.minimum(np.abs(soft), 1.0) ** 2)
    return np.asarray(soft.reshape(side, side), np.float32)


def _ridge(features: Floats, target: Floats, weight: Floats) -> Floats:
    weighted = features * weight[:, None]
    keep = 0.02 * weight.sum()
    return np.asarray(
        np.linalg.solve(weighted.T @ features + keep * np.eye(features.shape[1]), weighted.T @ target)
    )


def _doubting_patches(soft: Floats) -> Floats:
    """No certainty where 5 x 5 modules or more are all alike: masked data hardly ever is, a sticker is."""
    dark = np.pad((soft > 0).astype(np.int8), 2, mode="edge")
    sums = np.lib.stride_tricks.sliding_window_view(dark, (5, 5)).sum(axis=(2, 3))
    alike = np.pad((sums == 0) | (sums == 25), 2)
    spread = np.lib.stride_tricks.sliding_window_view(alike, (5, 5)).any(axis=(2, 3))
    return np.where(spread, soft * np.float32(0.02), soft)


def _decoded(soft: Floats, plan: Layout) -> Modules | None:
    """The symbol put right, or ``None``."""
    for _, level, number in formats_by_likelihood(soft, plan.formats)[:3]:
        turned = mask(number, plan.path)
        bits = soft[plan.path[:, 0], plan.path[:, 1]]
        whole = len(bits) // 8 * 8
        words = np.packbits((bits > 0)[:whole] ^ turned[:whole])
        sure = np.sort(np.abs(bits[:whole]).reshape(-1, 8), axis=1)[:, 0]
        message = _corrected(words, sure, plan.version, level)
        if message is not None:
            return _redrawn(message, turned, plan, format_bits(level, number))
    return None


def _corrected(words: NDArray[np.uint8], sure: Floats, version: int, level: int) -> NDArray[np.uint8] | None:
    """The message put right if every block could be, and if that cannot be luck."""
    message, sure = _with_padding(words.copy(), sure, version, level)
    before, worst, parts = message.copy(), 0.0, blocks(version, level)
    for block in parts:
        fixed, luck = _corrected_block(message[block.places], sure[block.places], len(block.places) - block.data)
        worst = max(worst, luck)
        if worst > _LUCK_BEFORE_TEXT:
            return None
        message[block.places] = fixed
    if worst < _LUCK:
        return message
    order = np.concatenate([part.places[: part.data] for part in parts])
    changed = int((message[order] != before[order]).sum())
    return message if _is_uri(message[order], version) and worst * _IN_URI**changed < _LUCK else None


def _is_uri(data: NDArray[np.uint8], version: int) -> bool:
    """Whether the data is one segment of bytes with an otpauth URI, all of characters that a URI may have."""
    if data[0] >> 4 != _BYTE_MODE:
        return False
    first, length = _length(data, version)
    text = bytes((data[:-1] << 4 | data[1:] >> 4)[first : first + length])
    return len(text) == length and _URI.fullmatch(text) is not None


def _length(data: NDArray[np.uint8], version: int) -> tuple[int, int]:
    """(index of the first byte of text, with all moved by half a byte; how many there are), section 7.4.1."""
    wide = 1 if version < 10 else 2
    shifted = (data[:3] << 4 | data[1:4] >> 4).tolist()
    return wide, int.from_bytes(bytes(shifted[:wide]), "big")


def _with_padding(
    words: NDArray[np.uint8], sure: Floats, version: int, level: int
) -> tuple[NDArray[np.uint8], Floats]:
    """The words with those filled in that the message's length tells: the padding EC 11 EC 11 ... (section 7.4.10).

    Taken only when the padding that can be seen agrees, so that a misread length does no harm.
    """
    order = np.concatenate([part.places[: part.data] for part in blocks(version, level)])
    data = words[order]
    if data[0] >> 4 != _BYTE_MODE:
        return words, sure
    start, length = _length(data, version)
    first = start + length + 1  # after half a byte of mode and half a byte of terminator
    count = len(order) - first
    if count < 4:
        return words, sure
    padding = np.resize(np.array([0xEC, 0x11], np.uint8), count)
    if (data[first:] == padding).mean() < 0.6:
        return words, sure
    sure = sure.copy()
    words[order[first:]], sure[order[first:]] = padding, np.inf
    return words, sure


def _corrected_block(block: NDArray[np.uint8], sure: Floats, checks: int) -> tuple[NDArray[np.uint8], float]:
    """Erase none, then more and more of the least certain bytes (Forney's generalised minimum distance).

    Returns:
        the block put right and the chance that this is luck; 1 when it is not put right.
    """
    found = reedsolomon.syndromes(block, checks)
    if not any(found):
        return block, 0.0
    order = [int(index) for index in np.argsort(sure)]
    best, least = block, 1.0
    for erasures in range(checks):
        answer = reedsolomon.corrected(block, checks, order[:erasures], found)
        if answer is None:
            continue
        luck = reedsolomon.chance_of_luck(len(block), checks, erasures, answer[1])
        if luck < least:
            best, least = answer[0], luck
        if luck < _LUCK:
            break
    return best, least


def _redrawn(
    message: NDArray[np.uint8], turned: NDArray[np.bool_], plan: Layout, bits: NDArray[np.bool_]
) -> Modules:
    modules = plan.pattern.copy()
    data = np.zeros(len(plan.path), bool)
    data[: 8 * len(message)] = np.unpackbits(message).astype(bool)
    modules[plan.path[:, 0], plan.path[:, 1]] = data ^ turned
    for copy in plan.formats:
        modules[copy[:, 0], copy[:, 1]] = bits
    _draw_version(modules, plan.version)
    return modules


def _draw_version(modules: Modules, version: int) -> None:
    """Two copies of the 18 version bits (section 7.10), from version 7 on."""
    if version < 7:
        return
    from segno import consts

    side, bits = len(modules), consts.VERSION_INFO[version - 7]
    for i in range(18):
        dark = bool(bits >> i & 1)
        modules[i // 3, side - 11 + i % 3] = modules[side - 11 + i % 3, i // 3] = dark
