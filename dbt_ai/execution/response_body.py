"""The body of a response as it was written: whole, bounded, and without the compression that somebody on its way added."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import httpx

# How gzip begins, and no JSON.
_GZIP = b"\x1f\x8b\x08"
# Each one costs a copy of those behind it.
MOST_MEMBERS = 64
# The header of gzip or of zlib. Some servers send deflate without one.
_WITH_HEADER = zlib.MAX_WBITS | 32


class ResponseTooLarge(httpx.TransportError):
    """The response is larger than the bound. What arrived of it is thrown away."""


class Encoded(httpx.RemoteProtocolError):
    """The response is compressed in a way that is not read."""


async def whole_body(stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> bytes:
    """The bytes of a request or a response. What is there already is not iterated by the loop, which takes longer than to send it."""
    if isinstance(stream, httpx.ByteStream):
        return b"".join(stream)
    assert isinstance(stream, httpx.AsyncByteStream)
    return b"".join([part async for part in stream])


def too_large(largest: int) -> ResponseTooLarge:
    """The error for a response of more bytes than this."""
    return ResponseTooLarge(f"the answer is larger than {largest // 2**20} MiB")


def encoding_of(named: Sequence[str], status: int) -> str | None:
    """How a response is compressed although that was not asked for; None where it is not. Gateways do so, and what they carry is paid.

    named: the values of Content-Encoding. Raises Encoded for what nobody here can read, but for an error, whose status tells enough.
    """
    if all(encoding.strip().lower() in ("", "identity") for encoding in named):
        return None
    encoding = named[0].strip().lower()
    if len(named) > 1 or encoding not in ("gzip", "x-gzip", "deflate"):
        if status >= 300:
            return None
        raise Encoded(f"the answer is encoded as {', '.join(named)[:60]!r}, which was not asked for")
    return encoding


def decoded(body: bytes, encoding: str | None, largest: int) -> bytes:
    """The body of a response without its compression, which the body itself shows: some gateways compress and do not say so, or say so and
    do not compress. Raises ResponseTooLarge, and RemoteProtocolError for one that is not whole."""
    compressed = body.startswith(_GZIP)
    if not compressed and (encoding is None or body.lstrip()[:1] in (b"{", b"[")):
        return body
    wbits = [_WITH_HEADER] if compressed or encoding != "deflate" else [_WITH_HEADER, -zlib.MAX_WBITS]
    for bits in wbits:
        try:
            return _decompressed(body, bits, largest)
        except zlib.error:
            continue
    raise httpx.RemoteProtocolError(f"the answer is not {encoding or 'gzip'}, as it says")


def _decompressed(body: bytes, wbits: int, largest: int) -> bytes:
    read, left = b"", body
    for _ in range(MOST_MEMBERS):
        reader = zlib.decompressobj(wbits=wbits)
        read += reader.decompress(left, largest + 1 - len(read))
        if len(read) > largest:
            raise too_large(largest)
        if not reader.eof:
            raise httpx.RemoteProtocolError("the answer is compressed, and its end is missing")
        # gzip may have several members, one behind another (RFC 1952 2.2). What else stands there is not part of it.
        left = reader.unused_data
        if not left.startswith(_GZIP):
            return read
    raise httpx.RemoteProtocolError(f"the answer is gzip of more than {MOST_MEMBERS} members")


def without_encodings(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers without those that say how the body travelled: it is here, and as it was written."""
    return [(name, value) for name, value in headers if name.lower() not in (b"transfer-encoding", b"content-encoding")]
