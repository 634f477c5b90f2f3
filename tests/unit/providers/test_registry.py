"""Where an api_format is found: among ours, installed or not, and in the entry points of other packages."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dbt_ai.providers
from dbt_ai.errors import ConfigurationError
from dbt_ai.providers import _registry, api_formats, provider_named

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # which pytest brings

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]

ACME = """
from dbt_ai.providers import EndpointProvider
class Acme(EndpointProvider):
    api_format = "Acme"
    model_types = ("CHAT",)
    def encode(self, call, inputs): ...
    def decode(self, call, inputs, response): ...
"""


@pytest.fixture(autouse=True)
def as_a_new_process_would() -> Iterator[None]:
    for cached in (_registry._claims, provider_named):
        cached.cache_clear()
    yield
    for cached in (_registry._claims, provider_named):
        cached.cache_clear()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(package: str, module: str, code: str, *points: str) -> None:
        folder = tmp_path / package
        described = folder / f"{package}-1.0.dist-info"
        described.mkdir(parents=True)
        (folder / f"{module}.py").write_text(code)
        (described / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text("\n".join(["[dbt_ai.providers]", *points]))
        monkeypatch.syspath_prepend(str(folder))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return put


def test_our_entry_points_are_the_list_that_an_uninstalled_checkout_has():
    assert PROJECT["entry-points"]["dbt_ai.providers"] == _registry.OURS
    assert PROJECT["name"] == "dbt-ai-functions"


def test_every_module_of_ours_is_an_api_format():
    modules = {module.name for module in pkgutil.iter_modules(dbt_ai.providers.__path__) if not module.name.startswith("_")}
    assert modules - {"base"} == {place.partition(":")[0].rpartition(".")[2] for place in _registry.OURS.values()}


@pytest.mark.parametrize("api_format", _registry.OURS)
def test_ours_are_found_without_an_installation(api_format: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_registry, "entry_points", lambda group: ())
    assert provider_named(api_format).api_format == api_format
    assert provider_named(api_format) is provider_named(api_format)


def test_an_installation_of_ours_is_no_second_claim(install: Callable[..., None]):
    install("dbt-ai-functions", "unused", "", *(f"{name} = {place}" for name, place in _registry.OURS.items()))
    assert provider_named("Azure OpenAI").api_format == "Azure OpenAI"


def test_a_format_of_another_package_is_found_and_listed(install: Callable[..., None]):
    install("acme-dbt-ai", "acme_module", ACME, "Acme = acme_module:Acme")
    assert provider_named("Acme").api_format == "Acme"
    with pytest.raises(ConfigurationError, match="api_format 'Amce' is not known; use one of Acme, Anthropic, Azure OpenAI"):
        provider_named("Amce")


def test_ours_cannot_be_replaced_in_silence(install: Callable[..., None]):
    install("rival", "rival_module", ACME, "OpenAI = rival_module:Acme")
    claimed = (
        r"api_format 'OpenAI' is claimed by dbt-ai-functions \(dbt_ai.providers.openai:OpenAI\) and rival \(rival_module:Acme\);"
        " uninstall one"
    )
    with pytest.raises(ConfigurationError, match=claimed):
        provider_named("OpenAI")


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1 / 0", r"cannot be loaded from acme_module:Acme \(ZeroDivisionError: division by zero\)"),
        ("", r"cannot be loaded from acme_module:Acme \(AttributeError: module 'acme_module' has no attribute 'Acme'\)"),
        ("class Acme: ...", "is acme_module:Acme, which is not a subclass of dbt_ai.providers.Provider"),
        (
            ACME.replace('"Acme"', '"ACME"'),
            "is acme_module:Acme, which says another api_format; give the entry point and the class one name",
        ),
        (ACME.replace("decode", "read"), "is acme_module:Acme, which has no decode"),
    ],
)
def test_a_class_that_cannot_work_is_told_with_its_package(install: Callable[..., None], code: str, sentence: str):
    install("acme-dbt-ai", "acme_module", code, "Acme = acme_module:Acme")
    with pytest.raises(ConfigurationError, match=f"^api_format 'Acme' of the package acme-dbt-ai {sentence}$"):
        provider_named("Acme")


def test_listing_the_formats_imports_none_of_them():
    program = "import sys; from dbt_ai.providers import api_formats; api_formats(); sys.exit('dbt_ai.providers.ollama' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
    assert api_formats() == sorted(api_formats())
