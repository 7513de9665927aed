"""Runs the migrations for Alembic's own commands (``revision``, ``check`` ...).

A box migrates itself when it is opened (``mynabox.adapters.store.schema``), without
this file. Alembic's commands get their connection from the caller:
``config.attributes["connection"]``.
"""

from alembic import context

from mynabox.adapters.store.every_table import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
)
with context.begin_transaction():
    context.run_migrations()
