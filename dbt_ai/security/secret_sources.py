"""Where a secret comes from: an environment variable, a file, a command, or Azure's metadata endpoint.

A source is read when a request is about to leave, never at import or compile time. Its text never enters a repr or an exception.
"""

from __future__ import annotations

import json
import math
import os
import re
import shlex
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from dbt_ai.errors import CredentialError

COMMAND_TIMEOUT_S = 60
# A token is renewed this long before it expires, so that none expires between being read and being checked by the endpoint.
EXPIRY_MARGIN_S = 120

# https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
AZURE_METADATA_URL = "http://169.254.169.254/metadata/identity/oauth2/token"
AZURE_OPENAI_RESOURCE = "https://cognitiveservices.azure.com"

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECRET_LENGTH = 16

_FORBIDDEN_HEADERS = ("host", "content-length", "transfer-encoding", "connection")
_TOKEN_CHARACTERS = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


class Source(Protocol):
    """Something that yields a secret's text.

    rotates: whether reading it again may give another secret. quick: whether reading it takes no longer than writing a request.
    """

    rotates: bool
    quick: bool

    def read(self) -> tuple[str, float]:
        """The text, and until when it is good (time.time(), inf where that is unknown). Raises CredentialError."""
        ...

    def __str__(self) -> str:
        """Where it is, for messages: "environment variable OPENAI_SECRET"."""
        ...


def _told(kind: str, setting: str, name: str) -> str:
    """The source in words: by its name, unless that may be the secret, written in the place of where it is."""
    long_and_mixed = len(name) >= _SECRET_LENGTH and any(sign.isdigit() for sign in name) and name != name.upper()
    if re.search(r"""[{}"'\s]""", name) or (long_and_mixed and not Path(name).is_absolute()):
        return f"the {kind} that {setting} names (not shown: it may be a secret)"
    return f"{kind} {name!r}" if setting == "secret_command" else f"{kind} {name}"


class Environment:
    """A variable of the environment, read when it is needed."""

    rotates = False
    quick = True

    def __init__(self, variable: str) -> None:
        """Raises ValueError for what cannot be a name, such as the secret itself, which `env_var('…')` writes in its place."""
        if not _VARIABLE.fullmatch(variable):
            raise ValueError("not a name")
        self.variable = variable

    def __str__(self) -> str:
        return _told("environment variable", "secret_env", self.variable)

    def read(self) -> tuple[str, float]:
        value = os.environ.get(self.variable)
        if not value:
            raise CredentialError(f"{self} is {'not set' if value is None else 'empty'}")
        return value, float("inf")


class File:
    """A file that something else may replace while we run, such as a mounted token."""

    rotates = True
    quick = True

    def __init__(self, path: str) -> None:
        self.path = Path(path).expanduser()

    def __str__(self) -> str:
        return _told("file", "secret_file", str(self.path))

    def read(self) -> tuple[str, float]:
        if self.path.exists() and not self.path.is_file():  # a pipe would keep every request waiting for whoever writes to it
            raise CredentialError(f"{self} cannot be read: it is not a regular file")
        try:
            text = self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise CredentialError(f"{self} cannot be read: {reason}") from None
        # Not kept: whoever rotates the token replaces the file, and reading it costs microseconds beside a request.
        return text, 0.0


class Command:
    """A program that prints the secret, such as `gcloud auth print-access-token`. No shell: arguments are split as a shell would."""

    rotates = True
    quick = False

    def __init__(self, command: str | Sequence[str]) -> None:
        self.arguments = shlex.split(command) if isinstance(command, str) else [str(argument) for argument in command]

    def __str__(self) -> str:
        return _told("command", "secret_command", self.arguments[0])

    def read(self) -> tuple[str, float]:
        try:
            done = subprocess.run(
                self.arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise CredentialError(f"{self} printed nothing within {COMMAND_TIMEOUT_S} seconds") from None
        except OSError as error:
            raise CredentialError(f"{self} cannot be started: {error.strerror}") from None
        except UnicodeDecodeError:
            raise CredentialError(f"{self} printed something that is not UTF-8 text") from None
        if done.returncode != 0:
            # Not its output: what a broken credential helper prints may hold the secret.
            raise CredentialError(f"{self} ended with exit code {done.returncode}; run it by hand to see why")
        return done.stdout.strip(), float("inf")


class ManagedIdentity:
    """The token of the Azure machine or app we run on, for one resource.

    On App Service, Functions and Container Apps the endpoint is in IDENTITY_ENDPOINT, elsewhere at Azure's link-local address:
    https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
    """

    rotates = True
    quick = False

    def __init__(self, resource: str = AZURE_OPENAI_RESOURCE, client_id: str | None = None, endpoint: str | None = None) -> None:
        self.resource, self.client_id, self.endpoint = resource, client_id, endpoint

    def __str__(self) -> str:
        return f"Managed Identity for {self.resource}"

    def read(self) -> tuple[str, float]:
        import httpx  # only who runs on Azure pays for the import here

        app_service = os.environ.get("IDENTITY_ENDPOINT") if self.endpoint is None else None
        url = self.endpoint or app_service or AZURE_METADATA_URL
        query = {"api-version": "2019-08-01" if app_service else "2018-02-01", "resource": self.resource}
        if self.client_id:
            query["client_id"] = self.client_id
        headers = {"X-IDENTITY-HEADER": os.environ.get("IDENTITY_HEADER", "")} if app_service else {"Metadata": "true"}
        try:
            # trust_env=False: the metadata endpoint is this machine's own and must not be reached through a proxy.
            answer = httpx.get(url, params=query, headers=headers, timeout=10, trust_env=False)
            token = answer.json() if answer.status_code == 200 else {}
            expires = time.time() + float(token.get("expires_in") or 0) if "expires_in" in token else float(token["expires_on"])
            if not math.isfinite(expires):  # JSON may say NaN, which no moment ever reaches
                raise ValueError("expires")
            return str(token["access_token"]), expires - EXPIRY_MARGIN_S
        except httpx.HTTPError as error:
            raise CredentialError(
                f"{self}: the metadata endpoint cannot be reached ({type(error).__name__}); is this an Azure machine?"
            ) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            raise CredentialError(f"{self}: the metadata endpoint answered {answer.status_code} without a token") from None


def headers_of_json(text: str, source: Source) -> Mapping[str, str]:
    """The headers that a secret's JSON object stands for. Raises CredentialError, which quotes nothing of it."""
    try:
        secret: Any = json.loads(text)
    except ValueError:
        secret = None
    if not isinstance(secret, dict) or not secret or not all(isinstance(value, str) for value in secret.values()):
        raise CredentialError(
            f'the secret in {source} is not a JSON object of headers such as {{"Bearer": "…"}} or {{"api-key": "…"}};'
            " where it is the bare token, set identity: Bearer"
        )
    headers = {"Authorization" if name == "Bearer" else name: value for name, value in secret.items()}
    if len(headers) < len(secret):
        raise CredentialError(f"the secret in {source} has both Bearer and Authorization; keep one")
    if "Bearer" in secret:
        if secret["Bearer"].lower().startswith("bearer "):
            raise CredentialError(f'the secret in {source} has the word Bearer twice; write {{"Bearer": "…"}} with the token alone')
        headers["Authorization"] = f"Bearer {secret['Bearer']}"
    _check_headers(headers, source)
    return headers


def headers_of_token(text: str, source: Source) -> Mapping[str, str]:
    """The headers for a bare token. Raises CredentialError for one that is empty, holds spaces or stands in quotation marks."""
    headers = {"Authorization": f"Bearer {text}"}
    if not text or any(character.isspace() for character in text) or text[0] in "\"'":
        what = "stands in quotation marks" if text and text[0] in "\"'" else "is empty or has white space"
        raise CredentialError(
            f"the secret in {source} is not a bare token: it {what}; a JSON object of headers belongs to identity: HTTPEndpointHeaders"
        )
    _check_headers(headers, source)
    return headers


def _check_headers(headers: Mapping[str, str], source: Source) -> None:
    for name, value in headers.items():
        if not name or not _TOKEN_CHARACTERS.issuperset(name.lower()) or name.lower() in _FORBIDDEN_HEADERS:
            raise CredentialError(f"the secret in {source} has a key that cannot be sent as an HTTP header")
        if not value.isascii() or not value.isprintable() or not value.strip():
            raise CredentialError(
                f"the secret in {source} has a value that cannot be sent as an HTTP header (empty, or not printable ASCII)"
            )
