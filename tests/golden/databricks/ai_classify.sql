-- ai_classify on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (('Which of the labels fits the text best?

Input: Labels: sports, politics
Text: The striker scored twice in the final.

Answer: {"answer": "sports"}

Input: Labels: complaint, question
Text: Where can I change my password?

Answer: {"answer": "question"}

Input: Labels: bad, good
Text: The soup was cold and the waiter was rude.

Answer: {"answer": "bad"}

Input: Labels: boring, exciting
Text: A wonderful book, I could not put it down.

Answer: {"answer": "exciting"}

Input: Labels: bug, billing
Text: ' || (body) || '

Answer: ')) is not null then from_json(ai_query('databricks-meta-llama-3-3-70b-instruct', ('Which of the labels fits the text best?

Input: Labels: sports, politics
Text: The striker scored twice in the final.

Answer: {"answer": "sports"}

Input: Labels: complaint, question
Text: Where can I change my password?

Answer: {"answer": "question"}

Input: Labels: bad, good
Text: The soup was cold and the waiter was rude.

Answer: {"answer": "bad"}

Input: Labels: boring, exciting
Text: A wonderful book, I could not put it down.

Answer: {"answer": "exciting"}

Input: Labels: bug, billing
Text: ' || (body) || '

Answer: '), modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "string", "enum": ["bug", "billing"]}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}'), 'STRUCT<`answer`: STRING>', map('mode', 'FAILFAST')).answer end as answer from `memory`.`analytics`.`tickets`
;

-- classify_by_probabilities
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, probabilities=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_classify_probabilities has no native form on databricks; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (('Which of the labels fit the text?
- bug: it\'s broken
- billing: money

Input: Labels: bug, billing
Text: charged twice

Answer: {"answer": ["billing"]}

Input: Labels: bug, billing
Text: ' || (body) || '

Answer: ')) is not null then element_at(transform(array(CAST(ai_query('databricks-meta-llama-3-3-70b-instruct', ('Which of the labels fit the text?
- bug: it\'s broken
- billing: money

Input: Labels: bug, billing
Text: charged twice

Answer: {"answer": ["billing"]}

Input: Labels: bug, billing
Text: ' || (body) || '

Answer: '), failOnError => false, modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "array", "items": {"type": "string", "enum": ["bug", "billing"]}}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}') AS STRUCT<response: STRING, errorStatus: STRING>)), answer -> named_struct('response', from_json(answer.response, 'STRUCT<`answer`: ARRAY<STRING>>').answer, 'errorStatus', coalesce(answer.errorStatus, case when from_json(answer.response, 'STRUCT<`answer`: ARRAY<STRING>>').answer is null then concat('the answer is not ', 'ARRAY<STRING>', ': ', substr(answer.response, 1, 100)) end))), 1) end as answer from `memory`.`analytics`.`tickets`
;

-- classify_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_classify has no native form on databricks; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
