"""Every operation has a row in the table of permissions, and acts in a name."""

import inspect
import re

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from mynabox.api.app import TOPICS
from mynabox.api.authority import FOUND_BY, By, demand_rows
from mynabox.lifecycle.permission import NoSuchAction, permissions
from tests.api.conftest import Told

PAGES = "page."


def operations(told: Told) -> dict[str, APIRoute]:
    return {
        str(route.operation_id): route
        for topic in TOPICS
        for route in topic.routes(told.home.box).routes
        if isinstance(route, APIRoute)
    }


def test_the_table_and_the_operations_are_the_same(told: Told) -> None:
    rows = {name for name in permissions() if not name.startswith(PAGES)}
    assert rows == set(operations(told))


def test_what_is_not_for_anyone_acts_in_a_name(told: Told) -> None:
    """the route takes ``by``, so that the journal knows whose act it was"""
    nameless = [
        name
        for name, route in operations(told).items()
        if not permissions()[name].anyone
        and By
        not in (
            one.annotation
            for one in inspect.signature(route.endpoint).parameters.values()
        )
    ]
    assert nameless == []


def test_an_operation_without_a_row_does_not_start() -> None:
    router = APIRouter()

    def added() -> str:
        return ""

    router.add_api_route("/new", added, operation_id="somethingNew")
    with pytest.raises(NoSuchAction, match="somethingNew"):
        demand_rows(router)


SAYS_NO_PERSON = {"subject"}
"""Parts of paths that need not say whose they are: the route itself shows an auditor
only what is of their municipality."""


def test_every_path_says_whom_it_is_about(told: Told) -> None:
    """so that other municipalities stay shut; a new kind of thing is taught to the
    API's table of how it is found"""
    parts = {
        part
        for name, route in operations(told).items()
        if not permissions()[name].anyone
        for part in re.findall(r"{(\w+)", route.path)
    }
    assert parts - SAYS_NO_PERSON <= set(FOUND_BY)
