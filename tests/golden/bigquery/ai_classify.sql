-- ai_classify on bigquery. Judged by sqlglot (bigquery). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (('Which of the labels fits the text best?\n\nInput: Labels: sports, politics\nText: The striker scored twice in the final.\n\nAnswer: {"answer": "sports"}\n\nInput: Labels: complaint, question\nText: Where can I change my password?\n\nAnswer: {"answer": "question"}\n\nInput: Labels: bad, good\nText: The soup was cold and the waiter was rude.\n\nAnswer: {"answer": "bad"}\n\nInput: Labels: boring, exciting\nText: A wonderful book, I could not put it down.\n\nAnswer: {"answer": "exciting"}\n\nInput: Labels: bug, billing\nText: ' || (body) || '\n\nAnswer: ')) is not null then (select if(coalesce(answer.status, '') = '', answer.answer, error(answer.status)) from (select AI.GENERATE(('Which of the labels fits the text best?\n\nInput: Labels: sports, politics\nText: The striker scored twice in the final.\n\nAnswer: {"answer": "sports"}\n\nInput: Labels: complaint, question\nText: Where can I change my password?\n\nAnswer: {"answer": "question"}\n\nInput: Labels: bad, good\nText: The soup was cold and the waiter was rude.\n\nAnswer: {"answer": "bad"}\n\nInput: Labels: boring, exciting\nText: A wonderful book, I could not put it down.\n\nAnswer: {"answer": "exciting"}\n\nInput: Labels: bug, billing\nText: ' || (body) || '\n\nAnswer: '), endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'answer STRING OPTIONS(description = \'one of bug, billing\')') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- classify_by_probabilities
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, probabilities=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_classify_probabilities has no native form on bigquery; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (('Which of the labels fit the text?\n- bug: it\'s broken\n- billing: money\n\nInput: Labels: bug, billing\nText: charged twice\n\nAnswer: {"answer": ["billing"]}\n\nInput: Labels: bug, billing\nText: ' || (body) || '\n\nAnswer: ')) is not null then (select as struct if(coalesce(answer.status, '') = '', answer.answer, null) as response, nullif(answer.status, '') as errorStatus from (select AI.GENERATE(('Which of the labels fit the text?\n- bug: it\'s broken\n- billing: money\n\nInput: Labels: bug, billing\nText: charged twice\n\nAnswer: {"answer": ["billing"]}\n\nInput: Labels: bug, billing\nText: ' || (body) || '\n\nAnswer: '), endpoint => 'gemini-2.5-flash', model_params => JSON '{"generation_config": {"max_output_tokens": 256}}', output_schema => 'answer ARRAY<STRING> OPTIONS(description = \'one of bug, billing\')') as answer)) end as answer from `memory`.`analytics`.`tickets`
;

-- classify_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_classify has no native form on bigquery; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
