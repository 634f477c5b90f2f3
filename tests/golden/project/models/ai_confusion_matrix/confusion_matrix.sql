select * from {{ dbt_ai.ai_confusion_matrix(ref('tickets'), 'queue', 'body') }} as measured
