-- ai_embed on redshift. Judged by sqlglot (redshift). Written by tests/golden/golden.py.

-- a_model_of_the_warehouse
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB

-- a_model_of_the_warehouse_with_parameters
--   select ticket_id, {{ dbt_ai.ai_embed('embeddinggemma-300m', 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB

-- embedding_or_its_error
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', fail_on_error=false) }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB

-- plain_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body') }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB

-- several_columns
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), dbt_ai.ai_prompt('{0}: {1}', 'queue', 'body')) }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB

-- shorter_embedding
--   select ticket_id, {{ dbt_ai.ai_embed(ref('embedder'), 'body', parameters={'dimensions': 256}) }} as embedding from {{ ref('tickets') }}
-- compile error: AI018: ai_embed has no native form on redshift; Redshift has no vector type and calls chat models of Bedrock only: embed on DuckDB
