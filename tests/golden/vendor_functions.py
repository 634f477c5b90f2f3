"""The functions that our SQL calls and sqlglot does not know: arguments as the vendor's page gives them, and that page.

[name] may be left out; … repeats the argument before it. A page is a vendor's, but for what this package registers itself.
"""

DATABRICKS = "https://docs.databricks.com/aws/en/sql/language-manual/functions"
SNOWFLAKE = "https://docs.snowflake.com/en/sql-reference/functions"
BIGQUERY = "https://docs.cloud.google.com/bigquery/docs/reference/standard-sql"
TSQL = "https://learn.microsoft.com/sql/t-sql/functions"
SPARK = "https://apache.github.io/spark/api/sql/vector-functions"
POSTGRES = "https://www.postgresql.org/docs/current/functions-json.html"
TEXT_SEARCH = "https://www.postgresql.org/docs/current/functions-textsearch.html"
AZURE_AI = "https://learn.microsoft.com/azure/postgresql/azure-ai"
ALLOYDB = "https://docs.cloud.google.com/alloydb/docs"
AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/postgresql-ml.html#postgresql-using-bedrock"
PGAI = "https://github.com/timescale/pgai/blob/main/projects/extension/sql/idempotent"

_vectors = ("vector_cosine_similarity", "vector_inner_product", "vector_l2_distance")
_postgres = {
    "inner_product": ("(left, right)", "https://github.com/pgvector/pgvector#vector-functions"),
    "jsonb_build_object": ("([key], …)", POSTGRES),
    "jsonb_build_array": ("([element], …)", POSTGRES),
    "json_build_array": ("([element], …)", POSTGRES),
    "to_json": ("(value)", POSTGRES),
    "pg_typeof": ("(value)", "https://www.postgresql.org/docs/current/functions-info.html"),
    "to_jsonb": ("(value)", POSTGRES),
    "to_tsvector": ("([config], document)", TEXT_SEARCH),
    "plainto_tsquery": ("([config], query)", TEXT_SEARCH),
    "ts_rank": ("([weights], vector, query, [normalization])", TEXT_SEARCH),
    "sha256": ("(bytes)", "https://www.postgresql.org/docs/current/functions-binarystring.html"),
    "convert_to": ("(text, encoding)", "https://www.postgresql.org/docs/current/functions-binarystring.html"),
}
_ours = {
    f"dbt_ai_{name}": ("(call, text, node)", "dbt_ai/engines/duckdb_functions.py")
    for name in ("query", "try_query", "embed_256", "embed_512", "try_embed_512")
}

VENDOR: dict[str, dict[str, tuple[str, str]]] = {
    "duckdb": {
        **_ours,
        "dbt_ai_chunks": ("(text, cut)", "dbt_ai/engines/duckdb_chunks.py"),
        "dbt_ai_search_begin": ("(query_vectors, query_ids, k, min_similarity, digest, node)", "dbt_ai/engines/duckdb_search.py"),
        "dbt_ai_search_see": ("(search, vector, row)", "dbt_ai/engines/duckdb_search.py"),
        "dbt_ai_search_end": ("(search, rows)", "dbt_ai/engines/duckdb_search.py"),
        "cast": ("(value)", "https://duckdb.org/docs/stable/sql/expressions/cast"),
        "coalesce": ("(value, …)", "https://duckdb.org/docs/stable/sql/functions/utility"),
        "columns": ("(name)", "https://duckdb.org/docs/stable/sql/expressions/star"),
        "exclude": ("(column)", "https://duckdb.org/docs/stable/sql/expressions/star"),
    },
    "databricks": {
        "ai_query": (
            "(endpoint, request, [returnType], [failOnError], [modelParameters], [responseFormat], [files])",
            f"{DATABRICKS}/ai_query",
        ),
        "ai_decide": ("(state, questions, [options])", f"{DATABRICKS}/ai_decide"),
        "map_values": ("(map)", f"{DATABRICKS}/map_values"),
        "raise_error": ("(message)", f"{DATABRICKS}/raise_error"),
        **{name: ("(vector1, vector2)", f"{DATABRICKS}/{name}") for name in _vectors},
    },
    "spark": {
        "ai_query": ("(endpoint, request, [call], [failOnError])", "dbt_ai/engines/spark.py"),
        "ai_embed": ("(model, text, [call], [failOnError])", "dbt_ai/engines/spark.py"),
        **{name: ("(array1, array2)", f"{SPARK}/#{name}") for name in _vectors},
    },
    "sqlserver": {
        "quotename": ("(text, [quote])", f"{TSQL}/quotename-transact-sql"),
        "ai_generate_embeddings": ("(source)", f"{TSQL}/ai-generate-embeddings-transact-sql"),
        "ai_generate_chunks": (
            "(SOURCE, CHUNK_TYPE, [CHUNK_SIZE], [OVERLAP], [ENABLE_CHUNK_SET_ID])",
            f"{TSQL}/ai-generate-chunks-transact-sql",
        ),
        "vector_distance": ("(distance_metric, vector1, vector2)", f"{TSQL}/vector-distance-transact-sql"),
        "vector_norm": ("(vector, norm_type)", f"{TSQL}/vector-norm-transact-sql"),
        "string_escape": ("(text, type)", f"{TSQL}/string-escape-transact-sql"),
        "hashbytes": ("(algorithm, input)", f"{TSQL}/hashbytes-transact-sql"),
        "database_principal_id": ("([principal_name])", f"{TSQL}/database-principal-id-transact-sql"),
    },
    # Each ends in ( NULL | ERROR | DEFAULT value ) ON ERROR, NULL if left out.
    "fabric": {
        "string_escape": ("(text, type)", f"{TSQL}/string-escape-transact-sql"),
        "hashbytes": ("(algorithm, input)", f"{TSQL}/hashbytes-transact-sql"),
        "ai_analyze_sentiment": ("(text)", f"{TSQL}/ai-analyze-sentiment-transact-sql"),
        "ai_classify": ("(text, class1, class2, …)", f"{TSQL}/ai-classify-transact-sql"),
        "ai_extract": ("(text, class1, …)", f"{TSQL}/ai-extract-transact-sql"),
        "ai_fix_grammar": ("(text)", f"{TSQL}/ai-fix-grammar-transact-sql"),
        "ai_generate_response": ("(prompt, [data])", f"{TSQL}/ai-generate-response-transact-sql"),
        "ai_summarize": ("(text)", f"{TSQL}/ai-summarize-transact-sql"),
        "ai_translate": ("(text, lang_code)", f"{TSQL}/ai-translate-transact-sql"),
    },
    "snowflake": {
        "ai_complete": (
            "(model, prompt, [model_parameters], [response_format], [show_details], [return_error_details])",
            f"{SNOWFLAKE}/ai_complete",
        ),
        "ai_embed": ("(model, input)", f"{SNOWFLAKE}/ai_embed"),
        "ai_throw_if_error": ("(answer)", "https://docs.snowflake.com/en/release-notes/bcr-bundles/2026_02/bcr-2184"),
        "vector_cosine_similarity": ("(left, right)", f"{SNOWFLAKE}/vector_cosine_similarity"),
        "vector_inner_product": ("(left, right)", f"{SNOWFLAKE}/vector_inner_product"),
        "vector_l2_distance": ("(left, right)", f"{SNOWFLAKE}/vector_l2_distance"),
    },
    "bigquery": {
        "ai.generate": (
            "(prompt, [endpoint], [model_params], [output_schema], [connection_id], [request_type])",
            f"{BIGQUERY}/bigqueryml-syntax-ai-generate",
        ),
        "ai.embed": (
            "(content, [endpoint], [model], [task_type], [title], [model_params], [connection_id])",
            f"{BIGQUERY}/bigqueryml-syntax-ai-embed",
        ),
        "ai.score": ("(prompt, [connection_id], [endpoint], [max_error_ratio])", f"{BIGQUERY}/bigqueryml-syntax-ai-score"),
        "vector_index.statistics": ("(table)", f"{BIGQUERY}/vectorindex_functions#vector_indexstatistics"),
        "vector_search": (
            "(base_table, column_to_search, query_table, [query_column_to_search], [top_k], [distance_type], [options])",
            f"{BIGQUERY}/search_functions#vector_search",
        ),
        "cosine_distance": ("(vector1, vector2)", f"{BIGQUERY}/mathematical_functions#cosine_distance"),
        "euclidean_distance": ("(vector1, vector2)", f"{BIGQUERY}/mathematical_functions#euclidean_distance"),
        "error": ("(error_message)", f"{BIGQUERY}/debugging_functions#error"),
    },
    "redshift": {
        "json_serialize": ("(value)", "https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html"),
        "json_parse": ("(text)", "https://docs.aws.amazon.com/redshift/latest/dg/JSON_PARSE.html"),
        "object": ("([name], …)", "https://docs.aws.amazon.com/redshift/latest/dg/r_object_function.html"),
        "sha2": ("(text, bits)", "https://docs.aws.amazon.com/redshift/latest/dg/SHA2.html"),
    },
    "clickhouse": {
        "jsonextract": ("(json, type)", "https://clickhouse.com/docs/sql-reference/functions/json-functions#jsonextract"),
        "tojsonstring": ("(value)", "https://clickhouse.com/docs/sql-reference/functions/json-functions#toJSONString"),
        "maxornull": ("(value)", "https://clickhouse.com/docs/sql-reference/aggregate-functions/combinators#-ornull"),
        "parsedatetime64besteffortornull": (
            "(text, [precision], [timezone])",
            "https://clickhouse.com/docs/sql-reference/functions/type-conversion-functions#parsedatetime64besteffortornull",
        ),
    },
    "trino": {
        "to_utf8": ("(text)", "https://trino.io/docs/current/functions/binary.html"),
        "json_format": ("(json)", "https://trino.io/docs/current/functions/json.html"),
    },
    "postgres": _postgres,
    "postgres-azure_ai": {
        **_postgres,
        "azure_ai.generate": ("(prompt, [json_schema], [model], [system_prompt])", f"{AZURE_AI}/generative-ai-azure-ai-functions"),
        "azure_openai.create_embeddings": (
            "(deployment_name, input, [dimensions], [timeout_ms], [throw_on_error], [max_attempts], [retry_delay_ms])",
            f"{AZURE_AI}/generative-ai-azure-openai",
        ),
    },
    "postgres-alloydb": {
        **_postgres,
        "ai.generate": ("(prompt, [model_id])", f"{ALLOYDB}/ai/evaluate-semantic-queries-ai-operators"),
        "google_ml.embedding": ("(model_id, content)", f"{ALLOYDB}/reference/model-endpoint"),
        "google_ml.create_model": (
            "(model_id, model_request_url, model_provider, model_type, [model_qualified_name], [model_auth_type], [model_auth_id],"
            " [generate_headers_fn], [model_in_transform_fn], [model_out_transform_fn])",
            f"{ALLOYDB}/reference/model-endpoint",
        ),
    },
    "postgres-aws_ml": {
        **_postgres,
        "aws_bedrock.invoke_model": ("(model_id, content_type, accept_type, model_input)", AURORA),
        "aws_bedrock.invoke_model_get_embeddings": ("(model_id, content_type, json_key, model_input)", AURORA),
    },
    "postgres-pgai": {
        **_postgres,
        "ai.openai_chat_complete": (
            "(model, messages, [api_key], [api_key_name], [frequency_penalty], [logit_bias], [logprobs], [top_logprobs], [max_tokens],"
            " [max_completion_tokens], [n], [presence_penalty], [response_format], [seed], [stop], [temperature], [top_p], [tools],"
            " [tool_choice], [openai_user], [extra_headers], [extra_query], [extra_body], [verbose], [client_config])",
            f"{PGAI}/001-openai.sql",
        ),
        "ai.openai_embed": (
            "(model, input_text, [api_key], [api_key_name], [dimensions], [openai_user], [extra_headers], [extra_query], [extra_body],"
            " [verbose], [client_config])",
            f"{PGAI}/001-openai.sql",
        ),
        "ai.ollama_embed": ("(model, input_text, [host], [keep_alive], [embedding_options], [verbose])", f"{PGAI}/002-ollama.sql"),
    },
}
