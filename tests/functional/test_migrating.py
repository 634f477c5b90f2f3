"""The files on the page about moving are built, with mock answers."""

import re

from conftest import REPOSITORY, Project


def test_the_models_of_the_page_keep_old_answers_and_ask_for_the_others(project: Project):
    page = (REPOSITORY / "docs/migrating.md").read_text(encoding="utf-8")
    project.write(dict(re.findall(r"^```sql (\S+)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)))
    project.write(
        {
            "models/tickets.sql": "select * from (values (1, 'I was charged twice'), (2, 'The page stays white')) as t(ticket_id, body)",
            "models/old_labels.sql": "select 1 as ticket_id, 'paid for long ago' as label",
        }
    )
    project.configure(mode="mock")
    project.dbt("run", check=True)
    labels = dict(project.query("select ticket_id, label from ticket_labels"))
    assert labels[1] == "paid for long ago" and labels[2] in ("billing", "bug", "question")
    assert project.query("select sum(distinct_requests) from dbt_ai.usage where node like '%ticket_labels'") == [(1,)]
    assert project.query("select count(answer.response.summary) from ticket_summaries") == [(2,)]
