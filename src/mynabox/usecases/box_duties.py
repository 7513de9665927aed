"""Every duty of a box, in the order in which those due at one moment are done."""

from collections.abc import Callable

from mynabox.ports import Box
from mynabox.usecases.duties import Job, Ran, run_duties
from mynabox.usecases.endings_ahead import ENDING_JOBS
from mynabox.usecases.lists_ahead import ListsJob
from mynabox.usecases.moving_duties import MOVING_JOBS
from mynabox.usecases.notices_kept import NoticesKept
from mynabox.usecases.produce_batch import PRODUCTION_JOB
from mynabox.usecases.waiting_ahead import WAITING_JOBS

JOBS: tuple[Job, ...] = (
    NoticesKept(),
    *ENDING_JOBS,
    *WAITING_JOBS,
    PRODUCTION_JOB,
    *MOVING_JOBS,
)


def do_duties(
    box: Box,
    *,
    tell: Callable[[Ran], object] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Ran, ...]:
    """Do everything that fell due in this box until now."""
    jobs = (*JOBS, ListsJob(until=box.clock.now()))
    return run_duties(box, jobs, tell=tell, stop=stop)
