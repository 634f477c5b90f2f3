{#- A table of answers. Where the warehouse answers, a model that reads its input through ai_changed_rows keeps the rows that are still
    right, adds the rows that were asked anew and drops the rows that vanished: one strategy in plain SQL for every warehouse. -#}
{% materialization ai_table, default %}
  {%- set source = dbt_ai._changed_rows_source(sql) -%}
  {%- set hooks = dbt_ai._hooks_with_index(post_hooks) -%}
  {%- set plan = dbt_ai._plan_of_node(sql, this.include(identifier=false) | string) -%}
  {%- if plan and plan.state == 'estimated' -%}
    {%- do dbt_ai._store_estimate(plan) -%}
    {{ return({'relations': []}) }}
  {%- endif -%}
  {%- for table in (plan.kept if plan else []) -%}
    {%- do hooks.append({'sql': 'drop table ' ~ table, 'transaction': true}) -%}
  {%- endfor -%}
  {%- if source is none -%}
    {%- if plan -%}{#- Adapters read one or the other. -#}{%- do context.update({'sql': plan.sql, 'compiled_code': plan.sql}) -%}{%- endif -%}
    {%- do context.update({'post_hooks': hooks}) -%}
    {%- set built = context.get('materialization_table_' ~ adapter.type(), materialization_table_default)() -%}
    {%- if plan -%}{%- do dbt_ai._tell_counts() -%}{%- endif -%}
    {{ return(built) }}
  {%- endif -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set asked = this.incorporate(path={'identifier': this.identifier ~ '__dbt_ai_asked'}, type='table') -%}
  {%- set whole = this.incorporate(path={'identifier': this.identifier ~ '__dbt_ai_whole'}, type='table') -%}
  {%- set keeps = dbt_ai._has_row_states(this) and not should_full_refresh() -%}
  {%- set existing = this.incorporate(type='table') if load_relation(this) and not load_relation(this).is_view else load_relation(this) -%}
  {{ run_hooks(pre_hooks) }}
  {%- do dbt_ai._require_unique_key(source) -%}
  {%- do dbt_ai._drop_if_exists([asked, whole]) -%}
  {#- Answers that were paid for are in a table of their own before anything else is touched. #}
  {% call statement('main') -%}
    {{ create_table_as(false, asked, dbt_ai._with_row_states(plan.sql if plan else sql, source)) }}
  {%- endcall %}
  {%- if keeps -%}
    {%- do dbt_ai._require_same_columns(existing, asked) -%}
    {%- set columns = adapter.get_columns_in_relation(asked) | map(attribute='quoted') | join(', ') %}
    {% call statement('merge') -%}
      {{ create_table_as(false, whole, dbt_ai._kept_and_asked(existing, asked, source, columns)) }}
    {%- endcall %}
    {%- do dbt_ai._drop_if_exists([asked]) -%}
  {%- endif -%}
  {%- if existing -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
  {%- do adapter.rename_relation(whole if keeps else asked, target_relation) -%}
  {%- if plan -%}{%- do dbt_ai._tell_counts() -%}{%- endif -%}
  {{ run_hooks(hooks) }}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro _changed_rows_source(sql) %}
  {%- set found = modules.re.findall('/[*] dbt_ai_changed_rows (.*?) [*]/', sql) -%}
  {%- if found | length > 1 -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ': ai_changed_rows is called ' ~ found | length ~ ' times; an ai_table reads the changed rows of one relation') %}
  {%- endif -%}
  {{ return(fromjson(found[0]) if found else none) }}
{% endmacro %}

{#- The state of a row whose answer failed is NULL: the next run asks again. -#}
{% macro _with_row_states(sql, source) %}
  {{ return(adapter.dispatch('_with_row_states', 'dbt_ai')(sql, source)) }}
{% endmacro %}

{% macro default___with_row_states(sql, source) %}
  select answered.*,
    {% if source.errors -%}
    case when {% for error in source.errors %}({{ error }}) is null{{ ' and ' if not loop.last }}{% endfor %} then asked.dbt_ai_state end as dbt_ai_state
    {%- else -%}
    asked.dbt_ai_state
    {%- endif %}
  from (
  {{ sql }}
  ) as answered
  inner join (select {{ source.unique_key }} as dbt_ai_key, {{ source.state }} as dbt_ai_state from {{ source.relation }}) as asked
    on answered.{{ source.unique_key }} = asked.dbt_ai_key
{% endmacro %}

{% macro _kept_and_asked(existing, asked, source, columns) %}
  select {{ columns }} from {{ existing }} as kept
  inner join (select {{ source.unique_key }} as dbt_ai_key, {{ source.state }} as dbt_ai_now from {{ source.relation }}) as now
    on kept.{{ source.unique_key }} = now.dbt_ai_key and kept.dbt_ai_state = now.dbt_ai_now
  union all
  select {{ columns }} from {{ asked }}
{% endmacro %}

{#- Before anything is asked: a row that shares its key would be paid for and stored as often as the key stands there. -#}
{% macro _require_unique_key(source) %}
  {%- set key = source.unique_key -%}
  {%- set counted = run_query('select count(*), count(' ~ key ~ '), count(distinct ' ~ key ~ ') from ' ~ source.relation).rows[0] -%}
  {%- if counted[0] | int != counted[2] | int -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ": unique_key '" ~ key ~ "' does not identify the rows of " ~ source.relation ~ ': of '
        ~ counted[0] ~ ' rows ' ~ (counted[0] | int - counted[1] | int) ~ ' have none, and the others have ' ~ counted[2] ~ ' different ones; give ai_changed_rows a column that does') %}
  {%- endif -%}
{% endmacro %}

{% macro _require_same_columns(existing, asked) %}
  {%- set before = adapter.get_columns_in_relation(existing) | map(attribute='name') | map('lower') | sort | list -%}
  {%- set after = adapter.get_columns_in_relation(asked) | map(attribute='name') | map('lower') | sort | list -%}
  {%- if before != after -%}
    {% do exceptions.raise_compiler_error(model.unique_id ~ ': its columns were ' ~ before | join(', ') ~ ' and are now ' ~ after | join(', ')
        ~ '; rows that are kept have no value for a new column: run it with --full-refresh, which asks for every row, or alter ' ~ existing ~ ' first') %}
  {%- endif -%}
{% endmacro %}

{% macro _drop_if_exists(relations) %}
  {%- for relation in relations if load_relation(relation) -%}
    {%- do adapter.drop_relation(relation) -%}
  {%- endfor -%}
{% endmacro %}
