from dbt_ai.providers._chat import with_text

ASKED = {"role": "system", "content": "Which label?"}


def test_a_text_is_what_the_user_says():
    assert with_text([], "it broke") == [{"role": "user", "content": "it broke"}]
    assert with_text([ASKED], "it broke") == [ASKED, {"role": "user", "content": "it broke"}]


def test_a_text_goes_on_where_the_prompt_ends_in_the_user_s_words():
    begun = [ASKED, {"role": "user", "content": "Labels: bug, praise\nText: "}]
    assert with_text(begun, "it broke") == [ASKED, {"role": "user", "content": "Labels: bug, praise\nText: it broke"}]
    assert begun[-1]["content"].endswith("Text: ")


def test_what_a_prompt_says_after_each_text_stands_there():
    begun = [ASKED, {"role": "user", "content": "Text: ", "after": "\nLabel:"}]
    assert with_text(begun, "it broke") == [ASKED, {"role": "user", "content": "Text: it broke\nLabel:"}]
