{#- AlloyDB registers models in the database; the other extensions have no such object, and the row that describes the model is
    all there is to create. -#}
{% macro postgres__create_external_model(external_model) -%}
  {%- if var('dbt_ai_postgres_provider', none) != 'alloydb' -%}{{ return(dbt_ai.default__create_external_model(external_model)) }}{%- endif -%}
  {%- set provider = {'OpenAI': 'open_ai', 'Anthropic': 'anthropic'}.get(external_model.api_format, 'custom') -%}
  do $create$ begin
    if not exists (select from google_ml.model_info_view where model_id = {{ dbt_ai._string_literal(external_model.identifier) }}) then
      call google_ml.create_model(model_id => {{ dbt_ai._string_literal(external_model.identifier) }}, model_request_url => {{ dbt_ai._string_literal(external_model.location) }},
        model_provider => '{{ provider }}', model_type => '{{ 'text_embedding' if external_model.model_type == 'EMBEDDINGS' else 'generic' }}',
        model_qualified_name => {{ dbt_ai._string_literal(external_model.model) }}
        {%- if external_model.credential %}, model_auth_type => 'secret_manager', model_auth_id => {{ dbt_ai._string_literal(external_model.credential) }}{% endif %});
    end if;
  end $create$
{%- endmacro %}
