{{ config(materialized='ai_table') }}
select ticket_id, body as answer from {{ dbt_ai.ai_changed_rows(ref('tickets'), unique_key='ticket_id', inputs=['body', 'queue']) }} as changed
