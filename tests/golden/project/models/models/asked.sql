select 1 as ticket_id, 'text' as answer, 'state' as dbt_ai_state
