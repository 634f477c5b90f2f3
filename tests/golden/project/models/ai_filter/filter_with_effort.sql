{{ config(materialized='ai_table') }}
select ticket_id, {{ dbt_ai.ai_filter(ref('llm'), 'body', 'The customer asks for a refund', fail_on_error=false, effort={'agreement': 0.9, 'confidence': 0.95, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
