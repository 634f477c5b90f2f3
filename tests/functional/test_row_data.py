"""Where the texts of rows go: kept where that is said, and kept out of messages where that is said."""

import hashlib

from conftest import Project
from loopback import Endpoint

ROW = "Ada Lovelace of 12 Mill Road was charged twice, POISON"


def test_row_texts_are_kept_where_that_is_said_and_told_to_nobody(project: Project, counting: Endpoint):
    counting.behave(poison="POISON")
    project.configure(keep_inputs=True, redact_rows=True)
    project.write(
        {
            "models/llm.sql": f"{{{{ dbt_ai.create_external_model('{counting.chat}', 'OpenAI', 'CHAT', 'small') }}}}",
            "models/labels.sql": "{{ config(materialized='ai_table') }} select {{ dbt_ai.ai_query(ref('llm'), 'body') }} as label"
            f" from (values ('a short one'), ('{ROW}')) as t(body)",
        }
    )
    run = project.dbt("run")
    digest = hashlib.sha256(ROW.encode()).hexdigest()[:12]
    assert f": row {digest}" in run.message("labels")
    for text in (run.output, run.message("labels")):
        assert "Ada" not in text and "Mill Road" not in text
    assert project.query("select input from dbt_ai.responses") == [("a short one",)]
    [(mode, causes)] = project.query("select mode, failure_causes from dbt_ai.usage")
    assert mode == "live" and causes.endswith(": 1}") and "cannot read an input" in causes
