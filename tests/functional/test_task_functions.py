"""The task functions on DuckDB, against llama.cpp's server: their types, their prompts, and what they refuse."""

import pytest
from conftest import Project, Server


@pytest.fixture
def llm(project: Project, chat_server: Server) -> Project:
    project.write(
        {
            "models/llm.sql": f"""{{{{ dbt_ai.create_external_model(location='{chat_server.url}/v1/chat/completions', api_format='OpenAI',
                model_type='CHAT', model='smollm2', parameters={{'max_tokens': 80}}) }}}}""",
            "models/embedder.sql": """{{ dbt_ai.create_external_model(location='mock:', api_format='Mock', model_type='EMBEDDINGS',
                model='m') }}""",
            "models/texts.sql": """select * from (values
                (1, 'I love this printer, thank you Ada!'), (2, 'The printer is broken and I am angry.'), (3, null)) t(i, body)""",
        }
    )
    return project


def test_every_task_function_answers_in_its_type(llm: Project):
    functions = {
        "ai_gen": ("ref('llm'), 'body'", "VARCHAR"),
        "ai_classify": ("""ref('llm'), 'body', ["praise", "it's broken"]""", "VARCHAR"),
        "ai_classify_many": ("ref('llm'), 'body', {'praise': 'a thank you', 'complaint': none}, multi_label=true", "VARCHAR[]"),
        "ai_extract": ("""ref('llm'), 'body', ["product", "person's name"]""", "STRUCT(product VARCHAR, person's name VARCHAR)"),
        "ai_extract_typed": ("ref('llm'), 'body', 'STRUCT<angry BOOLEAN, tags ARRAY<STRING>>'", "STRUCT(angry BOOLEAN, tags VARCHAR[])"),
        "ai_summarize": ("ref('llm'), 'body', max_words=5", "VARCHAR"),
        "ai_translate": ("ref('llm'), 'body', 'de'", "VARCHAR"),
        "ai_fix_grammar": ("ref('llm'), 'body'", "VARCHAR"),
        "ai_mask": ("ref('llm'), 'body', ['person']", "VARCHAR"),
        "ai_analyze_sentiment": ("ref('llm'), 'body'", "VARCHAR"),
        "ai_similarity": ("ref('embedder'), 'body', 'body'", "FLOAT"),
        "ai_filter": ("ref('llm'), 'body', 'Somebody is angry.'", "BOOLEAN"),
    }
    columns = []
    for name, (arguments, _) in functions.items():
        macro = name.removesuffix("_many").removesuffix("_typed")
        tolerant = "" if macro == "ai_similarity" else ", fail_on_error=false"
        columns.append(f"{{{{ dbt_ai.{macro}({arguments}{tolerant}) }}}} as {name}")
    config = "{{ config(materialized='ai_table') }}"
    llm.write({"models/answers.sql": f"{config}\nselect i, {', '.join(columns)}\nfrom {{{{ ref('texts') }}}}"})
    llm.dbt("run", check=True)
    for name, (_, type) in functions.items():
        wanted = type if name == "ai_similarity" else f"STRUCT(response {type}, errorStatus VARCHAR)"
        assert llm.query(f"select distinct typeof({name}) from answers")[0][0].replace('"', "") == wanted
        answers = [row[0] for row in llm.query(f"select {name} from answers order by i")]
        assert answers[2] is None
        if name == "ai_similarity":
            assert answers[:2] == pytest.approx([1, 1])
            continue
        for answer in answers[:2]:
            assert (answer["response"] is None) != (answer["errorStatus"] is None)
    constrained = llm.query("select ai_classify.response, ai_analyze_sentiment.response, ai_filter.response from answers where i < 3")
    assert {row[0] for row in constrained} <= {"praise", "it's broken"}
    assert {row[1] for row in constrained} <= {"positive", "negative", "neutral", "mixed"}
    assert all(isinstance(row[2], bool) for row in constrained)


def test_a_project_overrides_a_prompt_without_forking(llm: Project):
    config = (llm.path / "dbt_project.yml").read_text()
    llm.write(
        {
            "dbt_project.yml": config + "\ndispatch:\n  - macro_namespace: dbt_ai\n    search_order: [project, dbt_ai]\n",
            "macros/prompt.sql": """{% macro default__ai_fix_grammar_prompt() %}
                {{ return([{'role': 'system', 'content': 'My own prompt.'}]) }}{% endmacro %}""",
            "models/answers.sql": "select {{ dbt_ai.ai_fix_grammar(ref('llm'), \"'he go'\") }} as a",
        }
    )
    llm.dbt("run", "--select", "llm", check=True)
    llm.dbt("compile", "--select", "answers", check=True)
    assert "My own prompt." in llm.compiled("answers") and "Correct the grammar" not in llm.compiled("answers")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("ai_classify(ref('llm'), 'body', 'label')", "labels label is not a list"),
        ("ai_classify(ref('llm'), 'body', ['one'])", "labels has 1 names; give 2 to 500"),
        ("ai_classify(ref('llm'), 'body', ['a', 'a'])", "labels has 'a' twice"),
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], examples=[('x', 'c')])", "labelled 'c', which is not among the labels"),
        ("ai_extract(ref('llm'), 'body', [])", "fields has 0 names"),
        ("ai_summarize(ref('llm'), 'body', max_words='few')", "max_words few is not a number of words"),
        ("ai_mask(ref('llm'), 'body', 'email')", "labels email is not a list"),
        ("ai_filter(ref('llm'), 'body', '')", "condition '' is not a text; give one, such as 'The customer asks for a refund'"),
        ("ai_translate(ref('llm'), 'body', 5)", "to_lang 5 is not a text; give one, such as 'German'"),
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], examples=['x'])", "examples is not a list of pairs"),
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], examples=[('x', ['a'])])", "labelled ['a']; give one label"),
        ("ai_classify(ref('llm'), 'body', ['a', 'b'], multi_label='yes')", "multi_label yes is not a constant"),
        ("ai_classify('body', ['a', 'b'])", "content ['a', 'b'] is not a SQL expression"),
        ("ai_extract(ref('llm'), 'body', 'name')", "fields 'name' is not a list or a type; write ['name'] or 'STRUCT<name STRING>'"),
        ("ai_gen(ref('llm'), ref('texts'))", "prompt is a relation: give a SQL expression over its columns as text"),
        ("ai_embed('embedder')", "ai_embed: text is missing: give a SQL expression as text"),
        ("ai_query(ref('llm'), dbt_ai.ai_messages(system='body'))", "ai_messages: user is missing"),
        ("ai_query(ref('llm'), 'body', response_format='jsn')", "response_format 'jsn': 'jsn' at position 1 is not a type"),
        ("ai_gen(ref('llm'), 'body', fail_on_error='no')", "fail_on_error no is not a constant"),
        ("ai_gen(ref('embedder'), 'body')", "needs an external model of model_type CHAT"),
    ],
)
def test_what_cannot_work_is_a_compile_error(llm: Project, call: str, says: str):
    llm.write({"models/answers.sql": "select {{ dbt_ai." + call + " }} as a from (select 'x' as body)"})
    run = llm.dbt("compile", "--select", "answers")
    assert not run.ok
    assert says in run.output


def test_an_aggregate_answers_each_group_in_parts_that_fit_whatever_the_order_of_rows(llm: Project):
    llm.write(
        {
            "models/summaries.sql": """
                {{ config(materialized='ai_table') }}
                select grp, {{ dbt_ai.ai_summarize_agg(ref('llm'), 'body', max_words=10, fail_on_error=false) }} as summary,
                       {{ dbt_ai.ai_agg(ref('llm'), 'body', 'Name the colour.', fail_on_error=false) }} as colour
                from (select i % 2 as grp, repeat('The wall number ' || i || ' is red. ', 20) as body from range(12) t(i)
                      union all select 2, null) as walls
                group by grp order by {{ var('order', 'grp') }}""",
        }
    )
    llm.dbt("run", check=True)
    rows = llm.query("select grp, summary, colour from summaries order by grp")
    assert [row[0] for row in rows] == [0, 1, 2]
    for _, summary, colour in rows[:2]:
        for answer in (summary, colour):
            # 12 × 20 sentences are some 1,100 tokens a group, more than a slot of the server takes.
            assert answer["response"] or "cut off" in answer["errorStatus"], answer
    assert rows[2][1:] == (None, None)
    answered = {answer["response"] for row in rows[:2] for answer in row[1:] if answer["response"]}

    def keys() -> set[bytes]:
        return {key for key, value in llm.query("select key, value from dbt_ai.responses") if value in answered}

    before = keys()
    llm.write({"models/summaries.sql": (llm.path / "models/summaries.sql").read_text().replace("range(12) t(i)", "range(11, -1, -1) t(i)")})
    llm.dbt("run", "--select", "summaries", check=True)
    assert keys() == before
