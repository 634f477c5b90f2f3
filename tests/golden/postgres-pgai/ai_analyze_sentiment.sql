-- ai_analyze_sentiment on postgres-pgai. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

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

Answer: ')) is not null then (cast((ai.openai_chat_complete('gpt-4o-mini', jsonb_build_array(jsonb_build_object('role', 'user', 'content', ('What is the sentiment of the text: positive, negative, neutral or mixed?

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

Answer: '))), max_tokens => 256, response_format => cast('{"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object", "properties": {"answer": {"type": "string", "enum": ["positive", "negative", "neutral", "mixed"]}}, "required": ["answer"], "additionalProperties": false}, "strict": true}}' as jsonb)) #>> '{choices,0,message,content}') as jsonb) #>> '{answer}') end as answer from "memory"."analytics"."tickets"
;
