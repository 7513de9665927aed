"""Other processes that use the daemon through the system's libpcsclite."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("pcsc_program.py")


class Program:
    """Another process that calls libpcsclite as it is told.

    ``before`` are the words that lead it to where it sees the reader.
    """

    def __init__(
        self, environment: dict[str, str], before: tuple[str, ...] = ()
    ) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            text=True,
            bufsize=1,
        )
        self._answers: queue.Queue[Any] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(json.loads(line))

    def ask(self, function: str, *arguments: object) -> None:
        """Begin a call and do not wait for its end."""
        assert self.process.stdin is not None
        print(json.dumps([function, *arguments]), file=self.process.stdin, flush=True)

    def told(self, seconds: float = 10) -> Any:
        """What the call gave."""
        return self._answers.get(timeout=seconds)

    def is_waiting(self, seconds: float = 0.3) -> bool:
        """Whether the call begun is not over after so long."""
        try:
            answer = self._answers.get(timeout=seconds)
        except queue.Empty:
            return True
        self._answers.put(answer)
        return False

    def call(self, function: str, *arguments: object) -> Any:
        self.ask(function, *arguments)
        return self.told()

    def connect(self, reader: str, mode: int = 2, protocols: int = 3) -> int:
        """A handle; fails if PC/SC refuses."""
        code, handle, _ = self.call("connect", reader, mode, protocols)
        assert code == "SCARD_S_SUCCESS"
        assert isinstance(handle, int)
        return handle

    def kill(self) -> None:
        """As the operating system does it, without a goodbye."""
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        elif not self.process.stdin.closed:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self._reader.join(5)
        self.process.stdout.close()
