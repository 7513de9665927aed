"""Rows of boxes of before, as they are put into a store of today."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from mynabox.adapters.store.sealing import FIRST_KEY, INDEXES, NumberKeys, index_column

Rows = Iterable[tuple[str, Mapping[str, object]]]


def sealed_rows(
    rows: Rows, keys: NumberKeys
) -> Iterator[tuple[str, dict[str, object]]]:
    """Rows that were copied before numbers were sealed: numbers, and what waited to
    be sent, are sealed on the way; all others stay as they are."""
    nth: Counter[str] = Counter()
    for table, row in rows:
        made = dict(row)
        if table == "numbers":
            digits, owner = str(made.pop("number")), str(made["resident"])
            nth[owner] += 1
            made |= {
                "nth": nth[owner],
                "key": FIRST_KEY,
                "sealed": keys.seal(digits, owner=owner, key=FIRST_KEY),
                **dict.fromkeys(INDEXES),
                index_column(FIRST_KEY): keys.index(digits, key=FIRST_KEY),
            }
        content = made.get("content")
        if table == "outbox" and made.get("delivered") is None:
            assert isinstance(content, bytes)
            made["content"] = keys.seal_content(
                content, of=str(made["id"]), key=FIRST_KEY
            )
        yield table, made
