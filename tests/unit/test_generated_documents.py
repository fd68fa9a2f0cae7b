"""What `make gen` writes is what is committed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tools.gen.documents import DOCUMENTS


@pytest.mark.parametrize(("name", "document"), DOCUMENTS.items(), ids=DOCUMENTS)
def test_a_generated_document_is_up_to_date(name: str, document: Callable[[], str]):
    committed = (Path(__file__).parents[2] / name).read_text()
    assert committed == document(), f"{name} is out of date: run `make gen`"
