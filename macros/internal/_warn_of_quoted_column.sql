{#- AI043: one word in quotes of its own is a text, and most likely meant as a column: then all rows ask the same question, and get one answer.
    A model that reads nothing but external models has no column to mean. -#}
{% macro _warn_of_quoted_column(function, argument, expression) -%}
  {%- if execute and argument in ['content', 'prompt', 'request', 'text', 'user'] and model is defined and model.depends_on is defined
        and modules.re.match("\\s*'[A-Za-z_][A-Za-z0-9_]*'\\s*$", expression) -%}
    {%- set reads = [] -%}
    {%- for parent in model.depends_on.nodes if parent in graph.sources or parent in graph.nodes and graph.nodes[parent].config.materialized != 'external_model' -%}
      {%- do reads.append(parent) -%}
    {%- endfor -%}
    {%- if reads -%}
      {% do exceptions.warn('AI043: ' ~ model.unique_id ~ ': ' ~ function ~ ' reads the text ' ~ expression.strip() ~ ', which is the same for every row; a column stands without the inner quotes: '
           ~ argument ~ '=' ~ expression.strip()) %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
