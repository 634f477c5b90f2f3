{{ config(materialized='ai_table') }}
select ticket_id, {{ dbt_ai.ai_classify(ref('llm'), 'body', ['bug', 'billing'], effort={'agreement': 0.95, 'confidence': 0.999, 'embedder': ref('embedder')}) }} as answer from {{ ref('tickets') }}
