"""Look for secrets in everything that a notebook session wrote: the detector of the leak tests.

A canary is searched for as it is, as UTF-16 (Chromium's session files) and as base64 at each of the three
alignments (a value inside a larger base64 text), in file contents and, for archives of gzip kind, unpacked.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path


def forms(canary: bytes) -> set[bytes]:
    """How ``canary`` may stand in a file."""
    found = {canary}
    if canary.isascii():
        text = canary.decode()
        found |= {text.encode("utf-16-le"), text.encode("utf-16-be"), text.lower().encode(), text.upper().encode()}
        found.add(canary.hex().encode())
    for shift in range(3):
        # The characters that also depend on the neighbours are cut off at both ends.
        whole = base64.b64encode(b"\0" * shift + canary)
        start = -(-shift * 8 // 6)
        found.add(whole[start : (shift + len(canary)) * 8 // 6])
    return found


def search(folders: Iterable[Path], canaries: Iterable[bytes]) -> list[str]:
    """Every file below ``folders`` that holds a canary in one of its forms: ``path: which canary``."""
    wanted = [(number, form) for number, canary in enumerate(canaries) for form in forms(canary)]
    hits = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            for content in _contents(path):
                hits |= {
                    f"{path.relative_to(folder)}: canary {number}" for number, form in wanted if form in content
                }
    return sorted(hits)


def _contents(path: Path) -> list[bytes]:
    if path.is_symlink() or not path.is_file():
        return []
    try:
        content = path.read_bytes()
    except OSError:  # gone meanwhile, or a socket
        return []
    if content[:2] != b"\x1f\x8b":
        return [content]
    try:
        return [content, gzip.decompress(content)]
    except (OSError, EOFError, zlib.error):
        return [content]
