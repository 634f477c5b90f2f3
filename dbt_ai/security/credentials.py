"""Credentials: a secret, and the URL below which it may be sent.

The rules are those of SQL Server's database scoped credentials for REST endpoints:
https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-invoke-external-rest-endpoint-transact-sql
1. the name is a valid URL;
2. its host is allowed;
3. it has no query;
4. scheme, host and port of the called URL equal the name's;
5. each part of the name's path equals the same part of the called URL's path;
6. the name is as general as the called URL or more.
Scheme and host compare without case, the path with case, and nothing is decoded before comparing: see dbt_ai.security.urls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dbt_ai.errors import ConfigurationError, CredentialError
from dbt_ai.external_model import ExternalModel
from dbt_ai.security.allowed_hosts import AllowedHosts
from dbt_ai.security.redaction import Redaction
from dbt_ai.security.secret_sources import (
    AZURE_OPENAI_RESOURCE,
    Command,
    Environment,
    File,
    ManagedIdentity,
    Source,
    headers_of_json,
    headers_of_token,
)
from dbt_ai.security.urls import Url, parse_url, shown_url
from dbt_ai.yaml_values import instead

IDENTITIES = ("HTTPEndpointHeaders", "Bearer", "Managed Identity")
_SOURCES: Mapping[str, Callable[[Any], Source]] = {"secret_env": Environment, "secret_file": File, "secret_command": Command}
_MANAGED_IDENTITY_KEYS = ("resourceid", "client_id", "endpoint")

# Seconds after which a rejected secret that cannot be read is read again.
_PAUSES = (0.05, 0.5)


def broken_rule(name: Url, called: Url) -> str | None:
    """The first of rules 3 to 6 that forbids sending the secret named `name` to `called`, in words; None where it may be sent."""
    if name.query is not None:
        return "rule 3: the credential's name has a query"
    if name.scheme != called.scheme:
        return f"rule 4: the credential is for {name.scheme}, the URL is {called.scheme}"
    if name.host != called.host:
        return f"rule 4: the credential is for host {name.host!r}, the URL's host is {called.host!r}"
    if name.port != called.port:
        return f"rule 4: the credential is for port {name.port}, the URL's port is {called.port}"
    for position, (wanted, part) in enumerate(zip(name.path, called.path, strict=False), start=1):
        if wanted != part:
            hint = "; drop the slash at the end of the credential's name" if not wanted and position == len(name.path) else ""
            return f"rule 5: part {position} of the path is {wanted!r} in the credential and {part!r} in the URL{hint}"
    if len(name.path) > len(called.path):
        return "rule 6: the credential's path is longer than the URL's; it has to be as general or more"
    return None


class Credentials:
    """The credentials of one plugin configuration, and the only gate through which a request gets its headers.

    redaction: knows every secret that was read, and takes them out of texts.
    Thread-safe. Secrets are resolved when first needed and kept in memory until they expire or an endpoint rejects them.
    """

    def __init__(self, credentials: Sequence[_Credential], allowed_hosts: AllowedHosts, redaction: Redaction) -> None:
        self.redaction = redaction
        self._credentials = tuple(credentials)
        self._allowed_hosts = allowed_hosts

    def __repr__(self) -> str:
        return f"Credentials({', '.join(credential.name for credential in self._credentials)})"

    @classmethod
    def from_config(cls, entries: Sequence[Mapping[str, Any]], allowed_hosts: Sequence[str] = ()) -> Credentials:
        """Read `credentials` and `allowed_hosts` of the plugin configuration; no secret is read yet.

        name: the URL below which the secret may be sent; external models name their credential by it.
        identity: HTTPEndpointHeaders, whose secret is a JSON object of headers, Bearer, whose secret is a token, or Managed Identity, whose
          token comes from Azure; HTTPEndpointHeaders unless given.
        secret_env: the environment variable that holds the secret.
        secret_file: the file that holds it, read for each request.
        secret_command: the command that prints it, asked again when the token expires and after 401 or 403.
        resourceid: what a Managed Identity wants a token for; Azure's cognitive services unless given.
        client_id: which Managed Identity, where the machine has several.
        endpoint: where a Managed Identity gets its token; the metadata endpoint of the machine unless given.

        Raises CredentialError naming the entry, the key and what would be accepted.
        """
        redaction = Redaction()
        credentials: list[_Credential] = []
        for position, entry in enumerate(entries, start=1):
            credential = _credential(position, entry, redaction)
            if any(credential.url == other.url for other in credentials):
                raise CredentialError(f"credential {credential.name!r} is configured twice; keep one entry")
            credentials.append(credential)
        return cls(credentials, AllowedHosts.from_config(allowed_hosts), redaction)

    def check(self, model: ExternalModel, url: str | None = None) -> None:
        """Decide whether `url` (the model's location unless given) may be called and gets the model's secret, without reading it.

        Raises ConfigurationError for a URL that may not be called, CredentialError with the rule that failed.
        """
        self._permitted(model, url or model.location)

    def headers_for(self, model: ExternalModel, url: str) -> Mapping[str, str]:
        """The headers that authorise a request of this model to this URL; none for a model without a credential.

        Raises ConfigurationError and CredentialError as `check` does, and CredentialError for a secret that cannot be read.
        """
        credential = self._permitted(model, url)
        return credential.headers() if credential else {}

    def at_hand(self, model: ExternalModel) -> bool:
        """Whether `headers_for` answers at once. Else it reads a secret, which may take seconds."""
        credential = self._named(model)
        return credential is None or credential.at_hand

    def rejected(self, model: ExternalModel, headers: Mapping[str, str]) -> bool:
        """Tell that an endpoint answered 401 or 403 to these headers; True if asking again will send another secret.

        Any number of requests may report the same rejected headers: the secret is read again once.
        Raises CredentialError for a secret that cannot be read.
        """
        credential = self._named(model)
        return credential is not None and credential.renewed_after(headers)

    def rotates(self, model: ExternalModel) -> bool:
        """Whether the model's secret may be another one the next time it is read: from a file, a command or a managed identity."""
        credential = self._named(model)
        return credential is not None and credential.rotates

    def _permitted(self, model: ExternalModel, url: str) -> _Credential | None:
        try:
            called = parse_url(url)
        except ValueError as error:
            raise ConfigurationError(f"external model {model.name!r}: location {shown_url(url)!r} cannot be called: {error}") from None
        refusal = self._allowed_hosts.refusal(called)
        if refusal:
            raise ConfigurationError(f"external model {model.name!r}: location {shown_url(url)!r} cannot be called: {refusal}")
        credential = self._named(model)
        if credential is None:
            return None
        # Rule 2 is the refusal above: by rule 4 the credential's host is the called one.
        broken = broken_rule(credential.url, called)
        if broken:
            raise CredentialError(
                f"external model {model.name!r}: credential {model.credential!r} is not sent to {shown_url(url)!r}: {broken}"
            )
        return credential

    def _named(self, model: ExternalModel) -> _Credential | None:
        if not model.credential:
            return None
        try:
            wanted = parse_url(model.credential)
        except ValueError as error:
            raise CredentialError(f"external model {model.name!r}: credential {shown_url(model.credential)!r}: rule 1: {error}") from None
        for credential in self._credentials:
            if credential.url == wanted:
                return credential
        configured = ", ".join(repr(credential.name) for credential in self._credentials) or "none"
        raise CredentialError(
            f"external model {model.name!r}: credential {model.credential!r} is not configured; add it under credentials"
            " of the dbt_ai plugin in profiles.yml (on a warehouse: of `vars: dbt_ai:` in dbt_project.yml), or use one that is there:"
            f" {configured}"
        )


class _Credential:
    """One entry: its name, where its secret comes from, and the headers it currently stands for."""

    def __init__(self, name: str, url: Url, source: Source, identity: str, redaction: Redaction) -> None:
        self.name, self.url = name, url
        self._redaction = redaction
        self._source = source
        self._read_headers = headers_of_json if identity == "HTTPEndpointHeaders" else headers_of_token
        self._text = ""
        self._headers: Mapping[str, str] = {}
        self._good_until = 0.0
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"credential {self.name!r} from {self._source}"

    @property
    def rotates(self) -> bool:
        return self._source.rotates

    @property
    def at_hand(self) -> bool:
        return not self._lock.locked() and (self._source.quick or time.time() < self._good_until)

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if time.time() >= self._good_until:
                try:
                    self._renew()
                except CredentialError:
                    # A file caught while it is replaced, a metadata endpoint that is busy: the endpoint decides whether the
                    # secret we have is still good, and `renewed_after` raises if it is not.
                    if not self._headers:
                        raise
            return self._headers

    def renewed_after(self, rejected: Mapping[str, str]) -> bool:
        with self._lock:
            if self._source.rotates and self._sends(rejected):
                self._renew_patiently()
            return not self._sends(rejected)

    def _renew_patiently(self) -> None:
        """A file that is being replaced may be empty, or gone, for a moment."""
        for pause in _PAUSES:
            try:
                return self._renew()
            except CredentialError:
                time.sleep(pause)
        self._renew()

    def _sends(self, headers: Mapping[str, str]) -> bool:
        given = {name.lower(): value for name, value in headers.items()}
        return all(given.get(name.lower()) == value for name, value in self._headers.items())

    def _renew(self) -> None:
        try:
            text, self._good_until = self._source.read()
            if text == self._text:
                return
            headers = self._read_headers(text, self._source)
        except CredentialError as error:
            raise CredentialError(f"credential {self.name!r}: {error}") from None
        for value in headers.values():
            self._redaction.learn(self.name, value)
        self._text, self._headers = text, headers


def _credential(position: int, entry: Mapping[str, Any], redaction: Redaction) -> _Credential:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise CredentialError(
            f"credentials: entry {position} has no name; name it by the URL it may be sent to, e.g. 'https://api.openai.com'"
        )
    name = entry["name"]
    if "secret" in entry:
        raise CredentialError(
            f"credential {name!r}: a secret does not belong into a file of dbt; name where it is with {', '.join(_SOURCES)}"
        )
    try:
        url = parse_url(name)
    except ValueError as error:
        raise CredentialError(f"credential {shown_url(name)!r}: rule 1: its name has to be a URL, and {error}") from None
    if url.query is not None:
        raise CredentialError(f"credential {shown_url(name)!r}: rule 3: its name has a query; end it before the question mark")
    identity = entry.get("identity", "HTTPEndpointHeaders")
    if identity not in IDENTITIES:
        raise CredentialError(f"credential {name!r}: identity {identity!r} is not known; use one of {', '.join(IDENTITIES)}")
    accepted = ("name", "identity", *(_MANAGED_IDENTITY_KEYS if identity == "Managed Identity" else _SOURCES))
    for key in entry:
        if key not in accepted:
            raise CredentialError(f"credential {name!r}: {key} is not known for identity {identity}; {instead(key, accepted)}")
    return _Credential(name, url, _source(name, identity, entry), identity, redaction)


def _source(name: str, identity: str, entry: Mapping[str, Any]) -> Source:
    if identity == "Managed Identity":
        return ManagedIdentity(entry.get("resourceid") or AZURE_OPENAI_RESOURCE, entry.get("client_id"), entry.get("endpoint"))
    given = [key for key in _SOURCES if entry.get(key)]
    if len(given) != 1:
        raise CredentialError(f"credential {name!r}: give exactly one of {', '.join(_SOURCES)}, to say where its secret is")
    try:
        return _SOURCES[given[0]](entry[given[0]])
    except (TypeError, ValueError):
        # What it holds is not quoted: it may be the secret.
        because = {
            "secret_env": "cannot be read as the name of an environment variable; write it alone, as OPENAI_SECRET, without env_var(…)",
            "secret_file": "cannot be read as a path",
            "secret_command": "cannot be read as a command",
        }
        raise CredentialError(f"credential {name!r}: {given[0]} {because[given[0]]}") from None
