select ticket_id, {{ dbt_ai.ai_decide(ref('decider'), 'body', {'urgent': {'type': 'yes_no', 'instructions': 'It is urgent'}}, fail_on_error=false) }} as answer from {{ ref('tickets') }}
