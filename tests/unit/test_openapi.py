"""The OpenAPI document is the contract with generated clients, so what they lean on is checked here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fanfold.web.app import build_app
from fanfold.web.openapi import render

SNAPSHOT = Path(__file__).parents[2] / "docs" / "reference" / "openapi.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build_app().openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def test_the_committed_document_is_the_one_of_this_code(document: dict[str, Any]):
    assert SNAPSHOT.read_text() == render(document), "run `make gen`"


def test_every_operation_has_a_name_of_its_own_that_begins_with_a_verb(document: dict[str, Any]):
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+[A-Za-z]*", name) for name in names)


def test_every_operation_says_what_it_does_and_what_it_answers(document: dict[str, Any]):
    for where, operation in operations(document):
        assert operation.get("description"), where
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        assert answers, where
        for answer in answers:
            for content in answer.get("content", {}).values():
                assert content["schema"], where


def test_every_refusal_is_announced_as_a_problem(document: dict[str, Any]):
    for where, operation in operations(document):
        assert "422" not in operation["responses"], where
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/ProblemDetails"}


def test_every_reference_leads_somewhere(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/([^"]+)"', render(document)):
        assert name in schemas


def test_contract_a_and_the_general_api_have_the_printed_routes(document: dict[str, Any]):
    printed = {
        "POST /workflows/{workflow_id}/batch-execute",
        "GET /workflows/batch/{batch_id}/status",
        "GET /workflows/batch/{batch_id}/results",
        "POST /workflows/batch/{batch_id}/cancel",
        "GET /workflows/batch/list",
        "GET /batch/jobs",
        "GET /batch/jobs/{job_id}",
        "POST /batch/jobs/{job_id}/cancel",
        "POST /batch/jobs/{job_id}/retry",
        "DELETE /batch/jobs/{job_id}",
        "GET /batch/jobs/{job_id}/progress",
        "GET /batch/jobs/{job_id}/operations",
        "GET /batch/statistics",
    }
    assert printed <= {where for where, _ in operations(document)}
