"""Checks the AWS signature of a request by making it again, with botocore's own signer."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=5)
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[\w;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


class BadSignature(Exception):
    """Not signed by a holder of the secret; the text is safe to show."""


def verify(method: str, url: str, headers: Mapping[str, str], body: bytes, keys: tuple[str, str], service: str) -> None:
    """`headers` with lower-case names, `keys` = (access key, secret). Raises BadSignature."""
    from botocore.auth import SigV4Auth  # here, since botocore costs memory that an idle laptop can spare
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    claim = AUTHORIZATION.fullmatch(headers.get("authorization", ""))
    if claim is None:
        raise BadSignature("Missing Authentication Token")
    stamp = headers.get("x-amz-date", "")
    if not _is_fresh(stamp) or stamp[:8] != claim["day"]:
        raise BadSignature("Signature expired or not yet current")
    signed = claim["headers"].split(";")
    if claim["service"] != service or not {"host", "x-amz-date"} <= set(signed):
        raise BadSignature("Credential should be scoped to the service, with host and x-amz-date signed")
    told = headers.get("x-amz-content-sha256")
    if told is not None and told != hashlib.sha256(body).hexdigest():
        raise BadSignature("The body does not match its hash")
    request = AWSRequest(method, url, {name: headers.get(name, "") for name in signed}, body)
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(*keys), service, claim["region"])
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    known = hmac.compare_digest(claim["key"].encode(), keys[0].encode())
    if not (hmac.compare_digest(expected, claim["signature"]) and known):
        raise BadSignature("The request signature we calculated does not match the signature you provided")


def _is_fresh(stamp: str) -> bool:
    try:
        then = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - then) <= SKEW
