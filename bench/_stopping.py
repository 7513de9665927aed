"""Who stops certificates meanwhile: one after the other, in transactions of the box.

    python -m bench._stopping HOME FOLDER FIRST COUNT PAUSE

Stops the certificates of the requests FIRST to FIRST + COUNT in the folder, a pause
(seconds) between two, and notes each in the table as soon as it has returned.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

from bench._asking import requests_in, stops_in
from mynabox.lifecycle.certificate import CertificateEvent
from mynabox.settings import Settings
from mynabox.wiring import Home, open_home


def stop(home: Home, serial: int) -> None:
    """A hold, as the hotline's call writes it."""
    at = home.clock.now()
    with home.box.store.work() as work:
        certificate = work.certificates.find(serial)
        assert certificate is not None
        held = certificate.after(CertificateEvent.HELD, at=at)
        work.certificates.save(replace(held, recorded=at))


def main() -> int:
    home_at, folder = Path(sys.argv[1]), Path(sys.argv[2])
    first, count, pause = int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    home = open_home(Settings(home=home_at))
    stops = stops_in(folder)
    for _, serial, place in requests_in(folder)[first : first + count]:
        if not stops[place]:
            stop(home, serial)
            stops[place] = 1
        time.sleep(pause)
    home.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
