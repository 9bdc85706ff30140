"""How the ids look that stand in addresses, so that what is none asks nobody."""

from __future__ import annotations

import re

# What util.random_id makes.
PUBLIC_ID = re.compile("[0-9A-Za-z]{12}")
# A row's own number or an event's: in ASCII, written in one way, and below 2^63 however high it counts.
NUMBER = re.compile("0|[1-9][0-9]{0,17}")
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
CHANNEL = re.compile(f"user:({NUMBER.pattern})|live:{PUBLIC_ID.pattern}(:mod)?")
