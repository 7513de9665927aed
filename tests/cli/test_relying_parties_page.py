"""The commands of docs/relying-parties.md do what the page shows, in order, in one box
that is served."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.boxes import PROGRAM, run, served

PAGE = (Path(__file__).parents[2] / "docs" / "relying-parties.md").read_text("utf-8")
SHOWN = re.compile(r"```sh\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)

pytestmark = pytest.mark.interop


def test_the_commands_say_what_the_page_shows(tmp_path: Path) -> None:
    blocks = SHOWN.findall(PAGE)
    assert len(blocks) >= 5 and PAGE.count("```sh\n") == len(blocks)
    home = tmp_path / "box"
    run(PROGRAM, "card", "scenario", "fresh", "--home", home)
    with served(home) as there:
        script = "set -eu\n" + "\necho '#### end'\n".join(
            commands.replace("http://127.0.0.1:8780", there.address)
            for commands, _ in blocks
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={
                **os.environ,
                "MYNABOX_HOME": str(home),
                "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}",
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    for said, (commands, output) in zip(
        done.stdout.split("#### end"), blocks, strict=True
    ):
        position = 0
        for line in output.strip().splitlines():
            assert line in said[position:], (line, commands, said)
            position = said.index(line, position) + len(line)
