{#- AI.SCORE has no range of its own: the prompt gives one, and what is outside is brought to its end. It says of a failure only that there
    is one. https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-ai-score -#}
{% macro bigquery__ai_score(external_model, content, criteria, low, high, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._require_constants('ai_score', fail_on_error, model_parameters) -%}
  {%- if model_parameters -%}
    {{ dbt_ai._unsupported('ai_score with model_parameters', 'AI002', 'AI.SCORE takes none: leave them out') }}
  {%- endif -%}
  {%- set asked = dbt_ai._string_literal('Score this text by ' ~ criteria ~ '. Give a number from ' ~ low ~ ' to ' ~ high ~ '.\nText: ') -%}
  {%- set score = 'least(greatest(AI.SCORE(' ~ asked ~ ' || (' ~ content ~ '), endpoint => ' ~ dbt_ai._string_literal(dbt_ai._bigquery_gemini(external_model))
        ~ (', max_error_ratio => 0.0' if fail_on_error else '') ~ '), ' ~ low ~ '), ' ~ high ~ ')' -%}
  {%- if fail_on_error -%}{{ return(dbt_ai._unless_null(content, score)) }}{%- endif -%}
  {{ return(dbt_ai._unless_null(content, "(select as struct score as response, if(score is null, 'AI.SCORE gave no answer', null) as errorStatus from (select " ~ score ~ ' as score))')) }}
{%- endmacro %}
