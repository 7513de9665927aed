"""Every answer is one that the API's description knows (schemathesis)."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from mynabox.api.app import create_api
from mynabox.lifecycle.permission import limits
from mynabox.lifecycle.staff import Role
from mynabox.lifecycle.verifier import Right
from mynabox.usecases.register_verifier import RegisterVerifier, register_verifier
from mynabox.usecases.staff_accounts import add_staff, give_token
from tests.api.conftest import HANDED_OVER, Told
from tests.boxes import box_in, walk
from tests.site import API

EXAMPLES = 12
FEW = settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def at_once(case: Case[Any]) -> None:
    """A stream that ends now: nobody waits for what is to come."""
    if isinstance(case.query.get("seconds"), int):
        case.query["seconds"] = min(case.query["seconds"], 0)


def test_no_answer_is_a_surprise(told: Told) -> None:
    """Requests made from the description, right and wrong: no crash, no status and
    no body that it does not name.

    Left out is the check that what fits the description is accepted: the rules refuse
    much that no description can tell (an unknown application ID, a photo too old).
    """
    described = schemathesis.openapi.from_asgi(
        "/openapi.json", create_api(told.home.box)
    )
    described.config.update(base_url="http://127.0.0.1")
    tried = 0
    for found in described.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @QUICK
            @given(case=operation.as_strategy(generation_mode=mode))
            def check(case: Case[Any]) -> None:
                at_once(case)
                case.call_and_validate(excluded_checks=[positive_data_acceptance])

            try:
                check()
            except Unsatisfiable:
                continue
            tried += 1
    assert tried > len(list(described.get_all_operations()))


@pytest.mark.parametrize("who", ["nobody", "chief"])
def test_no_answer_is_a_surprise_where_staff_sign_in(
    tmp_path_factory: pytest.TempPathFactory, who: str
) -> None:
    """the same of a box with authority, asked with a token and without"""
    with box_in(tmp_path_factory.mktemp("office") / "box") as opened:
        walk(opened, until=HANDED_OVER)
        site = replace(opened.box.site, authority="required")
        box = replace(opened.box, site=site)
        add_staff("chief", list(Role), box)
        token = give_token("chief", "", box).secret
        headers = {"authorization": f"Bearer {token}"} if who == "chief" else {}
        described = schemathesis.openapi.from_asgi("/openapi.json", create_api(box))
        described.config.update(base_url="http://127.0.0.1")
        statuses: Counter[int] = Counter()
        for found in described.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            if operation.definition.raw["operationId"] == "signOut":
                continue  # takes the token back

            @FEW
            @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
            def check(case: Case[Any]) -> None:
                case.headers.pop("Authorization", None)
                at_once(case)
                answer = case.call(headers=headers)
                case.validate_response(
                    answer,
                    excluded_checks=[positive_data_acceptance, ignored_auth],
                )
                statuses[answer.status_code] += 1

            check()
        assert (statuses[401] > 50) == (who == "nobody")
        assert not any(status >= 500 for status in statuses)


def test_the_description_is_openapi_3_1(told: Told) -> None:
    described = told.client.get(f"{API}/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    operations = [
        operation
        for methods in described["paths"].values()
        for operation in methods.values()
    ]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["description"], operation["operationId"]
        problems = [
            answer
            for status, answer in operation["responses"].items()
            if status.startswith(("4", "5"))
        ]
        assert problems
        for answer in problems:
            assert list(answer["content"]) == ["application/problem+json"]


def test_no_answer_is_a_surprise_to_a_verifier(
    tmp_path: Path,
) -> None:
    """the calls of verifiers, with a key"""
    with box_in(tmp_path / "box") as home:
        said = RegisterVerifier(
            name="surprised",
            purpose="x",
            rights=frozenset(Right),
            per_minute=limits().verifier_calls_most,
        )
        key = register_verifier(said, home.box).key
        described = schemathesis.openapi.from_asgi(
            "/openapi.json", create_api(home.box)
        )
        described.config.update(base_url="http://127.0.0.1")
        statuses: Counter[int] = Counter()
        for found in described.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            if not operation.path.startswith("/relying"):
                continue

            @FEW
            @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
            def check(case: Case[Any]) -> None:
                case.headers.pop("Authorization", None)
                answer = case.call(headers={"authorization": f"Bearer {key}"})
                case.validate_response(
                    answer, excluded_checks=[positive_data_acceptance, ignored_auth]
                )
                statuses[answer.status_code] += 1

            check()
        assert statuses[200] and statuses[422]
        assert set(statuses) == {200, 422}
