"""A certificate that SeaweedFS's parts show each other: `python -m app.local.certificate FOLDER`.

In a process of its own: what it imports would stay in the supervisor as 19 MB.
"""

import datetime
import os
import subprocess
import sys
from pathlib import Path

YEARS = 30
ROOT = Path(__file__).parents[2]


def keep(folder: Path) -> tuple[Path, Path]:
    """(certificate, private key) in that folder, made when there are none. Raises RuntimeError."""
    certificate, key = folder / "parts.crt", folder / "parts.key"
    if not (certificate.exists() and key.exists()):
        command = [sys.executable, "-m", "app.local.certificate", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"no certificate could be made: {done.stderr.strip()[-800:]}")
    return certificate, key


def make(folder: Path) -> None:
    """A key, and a certificate that is its own authority: nobody else's is ever believed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "trunkline storage")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _write(folder / "parts.key", key.private_bytes(serialization.Encoding.PEM, *form))
    _write(folder / "parts.crt", certificate.public_bytes(serialization.Encoding.PEM))


def _write(path: Path, data: bytes) -> None:
    half = path.with_suffix(".tmp")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    os.replace(half, path)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
