{#- How alike two texts mean, -1 to 1, for ranking: the cosine of their vectors. model: of model_type EMBEDDINGS. -#}
{% macro ai_similarity(model, expr1, expr2) -%}
  {{ return(adapter.dispatch('ai_similarity', 'dbt_ai')(model, expr1, expr2)) }}
{%- endmacro %}

{% macro default__ai_similarity(model, expr1, expr2) -%}
  {{ return('cast(' ~ dbt_ai.ai_cosine_similarity(dbt_ai.ai_embed(model, expr1), dbt_ai.ai_embed(model, expr2)) ~ ' as ' ~ dbt.type_float() ~ ')') }}
{%- endmacro %}
