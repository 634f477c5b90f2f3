select deduped.ticket_id, deduped.ai_cluster
from {{ dbt_ai.ai_dedupe(ref('tickets'), unique_key='ticket_id', text='body', embedder=ref('embedder')) }} as deduped
