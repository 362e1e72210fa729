"""The wire format of protocol buffers, as much of it as an export of accounts needs (protobuf.dev, "Encoding").

A message is a row of fields; each is a key (field number and wire type) and a value: a number of variable length,
4 or 8 bytes, or a length and so many bytes.
"""

from __future__ import annotations

from mfatools.errors import UriError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
_HINT = "Show the export again and scan all of it."

Fields = dict[int, list[int | bytes]]


def decode(data: bytes) -> Fields:
    """A message as field number -> values, in their order. Unknown fields are kept and do no harm.

    Raises:
        UriError: cut off (``E_MIGRATION_TRUNCATED``), or no message at all (``E_MIGRATION_DATA``).
    """
    fields: Fields = {}
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        value: int | bytes
        if key & 7 == _VARINT:
            value, place = _varint(data, place)
        elif key & 7 in (_FIXED64, _FIXED32, _BYTES):
            length = {_FIXED64: 8, _FIXED32: 4}.get(key & 7)
            if length is None:
                length, place = _varint(data, place)
            value, place = data[place : place + length], place + length
        else:
            raise _alien()
        if place > len(data):
            raise _truncated()
        fields.setdefault(key >> 3, []).append(value)
    return fields


def number(fields: Fields, key: int) -> int:
    """The number of field ``key``; 0 if it is missing, as proto3 has it."""
    value = fields.get(key, [0])[-1]  # protobuf: the last one counts
    return value if isinstance(value, int) else 0


def octets(fields: Fields, key: int) -> bytes:
    """The bytes of field ``key``, empty if it is missing."""
    value = fields.get(key, [b""])[-1]
    return value if isinstance(value, bytes) else b""


def text(fields: Fields, key: int) -> str:
    """The text of field ``key``; bytes that are not UTF-8 become the replacement sign."""
    return octets(fields, key).decode(errors="replace").strip()


def encode(key: int, value: int | bytes) -> bytes:
    """One field, ready to be joined to the next."""
    if isinstance(value, int):
        return _to_varint(key << 3 | _VARINT) + _to_varint(value)
    return _to_varint(key << 3 | _BYTES) + _to_varint(len(value)) + value


def _varint(data: bytes, place: int) -> tuple[int, int]:
    """A number of 7 bits a byte, low ones first; the top bit says that more follow. At most 10 bytes."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise _truncated()
        byte, place = data[place], place + 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise _alien()


def _to_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _truncated() -> UriError:
    return UriError("The data of this export code is cut off.", _HINT, code="E_MIGRATION_TRUNCATED")


def _alien() -> UriError:
    return UriError("The data of this export code is not of the known form.", _HINT, code="E_MIGRATION_DATA")
