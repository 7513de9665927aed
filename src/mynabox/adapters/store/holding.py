"""A transaction that stays open after its block, until what is answered is known."""

from contextlib import ExitStack

from sqlalchemy import Connection

from mynabox.adapters.store.engines import Writer


class Holding:
    """One thread's transactions while they are held: each is committed when the next
    begins, the last one at the end."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._stack: ExitStack | None = None
        self._connection: Connection | None = None
        self._within = False

    @property
    def at_rest(self) -> Connection | None:
        """The connection of a transaction whose block has ended."""
        return None if self._within else self._connection

    def begin(self) -> Connection:
        """The next transaction; commits the one before."""
        self.commit()
        stack = ExitStack()
        self._connection = stack.enter_context(self._writer.transaction())
        self._stack, self._within = stack, True
        return self._connection

    def join(self) -> Connection:
        """The transaction that is open, or a new one."""
        if self._within or self._connection is None:
            return self.begin()
        self._within = True
        return self._connection

    def rest(self) -> None:
        """The block has ended."""
        self._within = False

    def commit(self) -> None:
        """Make what was done last."""
        stack = self._let_go()
        if stack is not None:
            stack.close()

    def undo(self, error: BaseException) -> None:
        """Take back what is not committed."""
        stack = self._let_go()
        if stack is not None:
            stack.__exit__(type(error), error, error.__traceback__)

    def _let_go(self) -> ExitStack | None:
        stack, self._stack, self._connection = self._stack, None, None
        self._within = False
        return stack
