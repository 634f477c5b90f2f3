from pathlib import Path

import pytest

from dbt_ai.remembered import recall, remember


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_spoilt_file_tells_nothing_and_is_begun_anew(tmp_path: Path, content: bytes):
    file = tmp_path / "known.json"
    file.write_bytes(content)
    assert recall(file) == {}
    remember(file, {"a": 1})
    assert recall(file) == {"a": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["known.json"]


def test_a_folder_that_cannot_be_written_is_in_nobodys_way(tmp_path: Path):
    (tmp_path / "file").write_text("")
    remember(tmp_path / "file/known.json", {"a": 1})
    assert recall(tmp_path / "file/known.json") == {}
