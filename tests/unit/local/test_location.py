import json

import pytest

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel
from dbt_ai.local.location import locate


def model(location: str, **parameters: object) -> ExternalModel:
    return ExternalModel("embedder", location, "Sentence Transformers", "EMBEDDINGS", "any", parameters=parameters)


def test_a_missing_folder_is_named_with_the_field(tmp_path):
    with pytest.raises(ConfigurationError, match=r"external model 'embedder': location 'file:///no/such/folder' is not there"):
        locate(model("file:///no/such/folder"))


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="is not a model folder: it holds none of modules.json"):
        locate(model(f"file://{tmp_path}"))


def test_a_folder_is_taken_as_it_is(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert locate(model(f"file://{tmp_path}")).path == tmp_path


def test_a_package_that_is_not_installed_is_named():
    with pytest.raises(ConfigurationError, match="no Python package 'no_such_package' is installed"):
        locate(model("package://no_such_package"))


def test_a_package_is_searched_for_its_model_folder_without_running_its_code(tmp_path, monkeypatch):
    (tmp_path / "packed_model" / "weights").mkdir(parents=True)
    (tmp_path / "packed_model" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "packed_model" / "weights" / "config.json").write_text("{}")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert locate(model("package://packed_model")).path == tmp_path / "packed_model" / "weights"
    assert locate(model("package://packed_model/weights")).path == tmp_path / "packed_model" / "weights"


def test_another_scheme_is_refused_with_what_is_accepted():
    with pytest.raises(ConfigurationError, match="use hf://organisation/name, file:///folder or package://python_package"):
        locate(model("https://example.com/model"))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A Hugging Face cache that holds one model."""
    snapshot = tmp_path / "models--org--tiny" / "snapshots" / "abc123"
    snapshot.mkdir(parents=True)
    (tmp_path / "models--org--tiny" / "refs").mkdir()
    (tmp_path / "models--org--tiny" / "refs" / "main").write_text("abc123")
    (snapshot / "config.json").write_text(json.dumps({"hidden_size": 4}))
    (snapshot / "model.safetensors").write_bytes(b"")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


def test_a_cached_hub_model_is_found_with_its_commit_and_without_the_network(hub):
    place = locate(model("hf://org/tiny"))
    assert place.revision == "abc123"
    assert place.path.name == "abc123"
    assert locate(model("hf://org/tiny", revision="abc123")) == place


def test_a_hub_model_that_is_not_here_is_not_downloaded_unasked(hub):
    assert locate(model("hf://org/other"), download=False) is None


def test_an_unreachable_hub_says_what_to_do(hub):
    with pytest.raises(ConfigurationError, match=r"location 'hf://org/other' cannot be downloaded and is not in the Hugging Face cache"):
        locate(model("hf://org/other"))
