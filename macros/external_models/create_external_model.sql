{#- As the body of a model file: the file is the external model, and a node of the DAG that every model using it depends on.
    With `name`, in a hook or a run-operation: the database knows the model when the macro returns. -#}
{% macro create_external_model(
     location, api_format, model_type, model, credential=none, parameters={}, native={}, identity=none,
     authorization=none, local_runtime_path=none, execution=none, wait=none, batch_above=none, name=none) -%}
  {%- do dbt_ai._require_no_secret('location', location) -%}
  {%- do dbt_ai._require_no_secret('credential', credential) -%}
  {%- set specification = {
        'location': location, 'api_format': api_format, 'model_type': model_type | upper, 'model': model, 'credential': credential,
        'parameters': dbt_ai._model_parameters(parameters), 'native': native, 'identity': identity,
        'authorization': authorization, 'local_runtime_path': local_runtime_path} -%}
  {#- dbt itself writes no number beyond 64 bits, and ends with a traceback. -#}
  {%- if batch_above is integer and not 0 <= batch_above <= 1000000000 -%}
    {% do exceptions.raise_compiler_error('external model: batch_above ' ~ batch_above ~ ' is not a whole number from 0 to 1,000,000,000; give the requests up to which no job is made') %}
  {%- endif -%}
  {%- for field, said in {'execution': execution, 'wait': wait, 'batch_above': batch_above}.items() if said is not none -%}
    {%- do specification.update({field: said}) -%}
  {%- endfor -%}
  {%- if name is not none -%}
    {%- if execute -%}
      {%- do dbt_ai._put_external_model(dict(specification, name=name, identifier=name)) -%}
    {%- endif -%}
    {{ return('') }}
  {%- endif -%}
  {%- if this is not defined or not this -%}
    {% do exceptions.raise_compiler_error("create_external_model outside of a model file needs a name: create_external_model(name='embedder', …)") %}
  {%- endif -%}
  {{- config(materialized='external_model', meta={'dbt_ai': specification}, docs={'node_color': '#7a4fb5'}) -}}
  {%- if execute and adapter.dbt_ai is defined and config.model is defined -%}
    {%- do adapter.dbt_ai('describe', {'node': config.model, 'specification': specification}) -%}
  {%- endif -%}
  {%- if execute and model.unique_id in graph.nodes -%}{%- do dbt_ai._require_own_identity(graph.nodes[model.unique_id]) -%}{%- endif -%}
  {%- set external_model = dict(specification, name=this.identifier, identifier=this.identifier, literal=false) -%}
  {%- if execute and not dbt_ai._is_object(external_model) -%}
    {{- return(dbt_ai.default__create_external_model(external_model)) -}}
  {%- endif -%}
  {{- return(adapter.dispatch('create_external_model', 'dbt_ai')(external_model)) -}}
{%- endmacro %}

{#- One row that describes the model: visible in docs, catalog and clone, and changed when the specification changes. -#}
{% macro default__create_external_model(external_model) -%}
  {%- if external_model.credential and '://' not in external_model.credential -%}
    {% do exceptions.raise_compiler_error("external model '" ~ external_model.name ~ "': credential is not a URL (rule 1); write the URL below which the secret may be sent, such as 'https://api.openai.com', and where the secret is under credentials of the plugin dbt_ai") %}
  {%- endif -%}
select
{%- for column in ['name', 'location', 'api_format', 'model_type', 'model', 'credential', 'identity'] %}
  {{ dbt_ai._string_literal(external_model[column]) if external_model[column] is not none else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ dbt_ai._column(column) }},
{%- endfor %}
  {{ dbt_ai._string_literal(tojson(external_model.parameters)) }} as {{ dbt_ai._column('parameters') }}
{%- endmacro %}
