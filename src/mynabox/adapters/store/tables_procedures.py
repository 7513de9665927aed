"""Tables of letters of inquiry, of secrets to be set anew at a store, and of batches."""

from sqlalchemy import Column, Date, ForeignKey, Index, Table, Text

from mynabox.adapters.store.columns import Key, Moment
from mynabox.adapters.store.tables import METADATA, one_each, one_of
from mynabox.lifecycle.batch import ItemState
from mynabox.lifecycle.inquiry import InquiryState
from mynabox.lifecycle.store_reset import StoreResetState

INQUIRIES = Table(
    "inquiries",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("agent", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("code_hash", Key, nullable=False),
    Column("sent", Moment, nullable=False),
    Column("until", Date, nullable=False),
    Column("since", Moment, nullable=False),
    Column("state", Key, nullable=False),
    one_of("state", InquiryState),
    Index("uq_inquiries_code_hash", "code_hash", unique=True),
    one_each("uq_inquiries_open", "card", where="state = 'sent'"),
)

STORE_RESETS = Table(
    "store_resets",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("card", Key, ForeignKey("cards.serial"), nullable=False),
    Column("resident", Key, ForeignKey("residents.id"), nullable=False),
    Column("municipality", Key, nullable=False),
    Column("kind", Key, nullable=False),
    Column("app_done", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("state", Key, nullable=False),
    one_of("state", StoreResetState),
    one_each("uq_store_resets_open", "card", "kind", where="state = 'reserved'"),
)

BATCH_ITEMS = Table(
    "batch_items",
    METADATA,
    Column("id", Key, primary_key=True),
    Column("batch", Key, nullable=False),
    Column("municipality", Key, nullable=False),
    Column("application", Key, ForeignKey("applications.id"), nullable=False),
    Column("ordered", Moment, nullable=False),
    Column("card", Key, ForeignKey("cards.serial")),
    Column("refused", Text, nullable=False),
    Column("done", Moment),
    Column("state", Key, nullable=False),
    one_of("state", ItemState),
    one_each("uq_batch_items_waiting", "application", where="state = 'waiting'"),
    Index(None, "batch"),
    Index(None, "state", "ordered"),
)
