-- ai_analyze_sentiment on snowflake. Judged by sqlglot (snowflake). Written by tests/golden/golden.py.

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

Answer: ')) is not null then AI_THROW_IF_ERROR(AI_COMPLETE(model => 'claude-sonnet-4-6', prompt => ('What is the sentiment of the text: positive, negative, neutral or mixed?

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

Answer: '), model_parameters => {'max_tokens': 256}, response_format => {'type': 'json', 'schema': {'type': 'object', 'properties': {'answer': {'type': 'string', 'enum': ['positive', 'negative', 'neutral', 'mixed']}}, 'required': ['answer'], 'additionalProperties': FALSE}}, return_error_details => TRUE)):answer::VARCHAR end as answer from "memory"."analytics"."tickets"
;
