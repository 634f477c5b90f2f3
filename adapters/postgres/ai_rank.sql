{#- AlloyDB ranks texts by a model of Google's: ai.rank answers a table of places and scores, the larger the closer, here of one text.
    https://docs.cloud.google.com/alloydb/docs/ai/rank-rerank-search-results-rag. A model that it does not know is not refused there but
    replaced by another, so its name must be said. -#}
{% macro postgres__ai_rank(external_model, query, content, fail_on_error, model_parameters) -%}
  {%- set native = external_model.native or {} -%}
  {%- set model = external_model.name if external_model.literal else native.get('alloydb') if external_model.model_type == 'RERANKING' -%}
  {%- if var('dbt_ai_postgres_provider', none) != 'alloydb' or not model -%}
    {{ return(dbt_ai.default__ai_rank(external_model, query, content, fail_on_error, model_parameters)) }}
  {%- elif not fail_on_error or model_parameters -%}
    {{ dbt_ai._unsupported('ai_rank with ' ~ ('model_parameters' if fail_on_error else 'fail_on_error=false'), 'AI026',
         'the alloydb extension takes no parameters and raises its errors: leave it out, or run this model on DuckDB') }}
  {%- endif -%}
  {{ return('case when (' ~ query ~ ') is not null and (' ~ content ~ ') is not null then (select dbt_ai_ranked.score from ai.rank(model_id => '
       ~ dbt_ai._string_literal(model) ~ ', search_string => ' ~ query ~ ', documents => array[' ~ content ~ ']) as dbt_ai_ranked) end') }}
{%- endmacro %}
