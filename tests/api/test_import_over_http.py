"""A register file sent to the API: every line has an answer of its own."""

import pytest
from fastapi.testclient import TestClient

from mynabox.sandbox.specimen import specimen_mistakes, specimen_residents
from tests.site import API

CSV = {"content-type": "text/csv; charset=utf-8"}


def test_a_good_file(client: TestClient) -> None:
    file = specimen_residents()
    people = len(file.splitlines()) - 1
    first = client.post(f"{API}/residents/import", content=file, headers=CSV).json()
    assert (first["taken"], first["refused"]) == (people, 0)
    assert {line["taken"] for line in first["lines"]} == {"registered"}
    again = client.post(f"{API}/residents/import", content=file, headers=CSV).json()
    assert {line["taken"] for line in again["lines"]} == {"already_there"}
    assert [line["resident"] for line in again["lines"]] == [
        line["resident"] for line in first["lines"]
    ]


def test_a_file_full_of_mistakes(client: TestClient) -> None:
    client.post(f"{API}/residents/import", content=specimen_residents(), headers=CSV)
    file = specimen_mistakes()
    answer = client.post(
        f"{API}/residents/import",
        content=file,
        headers={**CSV, "accept-language": "ja"},
    ).json()
    assert answer["taken"] == 0
    assert answer["refused"] == len(file.splitlines()) - 1
    for line in answer["lines"]:
        assert line["refused"]
        assert line["detail"] not in (None, line["refused"])
        assert any(ord(character) > 0x3000 for character in line["detail"])


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"not,a,register\n", CSV, 422, "import.columns_missing"),
        (b"\xff\xff\xff", CSV, 422, "import.not_a_register_file"),
        (b"x", {"content-type": "text/plain"}, 415, "api.media_type"),
        (b"x", {}, 415, "api.media_type"),
    ],
)
def test_what_is_no_register_file(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = client.post(f"{API}/residents/import", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
