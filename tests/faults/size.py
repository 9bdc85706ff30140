"""How large a fault is: small enough for every change, or as large as promised (`make faults`).

So are the bounds of time: wide enough every day for a machine that does other things beside and stands still for some
seconds, and in full, on a quiet machine, what was promised.
"""

from __future__ import annotations

import os
from typing import TypeVar

T = TypeVar("T")
IS_FULL = os.environ.get("FAULTS_FULL") == "1"


def size(every_day: T, full: T) -> T:
    """The first in every run of the tests, the second where FAULTS_FULL=1 is set."""
    return full if IS_FULL else every_day
