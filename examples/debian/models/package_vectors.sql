{{ config(materialized='ai_table') }}
select package, source, description, {{ dbt_ai.ai_embed(ref('embedder'), 'description') }} as embedding
from {{ ref('packages') }}
where description <> ''
