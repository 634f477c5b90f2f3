{#- Refuse a relation of which several rows, or one without a value, cannot be told apart by these columns. What is not built yet is not looked at. -#}
{% macro _require_identifying(function, argument, columns, relation) -%}
  {%- if execute and not dbt_ai._in_unit_test() and dbt_ai._is_built(relation) -%}
    {%- set rows = '(select * from ' ~ relation ~ ') as dbt_ai_rows' -%}
    {%- set known = columns | join(' is not null and ') ~ ' is not null' -%}
    {%- set counted = run_query('select (select count(*) from ' ~ rows ~ '), (select count(*) from (select distinct ' ~ columns | join(', ')
          ~ ' from ' ~ rows ~ ' where ' ~ known ~ ') as dbt_ai_known)').rows[0] -%}
    {%- if counted[0] | int != counted[1] | int -%}
      {% do exceptions.raise_compiler_error(function ~ ': ' ~ argument ~ ' ' ~ columns | join(', ') ~ ' does not identify the rows of ' ~ relation ~ ', which has '
          ~ '{:,}'.format(counted[0] | int) ~ ' rows and ' ~ '{:,}'.format(counted[1] | int) ~ ' different values that are not NULL; give what is unique and never NULL') %}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}

{#- The same for what dbt cannot look at before: an ephemeral model, which is a CTE, or a query given as text. A condition of the query that reads
    the relation, which ends it with the sentence before anything is asked. Empty for every other relation. -#}
{% macro _is_identified(function, argument, columns, relation) -%}
  {%- if not relation is string and not relation.is_cte or dbt_ai._in_unit_test() -%}{{ return('') }}{%- endif -%}
  {%- set name = relation | string | replace('__dbt__cte__', '') -%}
  {%- set name = name if modules.re.match('[A-Za-z0-9_"`.]+$', name) else 'its relation' -%}
  {%- set before = dbt_ai._string_literal(function ~ ': ' ~ argument ~ ' ' ~ columns | join(', ') ~ ' does not identify the rows of ' ~ name ~ ', which has ') -%}
  {%- set sentence = dbt_ai._concatenation([before, 'cast(dbt_ai_all as ' ~ dbt.type_string() ~ ')', dbt_ai._string_literal(' rows and '),
        'cast(dbt_ai_different as ' ~ dbt.type_string() ~ ')', dbt_ai._string_literal(' different values that are not NULL; give what is unique and never NULL')]) -%}
  (
    select case when dbt_ai_all = dbt_ai_different then 1 else {{ adapter.dispatch('_fail_with', 'dbt_ai')(sentence) }} end
    from (select count(*) as dbt_ai_all from (select * from {{ relation }}) as dbt_ai_rows) as dbt_ai_counted
    cross join (
      select count(*) as dbt_ai_different
      from (select distinct {{ columns | join(', ') }} from (select * from {{ relation }}) as dbt_ai_rows where {{ columns | join(' is not null and ') }} is not null) as dbt_ai_known
    ) as dbt_ai_counted_known
  ) = 1
{%- endmacro %}

{#- A number that cannot be computed: the query ends, and its error has the sentence. It must not be a constant, which would be computed at once. -#}
{% macro default___fail_with(sentence) -%}
  cast({{ sentence }} as integer)
{%- endmacro %}
