"""What holds for every page: language, headers, no secrets, no missing words."""

import re

import pytest

from tests.web.conftest import Told

PATHS = (
    "/",
    "/apply",
    "/apply?id=12345678901234567890123",
    "/apply/sent",
    "/apply/status",
    "/residents",
    "/residents/{holder}",
    "/applications",
    "/applications/{application}",
    "/me",
    "/sandbox/mail",
    "/sandbox/mail/{mail}",
    "/sandbox/post",
    "/no-such-page",
    "/apply/no-such-token-at-all",
)
_MESSAGE_ID = re.compile(r"\b(?:web|application|photo|form)\.[a-z_]+[a-z_.]*")
_PLACE = re.compile(r"\{[a-z_]+\}")


def page(told: Told, path: str) -> str:
    with told.home.box.store.look() as work:
        mail = next(
            sent.id for sent in work.outbox.sent() if sent.carrier.value == "mail"
        )
    return path.format(
        holder=told.holder.resident.id,
        application=told.holder.applications[-1].id,
        mail=mail,
    )


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", PATHS)
def test_every_text_is_there(told: Told, path: str, language: str) -> None:
    for answer in (
        told.client.get(page(told, path), headers={"accept-language": language}),
        told.client.get(page(told, path), params={"lang": language}),
    ):
        text = answer.text
        assert f'<html lang="{language}"' in text
        words = re.sub(r"<[^>]*>", " ", text)
        assert not _MESSAGE_ID.search(words)
        assert not _PLACE.search(words)
        assert "SPECIMEN" in words
        assert text.count("<h1") == 1
        japanese = re.search(r"[\u3040-\u30ff]", re.sub(r'lang="ja">[^<]*', "", words))
        assert japanese or language == "en"


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_guarded(told: Told, path: str) -> None:
    headers = told.client.get(page(told, path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_script_or_anything_from_elsewhere(told: Told, path: str) -> None:
    text = told.client.get(page(told, path)).text
    assert "<script" not in text
    assert " on" + "click" not in text
    assert " style=" not in text
    for address in re.findall(r'(?:src|href|action)="([^"]*)"', text):
        assert address.startswith(("/", "#", told.home.box.site.address))
        assert not address.startswith("//")


@pytest.mark.parametrize("path", PATHS)
def test_no_page_tells_the_number(told: Told, path: str) -> None:
    with told.home.box.store.look() as work:
        assignment = work.numbers.current(told.holder.resident.id)
    assert assignment is not None
    text = told.client.get(page(told, path)).text
    squeezed = re.sub(r"[\s-]", "", text)
    assert assignment.number.digits not in squeezed


def test_the_person_page_tells_the_life(told: Told) -> None:
    text = told.client.get(f"/residents/{told.holder.resident.id}").text
    for expected in (
        told.holder.resident.name,
        told.holder.cards[0].card.serial,
        "In use",
        "Certificate for digital signature",
        "Card handed over",
        "not shown",
    ):
        assert expected in text
    actions = re.findall(r'box-timeline__row">\s*<strong>([^<]*)', text)
    assert actions[0] == "Card handed over"
    assert actions[-1] == "Entered in the register"
    assert len(actions) == len(told.holder.journal)


def test_a_record_code_is_led_away_from_the_address_bar(told: Told) -> None:
    answer = told.client.get(
        f"/residents/{told.holder.resident.record_code}", follow_redirects=False
    )
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/residents/{told.holder.resident.id}"


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ("箱田 太郎", True),
        ("箱田太郎", True),
        ("ハコダ", True),
        ("ﾊｺﾀﾞ", True),
        ("31415926530", True),
        ("どこにもいない", False),
        ("<script>", False),
    ],
)
def test_search(told: Told, sought: str, found: bool) -> None:
    answer = told.client.post("/residents", data={"name": sought})
    assert answer.status_code == 200
    assert ("箱田 太郎</a>" in answer.text) is found
    assert "<script>" not in answer.text


def test_letters_and_mails_can_be_read(told: Told) -> None:
    post = told.client.get("/sandbox/post").text
    letters = re.findall(r'href="(/sandbox/post/[^"]+\.pdf)"', post)
    assert len(letters) >= 2
    for letter in letters:
        answer = told.client.get(letter)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
    mails = told.client.get("/sandbox/mail").text
    texts = [
        told.client.get(address).text
        for address in re.findall(r'href="(/sandbox/mail/[^"]+)"', mails)
    ]
    assert any('href="/apply/' in text for text in texts)


@pytest.mark.parametrize(
    "path", ["/sandbox/mail/out-nothing", "/sandbox/post/out-nothing.pdf"]
)
def test_what_was_never_sent(told: Told, path: str) -> None:
    assert told.client.get(path).status_code == 404
