"""The kind keeps the rules, and does what it says."""

import pytest
from fanfold_csv_profile import CsvProfile

from fanfold.sdk.context import Target
from fanfold.sdk.errors import Permanent
from fanfold.sdk.outcome import Completed, Skipped
from fanfold.sdk.testing import RecordingContext, Rehearsal, kind_faults, run_faults


@pytest.fixture
def attempt(tmp_path):
    def make(text, **parameters):
        path = tmp_path / "orders.csv"
        path.write_text(text)
        return RecordingContext(
            parameters=parameters, target=Target("o", "Orders", attributes={"path": str(path)})
        )

    return make


def test_it_keeps_the_rules():
    targets = [Target("o", "Orders", attributes={"path": "/data/orders.csv"}), Target("bare", "Bare")]

    assert kind_faults(CsvProfile(), parameters={"delimiter": ";"}, targets=targets) == []


async def test_it_behaves(attempt):
    rehearsal = Rehearsal(
        attempt=lambda: attempt("id,name\n1,Ada\n"),
        failing=[lambda: attempt("id\n1,2\n"), lambda: attempt("id\n", delimiter="both")],
    )

    assert await run_faults(CsvProfile(), rehearsal) == []


async def test_each_column_gives_a_row(attempt):
    context = attempt("id;name\n1;Ada\n2;\n3;Ada\n", delimiter=";")

    assert await CsvProfile().run(context) == Completed({"columns": 2, "rows": 3})
    assert context.sink.rows == [
        {"column": "id", "filled": 3, "empty": 0, "distinct": 3},
        {"column": "name", "filled": 2, "empty": 1, "distinct": 1},
    ]


async def test_an_empty_file_is_skipped(attempt):
    assert await CsvProfile().run(attempt("")) == Skipped("orders.csv is empty.")


async def test_a_column_that_must_be_there_and_is_not_fails_for_good(attempt):
    with pytest.raises(Permanent, match="no column 'price'"):
        await CsvProfile().run(attempt("id\n1\n", must_have=["id", "price"]))
