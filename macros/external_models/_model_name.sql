{#- An external model is given by its name or by ref('…'). -#}
{% macro _model_name(name) %}
  {{ return(name if name is string else name.identifier) }}
{% endmacro %}
