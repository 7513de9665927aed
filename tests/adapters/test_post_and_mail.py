"""Letters and mails as the files they become."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from mynabox.adapters.mail import FolderMail
from mynabox.adapters.post import FolderPost
from mynabox.law.days import JST
from mynabox.lifecycle.outgoing import Carrier, LetterKind, Outgoing
from mynabox.ports import Mail, Missing, Post

NOON = datetime(2026, 11, 20, 12, tzinfo=JST)
LETTER = Outgoing(
    id="out-7",
    carrier=Carrier.POST,
    municipality="141003",
    to="神奈川県横浜市見本町一丁目1番1号",
    title=LetterKind.NOTICE.value,
    content=b"%PDF-1.7 one",
    created=NOON,
)
MAIL = replace(
    LETTER,
    carrier=Carrier.MAIL,
    to="hanako@example.jp",
    title="個人番号カードの申請用ウェブサイト",
    content="見本　花子 様\n\n申請はこちら: https://example.jp/a?b=1\n".encode(),
)


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_a_letter_lies_in_the_folder(tmp_path: Path) -> None:
    post: Post = FolderPost(tmp_path / "post")
    post.deliver(LETTER)
    post.deliver(replace(LETTER, id="7", content=b"%PDF-1.7 other"))
    assert _names(tmp_path / "post") == [
        "2026-11-20-notice-7.pdf",
        "2026-11-20-notice-out-7.pdf",
    ]
    assert post.read("out-7") == b"%PDF-1.7 one"
    assert post.read("7") == b"%PDF-1.7 other"
    assert (tmp_path / "post").stat().st_mode & 0o777 == 0o700
    assert all(p.stat().st_mode & 0o777 == 0o600 for p in (tmp_path / "post").iterdir())


def test_a_letter_that_comes_again_replaces_itself(tmp_path: Path) -> None:
    post = FolderPost(tmp_path)
    post.deliver(LETTER)
    post.deliver(replace(LETTER, content=b"%PDF-1.7 two"))
    assert _names(tmp_path) == ["2026-11-20-notice-out-7.pdf"]
    assert post.read("out-7") == b"%PDF-1.7 two"


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_kind_of_letter_can_be_posted(tmp_path: Path, kind: LetterKind) -> None:
    post = FolderPost(tmp_path)
    post.deliver(replace(LETTER, title=kind.value))
    assert post.read("out-7") == LETTER.content


@pytest.mark.parametrize(
    ("kind", "name"),
    [("../notice", "1"), ("notice", "../1"), ("", "1"), ("notice", ""), ("a-b", "1")],
)
def test_a_letter_cannot_leave_the_folder(tmp_path: Path, kind: str, name: str) -> None:
    with pytest.raises(ValueError, match="plain words"):
        FolderPost(tmp_path).deliver(replace(LETTER, title=kind, id=name))
    assert _names(tmp_path) == []


@pytest.mark.parametrize("name", ["out-8", "*", "../out-7", ""])
def test_what_was_not_delivered_is_missing(tmp_path: Path, name: str) -> None:
    post, mail = FolderPost(tmp_path / "post"), FolderMail(tmp_path / "mail")
    for _ in range(2):  # with no folder, and with one
        with pytest.raises(Missing):
            post.read(name)
        with pytest.raises(Missing):
            mail.read(name)
        post.deliver(LETTER)
        mail.deliver(MAIL)


def test_a_failed_delivery_leaves_the_old_letter_and_no_rest(tmp_path: Path) -> None:
    post = FolderPost(tmp_path)
    post.deliver(LETTER)
    (tmp_path / "2026-11-20-notice-out-8.pdf").mkdir()
    with pytest.raises(OSError, match="directory"):
        post.deliver(replace(LETTER, id="out-8"))
    assert _names(tmp_path) == [
        "2026-11-20-notice-out-7.pdf",
        "2026-11-20-notice-out-8.pdf",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "plain ascii\n",
        "見本　花子 様\n\n個人番号カードの申請を受け付けました。\n",
        "Nguyễn, ขอบคุณ, धन्यवाद, 𠮷\n",
        ".\n.. a line of a dot\nFrom here\n",
        "長" * 2000 + "\n",
        "a" * 998 + "\n",
        "a" * 999 + "\n",
        "\n",
    ],
)
def test_a_mail_is_a_mail_to_any_program(tmp_path: Path, text: str) -> None:
    mail: Mail = FolderMail(tmp_path / "mail")
    mail.deliver(replace(MAIL, content=text.encode()))
    assert mail.read("out-7") == text
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "2026-11-20-out-7.eml"
    raw = path.read_bytes()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = message_from_bytes(raw, policy=default)
    assert message["To"] == "hanako@example.jp"
    assert message["Subject"] == MAIL.title
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == "<out-7@mynabox.invalid>"
    assert "SPECIMEN" in message["From"]
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert not message.defects
    assert (tmp_path / "mail").stat().st_mode & 0o777 == 0o700


def test_japanese_mail_can_be_read_with_any_pager(tmp_path: Path) -> None:
    FolderMail(tmp_path).deliver(MAIL)
    (path,) = tmp_path.iterdir()
    assert "見本　花子 様" in path.read_text("utf-8")


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "subject\r\nBcc: other@example.jp"},
        {"to": "hanako@example.jp\nBcc: other@example.jp"},
        {"id": "../7"},
    ],
)
def test_a_mail_smuggles_nothing(tmp_path: Path, changed: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|plain word|not an address"):
        FolderMail(tmp_path).deliver(replace(MAIL, **changed))  # type: ignore[arg-type]
    assert _names(tmp_path) == []


def test_all_mails_to_an_address_are_told_in_order(tmp_path: Path) -> None:
    mail = FolderMail(tmp_path / "mail")
    assert mail.texts("hanako@example.jp") == ()
    for name, hours, to in (
        ("c", 0, "hanako@example.jp"),
        ("b", 2, "hanako@example.jp"),
        ("a", 1, "hanako@example.jp"),
        ("d", 0, "taro@example.jp"),
    ):
        created = NOON.replace(hour=12 + hours)
        content = f"{name}\n".encode()
        mail.deliver(replace(MAIL, id=name, to=to, created=created, content=content))
    assert mail.texts("hanako@example.jp") == ("c\n", "a\n", "b\n")
    assert mail.texts("nobody@example.jp") == ()
