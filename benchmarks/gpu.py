"""What only a GPU can show of the local embedder: `python benchmarks/gpu.py [location]`, a few minutes on a machine that has one.

The batch size that it finds, the cosine of half precision to fp32 on the CPU, the same text in different batches, most of the memory
taken by somebody else and given back, speed against encode() with its best batch size in the same precision, a GPU that is lost.
The paths themselves are tested on a CPU with devices that run out of memory or are lost: tests/unit/local/test_embedder.py.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time

import numpy as np
from embedder import MODEL, call_of, embed
from texts import mixed, tweets

from dbt_ai.local.device import DeviceLost
from dbt_ai.local.location import locate
from dbt_ai.providers import provider_named

REPEATS = 3
BATCH_SIZES = (32, 128, 512, 2048)


def main() -> None:
    import torch

    if not torch.cuda.is_available():
        sys.exit("no CUDA device is here; this script shows nothing on a CPU")
    location = sys.argv[1] if len(sys.argv) > 1 else MODEL
    print(f"{torch.cuda.device_count()} × {torch.cuda.get_device_name()}, torch {torch.__version__}")
    texts = mixed(3000) * 5
    vectors = embed(texts, location, device="cuda")
    exactness(texts, vectors, location)
    crowded(texts, location)
    speed("mixed lengths", texts, location)
    speed("short", tweets(9000) * 5, location)
    lost(texts[:200], vectors[:200], location)


def speed(name: str, texts: list[str], location: str) -> None:
    """Ours is the median of some runs; encode() runs once with each batch size."""
    import torch
    from sentence_transformers import SentenceTransformer

    embed(texts, location, device="cuda")  # finds the batch size
    ours, _ = timed(lambda: embed(texts, location, device="cuda"))
    print(f"\n{name}: {len(texts):,} texts")
    found = f"batches of {batch_tokens(location):,} padded tokens"
    print(f"  dbt_ai, device cuda        {len(texts) / ours:10,.0f} rows/s, {found}", flush=True)

    half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    model = SentenceTransformer(str(locate(call_of(location).model).path), device="cuda", model_kwargs={"torch_dtype": half})
    model.encode(texts[:500])
    for size in BATCH_SIZES:
        theirs, _ = timed(lambda size=size: model.encode(texts, batch_size=size, convert_to_tensor=True).float().cpu(), 1)
        print(f"  encode, batch {size:5d}        {len(texts) / theirs:10,.0f} rows/s, ours is {theirs / ours:.2f} ×", flush=True)


def exactness(texts: list[str], vectors: np.ndarray, location: str) -> None:
    sample = np.random.default_rng(1).choice(len(texts), 500, replace=False)
    chosen = [texts[index] for index in sample]
    exact = embed(chosen, location, device="cpu", precision="fp32")
    print(f"\nhalf precision to fp32       {cosines(vectors[sample], exact).min():10.5f} least cosine")
    again = embed(chosen, location, device="cuda")
    print(f"same text, other batch       {np.abs(vectors[sample] - again).max():10.2e} largest difference")
    print(f"                             {cosines(vectors[sample], again).min():10.5f} least cosine")


def crowded(texts: list[str], location: str) -> None:
    import torch

    gc.collect()
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(0, free - 512 * 2**20), dtype=torch.uint8, device="cuda")
    seconds, vectors = timed(lambda: embed(texts, location, device="cuda"), 1)
    found = np.isfinite(vectors).all() and vectors.any(axis=1).all()
    print(f"\nwith 512 MB left             {len(texts) / seconds:10,.0f} rows/s, batches of {batch_tokens(location):,}; all there: {found}")
    del taken
    torch.cuda.empty_cache()
    embed(texts * 3, location, device="cuda")
    seconds, _ = timed(lambda: embed(texts, location, device="cuda"))
    print(f"with all memory again        {len(texts) / seconds:10,.0f} rows/s, batches of {batch_tokens(location):,}")


def lost(texts: list[str], vectors: np.ndarray, location: str) -> None:
    """Last, for the GPU answers nothing more to this process after a kernel has failed."""
    device = workers(location).devices[0]
    try:
        device.embed([np.full(8, 10**8, dtype=np.int32)])  # no row of the embedding table
    except DeviceLost as error:
        print(f"\nGPU lost                     {error}")
    replaced = embed(texts, location, device="cuda")
    print(f"the CPU in its place         {cosines(vectors, replaced).min():10.5f} least cosine to what the GPU answered")


def workers(location: str):
    return provider_named("Sentence Transformers")._embedder(call_of(location, device="cuda"))._workers


def batch_tokens(location: str) -> int:
    return workers(location).budget()


def timed(run, repeats: int = REPEATS):
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds), result


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


if __name__ == "__main__":
    main()
