{{ config(materialized='ai_table') }}
select review_id, body, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding
from {{ ref('reviews') }}
