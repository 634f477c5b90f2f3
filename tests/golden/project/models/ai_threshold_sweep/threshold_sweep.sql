select * from {{ dbt_ai.ai_threshold_sweep(ref('tickets'), 'ticket_id', "queue = 'refund'", steps=4) }} as measured
