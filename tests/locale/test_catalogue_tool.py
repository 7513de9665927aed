"""A new language from nothing: made, listed, filled in, listed again."""

import subprocess
import sys
from pathlib import Path

from mynabox.locale.completeness import by_id, messages

TOOL = Path(__file__).parents[2] / "tools" / "locale" / "catalogues.py"


def tool(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOOL), "--in", str(folder), *words],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"},
        check=False,
    )


def test_a_language_is_made_filled_in_and_complete(tmp_path: Path) -> None:
    """Translating by adding a mark to the English text: ids and comments stay."""
    assert tool("new", "ko", folder=tmp_path).returncode == 0
    listed = tool("missing", "ko", "commands", folder=tmp_path).stdout
    wanted = messages("en", "commands")
    assert listed.count("\n= ") == len(wanted)
    assert "#ja することを" not in listed
    assert "#ja すること" in listed
    translated = "\n".join(
        line if not line or line[0] in "#=" else f"번역 {line}"
        for line in listed.splitlines()
    )
    file = tmp_path / "ko.txt"
    file.write_text(translated, encoding="utf-8")
    assert tool("merge", "ko", "commands", str(file), folder=tmp_path).returncode == 0
    assert tool("missing", "ko", "commands", folder=tmp_path).stdout == ""
    with (tmp_path / "ko" / "commands.po").open("rb") as source:
        own = by_id(source)
    assert list(own) == list(wanted)
    for name, message in own.items():
        assert message.string == f"번역 {wanted[name].string}"
        assert message.auto_comments == wanted[name].auto_comments


def test_making_a_language_again_keeps_its_texts(tmp_path: Path) -> None:
    tool("new", "ko", folder=tmp_path)
    file = tmp_path / "one.txt"
    file.write_text('= heading.steps\n할 "일"\n', encoding="utf-8")
    tool("merge", "ko", "commands", str(file), folder=tmp_path)
    tool("new", "ko", folder=tmp_path)
    with (tmp_path / "ko" / "commands.po").open("rb") as source:
        assert by_id(source)["heading.steps"].string == '할 "일"'


def test_an_unknown_id_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("= heading.nothing\n없음\n", encoding="utf-8")
    refused = tool("merge", "ko", "commands", str(file), folder=tmp_path)
    assert refused.returncode == 1
    assert "heading.nothing" in refused.stderr
    assert not (tmp_path / "ko").exists()


def test_the_complete_languages_pass_and_an_absent_one_does_not(tmp_path: Path) -> None:
    assert tool("check", folder=tmp_path).returncode == 0
    absent = tool("check", "xx", folder=tmp_path)
    assert absent.returncode == 1
    assert "xx/guide.po: missing" in absent.stdout
