"""The API's page for people and its manual name every operation."""

import re
from pathlib import Path

from tests.api.conftest import Told
from tests.site import API

MANUAL = Path(__file__).parents[2] / "docs" / "api.md"


def operations(told: Told) -> dict[str, tuple[str, str]]:
    described = told.client.get(f"{API}/openapi.json").json()
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }


def test_the_page(told: Told) -> None:
    for address in (f"{API}/docs", API, f"{API}/"):
        page = told.client.get(address)
        assert page.headers["content-type"].startswith("text/html")
        for name, (method, path) in operations(told).items():
            assert f'id="{name}">{method} {API}{path}<' in page.text


def test_the_manual(told: Told) -> None:
    manual = MANUAL.read_text("utf-8")
    named = set(re.findall(r"`([a-z]+[A-Z][A-Za-z]+)`", manual))
    known = operations(told)
    assert set(known) <= named
    for _, path in known.values():
        assert f"{path}`" in manual
