select * from {{ dbt_ai.ai_label_metrics(ref('tickets'), 'queue', 'body') }} as measured
