from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from tsforecast.data.json_text import with_escapes


@given(st.text())
def test_escapes_leave_the_document_the_same(text: str) -> None:
    """No terminal obeys what is shown, and whoever reads it gets every character back."""
    shown = with_escapes(json.dumps([text], ensure_ascii=False, indent=1))

    assert json.loads(shown) == [text]
    assert shown.replace("\n", "").isprintable()


def test_letters_of_all_languages_stay() -> None:
    """Names are for people."""
    assert with_escapes('{"Zürich 東京 😀": 1}') == '{"Zürich 東京 😀": 1}'
