{#- PARAMETERS is appended to the request; the parser refuses a bare literal there. The cast gives the column its type. -#}
{% macro sqlserver__ai_embed(external_model, text, parameters, fail_on_error) -%}
  {%- if not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_embed with fail_on_error=false', 'AI026', 'AI_GENERATE_EMBEDDINGS cannot return its errors: leave it out, or run this model on DuckDB') }}
  {%- elif external_model.literal -%}
    {{ dbt_ai._unsupported('ai_embed with a model given as a string', 'AI025', "a model is an object there: give ref('…') of an external model") }}
  {%- endif -%}
  {%- set dimensions = (parameters or {}).get('dimensions') or (external_model.parameters or {}).get('dimensions') or (external_model.parameters or {}).get('Dimensions') -%}
  {%- set call -%}
    AI_GENERATE_EMBEDDINGS({{ text }} USE MODEL {{ dbt_ai._sqlserver_name(external_model.identifier) }}
    {%- if parameters %} PARAMETERS CAST({{ dbt_ai._string_literal(tojson(parameters)) }} AS JSON){% endif %})
  {%- endset -%}
  {%- if not dimensions -%}{{ return(call) }}{%- endif -%}
  {%- if (dimensions | int) > 1998 -%}
    {{ dbt_ai._unsupported('ai_embed with ' ~ dimensions ~ ' dimensions', 'AI026', "VECTOR holds 1998 single-precision numbers at most: ask for fewer with parameters={'dimensions': 1536}") }}
  {%- endif -%}
  {{ return('CAST(' ~ call ~ ' AS VECTOR(' ~ dimensions ~ '))') }}
{%- endmacro %}
