"""CloudFront's signed addresses: one wildcard policy and one signature cover all files of a video.

Shape: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-custom-policy.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from datetime import UTC, datetime

from botocore.signers import CloudFrontSigner
from cachetools import LRUCache
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.config import ConfigError, Settings

REMEMBERED = 5_000
URI_ATTRIBUTE = re.compile(r'URI="([^"]*)"')
PICTURE_LINE = re.compile(r"([A-Za-z0-9_./-]+\.(?:jpg|png|webp))(#[A-Za-z0-9=:,]*)?")


class Cdn:
    """Signs for one distribution with one key pair."""

    def __init__(self, settings: Settings) -> None:
        self.origin = settings.cdn_url.rstrip("/")
        pem = settings.cdn_private_key.replace("\\n", "\n").encode()
        try:
            key = serialization.load_pem_private_key(pem, None)
        except ValueError:
            raise ConfigError("CDN_PRIVATE_KEY must be an RSA key in PEM form") from None
        if not isinstance(key, rsa.RSAPrivateKey) or not self.origin or not settings.cdn_key_pair_id:
            raise ConfigError("MEDIA_DELIVERY=cloudfront needs CDN_URL, CDN_KEY_PAIR_ID and an RSA CDN_PRIVATE_KEY")
        # CloudFront knows SHA-1 with PKCS #1 v1.5 for these policies.
        self.signer = CloudFrontSigner(
            settings.cdn_key_pair_id,
            lambda policy: key.sign(policy, padding.PKCS1v15(), hashes.SHA1()),  # noqa: S303
        )
        self._signed: LRUCache[tuple[str, int], str] = LRUCache(REMEMBERED)

    def query(self, video: str, expires_at: int) -> str:
        """What to append to any address under vod/<video>/. A signature takes a millisecond of CPU, so it is kept."""
        known = self._signed.get((video, expires_at))
        if known is None:
            files = f"{self.origin}/vod/{video}/*"
            policy = self.signer.build_policy(files, datetime.fromtimestamp(expires_at, UTC))
            known = str(self.signer.generate_presigned_url(files, policy=policy)).partition("?")[2]
            self._signed[video, expires_at] = known
        return known

    def url(self, video: str, path: str, expires_at: int) -> str:
        """A file's address; `path` is what stands behind vod/<video>/, with a fragment if any."""
        path, _, fragment = path.partition("#")
        url = f"{self.origin}/vod/{video}/{path}?{self.query(video, expires_at)}"
        return f"{url}#{fragment}" if fragment else url

    def rewrite(self, text: str, video: str, path: str, expires_at: int) -> str:
        """A playlist or a list of previews whose every file carries the signature.

        Other playlists stay relative: they are fetched from this service, which rewrites them as well.
        """
        folder = posixpath.dirname(path)

        def sign(uri: str) -> str:
            if uri.partition("#")[0].endswith(".m3u8"):
                return uri
            whole = posixpath.normpath(posixpath.join(folder, uri))
            if whole.startswith(("/", "..")) or ":" in uri.partition("#")[0]:
                raise ValueError(f"{path} names a file outside of its video")
            return self.url(video, whole, expires_at)

        rewrite_line = playlist_line if path.endswith(".m3u8") else preview_line
        return "".join(rewrite_line(line, sign) for line in text.splitlines(keepends=True))


def playlist_line(line: str, sign: Callable[[str], str]) -> str:
    body = line.rstrip("\r\n")
    if body.startswith("#"):
        return URI_ATTRIBUTE.sub(lambda m: f'URI="{sign(m[1])}"', line)
    return line.replace(body, sign(body), 1) if body.strip() else line


def preview_line(line: str, sign: Callable[[str], str]) -> str:
    body = line.rstrip("\r\n")
    return line.replace(body, sign(body), 1) if PICTURE_LINE.fullmatch(body) else line
