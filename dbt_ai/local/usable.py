"""Whether a model folder can be used, found out before any framework reads it: what comes from a hub is data from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from dbt_ai.local.folder import ModelFolder, bytes_missing

# What Git checks out in the place of a file of Git LFS: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
_POINTER = b"version https://git-lfs.github.com/spec/"
_WEIGHTS = {".safetensors", ".bin"}
_TEXTS = {".json", ".txt", ".model"}

# Modules of Sentence Transformers that compute vectors of tokens, or go on from them. https://sbert.net/docs/package_reference/base/modules.html
_FIRST = ("Transformer", "StaticEmbedding")
_NEXT = ("Pooling", "Normalize", "Dense", "Dropout", "LayerNorm", "WeightedLayerPooling", "CNN", "LSTM")
_ROUTERS = ("Router", "Asym")


def problem(folder: ModelFolder, *, trusts_code: bool, onnx: bool) -> str | None:
    """Why the folder cannot be used and what to do about it, as the end of a sentence; None if nothing is wrong.

    trusts_code: the user lets code of the folder run. onnx: the model is the folder's file in ONNX, else torch reads the folder.
    """
    files = list(_read_files(folder, onnx))
    checks: list[Callable[[], str | None]] = [
        partial(_not_regular, folder, files),
        partial(_pointers, folder, files),
        partial(_adapter, folder),
    ]
    if not onnx:
        checks.append(partial(_weights, folder, files))
    checks.append(partial(_read, folder))
    if not trusts_code:
        checks += [partial(_code, folder), partial(_modules, folder)]
    try:
        return next((found for check in checks if (found := check())), None)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        return f"has a configuration that cannot be read ({type(error).__name__}: {error}); save the model again"


def _read_files(folder: ModelFolder, onnx: bool) -> Iterator[Path]:
    """The files that the backend reads, also those that are none."""
    for file in sorted(folder.path.rglob("*")):
        inside = file.relative_to(folder.path).parts
        if any(part.startswith(".") for part in inside) or (not onnx and inside[0] in ("onnx", "openvino")):
            continue
        if onnx:
            wanted = file == folder.onnx_file or file.suffix == ".onnx_data"
        else:  # the older format is not read where the newer one is
            wanted = file.suffix in _WEIGHTS and not (file.suffix == ".bin" and next(file.parent.glob("*.safetensors"), None))
        if (wanted or file.suffix in _TEXTS) and not file.is_dir():
            yield file
    if onnx:
        yield from (file for file in (folder.path / "model.onnx", folder.path / "onnx" / "model.onnx") if file.is_symlink())


def _not_regular(folder: ModelFolder, files: list[Path]) -> str | None:
    """A pipe or a device keeps whoever reads it waiting for ever."""
    for file in files:
        if not file.is_file():
            what = "leads to a file that is gone" if file.is_symlink() and not file.exists() else "is not a regular file"
            return f"holds {_name(folder, file)!r}, which {what}; put the file itself there"
    return None


def _pointers(folder: ModelFolder, files: list[Path]) -> str | None:
    pointers = [_name(folder, file) for file in files if _begins(file, len(_POINTER)) == _POINTER]
    if not pointers:
        return None
    return f"holds Git LFS pointers in the place of {', '.join(pointers[:3])}; run git lfs pull in that folder"


def _adapter(folder: ModelFolder) -> str | None:
    for path in ("", *(path for kind, path in folder.modules if kind == "Transformer")):
        adapter = folder.read(f"{path}/adapter_config.json" if path else "adapter_config.json")
        if adapter:
            base = str(adapter.get("base_model_name_or_path") or "another model")[:100]
            return f"is a PEFT adapter of {base!r} and no whole model; merge it into that model (merge_and_unload) and save the result"
    return None


def _read(folder: ModelFolder) -> None:
    """Read here what will be read later, so that nothing raises then."""
    _ = folder.modules, folder.pooling, folder.pools_prompt, folder.dimensions, folder.max_length, folder.prompts, folder.default_prompt


def _code(folder: ModelFolder) -> str | None:
    """Code of the model's author, which transformers and Sentence Transformers import if they are let."""
    named: list[str] = []
    for file in ("config.json", "tokenizer_config.json"):
        mapped = folder.read(file).get("auto_map") or {}
        if isinstance(mapped, dict):
            for classes in (mapped[auto] for auto in ("AutoModel", "AutoConfig", "AutoTokenizer") if auto in mapped):
                named += [str(name) for name in (classes if isinstance(classes, list) else [classes]) if name]
    named += [whole for whole in folder.module_classes if not whole.startswith("sentence_transformers.")]
    for kind, path in folder.modules:
        activation = folder.read(f"{path}/config.json").get("activation_function") if kind == "Dense" else None
        named += [activation] if isinstance(activation, str) and not activation.startswith("torch.nn.") else []
    if not named:
        return None
    return (
        f"needs code of its author ({named[0][:100]}), which runs only if you let it: read it, then set parameters"
        " {'trust_remote_code': true}"
    )


def _modules(folder: ModelFolder) -> str | None:
    kinds = [kind for kind, _ in folder.modules]
    router = next((kind for kind in kinds if kind in _ROUTERS), None)
    if router:
        return f"has a {router} module, which is several models in one; save the one that you need as a model of its own"
    odd = [kind for position, kind in enumerate(kinds) if kind not in (_NEXT if position else _FIRST)]
    if odd:
        return f"has the module {odd[0]!r}, where {', '.join((*_FIRST, *_NEXT))} are supported"
    return None


def _weights(folder: ModelFolder, files: list[Path]) -> str | None:
    weights = [file for file in files if file.suffix in _WEIGHTS]
    if not weights:
        other = "; it has a file in ONNX: use api_format 'ONNX Runtime'" if folder.onnx_file else "; copy or download the whole model"
        return f"holds no weights (.safetensors or .bin){other}"
    for index in (file for file in files if file.name.endswith(".index.json")):
        named = folder.read(_name(folder, index)).get("weight_map")
        parts = set(named.values()) if isinstance(named, dict) else set()
        missing = sorted(part for part in map(str, parts) if not (index.parent / part).is_file())
        if missing:
            return f"lacks {missing[0]!r}, which {index.name} names; copy or download the whole model"
    for file in weights:
        if file.suffix == ".safetensors":
            try:
                why = "is not whole" if bytes_missing(file) else None
            except ValueError as error:
                why = str(error)
            if why:
                return f"holds {_name(folder, file)!r}, which {why}; copy or download it again"
    return None


def _begins(file: Path, length: int) -> bytes:
    with file.open("rb") as stream:
        return stream.read(length)


def _name(folder: ModelFolder, file: Path) -> str:
    return file.relative_to(folder.path).as_posix()
