"""`dbt-ai doctor`: can every external model of the project be used, and is what it needs in place?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dbt_ai import __version__
from dbt_ai.engines.inspected_project import InspectedProject, inspect
from dbt_ai.errors import CredentialError, DbtAiError
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.external_model import ExternalModel
from dbt_ai.pricing import Prices
from dbt_ai.providers import provider_of
from dbt_ai.providers.base import EndpointProvider, LocalProvider, Provider
from dbt_ai.request import Call, Responses
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings

# One request a model, as the project would make it: with the model's own parameters.
QUESTION = "Answer with the word: ok"
SECONDS = 60.0

_CALLING_MODES = ("live", "record")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be in place. ok: None where it may be meant."""

    subject: str
    ok: bool | None
    finding: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What one request to an external model told. None: not known, since an earlier answer was no or nothing was asked.

    latency: seconds. price: in words. problem: what is wrong, in words, without secrets.
    """

    model: str
    api_format: str
    reachable: bool | None = None
    authorised: bool | None = None
    found: bool | None = None
    dimensions: int | None = None
    latency: float | None = None
    price: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    checks: Sequence[Check]
    examinations: Sequence[Examination]

    @property
    def healthy(self) -> bool:
        return all(check.ok is not False for check in self.checks) and not any(found.problem for found in self.examinations)


def examine_project(folder: Path, profiles: Path | None, target: str | None, select: str | None) -> Report:
    """Examine the external models of a dbt project and what they need.

    Raises ConfigurationError if the project does not parse.
    """
    project = inspect(folder, profiles, target, select)
    checks = [_plugin_check(project), _versions_check(project)]
    try:
        settings = Settings.from_config(project.plugin or {})
        credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
        prices = Prices.from_config(settings.prices)
    except DbtAiError as error:
        return Report([*checks, Check("settings", False, str(error))], [])
    checks += [_mode_check(settings), *_store_checks(project, settings, folder)]
    if project.target_type != "duckdb":
        return Report(checks, [])
    doctor = Doctor(settings, credentials, prices)
    return Report(checks, [doctor.examine(specification) for specification in project.specifications])


class Doctor:
    def __init__(self, settings: Settings, credentials: Credentials, prices: Prices, sender: Sender | None = None) -> None:
        self._settings = settings
        self._credentials = credentials
        self._prices = prices
        self._sender = sender or Sender(credentials, KeepAliveTransport(), SECONDS)
        self._loop = Loop()

    def examine(self, specification: Mapping[str, Any]) -> Examination:
        """Ask the model one question; nothing in the modes that call no endpoint."""
        unknown = Examination(str(specification["name"]), str(specification.get("api_format")))
        try:
            model = ExternalModel.from_spec(specification)
            provider = provider_of(model)
            if isinstance(provider, EndpointProvider):
                self._credentials.check(model)
        except DbtAiError as error:
            return replace(unknown, authorised=_refused(error), problem=str(error))
        examination = replace(unknown, price=self._price(model))
        if isinstance(provider, EndpointProvider) and self._settings.mode not in _CALLING_MODES:
            return examination
        examination = self._ask(examination, model, provider)
        if not examination.problem and examination.price is None and self._settings.max_cost_usd is not None:
            return replace(examination, problem="its price is not known, so max_cost_usd refuses it; add it to prices")
        return examination

    def _price(self, model: ExternalModel) -> str | None:
        price = self._prices.of(model)
        if price is None:
            return None
        if not price.input_per_million and not price.output_per_million:
            return "free"
        return f"${price.input_per_million:g} in, ${price.output_per_million:g} out per million tokens"

    def _ask(self, examination: Examination, model: ExternalModel, provider: Provider) -> Examination:
        call = Call("ai_embed" if model.model_type == "EMBEDDINGS" else "ai_query", model, model.parameters)
        started = time.perf_counter()
        try:
            if isinstance(provider, EndpointProvider):
                outcome = self._loop.run(self._sender.send(provider, call, [QUESTION]))
            else:
                assert isinstance(provider, LocalProvider)
                [(_, answer)] = provider.respond(call, [QUESTION])
                outcome = Outcome(OutcomeKind.ANSWERED, {}, answer)
        except DbtAiError as error:
            return replace(examination, authorised=_refused(error), problem=self._credentials.redact(str(error)))
        return _judged(replace(examination, latency=time.perf_counter() - started), model, outcome)


def _refused(error: DbtAiError) -> bool | None:
    return False if isinstance(error, CredentialError) else None


def _judged(examination: Examination, model: ExternalModel, outcome: Outcome) -> Examination:
    if not outcome.reached:
        return replace(examination, latency=None, reachable=False, problem=outcome.message)
    if outcome.responses is not None:
        known = replace(examination, reachable=True, authorised=True, found=True)
        return _with_dimensions(known, model, outcome.responses) if model.model_type == "EMBEDDINGS" else known
    words = outcome.message.lower()
    if outcome.status in (401, 403):
        return replace(examination, reachable=True, authorised=False, problem=outcome.message)
    if outcome.status == 404 or ("model" in words and ("not found" in words or "not exist" in words or "invalid model" in words)):
        return replace(examination, reachable=True, authorised=True, found=False, problem=outcome.message)
    if model.model_type == "CUSTOM" and outcome.status in (400, 422):
        # A model of one's own takes its own features, which a doctor does not know; that it says so is enough.
        return replace(examination, reachable=True, authorised=True, found=True)
    return replace(examination, reachable=True, problem=outcome.message)


def _with_dimensions(examination: Examination, model: ExternalModel, answer: Responses) -> Examination:
    if answer.failures:
        return replace(examination, problem=next(iter(answer.failures.values())).message)
    assert isinstance(answer.values, np.ndarray)
    dimensions, wanted = answer.values.shape[1], model.parameters.get("dimensions")
    problem = (
        f"it answers vectors of {dimensions} dimensions where its parameters say {wanted}" if wanted not in (None, dimensions) else None
    )
    return replace(examination, dimensions=dimensions, problem=problem)


def _plugin_check(project: InspectedProject) -> Check:
    if project.target_type != "duckdb":
        return Check("plugin", None, f"none: on {project.target_type} the warehouse calls the models, so they are not asked from here")
    if project.plugin is None:
        return Check("plugin", False, "missing: add `plugins: - module: dbt_ai` to the target in profiles.yml")
    return Check("plugin", True, "dbt_ai is in the target's plugins")


def _versions_check(project: InspectedProject) -> Check:
    if project.macros_version is None:
        return Check("versions", False, "the project does not use the dbt package: add the output of `dbt-ai package-path` to packages.yml")
    if project.macros_version != __version__:
        finding = f"runtime {__version__}, macros {project.macros_version}: install the same version of both"
        return Check("versions", False, finding)
    return Check("versions", True, f"runtime and macros {__version__}")


def _mode_check(settings: Settings) -> Check:
    calling = settings.mode in _CALLING_MODES
    return Check("mode", True if calling else None, settings.mode if calling else f"{settings.mode}: endpoints are not asked")


def _store_checks(project: InspectedProject, settings: Settings, folder: Path) -> Iterator[Check]:
    path = settings.store or project.database
    if path is None or "://" in path or path.startswith("md:"):
        return
    if path == ":memory:":
        yield Check("store", None, "in memory: answers are forgotten when dbt ends, and asked again")
    elif not Path(folder, path).exists():
        yield Check("store", True, f"{path} will be made by the first run")
    else:
        yield _opened(Path(folder, path), settings.schema)


def _opened(path: Path, schema: str) -> Check:
    import duckdb

    table = '"' + schema.replace('"', '""') + '".responses'
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            try:
                [(count,)] = connection.execute(f"select count(*) from {table}").fetchall()
            except duckdb.CatalogException:
                count = 0
    except duckdb.Error as error:
        return Check("store", False, f"{path.name} cannot be opened: {str(error).splitlines()[0]}")
    return Check("store", True, f"{path.name} keeps {count:,} answers")
