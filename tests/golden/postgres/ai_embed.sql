-- ai_embed on postgres. Judged by sqlglot (postgres). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI021: ai_embed on postgres: var dbt_ai_postgres_provider is not set; set it to azure_ai (Azure), alloydb (google_ml_integration), aws_ml (Aurora) or pgai, or run this model on DuckDB
