"""What a user name and an e-mail address look like. The table's checks say the same of user names."""

from __future__ import annotations

import re

USERNAME = re.compile(r"[A-Za-z0-9_]{3,30}")
# Names that would be mistaken for the service itself; only `create-admin` may give them out.
RESERVED = {"admin", "administrator", "moderator", "root", "support", "system", "trunkline", "null", "undefined"}
# The part of RFC 5321 that is in use: ASCII, no quoting, a domain with a dot. Other scripts use the xn-- form.
EMAIL = re.compile(
    r"(?=.{3,254}$)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)


def is_email(text: str) -> bool:
    # The length is looked at first, so that no pattern ever works on a megabyte.
    return len(text) <= 254 and EMAIL.fullmatch(text) is not None
