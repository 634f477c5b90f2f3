{#- One function of the provider's extension. None of them returns its errors. -#}
{% macro postgres__ai_query(external_model, request, return_type, fail_on_error, model_parameters, response_format) -%}
  {%- set provider = dbt_ai._postgres_provider('ai_query') -%}
  {%- set wanted = dbt_ai._told_and_read(return_type, response_format) -%}
  {%- set parameters = dbt_ai._native_parameters(external_model, model_parameters) -%}
  {%- if not fail_on_error -%}
    {{ dbt_ai._unsupported('ai_query with fail_on_error=false', 'AI026', 'the ' ~ provider ~ ' extension raises its errors: leave it out, or run this model on DuckDB') }}
  {%- elif (wanted.told or wanted.read) and provider not in ('azure_ai', 'pgai', none) -%}
    {{ dbt_ai._unsupported('ai_query with return_type or response_format', 'AI026', 'the ' ~ provider ~ ' extension takes no schema: ask for JSON in the prompt and cast the answer to jsonb, or run this model on DuckDB') }}
  {%- elif model_parameters and provider in ('azure_ai', 'alloydb') -%}
    {{ dbt_ai._unsupported('ai_query with model_parameters', 'AI026', 'the ' ~ provider ~ ' extension takes none: set them on the deployment, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set model = dbt_ai._string_literal(dbt_ai._postgres_model(external_model)) -%}
  {%- if provider == 'azure_ai' -%}
    {%- set format = ", json_schema => " ~ dbt_ai._string_literal(tojson({'name': 'answer', 'schema': dbt_ai._plain_schema(wanted.told.schema, wanted.told.written)})) if wanted.told else '' -%}
    {%- set answer = 'azure_ai.generate(prompt => ' ~ request ~ ', model => ' ~ model ~ format ~ ')' -%}
  {%- elif provider == 'alloydb' -%}
    {%- set answer = 'ai.generate(model_id => ' ~ model ~ ', prompt => ' ~ request ~ ')' -%}
  {%- elif provider == 'aws_ml' -%}
    {%- set answer = dbt_ai._postgres_bedrock(external_model, request, parameters) -%}
  {%- else -%}
    {%- set message = "jsonb_build_array(jsonb_build_object('role', 'user', 'content', " ~ request ~ '))' -%}
    {%- set arguments = [model, message] -%}
    {%- for name, value in parameters.items() -%}{%- do arguments.append(name ~ ' => ' ~ (dbt_ai._string_literal(value) if value is string else (value | string if value is number else 'cast(' ~ dbt_ai._string_literal(tojson(value)) ~ ' as jsonb)'))) -%}{%- endfor -%}
    {%- if wanted.told -%}
      {%- do arguments.append('response_format => cast(' ~ dbt_ai._string_literal(tojson(dbt_ai._openai_response_format(wanted.told))) ~ ' as jsonb)') -%}
    {%- endif -%}
    {%- set answer = '(ai.openai_chat_complete(' ~ arguments | join(', ') ~ ") #>> '{choices,0,message,content}')" -%}
  {%- endif -%}
  {#- azure_ai.generate answers jsonb where it was told a schema. -#}
  {%- if wanted.read -%}{%- set answer = dbt_ai._postgres_read(answer if provider == 'azure_ai' and wanted.told else 'cast(' ~ answer ~ ' as jsonb)', wanted.read) -%}{%- endif -%}
  {{ return(dbt_ai._unless_null(request, answer)) }}
{%- endmacro %}

{#- Bedrock takes each maker's own body. -#}
{% macro _postgres_bedrock(external_model, request, parameters) %}
  {%- set model = dbt_ai._postgres_model(external_model) -%}
  {%- if 'anthropic.' not in model -%}
    {{ dbt_ai._unsupported("ai_query with model '" ~ model ~ "'", 'AI026', 'aws_bedrock.invoke_model takes the body of its maker and dbt_ai writes that of anthropic.… models: name one with native, or run this model on DuckDB') }}
  {%- endif -%}
  {%- set constants = dict({'anthropic_version': 'bedrock-2023-05-31', 'max_tokens': 1024}, **parameters) -%}
  {%- set body = dbt_ai._postgres_json(constants, 'messages', "jsonb_build_array(jsonb_build_object('role', 'user', 'content', " ~ request ~ '))') -%}
  {{ return("(cast(aws_bedrock.invoke_model(model_id := " ~ dbt_ai._string_literal(model) ~ ", content_type := 'application/json', accept_type := 'application/json', model_input := cast("
      ~ body ~ " as text)) as jsonb) #>> '{content,0,text}')") }}
{% endmacro %}
