"""Questions whose names are words of SQL and whose labels are any text, and a decision model that answers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from models import ai_table, external_model

LABELS = ["it's", 'say "no"', "größer 🎉", "a\\b", "a, b", "{x}", "%s", "a:b", "A", "a"]
CHOICE = {"type": "choice", "choices": LABELS}
QUESTIONS = {
    "select": {"type": "yes_no", "instructions": "it's \"urgent\"; -- {{ not }} a comment /* '"},
    "order": CHOICE,
    "type": {"type": "score", "levels": ["it's bad", "größer"]},
    "Answer": {"type": "yes_no", "instructions": "x"},
    "_from": CHOICE,
}
TEXTS = ["it's a text", "", 'a "quoted" größer 🎉 \\ text']


def respond(path: str, headers: Mapping[str, str], body: dict[str, Any]) -> tuple[int, str, bytes]:
    """The likeliest is the last option of each question, and a yes."""
    answers = {}
    for name, question in body["questions"].items():
        options = question.get("criteria") or []
        names = list(options) if isinstance(options, dict) else [str(place) for place in range(len(options))]
        shares = {option: 1 / 16 for option in names} | {names[-1]: 1 - (len(names) - 1) / 16} if names else {}
        answers[name] = {"noul": 0.75} if question["type"] == "noul" else {"probabilities": shares}
    return 200, "application/json", json.dumps({"answers": answers, "usage": {"input_tokens": 1, "output_tokens": 0}}).encode()


def files(url: str) -> dict[str, str]:
    """A project whose model `decided` asks all of it, beside errors and without."""
    values = " union all ".join(f"select {place} as i, '" + text.replace("'", "''") + "' as body" for place, text in enumerate(TEXTS))
    asked = json.dumps(QUESTIONS, ensure_ascii=False).replace("{{", "{ {").replace("}}", "} }")
    calls = {
        "decided": "dbt_ai.ai_decide(ref('decider'), 'body', questions, fail_on_error=false)",
        "label": "dbt_ai.ai_classify(ref('decider'), 'body', questions['order']['choices'], probabilities=true)",
        "sure": "dbt_ai.ai_filter(ref('decider'), 'body', questions['select']['instructions'], threshold=0.75)",
    }
    columns = ", ".join(f"{{{{ {call} }}}} as {name}" for name, call in calls.items())
    return {
        "models/decider.sql": external_model(location=f"{url}/v1/systemone", api_format="System One", model_type="DECISIONS", model="d"),
        "models/texts.sql": f"{values} union all select {len(TEXTS)}, null",
        "macros/questions.sql": "{% macro odd_questions() %}{{ return(fromjson('"
        + asked.replace("\\", "\\\\").replace("'", "\\'")
        + "')) }}{% endmacro %}",
        "models/decided.sql": ai_table("{% set questions = odd_questions() %}\nselect i, " + columns + " from {{ ref('texts') }}"),
    }
