select ticket_id, {{ dbt_ai.ai_query(ref('llm'), 'body', return_type="STRUCT<label ENUM('bug', 'it''s fine'), urgency INT, tags ARRAY<STRING>>") }} as answer from {{ ref('tickets') }}
