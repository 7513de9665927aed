"""Tables of lost cards, of requests for another one, and of fees.

That a fee is the sum of its parts and is paid once stands here; that no card is handed
over while one is due is a trigger in the migrations.
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA, one_each, one_of
from mynabox.lifecycle.card_request import RequestState
from mynabox.lifecycle.fee import FeeState
from mynabox.lifecycle.loss import LossState

LOSSES = Table(
    "losses",
    METADATA,
    Column("receipt", Key, primary_key=True),
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("reported", Moment, nullable=False),
    Column("told", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Column("proof", Text),
    Column("authority", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("proved", Date),
    Column("state", Key, nullable=False),
    one_of("state", LossState),
    one_each("uq_losses_open", "card", where="state = 'reported'"),
    Index(None, "resident"),
    Index(None, "municipality", "receipt"),
)

CARD_REQUESTS = Table(
    "card_requests",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("reason", Text, nullable=False),
    Column("old_card", Boolean, nullable=False),
    Column("express", Text, nullable=False),
    Column("asked", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("card", Key, ForeignKey("cards.serial")),
    Column("state", Key, nullable=False),
    one_of("state", RequestState),
    one_each("uq_card_requests_open", "resident", where="state = 'asked'"),
    Index(None, "card"),
    Index(None, "municipality", "id"),
)

FEES = Table(
    "fees",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("number", Key, nullable=False),
    Column("request", Key, ForeignKey("card_requests.id"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("amount", Integer, nullable=False),
    Column("card", Integer, nullable=False),
    Column("certificates", Integer, nullable=False),
    Column("express", Integer, nullable=False),
    Column("rules", Text, nullable=False),
    Column("decided", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("settled", Moment),
    Column("means", Text),
    Column("state", Key, nullable=False),
    one_of("state", FeeState),
    CheckConstraint(
        "amount = card + certificates + express"
        " AND card >= 0 AND certificates >= 0 AND express >= 0",
        name="sum_of_its_parts",
    ),
    CheckConstraint("(state = 'due') <= (amount > 0)", name="due_is_something"),
    CheckConstraint(
        "(state IN ('paid', 'refunded')) = (settled IS NOT NULL)"
        " AND (settled IS NULL) = (means IS NULL)",
        name="paid_at_a_moment",
    ),
    Index("uq_fees_number", "number", unique=True),
    Index("uq_fees_request", "request", unique=True),
    Index(None, "resident", "state"),
    Index(None, "municipality", "id"),
)
