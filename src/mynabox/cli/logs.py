"""Where the program's log goes: to standard error, a line for each event.

Loaded by the commands that log at all; the library takes longer to load than most
others take to run.
"""

import logging
import sys

import structlog


def log_to_standard_error() -> None:
    """From now on, and once more does no harm."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(
                key_order=["timestamp", "level", "event"]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
