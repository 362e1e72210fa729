"""Ways to make a hard picture readable. Each is a function ``grey -> grey``; a `Step` names it and who reads it.

The order is by price, and by what each brought on pictures that plain zxing-cpp misses: other thresholds first,
then levels, then blurring and sharpening, then other sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter, ImageOps

from mfatools.qr.engines import Grey

Preparation = Callable[[Grey], Grey]
LANCZOS = Image.Resampling.LANCZOS


@dataclass(frozen=True, slots=True)
class Step:
    """One try: what is done to the picture and which engines read the result.

    Attributes:
        name: for people, such as ``"2x, sharpened"``.
        prepare: the preparation; it may change the size by ``scale`` and add a border of ``border`` pixels.
        readers: engine names, with the binarizer after a slash (``"zxing-cpp/fixed"``).
        scale: pixels after to pixels before.
        border: pixels added on each side (after scaling).
    """

    name: str
    prepare: Preparation
    readers: tuple[str, ...]
    scale: float = 1.0
    border: int = 0


def resized(factor: float) -> Preparation:
    """The picture larger or smaller by ``factor``."""

    def prepare(grey: Grey) -> Grey:
        height, width = grey.shape
        size = max(1, round(width * factor)), max(1, round(height * factor))
        return np.asarray(Image.fromarray(grey).resize(size, LANCZOS))

    return prepare


def sharpened(radius: float, percent: int) -> Preparation:
    """Unsharp mask."""
    return filtered(ImageFilter.UnsharpMask(radius, percent, 0))


def blurred(radius: float) -> Preparation:
    """Gaussian blur: joins the dots of styled codes and drowns noise and moire."""
    return filtered(ImageFilter.GaussianBlur(radius))


def filtered(kernel: ImageFilter.Filter) -> Preparation:
    """Any filter of Pillow's."""
    return lambda grey: np.asarray(Image.fromarray(grey).filter(kernel))


def bordered(pixels: int, level: int) -> Preparation:
    """A quiet zone for codes that touch the edge of the picture."""
    return lambda grey: np.pad(grey, pixels, constant_values=level)


def inverted(grey: Grey) -> Grey:
    """Light on dark turned into dark on light (zbar needs it; zxing-cpp does it itself)."""
    return np.invert(grey)


def equalised(grey: Grey) -> Grey:
    """Every level of grey equally often: contrast where the picture has most of its pixels."""
    return np.asarray(ImageOps.equalize(Image.fromarray(grey)))


def stretched(grey: Grey) -> Grey:
    """From the darkest to the lightest per cent of the pixels: the full range."""
    return np.asarray(ImageOps.autocontrast(Image.fromarray(grey), cutoff=1))


def gamma(power: float) -> Preparation:
    """Shadows lifted (below 1) or lights pulled apart (above 1)."""
    table = (255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    return lambda grey: table[grey]


def logarithmic(grey: Grey) -> Grey:
    """Equal ratios of light made equal steps: what lies in a deep shadow, or black on nearly black."""
    table = (255 * np.log1p(np.arange(256)) / np.log(256)).astype(np.uint8)
    return np.asarray(table[grey])


def levelled(part: int) -> Preparation:
    """Uneven light taken out: each pixel against the mean and spread of its surroundings (1/part of the side)."""

    def prepare(grey: Grey) -> Grey:
        box = ImageFilter.BoxBlur(max(4, min(grey.shape) // part))
        mean = np.asarray(Image.fromarray(grey).filter(box)).astype(np.int16)
        away = grey.astype(np.int16) - mean
        spread = np.asarray(Image.fromarray(np.abs(away).astype(np.uint8)).filter(box)).astype(np.float32) + 2
        return np.clip(128 + away * (60 / spread), 0, 255).astype(np.uint8)

    return prepare


def sharp_again(sigma: float, noise: float, factor: int = 1) -> Preparation:
    """A Gaussian blur of ``sigma`` pixels undone as far as noise allows (N. Wiener's filter), then enlarged."""

    def prepare(grey: Grey) -> Grey:
        rim = int(4 * sigma) + 4
        padded = np.pad(grey.astype(np.float32), rim, mode="reflect" if min(grey.shape) > rim else "edge")
        down, across = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])
        blur = np.exp(-2 * (np.pi * sigma) ** 2 * (down**2 + across**2)).astype(np.float32)
        sharp = np.fft.irfft2(np.fft.rfft2(padded) * (blur / (blur**2 + noise)), s=padded.shape)
        return _full_range(sharp[rim:-rim, rim:-rim].astype(np.float32), factor)

    return prepare


def _full_range(values: NDArray[np.float32], factor: int) -> Grey:
    """Enlarged before it is rounded, and stretched from the first to the last per cent."""
    size = values.shape[1] * factor, values.shape[0] * factor
    large = np.asarray(Image.fromarray(values).resize(size, LANCZOS)) if factor > 1 else values
    low, high = np.percentile(values, (1, 99))
    return np.asarray(np.clip((large - low) * (255 / (high - low + 1e-6)), 0, 255), np.uint8)


def chained(*preparations: Preparation) -> Preparation:
    """One preparation after the other."""

    def prepare(grey: Grey) -> Grey:
        for preparation in preparations:
            grey = preparation(grey)
        return grey

    return prepare


def as_is(grey: Grey) -> Grey:
    """The picture itself."""
    return grey


_LARGEST_REGION = 1600  # pixels a side, after enlarging
LOCAL, GLOBAL, FIXED, ZBAR = "zxing-cpp", "zxing-cpp/global", "zxing-cpp/fixed", "pyzbar"
FIRST = Step("as it is", as_is, (LOCAL,))
CHEAP = (
    Step("fixed threshold", as_is, (FIXED,)),
    Step("global threshold", as_is, (GLOBAL,)),
    Step("as it is", as_is, (ZBAR,)),
)
LAYER = Step("one colour", as_is, (LOCAL, GLOBAL))
SMALLER = (
    Step("three quarters", resized(0.75), (LOCAL, FIXED), scale=0.75),
    Step("half size", resized(0.5), (LOCAL, GLOBAL), scale=0.5),
)
WHOLE = (
    Step("equalised", equalised, (LOCAL, FIXED)),
    Step("shadows lifted", gamma(0.5), (LOCAL,)),
    Step("deep shadows", logarithmic, (FIXED,)),
    Step("blurred", blurred(1), (LOCAL,)),
    Step("sharpened", sharpened(2, 200), (LOCAL, FIXED)),
    Step("white border", bordered(24, 255), (LOCAL,), border=24),
    *SMALLER,
)
LAST = (  # dear, or seldom of use
    Step("blurred, half size", chained(blurred(2), resized(0.5)), (LOCAL, GLOBAL), scale=0.5),
    Step("blurred and stretched", chained(blurred(2), stretched), (LOCAL,)),
    Step("equalised", equalised, (ZBAR,)),
    Step("inverted", inverted, (ZBAR,)),
    Step("even light", levelled(6), (LOCAL, ZBAR)),
    Step("blur of 1.5 undone", sharp_again(1.5, 3e-2), (LOCAL, FIXED)),
    Step("lights pulled apart", gamma(2), (LOCAL, GLOBAL)),
    Step("median", filtered(ImageFilter.MedianFilter(3)), (GLOBAL,)),
    Step("median twice", chained(*2 * [filtered(ImageFilter.MedianFilter(3))]), (LOCAL,)),
)


def enlarged(factor: float) -> Iterator[Step]:
    """Tries on the picture made larger, for small and for blurred codes."""
    size = resized(factor)
    yield Step(f"{factor:g}x", size, (LOCAL, FIXED), factor)
    yield Step(
        f"{factor:g}x, sharpened", chained(size, sharpened(1.5 * factor, 300)), (LOCAL, GLOBAL, FIXED), factor
    )


def for_region(side: int) -> Iterator[Step]:
    """Tries on a part of the picture that may hold a code, ``side`` pixels wide; cheap as the part is small."""
    if 2 * side <= _LARGEST_REGION:
        yield from enlarged(2)
    yield Step("stretched", stretched, (LOCAL, GLOBAL, FIXED, ZBAR))
    yield Step("even light", levelled(4), (LOCAL, GLOBAL, ZBAR))


def for_region_again(side: int) -> Iterator[Step]:
    """The dearer tries on such a part."""
    for factor in (3, 4):
        if side * factor > _LARGEST_REGION:
            return
        yield from enlarged(factor)
        strong = chained(stretched, resized(factor), sharpened(2 * factor, 450))
        yield Step(f"{factor}x, stretched and sharpened", strong, (LOCAL, FIXED, ZBAR), factor)
    yield Step("blurred more", blurred(2), (LOCAL, GLOBAL, ZBAR))


def deblurred(side: int) -> Iterator[Step]:
    """Tries with several blurs undone, of the clean kind (screenshots) and of the noisy kind (photos)."""
    factor = 3 if side <= 400 else 2 if side <= 800 else 1
    for sigma, noise in ((4, 1e-4), (2.5, 1e-4), (1.5, 3e-2), (3, 1e-4), (2, 1e-4)):
        yield Step(f"blur of {sigma:g} undone", sharp_again(sigma, noise, factor), (LOCAL, FIXED), factor)
