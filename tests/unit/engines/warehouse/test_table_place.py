"""What is said where a warehouse does not let answers be kept."""

from __future__ import annotations

from typing import Any

import pytest
from dbt_common.exceptions import DbtDatabaseError

from dbt_ai.engines.warehouse.dialect import dialect_of
from dbt_ai.engines.warehouse.table_place import TablePlace
from dbt_ai.errors import StoreError


@pytest.mark.parametrize(
    ("said", "helps"),
    [
        ("cannot execute CREATE SCHEMA in a read-only transaction", "no grant helps: let the target be a database that can be written"),
        ("permission denied for schema", "grant create"),
    ],
)
def test_a_grant_is_named_where_one_helps(said: str, helps: str) -> None:
    connection: Any = None
    with pytest.raises(StoreError, match=helps), TablePlace(connection, dialect_of("postgres"), "dbt_ai").errors("grant create"):
        raise DbtDatabaseError(said)
