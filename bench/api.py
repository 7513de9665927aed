"""How long each call of the API takes while 16 clients call at once.

    python -m bench.api [--clients 16] [--lives 4]

Each client walks people of its own through their lives in a served box, which is a
process of its own with a pool of keys. What is shown is the 95th percentile of each
call beside its median with a single client. Figures are kept in
``bench/results/api.json``.
"""

import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from pathlib import Path

import httpx2

from bench._beside import Row, keep, program
from bench._boxes import START, TOWN
from mynabox.sandbox.specimen import SPECIMEN_PINS, specimen_portrait
from mynabox.settings import Settings
from mynabox.usecases.open_box import open_box
from mynabox.wiring import Home, open_home
from tests.boxes import served

CLIENTS, LIVES = 16, 4
PATIENCE = 120.0
_KEYS = 7
_LINK = re.compile(r"/apply/([A-Za-z0-9_-]{20,})\s*$", re.MULTILINE)
_RECORD = count(51_000_000_000)
_PINS = {kind: pin.characters for kind, pin in SPECIMEN_PINS.items()}
_PASSPORT = {"documents": ["passport"]}
Spent = Mapping[str, list[float]]


class Client:
    """One client, which times every call it makes."""

    def __init__(self, http: httpx2.Client, home: Home) -> None:
        self._http = http
        self._home = home
        self.spent: dict[str, list[float]] = defaultdict(list)

    def call(self, what: str, send: Callable[[], httpx2.Response]) -> dict[str, object]:
        """The answer; a call that is refused ends the measurement."""
        began = time.perf_counter()
        answer = send()
        self.spent[what].append(time.perf_counter() - began)
        assert answer.status_code < 300, (what, answer.status_code, answer.text)
        found = answer.json()
        return found if isinstance(found, dict) else {"listed": found}

    def post(self, what: str, path: str, body: object = None) -> dict[str, object]:
        return self.call(what, lambda: self._http.post(path, json=body))

    def get(self, what: str, path: str) -> dict[str, object]:
        return self.call(what, lambda: self._http.get(path))

    def live(self) -> None:
        """One person's way from the register to a card that is suspended."""
        record = next(_RECORD)
        mail = f"p{record}@example.jp"
        entered = self.post(
            "registerResident",
            "/residents",
            {
                "record_code": f"{record:011d}",
                "municipality": TOWN,
                "name": "箱田 太郎",
                "kana": "ハコダ タロウ",
                "born": "1990-03-31",
                "sex": "male",
                "address": "茨城県つくば市箱の内一丁目1番地1",
                "nationality": "JPN",
                "residence_status": "japanese",
                "registered": "2026-04-01",
            },
        )["resident"]
        assert isinstance(entered, dict)
        person = entered["id"]
        self.post("assignNumber", f"/residents/{person}/number")
        notice = self.post("issueNotice", f"/residents/{person}/notices")
        self.post(
            "noteNotice",
            f"/residents/{person}/notices/events",
            {"event": "delivered"},
        )
        self.post(
            "openApplication",
            "/applications",
            {"application_id": notice["application_id"], "email": mail},
        )
        found = _LINK.search(self._home.mail.texts(mail)[-1])
        assert found is not None
        taken = (START.date() - timedelta(days=30)).isoformat()
        asked = self.call(
            "submitApplication",
            lambda: self._http.post(
                "/applications/submission",
                data={"token": found[1], "born": "1990-03-31", "photo_taken": taken},
                files={"photo": ("p.jpg", specimen_portrait(), "image/jpeg")},
            ),
        )
        made = self.post("produceCard", "/cards", {"application": asked["id"]})["card"]
        assert isinstance(made, dict)
        card = f"/cards/{made['serial']}"
        self.post("handOverCard", f"{card}/handover", _PASSPORT | {"pins": _PINS})
        self.get("getResident", f"/residents/{person}")
        self.get("getCard", card)
        self.get("listCertificates", f"{card}/certificates")
        self.post(
            "getApplicationStatus",
            "/applications/status",
            {"application_id": notice["application_id"]},
        )
        self.post("resetPins", f"{card}/pins", _PASSPORT | {"pins": _PINS})
        self.post("reportLost", f"/residents/{person}/lost")


def _lives(address: str, home: Home, number: int) -> Spent:
    with httpx2.Client(base_url=f"{address}/api/v1", timeout=PATIENCE) as http:
        client = Client(http, home)
        for _ in range(number):
            client.live()
    return client.spent


def measure(clients: int, lives: int) -> list[Row]:
    """One client alone, then all at once."""
    with tempfile.TemporaryDirectory(prefix="mynabox-bench-") as folder:
        path = Path(folder) / "box"
        home = open_home(
            Settings(home=path, key_pool_low=1, key_pool_high=1), create=True
        )
        try:
            home.clock.set(START)
            open_box(home.box)
            assert home.pool is not None
            for _ in range(_KEYS * (clients + 1) * lives):
                home.pool.add()
            # The served process is to know the pool as well.
            marks = {"MYNABOX_KEY_POOL_LOW": "1", "MYNABOX_KEY_POOL_HIGH": "1"}
            with served(path, **marks) as box:
                alone = _lives(box.address, home, lives)
                with ThreadPoolExecutor(clients) as pool:
                    each = list(
                        pool.map(
                            lambda _: _lives(box.address, home, lives), range(clients)
                        )
                    )
        finally:
            home.close()
    rows = []
    for what, one in alone.items():
        all_of_them = [seconds for spent in each for seconds in spent[what]]
        p95 = statistics.quantiles(all_of_them, n=20, method="inclusive")[-1]
        median = statistics.median(one)
        rows.append(
            (
                f"{what}, p95 at {clients} clients",
                f"{p95 * 1000:.1f} ms",
                f"median of one client {median * 1000:.1f} ms",
                p95 / median,
                "shown",
            )
        )
    return rows


def run(clients: int = CLIENTS, lives: int = LIVES) -> list[Row]:
    """All measurements, kept as JSON."""
    return keep("api", measure(clients, lives), clients=clients, lives=lives)


if __name__ == "__main__":
    sys.exit(program(__doc__, run, clients=CLIENTS, lives=LIVES))
