"""Where a local model is: `hf://org/name`, `file:///folder` or `package://python_package`. Found without importing anything heavy."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import overload
from urllib.parse import unquote, urlsplit

from dbt_ai.errors import ConfigurationError
from dbt_ai.external_model import ExternalModel

# Every model folder that we can read has one of these files.
MARKERS = ("modules.json", "config.json", "tokenizer.json")
# Files of a hub repository that no backend reads.
_UNUSED = ["*.msgpack", "*.h5", "*.ot", "openvino/*", "*.gguf", "*.tflite", "coreml/*"]
_UNUSED_BY_TORCH = [*_UNUSED, "onnx/*", "*.onnx", "*.onnx_data"]
# A repository often holds quantised and optimised copies beside model.onnx.
_UNUSED_BY_ONNX = [*_UNUSED, "*.safetensors", "*.bin", "*.pt", "onnx/model_*"]


@dataclass(frozen=True, slots=True)
class LocatedModel:
    """A model folder on this machine. revision: the hub's commit, which fixes the weights; None for a plain folder."""

    path: Path
    revision: str | None = None


@overload
def locate(model: ExternalModel) -> LocatedModel: ...
@overload
def locate(model: ExternalModel, download: bool) -> LocatedModel | None: ...
def locate(model: ExternalModel, download: bool = True) -> LocatedModel | None:
    """Find the model's folder. A model of the hub is taken from its cache, or downloaded.

    download: if False, returns None for a model of the hub that is not in the cache.
    Raises ConfigurationError naming the model, its location and what would be accepted.
    """
    parts = urlsplit(model.location)
    rest = unquote(parts.path)
    if parts.scheme == "file":
        if parts.netloc:
            raise _error(model, "has a host; write three slashes, file:///folder")
        return LocatedModel(_checked(model, Path(rest)))
    if parts.scheme == "package":
        return LocatedModel(_package_folder(model, parts.netloc, rest.strip("/")))
    if parts.scheme == "hf":
        return _hub_folder(model, f"{parts.netloc}{rest}".strip("/"), download)
    raise _error(
        model, f"is not a place for a {model.api_format} model; use hf://organisation/name, file:///folder or package://python_package"
    )


def _checked(model: ExternalModel, folder: Path) -> Path:
    if not folder.is_dir():
        raise _error(model, f"is not there: no folder {str(folder)!r}")
    if not any((folder / name).is_file() for name in MARKERS):
        raise _error(model, f"is not a model folder: it holds none of {', '.join(MARKERS)}")
    return folder


def _package_folder(model: ExternalModel, package: str, inside: str) -> Path:
    # find_spec of a top-level name reads no code of the package.
    spec = find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise _error(model, f"is not there: no Python package {package!r} is installed")
    root = Path(next(iter(spec.submodule_search_locations)))
    if inside:
        return _checked(model, root / inside)
    for folder in [root, *sorted(path for path in root.iterdir() if path.is_dir())]:
        if any((folder / name).is_file() for name in MARKERS):
            return folder
    raise _error(model, f"carries no model folder; name it as package://{package}/folder")


def _hub_folder(model: ExternalModel, repository: str, download: bool) -> LocatedModel | None:
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", repository):
        raise _error(model, "names no repository; write hf://organisation/name")
    revision = str(model.parameters.get("revision") or "main")
    onnx = model.api_format == "ONNX Runtime"
    cached = _cached_snapshot(repository, revision, ("*.onnx",) if onnx else ("*.safetensors", "*.bin"))
    if cached or not download:
        return cached
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise _error(model, "is on the Hugging Face hub: pip install huggingface_hub to download it") from None
    try:
        if onnx:
            path = Path(snapshot_download(repository, revision=revision, ignore_patterns=_UNUSED_BY_ONNX))
        else:
            path = Path(snapshot_download(repository, revision=revision, ignore_patterns=[*_UNUSED_BY_TORCH, "*.bin", "*.pt"]))
            if not any(path.rglob("*.safetensors")):
                path = Path(snapshot_download(repository, revision=revision, ignore_patterns=_UNUSED_BY_TORCH))
    except Exception as error:  # huggingface_hub raises its own, requests', httpx' and OSError families
        reason = str(error).strip().split("\n")[0][:200]
        raise _error(
            model,
            f"cannot be downloaded and is not in the Hugging Face cache ({type(error).__name__}: {reason});"
            " go online once, or copy the model here and use file:///folder",
        ) from error
    return LocatedModel(path, path.name)


def _cached_snapshot(repository: str, revision: str, weights: tuple[str, ...]) -> LocatedModel | None:
    """The hub cache's own layout, read without importing huggingface_hub: that import costs more than a run that needs nothing new.

    https://huggingface.co/docs/huggingface_hub/guides/manage-cache
    """
    home = Path(os.environ.get("HF_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "huggingface")
    hub = Path(os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or home / "hub").expanduser()
    folder = hub / f"models--{repository.replace('/', '--')}"
    reference = folder / "refs" / revision
    commit = reference.read_text().strip() if reference.is_file() else revision
    snapshot = folder / "snapshots" / commit
    if not any((snapshot / name).is_file() for name in MARKERS) or not any(next(snapshot.rglob(kind), None) for kind in weights):
        return None
    return LocatedModel(snapshot, commit)


def _error(model: ExternalModel, what: str) -> ConfigurationError:
    return ConfigurationError(f"external model {model.name!r}: location {model.location!r} {what}")
