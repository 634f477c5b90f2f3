{{ config(materialized='ai_table') }}
select package, source, description, ai_cluster
from {{ dbt_ai.ai_dedupe(ref('packages'), unique_key='package', text='description', embedder=ref('embedder'), same_within=0.5) }} as deduped
