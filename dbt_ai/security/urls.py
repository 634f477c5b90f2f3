"""Strict reading of the URLs that are called: whatever two readers could understand differently is refused.

A secret is sent where its credential's name says, so client, proxy and server must agree on where that is. What they are known
to disagree about (user information, dot segments, encoded delimiters, other scripts, back slashes) has no place in an endpoint.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache

_DEFAULT_PORTS = {"http": 80, "https": 443}

# RFC 3986 without user information and fragment. ASCII: under re.I alone "[a-z]" also takes the Kelvin sign and the long s.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_](?:[a-z0-9._-]*)|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>/[a-z0-9._~!$&'()*+,;=:@/%-]*)?(?:\?(?P<query>[a-z0-9._~!$&'()*+,;=:@/?%-]*))?",
    re.ASCII | re.IGNORECASE,
)
_HEXADECIMAL = re.compile(r"0x[0-9a-f]*")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})?")


@dataclass(frozen=True, slots=True)
class Url:
    """A URL in the parts that decide where a request goes.

    scheme, host: in lower case; an IPv6 host keeps its brackets, and is written in the shortest form.
    port: the scheme's default where the URL names none (RFC 3986 6.2.3).
    path: the parts between slashes exactly as written; () for both "" and "/", which are the same request.
    query: as written, None without a question mark.

    >>> parse_url("HTTPS://AI.Acme.example:443/v2/answer?region=eu").origin
    'https://ai.acme.example'
    """

    scheme: str
    host: str
    port: int
    path: tuple[str, ...]
    query: str | None

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port only where the scheme does not imply it."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine."""
        return is_loopback(self.host)


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine: 127.0.0.0/8, ::1, an IPv4 address of them in IPv6, localhost and every
    name below it (RFC 6761). host: of a URL that `parse_url` reads, with or without the brackets of IPv6."""
    host = host.lower()
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


@lru_cache(maxsize=1024)
def is_address(host: str) -> bool:
    """Whether the host is an IP address and no name. host: as of `is_loopback`."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)  # a location is read again for every request
def parse_url(text: str) -> Url:
    """Read an http(s) URL. Raises ValueError with what is wrong about it, without repeating it."""
    _refuse_ambiguities(text)
    match = _URL.fullmatch(text)
    if match is None:
        raise ValueError("it is not a URL of the form https://host[:port]/path")
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"]) if match["port"] else _DEFAULT_PORTS[scheme]
    if port > 65535:
        raise ValueError(f"there is no port {port}")
    host = _address(host)
    path = match["path"] or "/"
    parts = () if path == "/" else tuple(path[1:].split("/"))
    # "..;x" too: servlet containers drop what follows the semicolon and then walk up.
    if any(part.split(";")[0] in (".", "..") for part in parts):
        raise ValueError("its path has dot segments ('.' or '..')")
    return Url(scheme, host, port, parts, match["query"])


def _address(host: str) -> str:
    """The host as everybody reads it. Raises ValueError for one that only some read as an address, or as another one."""
    if host.startswith("["):
        try:
            address = ipaddress.IPv6Address(host.strip("[]"))
        except ValueError:
            raise ValueError("its host is not an IPv6 address") from None
        if address.is_unspecified:
            raise ValueError("its host is every address of a machine; write [::1] for this one")
        return f"[{address.compressed}]"
    labels = host.split(".")
    if "" in labels:
        raise ValueError("its host has an empty part between dots, or a dot at its end")
    # 127.1, 0x7f.1, 0177.0.0.1 and 2130706433 are 127.0.0.1 to a C library and a name to others (https://url.spec.whatwg.org/#host-parsing).
    if labels[-1].isdigit() or _HEXADECIMAL.fullmatch(labels[-1]):
        try:
            address_of_four = ipaddress.IPv4Address(host)
        except ValueError:
            raise ValueError("its host is a number that is not an IPv4 address of four decimal numbers") from None
        if address_of_four.is_unspecified:
            raise ValueError("its host is every address of a machine; write 127.0.0.1 for this one")
    return host


def shown_url(text: str) -> str:
    """A URL, valid or not, without what may be a secret in it: user information and query."""
    scheme, separator, rest = text.partition("://")
    authority, slash, path = rest.partition("/")
    return (scheme + separator + authority.rpartition("@")[2] + slash + path).partition("?")[0] if separator else text.partition("?")[0]


def _refuse_ambiguities(text: str) -> None:
    if not text.isascii():
        raise ValueError("it has characters outside ASCII; write an internationalised host in its xn-- form and encode the rest as %XX")
    if not text.isprintable() or " " in text:
        raise ValueError("it has white space or control characters")
    if "\\" in text:
        raise ValueError("it has a back slash")
    if "#" in text:
        raise ValueError("it has a fragment (#)")
    if "://" in text and "@" in re.split("[/?]", text.partition("://")[2], maxsplit=1)[0]:
        raise ValueError("it has user information before the host (@)")
    for encoded in _ENCODED.finditer(text):
        if encoded[1] is None:
            raise ValueError("it has a percent sign that encodes nothing")
        byte = int(encoded[1], 16)
        if byte < 0x20 or byte == 0x7F or chr(byte) in "./\\%":
            raise ValueError(f"it hides a delimiter as {encoded[0]}")
