"""The plugin's configuration in profiles.yml, read once and typed."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from dbt_ai.errors import ConfigurationError
from dbt_ai.modes import LIVE, MODES, Mode
from dbt_ai.yaml_values import read_flag, read_number, read_text, read_whole_number, refuse_unknown


@dataclass(frozen=True, slots=True)
class Settings:
    """What `plugins: - module: dbt_ai` says under `config`.

    schema: where responses, usage and external_models live in the target database.
    mode: live, estimate, record, replay or mock; the environment variable DBT_AI_MODE wins.
    max_cost_usd: the most that one dbt command may cost, in US dollars; a model without a known price is refused then.
    max_requests: the most HTTP requests that it may send, repeated ones included.
    max_tokens: the most tokens that it may use, input and output.
    budgets: other limits, for a node, an external model or a tag, and for a day or a month.
    allowed_hosts: hosts that may be called; empty allows any https host, and http only to loopback.
    store: path of a DuckDB file of its own for the answers; without it they are in the target database.
    sample: at most this many new requests a node, for development, the rest is NULL; 0 asks all.
    credentials: where secrets are, and to which URLs they may be sent.
    endpoints: what endpoints allow; what is not said is found by trying.
    prices: what models cost, where the extra `prices` does not know it.
    node_seconds: the longest that the AI calls of one node may take.
    keep_inputs: keep what was asked beside its answer, for the report, for `dbt-ai store show` and to find what to erase.
    redact_rows: no text of a row in errors and logs; a digest of it stands in its place.
    otlp_endpoint: a collector of OpenTelemetry that is sent a span for each node and model at the end of a run.
    cassette: the file that `record` writes and `replay` reads, relative to where dbt runs.

    >>> Settings.from_config({"sample": 10, "allowed_hosts": ["api.openai.com"]}).allowed_hosts
    ('api.openai.com',)
    """

    schema: str = "dbt_ai"
    mode: Mode = LIVE
    max_cost_usd: float | None = None
    max_requests: int | None = None
    max_tokens: int | None = None
    budgets: tuple[Mapping[str, Any], ...] = ()
    allowed_hosts: tuple[str, ...] = ()
    store: str | None = None
    sample: int = 0
    credentials: tuple[Mapping[str, Any], ...] = ()
    endpoints: tuple[Mapping[str, Any], ...] = ()
    prices: tuple[Mapping[str, Any], ...] = ()
    node_seconds: float | None = None
    keep_inputs: bool = False
    redact_rows: bool = False
    otlp_endpoint: str | None = None
    cassette: str = "dbt_ai_cassette.jsonl"

    @classmethod
    def from_config(cls, config: Mapping[str, Any], where: str = "plugin dbt_ai", besides: Collection[str] = ()) -> Settings:
        """Read the configuration.

        where: what it stands under, for messages. besides: names that somebody else reads there.
        Raises ConfigurationError naming the setting, the value and what would be accepted.
        """
        refuse_unknown(where, config, [*(field.name for field in fields(cls)), *besides])
        known = {field.name: config[field.name] for field in fields(cls) if config.get(field.name) is not None}
        for name, value in known.items():
            place = f"{where}: {name}"
            if name in ("credentials", "allowed_hosts", "endpoints", "prices", "budgets"):
                if not isinstance(value, (list, tuple)):
                    raise ConfigurationError(f"{place} is a {type(value).__name__}; write it as a list")
                known[name] = tuple(value)
            elif name in ("max_requests", "max_tokens", "sample"):
                known[name] = read_whole_number(place, value)
            elif name in ("max_cost_usd", "node_seconds"):
                known[name] = read_number(place, value)
            elif name in ("keep_inputs", "redact_rows"):
                known[name] = read_flag(place, value)
            elif name != "mode":
                known[name] = read_text(place, value)
        written = known.get("mode", LIVE.name)
        mode = os.environ.get("DBT_AI_MODE") or written
        if mode not in MODES:
            raise ConfigurationError(f"{where}: mode {mode!r} is not known; use one of {', '.join(MODES)}")
        known["mode"] = MODES[mode] if mode == written else replace(MODES[mode], overrides=str(written))
        return cls(**known)

    @classmethod
    def from_vars(cls, variables: Mapping[str, Any]) -> Settings:
        """Read `vars: dbt_ai:` of a project, where the macros read `way`. Raises as `from_config` does."""
        return cls.from_config(variables, "vars: dbt_ai", besides=("way",))

    @classmethod
    def for_warehouse(cls, variables: Mapping[str, Any]) -> Settings:
        """As `from_vars`, where answers are kept in the warehouse. Raises ConfigurationError for what is only kept in DuckDB."""
        read = cls.from_vars(variables)
        for name in ("store", "keep_inputs"):
            if getattr(read, name):
                raise ConfigurationError(
                    f"vars: dbt_ai: {name} is for answers in DuckDB; take it out, for on a warehouse"
                    f" {'answers are kept in its schema' if name == 'store' else 'what was asked is not kept'}"
                )
        return read


@contextmanager
def forced_mode(mode: str) -> Iterator[None]:
    """Whatever settings are read meanwhile have this mode."""
    before = os.environ.get("DBT_AI_MODE")
    os.environ["DBT_AI_MODE"] = mode
    try:
        yield
    finally:
        del os.environ["DBT_AI_MODE"]
        if before is not None:
            os.environ["DBT_AI_MODE"] = before


def cache_dir() -> Path:
    """Where converted models, measured choices and what endpoints bore are kept: DBT_AI_CACHE_DIR or the user's cache folder."""
    chosen = os.environ.get("DBT_AI_CACHE_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dbt_ai"
