{#- The serving endpoint of an external model: its own where api_format is Databricks, else what native={…} names. -#}
{% macro _databricks_endpoint(external_model) %}
  {%- if not external_model.literal and external_model.api_format == 'Databricks' and not (external_model.native or {}).get('databricks') -%}
    {%- set found = modules.re.search('/serving-endpoints/([^/?]+)', external_model.location or '') -%}
    {{ return(found.group(1) if found else external_model.model) }}
  {%- endif -%}
  {{ return(dbt_ai._native_model(external_model, 'databricks')) }}
{% endmacro %}

{#- Constants of modelParameters. A bare 0.2 is a DECIMAL in Databricks SQL, which endpoints refuse. -#}
{% macro _databricks_parameters(parameters) %}
  {%- set fields = [] -%}
  {%- for name, value in parameters.items() -%}
    {%- do fields.append(dbt_ai._string_literal(name) ~ ', ' ~ dbt_ai._databricks_constant(name, value)) -%}
  {%- endfor -%}
  {{ return('named_struct(' ~ fields | join(', ') ~ ')') }}
{% endmacro %}

{% macro _databricks_constant(name, value) %}
  {%- if value is boolean -%}{{ return('true' if value else 'false') }}
  {%- elif value is float -%}{{ return('CAST(' ~ value ~ ' AS DOUBLE)') }}
  {%- elif value is integer -%}{{ return(value | string) }}
  {%- elif value is string -%}{{ return(dbt_ai._string_literal(value)) }}
  {%- elif value is sequence and value is not mapping -%}
    {%- set elements = [] -%}
    {%- for element in value -%}{%- do elements.append(dbt_ai._databricks_constant(name, element)) -%}{%- endfor -%}
    {{ return('array(' ~ elements | join(', ') ~ ')') }}
  {%- endif -%}
  {% do exceptions.raise_compiler_error('AI002: model parameter ' ~ name ~ ' is ' ~ value ~ '; Databricks takes numbers, texts, booleans and lists of them') %}
{% endmacro %}
