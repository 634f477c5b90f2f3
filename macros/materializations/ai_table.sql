{#- A table whose AI calls are planned before it is built: distinct requests, stored answers subtracted, executed together. -#}
{% materialization ai_table, default %}
  {{ return(materialization_table_default()) }}
{% endmaterialization %}
