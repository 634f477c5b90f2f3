select * from {{ dbt_ai.ai_calibration_bins(ref('tickets'), 'ticket_id', "queue = 'refund'") }} as measured
