-- ai_classify on databend. Judged by Databend's planner. Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
select ticket_id, cast(llm__call('{"function": "ai_classify", "messages": [{"role": "system", "content": "Which of the labels fits the text best?"}, {"role": "user", "content": "Labels: sports, politics\\nText: The striker scored twice in the final."}, {"role": "assistant", "content": "{\\"answer\\": \\"sports\\"}"}, {"role": "user", "content": "Labels: complaint, question\\nText: Where can I change my password?"}, {"role": "assistant", "content": "{\\"answer\\": \\"question\\"}"}, {"role": "user", "content": "Labels: bad, good\\nText: The soup was cold and the waiter was rude."}, {"role": "assistant", "content": "{\\"answer\\": \\"bad\\"}"}, {"role": "user", "content": "Labels: boring, exciting\\nText: A wonderful book, I could not put it down."}, {"role": "assistant", "content": "{\\"answer\\": \\"exciting\\"}"}, {"role": "user", "content": "Labels: bug, billing\\nText: "}], "return_type": "ENUM(''bug'', ''billing'')"}', body) as string) as answer from analytics.tickets
;

-- classify_by_probabilities
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, probabilities=true) }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"function": "ai_classify_probabilities", "messages": [{"role": "system", "content": "Which of the labels fits the text best? Answer with its letter only.\\nA) bug: it''s broken\\nB) billing: money"}, {"role": "user", "content": "Text: ", "after": "\\nLetter:"}], "return_type": "STRUCT<label STRING, confidence DOUBLE, probabilities MAP<STRING, DOUBLE>>", "questions": [{"name": "answer", "type": "choice", "instructions": "", "choices": {"bug": "it''s broken", "billing": "money"}, "written": ["A", "B"]}]}', body) as answer from analytics.tickets
;

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, llm__call('{"function": "ai_classify", "messages": [{"role": "system", "content": "Which of the labels fit the text?\\n- bug: it''s broken\\n- billing: money"}, {"role": "user", "content": "Labels: bug, billing\\nText: charged twice"}, {"role": "assistant", "content": "{\\"answer\\": [\\"billing\\"]}"}, {"role": "user", "content": "Labels: bug, billing\\nText: "}], "return_type": "ARRAY<ENUM(''bug'', ''billing'')>", "fail_on_error": false}', body) as answer from analytics.tickets
;

-- classify_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_classify has no native form on databend; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
