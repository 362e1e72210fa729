"""The cascade: zxing-cpp on the grey picture first, then more and more effort while no account was found.

Most pictures end after the first try, in a millisecond or two. What makes it go on: nothing was read; or what was
read is no account and the picture shows a further place that may hold a code; or an engine saw a code that it could
not decode; or the finder patterns of a further code are there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from mfatools.errors import PictureError
from mfatools.qr import prepare
from mfatools.qr.engines import Engine, Grey, Hit, named
from mfatools.qr.finders import finders
from mfatools.qr.further import has_found, unread_codes, unread_regions
from mfatools.qr.load import LONGEST_SIDE, Frame, frames
from mfatools.qr.regions import Box, regions
from mfatools.qr.result import Advice, Found, Reading
from mfatools.qr.work import Place, Work, same_place

if TYPE_CHECKING:
    from mfatools.qr.locate import Guess

_KEPT_FRAMES = 4  # of an animation, for the second pass
_MENDS = 8  # second looks at the same code
_FOR_A_PART = 0.6  # seconds for a picture whose file ends in the middle: mostly the code is not in it
_LARGE = 6_000_000  # pixels; more than a screen has
_REGIONS = 3  # looked at closely
_AS_IS = prepare.Step("as it is", prepare.as_is, ())


def read(
    picture: object,
    *,
    budget: float = 2.0,
    engines: Sequence[Engine | str] | None = None,
    stop: Callable[[], bool] | None = None,
    monotonic: Callable[[], float] = time.perf_counter,
) -> Reading:
    """Read every QR code in a picture.

    Args:
        picture: a path, bytes, a binary file, a Pillow image, a numpy array (RGB or grey), or a list of those.
        budget: seconds for each picture; no further try is begun when they are over. 0: the first try only.
        engines: engines or their names; by default all that are installed.
        stop: asked between tries; when it says true, what was found so far is given back.
        monotonic: a clock in seconds.

    Returns:
        a sequence of `Found`. In a list of pictures each `Found` has the ``source`` it came from, and a picture
        that cannot be opened is in ``errors`` and does not spoil the others.

    Raises:
        PictureError: a single picture that is none, cannot be opened safely, or ends in the middle before any code.
        EngineError: no engine works on this machine.
    """
    able = named(engines)
    begun = monotonic()

    def one(what: object, source: int) -> Reading:
        return _read_one(what, source, Work(able, budget, stop, monotonic))

    reading = _read_list(picture, one) if isinstance(picture, list | tuple) else one(picture, 0)
    return replace(reading, ms=1e3 * (monotonic() - begun))


def _read_list(pictures: Sequence[object], one: Callable[[object, int], Reading]) -> Reading:
    found: list[Found] = []
    advice: list[Advice] = []
    errors: list[tuple[int, PictureError]] = []
    for source, picture in enumerate(pictures):
        try:
            reading = one(picture, source)
        except PictureError as error:
            errors.append((source, error))
            continue
        found += reading.found
        advice += [piece for piece in reading.advice if piece not in advice]
    return Reading(tuple(found), tuple(advice), tuple(errors))


def _read_one(picture: object, source: int, work: Work) -> Reading:
    kept = _first_pass(picture, source, work)
    for place in kept:
        _second_pass(place, work)
    frame = kept[0].frame
    if not frame.whole and not work.found:
        raise PictureError(
            "The file ends in the middle of the picture, and no QR code is in the part that is there.",
            "Save or download it again.",
            code="E_PICTURE_TRUNCATED",
        )
    if work.done and frame.whole:
        return Reading(tuple(work.found))
    from mfatools.qr.advice import advice

    return Reading(tuple(work.found), advice(frame, work))


def _first_pass(picture: object, source: int, work: Work) -> list[Place]:
    """The fast try on each frame until one has a code; gives the frames worth a second look."""
    kept: list[Place] = []
    for number, frame in enumerate(frames(picture)):
        place = Place(frame.grey, frame, source, number)
        begun = work.monotonic()
        work.attempt(prepare.FIRST, place)
        work.area = frame.grey.size * frame.scale**2
        work.measure(work.monotonic() - begun, frame.grey.size)
        if not frame.whole:
            work.budget = min(work.budget, _FOR_A_PART)
        if not work.found and frame.on_black is not None:
            work.attempt(replace(prepare.FIRST, name="on black"), replace(place, grey=frame.on_black))
        if work.found:
            return [place]
        if len(kept) < _KEPT_FRAMES:
            kept.append(place)
        if number and not work.time_for(2 * frame.grey.size):
            break
    return kept


def _second_pass(place: Place, work: Work) -> None:
    """More effort, if the picture gives reason to."""
    if not work.found:
        _run(_everything(place, work), work)
    elif any(not same_place(hit, found) for hit in work.broken for found in work.found):
        _run(_cheap(place, work), work, enough=lambda: False)
    elif not work.settled and (others := unread_regions(place.frame, work)):
        _run(_closely(place, others, work), work)
    if work.found and work.time_for():
        _the_rest(place, work)


def _the_rest(place: Place, work: Work) -> None:
    """Look closely at codes that show their finder patterns and were not read yet."""
    for box in unread_codes(place.frame, work):
        read = partial(has_found, box, place.frame, work)
        _run(_closely(place, [box], work), work, enough=read)


def _run(tries: Iterator[None], work: Work, enough: Callable[[], bool] | None = None) -> None:
    enough = enough or (lambda: work.settled)
    for _ in tries:
        if enough() or not work.time_for():
            return


def _everything(place: Place, work: Work) -> Iterator[None]:
    """All tries in the order of their price. Each ``yield`` is a place to stop."""
    if place.grey.min() == place.grey.max():
        return
    large = place.grey.size > _LARGE
    yield from _steps(prepare.CHEAP[: -1 if large else None], place, work)
    if large:  # zbar takes a second for these, and a code fills but a part of them
        yield from _steps(prepare.SMALLER, place, work)
        yield from _closely(place, _likely_parts(place, work), work)
    yield from _repair(place.grey, _in_pixels(work.broken, place), place, _AS_IS, work)
    yield from _on_two_patterns(place, work)
    for layer in (place.frame.on_black, *_channels(place.frame)):
        if layer is not None:
            yield from _steps((prepare.LAYER,), replace(place, grey=layer), work)
    yield from _steps(prepare.WHOLE, place, work)
    if not large:
        yield from _closely(place, _likely_parts(place, work), work)
    yield from _steps(prepare.LAST, place, work)
    for factor in (2.0, 3.0):
        yield from _steps(prepare.enlarged(factor), place, work, mend=True)


def _likely_parts(place: Place, work: Work) -> list[Box]:
    """Where the patterns of a code stand, else where many edges are."""
    return [*unread_codes(place.frame, work, step=3), *regions(place.grey, _REGIONS)][:_REGIONS]


def _cheap(place: Place, work: Work) -> Iterator[None]:
    yield from _steps(prepare.CHEAP, place, work)


def _steps(steps: Iterable[prepare.Step], place: Place, work: Work, *, mend: bool = False) -> Iterator[None]:
    """One try after the other; ``mend`` looks a second time at codes that were seen but not decoded."""
    for step in steps:
        fits = max(place.grey.shape) * step.scale < LONGEST_SIDE
        if fits and work.time_for(place.grey.size * step.scale**2 * len(step.readers)):
            prepared, broken = work.attempt(step, place)
            if mend and not work.done:
                yield from _repair(prepared, broken, place, step, work)
        yield


def _closely(place: Place, boxes: Sequence[Box], work: Work) -> Iterator[None]:
    """Parts of the picture, enlarged; as if a code stood upright there; with blur undone; then enlarged more."""
    inside = [_part(place, box) for box in boxes]
    for part in inside:
        yield from _steps(prepare.for_region(max(part.grey.shape)), part, work, mend=True)
    for part in inside[:1]:
        yield from _upright(part, work)
        yield from _steps(prepare.deblurred(max(part.grey.shape)), part, work, mend=True)
    for part in inside[:2]:
        yield from _steps(prepare.for_region_again(max(part.grey.shape)), part, work, mend=True)


def _part(place: Place, box: Box) -> Place:
    left, top, right, bottom = box
    grey = np.ascontiguousarray(place.grey[top:bottom, left:right])
    return replace(place, grey=grey, left=place.left + left, top=place.top + top)


def _upright(part: Place, work: Work) -> Iterator[None]:
    """A code that stands upright with a corner covered or too blurred for an engine to see."""
    from mfatools.qr.locate import guesses

    yield from _guessed(guesses(part.grey, go_on=work.time_for), part, work)


def _on_two_patterns(place: Place, work: Work) -> Iterator[None]:
    """A code at any angle with one of its three finder patterns covered, torn off or in the glare."""
    from mfatools.qr.locate import from_two

    seen = finders(place.grey)
    yield from _guessed(from_two(place.grey, seen, go_on=work.time_for), place, work)


def _guessed(guesses: Iterable[Guess], place: Place, work: Work) -> Iterator[None]:
    for guess in guesses:
        grey = prepare.inverted(place.grey) if guess.inverted else place.grey
        hit = Hit(b"", "", guess.corners, broken=True, version=guess.version)
        yield from _repair(grey, [hit], place, _AS_IS, work)


def _channels(frame: Frame) -> Iterator[Grey]:
    """The colours one by one: yellow on white has no contrast but in blue."""
    if frame.colour is None:
        return
    colour = frame.colour.convert("RGB")
    for name in "BRG":
        yield np.asarray(colour.getchannel(name))


def _repair(grey: Grey, broken: Sequence[Hit], place: Place, step: prepare.Step, work: Work) -> Iterator[None]:
    """Our own second look at codes that an engine saw and could not decode, in the pixels of ``grey``."""
    if not broken:
        return
    from mfatools.qr.repair import repaired

    for hit in _different(broken):
        if not work.first_times(place.upright(hit.corners, step), hit.version, _MENDS):
            continue
        for clean in repaired(grey, hit.corners, hit.version or 4, work.time_for):
            for engine in work.engines:
                for got in engine.read(clean):
                    if not got.broken:
                        name = "repaired" if step is _AS_IS else f"{step.name}, repaired"
                        work.add(got, place.upright(hit.corners, step), engine.name, name, place)
        yield


def _in_pixels(broken: Sequence[Hit], place: Place) -> list[Hit]:
    """Codes in pixels of the upright picture, brought into those of the frame."""
    size = place.frame.scale
    return [replace(hit, corners=tuple((x / size, y / size) for x, y in hit.corners)) for hit in broken]


def _different(broken: Sequence[Hit], most: int = 4) -> list[Hit]:
    """One of each place and version."""
    kept: list[Hit] = []
    for hit in broken:
        if not any(hit.version == other.version and same_place(hit, other) for other in kept):
            kept.append(hit)
    return kept[:most]
