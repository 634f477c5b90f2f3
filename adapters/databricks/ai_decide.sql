{#- Databricks' own function, whose model is Databricks' choice: an external model says native={'databricks': 'ai_decide'} to mean it.
    confidence is the probability of what is likeliest, as everywhere: Databricks' own confidence is another number.
    https://docs.databricks.com/aws/en/sql/language-manual/functions/ai_decide -#}
{% macro databricks__ai_decide(external_model, content, questions, return_type, fail_on_error, model_parameters) -%}
  {%- do dbt_ai._require_constants('ai_decide', fail_on_error, model_parameters) -%}
  {%- if dbt_ai._databricks_endpoint(external_model) != 'ai_decide' or model_parameters -%}
    {{ dbt_ai._unsupported('ai_decide by a model of your choice', 'AI041', "its function has a model of its own and takes no parameters: native={'databricks': 'ai_decide'} means that one, and config(meta={'dbt_ai': {'way': 'runtime'}}) has the dbt_ai runtime ask the external model") }}
  {%- endif -%}
  {%- set asked, read, fields = {}, [], [] -%}
  {%- for question in questions -%}
    {%- set name, answer = '`' ~ question.name ~ '`', 'answers.`' ~ question.name ~ '`' -%}
    {%- do asked.update({question.name: dbt_ai._databricks_question(question)}) -%}
    {%- if question.type == 'yes_no' -%}
      {#- Its SDK reads `probability`, the API that it follows answers `noul`. -#}
      {%- do read.append(name ~ ': STRUCT<probability: DOUBLE, noul: DOUBLE>') -%}
      {%- do fields.append(dbt_ai._string_literal(question.name) ~ ", named_struct('probability', coalesce(" ~ answer ~ '.probability, ' ~ answer ~ '.noul))') -%}
    {%- else -%}
      {%- set value = 'choice' if question.type == 'choice' else 'score' -%}
      {%- do read.append(name ~ ': STRUCT<' ~ value ~ ': ' ~ ('STRING' if value == 'choice' else 'DOUBLE') ~ ', probabilities: MAP<STRING, DOUBLE>>') -%}
      {%- do fields.append(dbt_ai._string_literal(question.name) ~ ", named_struct('" ~ value ~ "', " ~ answer ~ '.' ~ value ~ ", 'confidence', array_max(map_values("
            ~ answer ~ ".probabilities)), 'probabilities', " ~ answer ~ '.probabilities)') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- set call = 'ai_decide(' ~ content ~ ', ' ~ dbt_ai._string_literal(tojson(asked)) ~ ", map('version', '1.0'))" -%}
  {%- set answers = "from_json(to_json(answer:response.answers), 'STRUCT<" ~ read | join(', ') ~ ">')" -%}
  {%- set struct = 'element_at(transform(array(' ~ answers ~ '), answers -> named_struct(' ~ fields | join(', ') ~ ')), 1)' -%}
  {%- set failed = 'cast(answer:error_message as string)' -%}
  {%- set outcome = 'case when ' ~ failed ~ ' is null then ' ~ struct ~ (' else raise_error(' ~ failed ~ ')' if fail_on_error else '') ~ ' end' -%}
  {%- if not fail_on_error -%}{%- set outcome = "named_struct('response', " ~ outcome ~ ", 'errorStatus', " ~ failed ~ ')' -%}{%- endif -%}
  {{ return(dbt_ai._unless_null(content, 'element_at(transform(array(' ~ call ~ '), answer -> ' ~ outcome ~ '), 1)')) }}
{%- endmacro %}

{#- A question of ours in Databricks' words. -#}
{% macro _databricks_question(question) -%}
  {%- if question.type == 'yes_no' -%}
    {{ return({'type': 'noul', 'instructions': question.instructions}) }}
  {%- endif -%}
  {%- set criteria = {} -%}
  {%- for choice, description in (question.choices or {}).items() -%}{%- do criteria.update({choice: description or choice}) -%}{%- endfor -%}
  {{ return({'type': question.type, 'instructions': question.instructions, 'criteria': criteria or question.levels}) }}
{%- endmacro %}
