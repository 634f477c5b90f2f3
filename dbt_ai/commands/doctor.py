"""`dbt-ai doctor`: can every external model of the project be used, and is what it needs in place?"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dbt_ai import __version__
from dbt_ai.call import Call
from dbt_ai.counted import counted
from dbt_ai.dbt_project import (
    DbtOptions,
    Target,
    external_models,
    lists_package,
    macros_version,
    read_settings,
    read_target,
    version_problem,
)
from dbt_ai.errors import ConfigurationError, CredentialError, DbtAiError, StoreError
from dbt_ai.execution.loop import Loop
from dbt_ai.execution.outcome import Outcome, OutcomeKind
from dbt_ai.execution.sender import Sender
from dbt_ai.execution.transport import KeepAliveTransport
from dbt_ai.execution.turns import ask_alone
from dbt_ai.external_model import ExternalModel
from dbt_ai.parameter_names import misspelt
from dbt_ai.pricing import Prices
from dbt_ai.providers import provider_of
from dbt_ai.providers._errors import HTML_PAGE
from dbt_ai.providers.base import EndpointProvider, LocalProvider, Provider, called_url
from dbt_ai.response import Responses
from dbt_ai.security.credentials import Credentials
from dbt_ai.settings import Settings
from dbt_ai.store.duckdb_file import open_file
from dbt_ai.store.schema import Tables

# One request a model, as the project would make it: with the model's own parameters.
QUESTION = "Answer with the word: ok"
SECONDS = 60.0
# Endpoints are asked side by side, and all of them together for no longer than this.
AT_ONCE = 16
TOTAL_SECONDS = 120.0
# What calls endpoints itself, or by way of `dbt-ai serve`.
_CALL_THEMSELVES = ("sqlserver", "fabric", "databend")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that has to be in place. ok: None if it may be on purpose."""

    subject: str
    ok: bool | None
    finding: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What one request to an external model showed. None: not known, since an earlier check failed or nothing was asked.

    latency: seconds. price: in words. problem: what is wrong, in words, without secrets. status: of the answer, if it refused.
    field: what of create_external_model cannot work, value: what it holds, accepted: what it may hold.
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
    status: int | None = None
    field: str | None = None
    value: object = None
    accepted: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What the doctor found: checks of the project, and an examination of each external model."""

    checks: Sequence[Check]
    examinations: Sequence[Examination]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok is not False for check in self.checks) and not any(found.problem for found in self.examinations)


def examine_project(options: DbtOptions, say: Callable[[str], None] = lambda line: None) -> Report:
    """Examine the selected external models of a dbt project and what they need. say: hears what is under way.

    Raises ConfigurationError if the project does not parse or the selection holds nothing.
    """
    target = read_target(options)
    macros = macros_version(options.project_folder)
    checks = [_plugin_check(target), _versions_check(macros, options.project_folder)]
    if macros is None or (target.type == "duckdb" and target.plugin is None):
        return Report(checks, [])  # nothing of the project works without them
    say("parsing the project")
    specifications = external_models(options, say)
    try:
        written = read_settings(options) if target.type != "duckdb" else {}
        settings = Settings.from_vars(written) if target.type != "duckdb" else Settings.from_config(target.plugin or {})
        credentials = Credentials.from_config(settings.credentials, settings.allowed_hosts)
        prices = Prices.from_config(settings.prices)
    except DbtAiError as error:
        return Report([*checks, Check("settings", False, str(error))], [])
    checks += [_mode_check(settings), *_store_checks(target, settings, options.project_folder)]
    native = [str(found["name"]) for found in specifications if _is_native(found, target.type, written.get("way"))]
    if native:
        checks.append(Check("native", None, f"{target.type} calls {', '.join(native)} itself, not asked from here"))
    checks += _slips_checks(specifications)
    asked = [specification for specification in specifications if specification["name"] not in native]
    return Report(checks, Doctor(settings, credentials, prices).examine_all(asked, say))


class Doctor:
    """Examines external models with the settings of one project."""

    def __init__(self, settings: Settings, credentials: Credentials, prices: Prices, sender: Sender | None = None) -> None:
        self._settings = settings
        self._credentials = credentials
        self._prices = prices
        self._sender = sender or Sender(credentials, KeepAliveTransport(), SECONDS)
        self._loop = Loop()

    def examine_all(self, specifications: Sequence[Mapping[str, Any]], say: Callable[[str], None]) -> list[Examination]:
        """Ask each model one question: endpoints side by side, models of this process one after another, as they need its memory."""
        deadline = time.monotonic() + TOTAL_SECONDS
        # By place: two packages may have external models of one name.
        found: dict[int, Future[Examination] | Examination] = {}
        with ThreadPoolExecutor(AT_ONCE, "dbt_ai doctor") as pool:
            local = [place for place, specification in enumerate(specifications) if _is_local(specification)]
            endpoints = [place for place in range(len(specifications)) if place not in local]
            if endpoints and self._settings.mode.sends:
                names = ", ".join(str(specifications[place]["name"]) for place in endpoints)
                say(f"asking {names}: {SECONDS:.0f} s each, {TOTAL_SECONDS:.0f} s in all")
            for place in endpoints:
                found[place] = pool.submit(self.examine, specifications[place], deadline)
            for place in local:
                say(f"asking {specifications[place]['name']}")
                found[place] = self.examine(specifications[place])
        examined = (found[place] for place in range(len(specifications)))
        return [each.result() if isinstance(each, Future) else each for each in examined]

    def examine(self, specification: Mapping[str, Any], deadline: float = math.inf) -> Examination:
        """Ask the model one question; nothing in the modes that call no endpoint. deadline: in the time of time.monotonic()."""
        unknown = Examination(str(specification["name"]), str(specification.get("api_format")))
        try:
            model = ExternalModel.from_spec(specification)
            provider = provider_of(model)
            if isinstance(provider, EndpointProvider):
                self._credentials.check(model)
        except DbtAiError as error:
            return _refused(unknown, error, str(error))
        examination = replace(unknown, price=self._price(model))
        if isinstance(provider, EndpointProvider) and not self._settings.mode.sends:
            return examination
        if isinstance(provider, EndpointProvider) and time.monotonic() >= deadline:
            return replace(examination, problem=f"not asked: {TOTAL_SECONDS:.0f} s were used up by other models; --select this one alone")
        examination = self._ask(examination, model, provider, deadline)
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

    def _ask(self, examination: Examination, model: ExternalModel, provider: Provider, deadline: float) -> Examination:
        call, text = _question(model)
        started = time.perf_counter()
        try:
            if isinstance(provider, EndpointProvider):
                outcome = self._loop.run(self._asked(provider, call, text, min(SECONDS, deadline - time.monotonic())))
            else:
                assert isinstance(provider, LocalProvider)
                list(provider.respond(call, [text]))  # loads the model
                started = time.perf_counter()
                [(_, answer)] = provider.respond(call, [text])
                outcome = Outcome(OutcomeKind.ANSWERED, {}, answer)
        except DbtAiError as error:
            return _refused(examination, error, self._credentials.redaction.redact(str(error)))
        latency = time.perf_counter() - started
        return _judged(replace(examination, latency=latency, status=outcome.status or None), model, outcome)

    async def _asked(self, provider: EndpointProvider, call: Call, text: str, seconds: float) -> Outcome:
        """What comes of one question, which may be asked in several ways: all of them within these seconds."""
        try:
            return await asyncio.wait_for(ask_alone(self._sender, provider, call, text), seconds)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            said = f"{called_url(call.model).host}: no answer within {seconds:.0f} s"
            return Outcome(OutcomeKind.AGAIN, {}, None, said, said)


def _is_local(specification: Mapping[str, Any]) -> bool:
    try:
        return isinstance(provider_of(ExternalModel.from_spec(specification)), LocalProvider)
    except DbtAiError:
        return False  # which its examination says


def _question(model: ExternalModel) -> tuple[Call, str]:
    """What a model of this type can be asked."""
    if model.model_type == "DECISIONS":
        question = {"name": "answer", "type": "yes_no", "instructions": "It is a question."}
        return Call("ai_decide", model, model.parameters, questions=[question]), QUESTION
    if model.model_type == "RERANKING":
        return Call("ai_rank", model, model.parameters), json.dumps({"query": QUESTION, "text": QUESTION})
    return Call("ai_embed" if model.model_type == "EMBEDDINGS" else "ai_query", model, model.parameters), QUESTION


def _refused(examination: Examination, error: DbtAiError, problem: str) -> Examination:
    found = replace(examination, authorised=False if isinstance(error, CredentialError) else None, problem=problem)
    if isinstance(error, ConfigurationError):
        return replace(found, field=error.field, value=error.value, accepted=error.accepted)
    return found


def _judged(examination: Examination, model: ExternalModel, outcome: Outcome) -> Examination:
    if not outcome.reached:
        return replace(examination, latency=None, reachable=False, problem=outcome.message)
    if outcome.responses is not None:
        known = replace(examination, reachable=True, authorised=True, found=True)
        return _with_dimensions(known, model, outcome.responses) if model.model_type == "EMBEDDINGS" else known
    if outcome.status in (401, 403):
        hint = "" if model.credential or outcome.status == 403 else "; the model names no credential: give one to create_external_model"
        return replace(examination, reachable=True, authorised=False, problem=outcome.message + hint)
    if outcome.lacks_model:
        # A page for people comes from a place that knows neither keys nor models.
        authorised = None if HTML_PAGE in outcome.message else True
        return replace(examination, reachable=True, authorised=authorised, found=False, problem=outcome.message)
    if model.model_type == "CUSTOM" and outcome.status in (400, 422):
        # A custom model takes features that the doctor does not know. A refusal that says so is enough.
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


def _is_native(specification: Mapping[str, Any], engine: str, way: object) -> bool:
    """Whether the warehouse calls the model, as far as the specification and the project's `way` tell."""
    if engine == "duckdb" or way == "runtime":
        return False
    named = engine in (specification.get("native") or {}) or (engine == "databricks" and specification.get("api_format") == "Databricks")
    return way == "native" or engine in _CALL_THEMSELVES or named


def _slips_checks(specifications: Sequence[Mapping[str, Any]]) -> Iterator[Check]:
    for found in specifications:
        given = found.get("parameters")
        for name, meant in misspelt(given if isinstance(given, Mapping) else {}).items():
            yield Check("parameters", None, f"{name!r} of {found['name']} is sent as it is; did you mean {meant!r}?")


def _plugin_check(target: Target) -> Check:
    if target.type != "duckdb":
        if importlib.util.find_spec("sqlglot") is None:
            return Check("runtime", False, f"on {target.type} it needs the extra: pip install 'dbt-ai-functions[warehouse]'")
        return Check("runtime", True, f"on {target.type} its settings are `vars: dbt_ai:` of dbt_project.yml")
    if target.plugin is None:
        return Check("plugin", False, "missing: add `plugins: - module: dbt_ai` to the target in profiles.yml")
    return Check("plugin", True, "dbt_ai is in the target's plugins")


def _versions_check(macros: str | None, project: Path) -> Check:
    if macros is None and lists_package(project):
        return Check("versions", False, "the dbt package is not installed: run `dbt deps`")
    if macros is None:
        return Check("versions", False, "the project does not use the dbt package: add the output of `dbt-ai package-path` to packages.yml")
    if problem := version_problem(macros):
        return Check("versions", False, problem)
    return Check("versions", True, f"runtime and macros {__version__}")


def _mode_check(settings: Settings) -> Check:
    mode = settings.mode
    return Check("mode", True if mode.sends else None, mode.name if mode.sends else f"{mode.name}: endpoints are not asked")


def _store_checks(target: Target, settings: Settings, folder: Path) -> Iterator[Check]:
    path = settings.store or target.database
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

    try:
        with open_file(path, read_only=True) as connection:
            try:
                [(count,)] = connection.execute(f"select count(*) from {Tables(schema).responses}").fetchall()
            except duckdb.CatalogException:
                count = 0
    except StoreError as error:
        return Check("store", False, str(error))
    return Check("store", True, f"{path.name} keeps {counted(count, 'answer')}")
