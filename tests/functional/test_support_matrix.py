"""The table of what runs where is what the macros do."""

import support_matrix


def test_the_support_matrix_in_the_docs_is_what_compiles() -> None:
    assert support_matrix.PATH.read_text() == support_matrix.text(), "run python tests/golden/support_matrix.py"
