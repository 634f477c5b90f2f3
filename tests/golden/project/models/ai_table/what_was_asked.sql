{% set source = {'relation': ref('tickets'), 'unique_key': 'ticket_id', 'state': dbt_ai._row_state(['body'], 'the calls'), 'errors': ['answer']} %}
{{ dbt_ai._with_row_states('select ticket_id, body as answer from ' ~ ref('tickets'), source) }}
