select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', model_parameters={'temperature': 0.2, 'max_tokens': 64, 'stop': ["it's"]}) }} as answer from {{ ref('tickets') }}
