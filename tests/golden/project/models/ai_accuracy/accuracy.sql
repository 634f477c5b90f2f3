select * from {{ dbt_ai.ai_accuracy(ref('tickets'), 'queue', 'body') }} as measured
