"""Which mail addresses the box sends to, and that its mail folder takes each."""

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynabox.adapters.mail import FolderMail
from mynabox.law.days import JST
from mynabox.lifecycle.mail_address import is_mail_address
from mynabox.lifecycle.outgoing import Carrier, Outgoing

AT = datetime(2026, 11, 20, 10, 0, tzinfo=JST)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("hako@example.jp", True),
        ("hako.tamate+card@mail.example.co.jp", True),
        ("h@a.b", True),
        ("a" * 64 + "@example.jp", True),
        ("a" * 65 + "@example.jp", False),
        ("hako@" + "a" * 63 + ".jp", True),
        ("hako@" + "a" * 64 + ".jp", False),
        ("hako@" + ".".join(["a" * 60] * 5), False),
        ("hako@localhost", False),
        ("hako", False),
        ("@example.jp", False),
        ("hako@", False),
        ("hako@-", False),
        ("hako@.", False),
        ("hako@-a.jp", False),
        ("hako@a-.jp", False),
        ("hako@a..jp", False),
        (".hako@example.jp", False),
        ("hako.@example.jp", False),
        ("ha..ko@example.jp", False),
        ("a:b;@x.jp", False),
        ("\\@x.jp", False),
        ('"hako tamate"@x.jp', False),
        ("😀@x.jp", False),
        ("箱@x.jp", False),
        ("a\x7f@x.jp", False),
        ("a b@x.jp", False),
        ("hako@example.jp\n", False),
        ("hako@example.jp\r\nBcc: x@y.z", False),
        ("hako@[127.0.0.1]", False),
        ("hako@ex@mple.jp", False),
    ],
)
def test_addresses(text: str, good: bool) -> None:
    """the plain form, and nothing that a mail program would read otherwise"""
    assert is_mail_address(text) is good


@given(text=st.text(alphabet="ab1.-+@!'\"(),:;<>[]\\ \x7fé箱", max_size=30))
def test_whatever_is_taken_can_be_sent(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    """an address that passes never stops the mail folder"""
    if not is_mail_address(text):
        return
    folder = tmp_path_factory.getbasetemp() / "mails"
    FolderMail(folder).deliver(
        Outgoing(
            id="out-a",
            carrier=Carrier.MAIL,
            municipality="082201",
            to=text,
            title="見本",
            content=b"text\n",
            created=AT,
        )
    )
    assert FolderMail(folder).texts(text)


def test_the_folder_refuses_an_address_it_cannot_write(tmp_path: Path) -> None:
    """whoever asks it anyway gets a ValueError, never a half-written mail"""
    with pytest.raises(ValueError, match="address"):
        FolderMail(tmp_path).deliver(
            Outgoing(
                id="out-a",
                carrier=Carrier.MAIL,
                municipality="082201",
                to="a:b;@x.jp",
                title="見本",
                content=b"text\n",
                created=AT,
            )
        )
    assert not list(tmp_path.glob("*"))
