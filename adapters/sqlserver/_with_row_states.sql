{#- T-SQL has no `with` inside of a query. -#}
{% macro sqlserver___with_row_states(sql, source) %}
  {%- if modules.re.match('(?si)(\\s|--[^\\n]*\\n|/[*].*?[*]/)*with\\b', sql) -%}
    {% do exceptions.raise_compiler_error('AI026: ' ~ model.unique_id ~ ': T-SQL takes no `with` inside of a query, where ai_table puts a model that reads ai_changed_rows; make what it defines models of their own') %}
  {%- endif -%}
  {{ return(dbt_ai.default___with_row_states(sql, source)) }}
{% endmacro %}
