"""What people wrote stays as they wrote it."""

import pytest

from dbt_ai.commands.yaml_text import insert_items, insert_key
from dbt_ai.errors import ConfigurationError

PROFILE = """\
# ours
shop:
  target: dev
  outputs:
    dev:
      type: duckdb   # embedded
      path: "{{ env_var('SHOP', 'shop.duckdb') }}"
"""
DEV = ("shop", "outputs", "dev")


def test_a_list_is_added_to_a_mapping_and_everything_else_stays():
    assert insert_key(PROFILE, DEV, "plugins", "- module: dbt_ai\n", "profiles.yml") == PROFILE.replace(
        "# embedded\n", "# embedded\n      plugins:\n        - module: dbt_ai\n"
    )


def test_an_item_is_added_in_the_indentation_of_the_list():
    for dashes in ("      ", "        "):
        before = PROFILE + f"      plugins:\n{dashes}# files\n{dashes}- module: excel\n"
        after = insert_items(before, (*DEV, "plugins"), "- module: dbt_ai\n  config: {}\n", "profiles.yml")
        assert after == before.replace(
            f"{dashes}- module: excel", f"{dashes}- module: dbt_ai\n{dashes}  config: {{}}\n{dashes}- module: excel"
        )


def test_line_ends_are_those_of_the_file():
    windows = PROFILE.replace("\n", "\r\n")
    expected = windows.replace("# embedded\r\n", "# embedded\r\n      plugins:\r\n        - module: dbt_ai\r\n")
    assert insert_key(windows, DEV, "plugins", "- module: dbt_ai\n", "profiles.yml") == expected
    assert insert_key(windows.rstrip(), DEV, "plugins", "- module: dbt_ai\n", "profiles.yml") == expected


@pytest.mark.parametrize(
    "profile",
    [
        "shop:\n  outputs: {dev: {type: duckdb}}\n",
        "base: &base\n  type: duckdb\nshop:\n  outputs:\n    dev: *base\n",
        "shop:\n  outputs:\n    prod: &prod\n      type: duckdb\n    dev: *prod\n",
        "shop:\n  outputs:\n    dev:\n      type: |\n        duckdb\n",
    ],
)
def test_what_cannot_be_added_to_is_left_to_its_author_with_the_lines(profile: str):
    with pytest.raises(ConfigurationError) as raised:
        insert_key(profile, DEV, "plugins", "- module: dbt_ai\n", "profiles.yml")
    assert str(raised.value) == (
        "profiles.yml: shop: outputs: dev is not written so that lines can be added; add them by hand:\nplugins:\n  - module: dbt_ai"
    )
