"""Certificates for tests of TLS."""
from support import run


class Authority:
    """Makes certificates in a folder by openssl."""

    def __init__(self, folder):
        folder.mkdir()
        self.folder = folder
        self.certificate = folder / "ca.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority",
            "-keyout", folder / "ca.key", "-out", self.certificate)

    def issue(self, name):
        """Certificate for 127.0.0.1 and its key."""
        key, request, certificate = (self.folder / f"{name}.{end}" for end in ("key", "csr", "pem"))
        names = self.folder / "names"
        names.write_text("subjectAltName = IP:127.0.0.1, DNS:localhost\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        run("openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.folder / "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", names, "-out", certificate)
        return certificate, key
