"""Views over AI calls in the SQL of a node: what they look up is asked for the node that reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlglot
from sqlglot import exp

from dbt_ai.engines.warehouse.connection import WarehouseConnection
from dbt_ai.engines.warehouse.grammar import grammar
from dbt_ai.engines.warehouse.look_ups import Statement, Unreadable, read


def definitions(connection: WarehouseConnection, views: Sequence[str]) -> Mapping[str, str]:
    """The select of each view, as the database has it. A view that is not there is left out."""
    found = {}
    with connection.opened("dbt_ai views"):
        for view in views:
            rows = list(connection.rows(connection.definition_of(view)))
            if rows and rows[0][0]:
                found[view] = str(rows[0][0])
    return found


def with_views(statement: Statement, definitions: Mapping[str, str]) -> Statement:
    """The statement with the select of each view in the place of its name. Raises Unreadable as `read` does."""
    by_name = {_name(exp.to_table(view, dialect=grammar(statement.dialect))): sql for view, sql in definitions.items()}
    root = statement.root.copy()
    while found := next((table for table in root.find_all(exp.Table) if _name(table) in by_name and table.db and _gives_rows(table)), None):
        select = _select(by_name[_name(found)], statement.dialect)
        alias = found.args.get("alias")
        subquery = exp.Subquery(
            this=select, alias=alias.copy() if alias is not None else exp.TableAlias(this=exp.to_identifier(found.name))
        )
        found.replace(subquery)
    return read(root.sql(dialect=grammar(statement.dialect)), statement.dialect)


def written_again(definition: str, dialect: str) -> str:
    """The select of a view as it is read."""
    return _select(definition, dialect).sql(dialect=grammar(dialect))


def _gives_rows(table: exp.Table) -> bool:
    """Whether a row of the table is read: with `--empty` dbt writes (select * from … where false limit 0)."""
    around = table.find_ancestor(exp.Select)
    while around is not None:
        where, limit = around.args.get("where"), around.args.get("limit")
        if (where is not None and where.this == exp.false()) or (limit is not None and limit.expression == exp.Literal.number(0)):
            return False
        around = around.find_ancestor(exp.Select)
    return True


def _name(table: exp.Table) -> tuple[str, str]:
    return table.db.lower(), table.name.lower()


def _select(definition: str, dialect: str) -> exp.Query:
    """Some databases give the select, others the statement that made the view."""
    try:
        parsed = sqlglot.parse_one(definition, read=grammar(dialect))
    except sqlglot.errors.SqlglotError:
        parsed = None
    select = parsed.expression if isinstance(parsed, exp.Create) else parsed
    if not isinstance(select, exp.Query):
        raise Unreadable("it reads a view with AI calls whose definition cannot be read; materialize that one as ai_table")
    return select
