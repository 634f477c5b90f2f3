"""A report of a DuckDB store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dbt_ai.external_model import ExternalModel
from dbt_ai.outside_text import shown
from dbt_ai.report.artefacts import Drawn, Judged
from dbt_ai.report.source import CHARACTERS, Stored, UnreadableTable
from dbt_ai.store.duckdb_tables import record_batches
from dbt_ai.store.schema import USAGE, Tables, arrow_schema, quoted

if TYPE_CHECKING:
    import duckdb


class DuckDBSource:
    """A ReportSource. store: where answers are kept; built: where the models are."""

    def __init__(
        self,
        store: duckdb.DuckDBPyConnection,
        tables: Tables,
        built: duckdb.DuckDBPyConnection,
        external_models: Callable[[], list[ExternalModel]],
    ) -> None:
        self._store = store
        self._tables = tables
        self._built = built
        self.external_models = external_models

    def usage(self) -> pa.Table:
        columns = ", ".join(column.name for column in USAGE)
        found = list(record_batches(self._store, f"select {columns} from {self._tables.usage}"))
        return pa.Table.from_batches(found) if found else arrow_schema(USAGE).empty_table()

    def stored(self) -> Stored:
        counted = self._store.execute(f"select model, count(*), count(input) from {self._tables.responses} group by model").fetchall()
        return Stored(sum(row[1] for row in counted), sum(row[2] for row in counted), frozenset(row[0] for row in counted))

    def sample(self, most: int) -> list[tuple[str, str, str, str]]:
        return self._store.execute(
            f"""select node, model, input, value from (
                select coalesce(node, '') as node, model, left(input, {CHARACTERS}) as input, left(value, {CHARACTERS}) as value,
                    row_number() over (partition by node order by key) as place
                from {self._tables.responses} where input is not null and value is not null
            ) order by place, node limit {int(most)}"""
        ).fetchall()

    def labels(self, judged: Judged) -> Counter[tuple[str | None, str | None]]:
        answer = f"unnest({judged.answer})" if judged.several else judged.answer
        label = f"left(cast({judged.label} as varchar), {CHARACTERS})" if judged.label and not judged.several else "null"
        rows = self._read(
            f"select left(cast(answer as varchar), {CHARACTERS}), label, count(*)"
            f" from (select {answer} as answer, {label} as label from {judged.relation}) group by all"
        )
        return Counter({(answer, label): count for answer, label, count in rows})

    def vectors(self, drawn: Drawn, most: int) -> Sequence[tuple[Any, str | None, str | None]]:
        columns = [f"left(cast({quoted(name)} as varchar), {CHARACTERS})" if name else "null" for name in (drawn.color, drawn.text)]
        vector = quoted(drawn.vector)
        return self._read(
            f"select {vector}, {', '.join(columns)} from {drawn.relation} where {vector} is not null"
            f" order by hash({vector}) limit {int(most)}"
        )

    def _read(self, query: str) -> list[Any]:
        import duckdb

        try:
            return self._built.execute(query).fetchall()
        except duckdb.Error as error:
            raise UnreadableTable(shown(str(error).splitlines()[0])) from None
