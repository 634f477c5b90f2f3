"""What only a GPU can show of the local embedder: run it on a machine that has one, `python benchmarks/gpu.py [location]`.

Speed against encode() with its best batch size in the same precision, the cosine of half precision to fp32 on the CPU, the same text
in different batches, how the batch size was found, out-of-memory with most of the memory taken by somebody else, several GPUs.
The paths themselves are tested on a CPU with devices that run out of memory or are lost: tests/unit/local/test_embedder.py.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from embedder import MODEL, call_of, embed
from texts import mixed

from dbt_ai.local.location import locate
from dbt_ai.providers import provider_named


def main() -> None:
    import torch
    from sentence_transformers import SentenceTransformer

    if not torch.cuda.is_available():
        sys.exit("no CUDA device is here; this script shows nothing on a CPU")
    location = sys.argv[1] if len(sys.argv) > 1 else MODEL
    texts = mixed(3000) * 10
    print(f"{torch.cuda.device_count()} × {torch.cuda.get_device_name()}, torch {torch.__version__}")

    embed(texts[:500], location, device="cuda")  # loads the model, and lets the batch size grow
    ours, vectors = timed(lambda: embed(texts, location, device="cuda"))
    print(f"dbt_ai, device cuda          {len(texts) / ours:10,.0f} rows/s")
    embedder = provider_named("Sentence Transformers")._embedder(call_of(location, device="cuda"))
    print(f"batch size found             {embedder._workers.budget():10,} padded tokens")

    half = torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    model = SentenceTransformer(str(locate(call_of(location).model).path), device="cuda", model_kwargs={"torch_dtype": half})
    for size in (32, 128, 512, 2048):
        theirs, _ = timed(lambda size=size: model.encode(texts, batch_size=size, convert_to_tensor=True).float().cpu())
        print(f"encode, batch {size:5d}          {len(texts) / theirs:10,.0f} rows/s, ours is {theirs / ours:.2f} ×")

    sample = np.random.default_rng(1).choice(len(texts), 500, replace=False)
    chosen = [texts[index] for index in sample]
    exact = embed(chosen, location, device="cpu", precision="fp32")
    print(f"half precision to fp32       {cosines(vectors[sample], exact).min():10.5f} least cosine")
    again = embed(chosen, location, device="cuda")
    print(f"same text, other batch       {np.abs(vectors[sample] - again).max():10.2e} largest difference")

    free, _ = torch.cuda.mem_get_info()
    taken = torch.empty(max(0, free - 512 * 2**20), dtype=torch.uint8, device="cuda")
    seconds, crowded = timed(lambda: embed(texts[:3000], location, device="cuda"))
    print(f"with 512 MB left             {3000 / seconds:10,.0f} rows/s, {np.isfinite(crowded).all()}: every text has a vector")
    del taken


def timed(run):
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return (left * right).sum(axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


if __name__ == "__main__":
    main()
