-- ai_decide on postgres-aws_ml. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- decide
--   select ticket_id, {{ dbt_ai.ai_decide(ref('llm'), 'body', {'urgent': {'type': 'yes_no', 'instructions': "It can't wait"}, 'topic': {'type': 'choice', 'choices': {'billing': 'money', 'outage': ''}}, 'mood': {'type': 'score', 'levels': ['bad', 'fair', 'good']}}) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_decide has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- decide_by_a_decision_model
--   select ticket_id, {{ dbt_ai.ai_decide(ref('decider'), 'body', {'urgent': {'type': 'yes_no', 'instructions': "It can't wait"}, 'topic': {'type': 'choice', 'choices': ['billing', 'outage']}, 'mood': {'type': 'score', 'levels': ['bad', 'fair', 'good']}}) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_decide has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- decide_with_errors
--   select ticket_id, {{ dbt_ai.ai_decide(ref('decider'), 'body', {'urgent': {'type': 'yes_no', 'instructions': 'It is urgent'}}, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_decide has no native form on postgres; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model
