-- ai_similarity on sqlserver. Judged by Microsoft's T-SQL parser (maxdop, 2025). Written by tests/golden/golden.py.

-- similarity
--   select ticket_id, {{ dbt_ai.ai_similarity(ref('embedder'), 'body', "'refund'") }} as answer from {{ ref('tickets') }}
select ticket_id, cast((1 - (select case when VECTOR_NORM(v.a, 'norm2') > 0 and VECTOR_NORM(v.b, 'norm2') > 0 then VECTOR_DISTANCE('cosine', v.a, v.b) end
    from (select CAST(AI_GENERATE_EMBEDDINGS(body USE MODEL [embedder]) AS VECTOR(512)) as a, CAST(AI_GENERATE_EMBEDDINGS('refund' USE MODEL [embedder]) AS VECTOR(512)) as b) as v)) as float) as answer from "memory"."analytics"."tickets"
;
