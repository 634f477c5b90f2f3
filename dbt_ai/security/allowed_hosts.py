"""Which hosts may be called at all: the `allowed_hosts` of the plugin configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbt_ai.errors import ConfigurationError
from dbt_ai.security.urls import Url, parse_url


@dataclass(frozen=True, slots=True)
class _Entry:
    scheme: str
    host: str
    port: int | None
    and_below: bool

    def allows(self, url: Url) -> bool:
        same_host = url.host.endswith(f".{self.host}") if self.and_below else url.host == self.host
        return same_host and url.scheme == self.scheme and self.port in (None, url.port)


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """Loopback is always allowed. Without entries every https host is; with entries only what they name.

    An entry is `host` (https, any port), `host:port`, or either behind `https://` or `http://`; `*.host` stands for every
    host below it. Only an entry with `http://` allows plain http.

    >>> allowed = AllowedHosts.from_config(["api.openai.com", "http://vllm.internal:8000"])
    >>> allowed.refusal(parse_url("http://vllm.internal:8000/v1/embeddings")) is None
    True
    """

    written: tuple[str, ...] = ()
    entries: tuple[_Entry, ...] = ()

    @classmethod
    def from_config(cls, entries: Sequence[str]) -> AllowedHosts:
        """Raises ConfigurationError naming the entry that is not a host."""
        return cls(tuple(entries), tuple(_entry(entry) for entry in entries))

    def refusal(self, url: Url) -> str | None:
        """Why this URL may not be called, or None where it may."""
        if url.is_loopback or any(entry.allows(url) for entry in self.entries):
            return None
        if url.scheme == "http":
            return f"plain http goes to loopback only; use https, or add '{url.origin}' to allowed_hosts"
        if self.entries:
            return f"host {url.host!r} is not in allowed_hosts ({', '.join(self.written)})"
        return None


def _entry(written: str) -> _Entry:
    try:
        scheme, separator, authority = written.rpartition("://")
        bare = authority.removeprefix("*.").removesuffix("/")
        url = parse_url(f"{scheme if separator else 'https'}://{bare}")
    except (ValueError, AttributeError) as error:
        raise ConfigurationError(f"allowed_hosts: {written!r} is not a host: {error}") from None
    if url.path or url.query is not None:
        raise ConfigurationError(f"allowed_hosts: {written!r} has a path or a query; name the host alone: {url.origin!r}")
    return _Entry(url.scheme, url.host, None if bare.lower() == url.host else url.port, authority.startswith("*."))
