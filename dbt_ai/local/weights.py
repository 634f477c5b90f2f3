"""A hash of everything in a model folder that decides its vectors; costs milliseconds after the first time."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dbt_ai.remembered import recall, remember
from dbt_ai.settings import cache_dir

# What the backends read. README files, other formats and previews may change without changing a vector.
_DECISIVE = {".safetensors", ".bin", ".pt", ".onnx", ".onnx_data", ".json", ".txt", ".model", ".npy", ".py"}
_known: dict[str, str] = {}


def weights_hash(folder: Path) -> str:
    """SHA-256 over names and contents of the folder's decisive files, 32 hex digits.

    The hash of a file is remembered in the cache folder by path, size and modification time.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in _DECISIVE and path.is_file())
    remembered = cache_dir() / "weights.json"
    if not _known:
        _known.update({name: str(digest) for name, digest in recall(remembered).items()})
    whole = hashlib.sha256()
    fresh = False
    for file in files:
        state = file.stat()
        name = f"{file.resolve()}|{state.st_size}|{state.st_mtime_ns}"
        if name not in _known:
            with file.open("rb") as stream:
                _known[name] = _digest(stream)
            fresh = True
        whole.update(f"{file.relative_to(folder).as_posix()}:{_known[name]}\n".encode())
    if fresh:
        remember(remembered, _known)
    return whole.hexdigest()[:32]


def _digest(stream: object) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):  # type: ignore[attr-defined]
        digest.update(chunk)
    return digest.hexdigest()
