-- ai_analyze_sentiment on databricks. Judged by sqlglot (databricks) and Spark's parser. Written by tests/golden/golden.py.

-- analyze_sentiment
--   select ticket_id, {{ dbt_ai.ai_analyze_sentiment(ref('llm'), 'body') }} as answer from {{ ref('tickets') }}
select ticket_id, case when (('What is the sentiment of the text: positive, negative, neutral or mixed?

Input: The parcel arrives on Tuesday.

Answer: {"answer": "neutral"}

Input: Great screen, but the battery is awful.

Answer: {"answer": "mixed"}

Input: thanks, you are the best!

Answer: {"answer": "positive"}

Input: worst day ever, everything hurts

Answer: {"answer": "negative"}

Input: Yay, so happy today :)

Answer: {"answer": "positive"}

Input: I hate this, I feel sick and sad

Answer: {"answer": "negative"}

Input: ' || (body) || '

Answer: ')) is not null then from_json(ai_query('databricks-meta-llama-3-3-70b-instruct', ('What is the sentiment of the text: positive, negative, neutral or mixed?

Input: The parcel arrives on Tuesday.

Answer: {"answer": "neutral"}

Input: Great screen, but the battery is awful.

Answer: {"answer": "mixed"}

Input: thanks, you are the best!

Answer: {"answer": "positive"}

Input: worst day ever, everything hurts

Answer: {"answer": "negative"}

Input: Yay, so happy today :)

Answer: {"answer": "positive"}

Input: I hate this, I feel sick and sad

Answer: {"answer": "negative"}

Input: ' || (body) || '

Answer: '), modelParameters => named_struct('max_tokens', 256), responseFormat => '{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "string", "enum": ["positive", "negative", "neutral", "mixed"]}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}'), 'STRUCT<`answer`: STRING>', map('mode', 'FAILFAST')).answer end as answer from `memory`.`analytics`.`tickets`
;
