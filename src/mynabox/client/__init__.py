"""A thin, typed client of the API, for programs that know nothing else of mynabox::

    from mynabox.client import Client

    with Client("http://127.0.0.1:8780") as box:
        for person in box.list_residents(municipality="082201"):
            box.assign_number(person["id"])

Every operation of the API is a method; a test holds them to the API's description.
Needs the extra ``client`` (``pip install mynabox[client]``).
"""

from mynabox.client.calling import Event, Problem, Unreachable, Versioned
from mynabox.client.operations import Client

__all__ = ["Client", "Event", "Problem", "Unreachable", "Versioned"]
"""What programs use; the types of answers are in :mod:`mynabox.client.models`."""
