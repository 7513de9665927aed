"""The commands of docs/duties.md do what the page shows, in order, in one box."""

import re
import shlex
from pathlib import Path

from mynabox.usecases.box_duties import JOBS
from mynabox.usecases.lists_ahead import LISTS
from tests.boxes import PROGRAM, run

PAGE = (Path(__file__).parents[2] / "docs" / "duties.md").read_text("utf-8")
SHOWN = re.compile(r"```sh\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def test_the_commands_say_what_the_page_shows(tmp_path: Path) -> None:
    told = {"MYNABOX_HOME": str(tmp_path / "box")}
    blocks = SHOWN.findall(PAGE)
    assert len(blocks) == 2
    for commands, output in blocks:
        said = ""
        for command in commands.strip().splitlines():
            program, *words = shlex.split(command)
            assert program == "mynabox"
            said += run(PROGRAM, *words, env=told).stdout
        positions = [said.index(line) for line in output.strip().splitlines()]
        assert positions == sorted(positions)


def test_the_page_names_every_duty_and_every_finding() -> None:
    for name in (*(job.name for job in JOBS), LISTS):
        assert f"`{name}`" in PAGE
    usecases = Path(__file__).parents[2] / "src" / "mynabox" / "usecases"
    source = "".join(
        path.read_text("utf-8") for path in sorted(usecases.glob("reconcile*.py"))
    )
    codes = set(re.findall(r'code="([a-z_]+)"|finding\(\s*"([a-z_]+)"', source))
    for pair in codes:
        assert f"`{pair[0] or pair[1]}`" in PAGE, pair
