{#- The rows of a relation that an ai_table has to ask about, in the place of the relation: {{ dbt_ai.ai_changed_rows(ref('tickets'),
    unique_key='ticket_id', inputs=['body']) }}. Where answers are stored (DuckDB) it is the relation itself. Where the warehouse answers, it is
    the rows that are new, whose inputs changed, whose last answer was an error, or whose calls changed: prompt, model or parameters.
    inputs: the columns that decide the answers. errors: SQL expressions over the model's own columns, not NULL where an answer failed. -#}
{% macro ai_changed_rows(relation, unique_key, inputs, errors=[]) -%}
  {%- if unique_key is not string or inputs is string or not inputs -%}
    {% do exceptions.raise_compiler_error("ai_changed_rows: give the name of one column as unique_key and a list of columns as inputs, such as unique_key='ticket_id', inputs=['body']") %}
  {%- endif -%}
  {%- if execute and model.resource_type == 'model' and model.config.materialized != 'ai_table' -%}
    {% do exceptions.raise_compiler_error("ai_changed_rows: " ~ model.unique_id ~ " is materialized as " ~ model.config.materialized ~ ", which keeps no answers; use materialized='ai_table'") %}
  {%- endif -%}
  {{ return(adapter.dispatch('ai_changed_rows', 'dbt_ai')(relation, unique_key, inputs, errors)) }}
{%- endmacro %}

{#- The comment tells the materialization what a row's state is made of. -#}
{% macro default__ai_changed_rows(relation, unique_key, inputs, errors) -%}
  {%- set state = dbt_ai._row_state(inputs, dbt_ai._calls_signature()) if execute else '' -%}
  {%- set source = {'relation': relation | string, 'unique_key': unique_key, 'state': state, 'errors': errors} -%}
  /* dbt_ai_changed_rows {{ tojson(source) }} */
  {%- if not execute or not dbt_ai._has_row_states(this) or should_full_refresh() %}
  {{ relation }}
  {%- else %}
  (
    select * from {{ relation }}
    where {{ unique_key }} not in (
      select kept.{{ unique_key }} from {{ this }} as kept
      inner join (select {{ unique_key }}, {{ state }} as dbt_ai_state from {{ relation }}) as asked
        on kept.{{ unique_key }} = asked.{{ unique_key }} and kept.dbt_ai_state = asked.dbt_ai_state
    )
  )
  {%- endif %}
{%- endmacro %}
