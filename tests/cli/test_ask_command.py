"""``mynabox ask``: flags, JSON, errors, and the conversation at a terminal."""

import json
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mynabox.guide import FACTS, PARTS, TOPICS
from tests.guide.commands import run

ROOT = Path(__file__).parents[2]


def test_the_answer_has_title_day_steps_lines_and_sources() -> None:
    told = run("mynabox ask lost --language en --at 2026-11-21T02:00")
    assert told.status == 0, told.err
    lines = told.out.splitlines()
    assert lines[0] == "I lost my card"
    assert lines[1] == "As of Saturday, November 21, 2026, 2:00 (Japan time)"
    assert "  1. Stop the card at once by telephone." in told.out
    assert "Call 0120-0178-27 now: loss and theft are taken in English." in told.out
    assert lines.index("Telephone") < lines.index("Cost")
    for part in ("Why: the rules", "Sources", "Where sources disagree", "seed 000:185"):
        assert part in told.out


def test_a_last_day_stands_beside_its_step() -> None:
    told = run(
        "mynabox ask moved_in --moved-in 2023-10-05 --planned-move-out 2023-10-01 "
        "--at 2023-10-06T10:00"
    )
    assert "office of the new city. [by October 19, 2023]" in told.out
    late = run(
        "mynabox ask moved_within --changed-on 2023-10-01 --at 2023-10-16T10:00 -l ja"
    )
    assert "[令和5年10月15日（2023年）が期限でした]" in late.out


def test_what_is_not_known_is_asked_for_with_its_flag() -> None:
    told = run("mynabox ask renew_card --at 2026-11-21T10:00")
    assert "To tell you more, please say" in told.out
    assert "(--card-expiry)" in told.out
    more = run("mynabox ask renew_card --at 2026-11-21T10:00 --card-expiry 2027-05-31")
    assert "(--card-expiry)" not in more.out
    assert "February 28, 2027" in more.out


def test_json_has_ids_values_texts_and_the_envelope() -> None:
    told = run("mynabox ask lost -l ja --at 2023-11-03T18:00 --json")
    found = json.loads(told.out)
    assert found["topic"] == "lost"
    assert found["as_of"] == "2023-11-03"
    assert set(PARTS) <= set(found)
    line = found["lines"][0]
    assert line["message"] == "guide.line.loss_open"
    assert line["values"] == {"line": "0120-95-0178", "language": ["language.ja"]}
    assert line["text"].startswith("今すぐ0120-95-0178に")
    assert {"R148", "R190"} <= set(found["rules"])
    assert [why["rule"] for why in found["why"]] == found["rules"]
    assert found["citations"] and found["disputes"] and found["asks"]


BORN_AFTER_APPLYING = (
    "--born 2003-06-01 --applied 2002-01-01 --issued 2022-01-01 "
    "--residence-status japanese"
)


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("mynabox ask everything", ("TOPIC", "renew_certificate")),
        ("mynabox ask", ("TOPIC", "lost")),
        # a day alone would be midnight, and nobody answers then
        ("mynabox ask lost --at 2023-11-02", ("--at", "2026-11-21T02:00")),
        ("mynabox ask lost --at teatime", ("--at", "2026-11-21T02:00")),
        ("mynabox ask lost --at 9999-12-31T23:59-12:00", ("--at", "moment")),
        ("mynabox ask renew_card --card-expiry soon", ("--card-expiry", "a day")),
        ("mynabox ask pin_locked --pin five", ("--pin", "signature")),
        ("mynabox ask lost --municipality Nowhere", ("--municipality", "つくば市")),
        ("mynabox ask lost -l klingon", ("--language", "vi")),
        ("mynabox ask lost --shoe-size 43", ("--shoe-size",)),
        ("mynabox ask moved_within --changed-on 9999-12-31", ("calendar",)),
        (f"mynabox ask renew_card {BORN_AFTER_APPLYING}", ("--applied",)),
    ],
)  # fmt: skip
def test_a_wrong_word_is_named_with_what_is_accepted(
    command: str, named: tuple[str, ...]
) -> None:
    told = run(command)
    assert told.status == 2, told.out
    for word in named:
        assert word in told.err


def test_help_lists_every_topic_and_every_fact() -> None:
    told = run("mynabox ask --help")
    assert told.status == 0
    for topic in TOPICS:
        assert topic in told.out
    for fact in FACTS:
        assert f"--{fact.replace('_', '-')}" in told.out
    assert "mynabox ask lost --language vi --at 2026-11-21T02:00" in told.out


PROGRAM = """
import typer
from mynabox.cli.ask import ask
app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
app.command()(ask)
app()
"""


class Conversation:
    """``mynabox ask`` at a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._host, guest = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *words],
            stdin=guest,
            stdout=guest,
            stderr=guest,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
        )
        os.close(guest)
        self.heard = ""

    def until(self, text: str) -> None:
        """Listen until a text is said; a minute is too long."""
        end = time.monotonic() + 60
        while text not in self.heard:
            assert time.monotonic() < end, self.heard
            if select.select([self._host], [], [], 0.2)[0]:
                try:
                    read = os.read(self._host, 65536)
                except OSError:
                    break
                self.heard += read.decode(errors="replace")
        assert text in self.heard, self.heard

    def answer(self, typed: str) -> None:
        """Type a line."""
        self.heard = ""
        os.write(self._host, f"{typed}\n".encode())

    def end(self) -> int:
        """The exit status once it ends by itself."""
        status = self._process.wait(60)
        os.close(self._host)
        return status


def test_the_conversation_asks_again_skips_and_answers() -> None:
    """English, renewal, a mistyped day, the right day, no word on the old card."""
    talk = Conversation("--at", "2026-11-21T10:00")
    talk.until("Type the number")
    talk.answer("99")
    talk.until("Accepted: 1 – 12")
    talk.until("Type the number")
    talk.answer("2")
    talk.until("Renew the card")
    talk.until("Type the number")
    talk.answer(str(TOPICS.index("renew_card") + 1))
    talk.until("if you do not know")
    talk.answer("next spring")
    talk.until("This was not understood. Accepted: a day such as 2026-11-21")
    talk.until("if you do not know")
    talk.answer("2027-05-31")
    talk.until("Can you hand back the old card?")
    talk.until("if you do not know")
    talk.answer("")
    talk.until("mynabox is a test system, not an office.")
    assert "You can renew it from February 28, 2027." in talk.heard
    assert "1,000 yen if you cannot hand back the old card." in talk.heard
    assert talk.end() == 0
