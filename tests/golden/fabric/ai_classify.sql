-- ai_classify on fabric. Judged by Microsoft's T-SQL parser (maxdop, fabricdw). Written by tests/golden/golden.py.

-- classify
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing']) }} as answer from {{ ref('tickets') }}
select ticket_id, case when (body) is not null then AI_CLASSIFY(body, N'bug', N'billing' ERROR ON ERROR) end as answer from "memory"."analytics"."tickets"
;

-- classify_by_probabilities
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, probabilities=true) }} as answer from {{ ref('tickets') }}
-- compile error: AI040: ai_classify_probabilities has no native form on fabric; its own functions answer without probabilities: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model

-- classify_with_descriptions
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', {'bug': "it's broken", 'billing': 'money'}, examples=[('charged twice', ['billing'])], multi_label=true, fail_on_error=false) }} as answer from {{ ref('tickets') }}
-- compile error: AI017: ai_classify with fail_on_error=false or model_parameters has no native form on fabric; the function names no error and takes no parameters: leave them out, or run this model on DuckDB

-- classify_with_effort
--   {{ config(materialized='ai_table') }}
--   select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
-- compile error: AI042: effort of ai_classify has no native form on fabric; its functions answer each row by itself: config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime see all rows of a model before it asks
