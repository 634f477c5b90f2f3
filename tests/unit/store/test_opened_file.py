import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dbt_ai.errors import StoreError
from dbt_ai.store.duckdb_file import OpenedFile, open_file


def replace(path: Path) -> None:
    other = path.with_name("other.duckdb")
    duckdb.connect(str(other)).close()
    other.replace(path)


@pytest.mark.parametrize("lose", [Path.unlink, replace, lambda path: os.truncate(path, 0)], ids=["deleted", "replaced", "emptied"])
def test_a_database_that_its_path_does_not_lead_to_any_more_is_refused(tmp_path: Path, lose: Callable[[Path], None]):
    path = tmp_path / "store.duckdb"
    with duckdb.connect(str(path)):
        opened = OpenedFile(path)
        lose(path)
        with pytest.raises(StoreError, match="store.duckdb' was deleted, replaced or emptied while it was open"):
            opened.require()


def test_a_database_is_the_same_while_it_is_written_and_when_it_shrinks(tmp_path: Path):
    path = tmp_path / "store.duckdb"
    with duckdb.connect(str(path)) as connection:
        opened = OpenedFile(path)
        connection.execute("create table t as select md5(i::varchar) as a from range(100000) r(i)")
        connection.execute("checkpoint")
        large = path.stat().st_size
        opened.require()
        connection.execute("drop table t")
        connection.execute("checkpoint")
        assert path.stat().st_size < large
        opened.require()


@pytest.mark.parametrize("path", [None, ":memory:", "s3://bucket/store.duckdb"])
def test_a_database_that_is_no_file_is_not_looked_at(path: str | None):
    OpenedFile(path).require()


def test_a_database_in_a_folder_that_is_not_there_is_told_so(tmp_path: Path):
    with pytest.raises(StoreError, match="nowhere.store.duckdb' cannot be made: there is no folder '.*nowhere'$"):
        open_file(tmp_path / "nowhere" / "store.duckdb")
