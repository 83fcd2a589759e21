"""The parts of a whole-node test: the node, Orthanc, SCUs, phantoms. Loopback only; every process is ended by its test."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("NECKNODE", str(ROOT / "build/release/necknode"))
SHARED_DATA = pathlib.Path(os.environ.get("NECKNODE_DATA", ROOT / "../shared/data"))
PHANTOM_SLICES = 40


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def wait_for(what, condition, seconds):
    """Waits until condition() is true and returns its value; fails the test with `what` after so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what}")


def run(*command, check=True, timeout=120):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                          errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def necknode(*arguments, **options):
    return run(PROGRAM, *arguments, **options)


_phantoms = {}


def phantom(seed, slices=PHANTOM_SLICES):
    """Folder of a phantom's DICOM files and truth.json, made once per test run."""
    key = (seed, slices)
    if key not in _phantoms:
        folder = tempfile.mkdtemp(prefix="necknode-phantom-")
        unittest.addModuleCleanup(_forget_phantom, key)
        necknode("phantom", "--seed", seed, "--slices", slices, "--out", folder + "/study")
        _phantoms[key] = pathlib.Path(folder)
    return _phantoms[key] / "study"


def _forget_phantom(key):
    folder = _phantoms.pop(key, None)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def dicom_files(folder):
    return sorted(pathlib.Path(folder).glob("*.dcm"))


class Orthanc:
    """A PACS on free ports, `dicomweb` with DICOMweb at `web_url`. Context manager."""

    def __init__(self, folder, dicom_port=None, dicomweb=False, more=None):
        """`more`: settings of Orthanc's beside ours."""
        self.plugins = ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"] if dicomweb else []
        self.folder = pathlib.Path(folder)
        self.more = more or {}
        self.dicom_port, self.http_port = free_ports(2)
        if dicom_port is not None:
            self.dicom_port = dicom_port
        self.web_url = f"http://127.0.0.1:{self.http_port}/dicom-web"
        self.process = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = {
            "StorageDirectory": str(self.folder), "IndexDirectory": str(self.folder), "Plugins": self.plugins,
            "DicomAet": "PACS", "DicomPort": self.dicom_port, "HttpPort": self.http_port,
            "RemoteAccessAllowed": False, "AuthenticationEnabled": False, **self.more}
        (self.folder / "orthanc.json").write_text(json.dumps(configuration), encoding="utf-8")
        with open(self.folder / "orthanc.log", "wb") as log:
            self.process = subprocess.Popen(["Orthanc", str(self.folder / "orthanc.json")], stdout=log, stderr=log)
        wait_for("Orthanc answers", self._is_up, 30)
        return self

    def __exit__(self, *ignored):
        self.process.terminate()
        self.process.wait(timeout=30)

    def _is_up(self):
        with contextlib.suppress(OSError):
            return self.get("/system")
        return None

    def get(self, path, data=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}", data=data)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def file(self, instance):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}/instances/{instance}/file", timeout=10) as answer:
            return answer.read()

    def instances(self, modality):
        query = json.dumps({"Level": "Series", "Query": {"Modality": modality}}).encode()
        return [instance for series in self.get("/tools/find", query)
                for instance in self.get(f"/series/{series}")["Instances"]]


class Node:
    """`necknode serve` on a free port. Context manager; its log is `log()`."""

    def __init__(self, folder, pacs_port=None, route="", peer="", quiet_s=1, extra="", port=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.http_port = free_ports(2)
        self.port = port or self.port
        self.data = self.folder / "data"
        self.config = self.folder / "necknode.toml"
        text = f'[node]\ndata = "{self.data}"\n{extra}\n[receiver]\nbind = "127.0.0.1"\nport = {self.port}\nquiet_time_s = {quiet_s}\n'
        text += f'[http]\nport = {self.http_port}\n'
        text += f'[[route]]\nname = "test"\n{route}\n'
        if pacs_port is not None:
            text += '[[route.output]]\npeer = "pacs"\n'
            text += ('[[peer]]\nname = "pacs"\nae_title = "PACS"\nhost = "127.0.0.1"\n'
                     f'port = {pacs_port}\naccept_non_clinical = true\n{peer}\n')
            text += '[[peer]]\nname = "scanner"\nae_title = "STORESCU"\nhost = "127.0.0.1"\nport = 1\n'
        self.config.write_text(text, encoding="utf-8")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *ignored):
        self.stop()

    def start(self):
        with open(self.folder / "necknode.log", "ab") as log:
            self.process = subprocess.Popen([PROGRAM, "serve", "--config", str(self.config)], stdout=log, stderr=log)
        wait_for("necknode answers C-ECHO: " + str(self.folder), lambda: self.echo().returncode == 0, 60)
        wait_for("necknode answers HTTP: " + str(self.folder), self._answers_http, 60)

    def _answers_http(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.http_port), timeout=5):
            return True
        return False

    def stop(self):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def log(self):
        return (self.folder / "necknode.log").read_text(encoding="utf-8", errors="replace")

    def echo(self, calling="STORESCU", called="NECKNODE"):
        return run("echoscu", "-to", "5", "-aet", calling, "-aec", called, "127.0.0.1", self.port, check=False)

    def store(self, *paths, calling="STORESCU", called="NECKNODE", check=True):
        return run("storescu", "-aet", calling, "-aec", called, "127.0.0.1", self.port, *paths, check=check)

    def store_folder(self, folder, **options):
        return self.store("+sd", folder, "--scan-pattern", "*.dcm", **options)

    def status(self):
        return json.loads(necknode("status", "--config", self.config, "--json", "--limit", 0).stdout)

    def role_pids(self):
        """role -> process id, read from the process table: the children of `serve`."""
        pids = {}
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in children:
            with contextlib.suppress(OSError):
                arguments = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
                if "role" in arguments:
                    pids[arguments[arguments.index("role") + 1]] = int(pid)
        return pids

    def kill_role(self, role):
        os.kill(self.role_pids()[role], signal.SIGKILL)

    def jobs(self):
        return self.status()["jobs"]

    def wait_for_jobs(self, state="done", count=1, seconds=120):
        return wait_for(f"{count} jobs {state}: {self.folder}",
                        lambda: len([j for j in self.jobs() if j["state"] == state]) >= count, seconds)

    def wait_for_delivery(self, seconds=180):
        def delivered():
            rows = self.status()["outbox"]
            return rows and all(row["state"] == "delivered" for row in rows)
        return wait_for(f"everything delivered: {self.folder}", delivered, seconds)


class NodeTest(unittest.TestCase):
    """A test with a folder of its own that is removed when the test passes, and kept and named when it fails."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="necknode-e2e-"))

    def tearDown(self):
        outcome = getattr(self, "_outcome", None)
        result = getattr(outcome, "result", None)
        failed = result is not None and any(test is self for test, _ in result.failures + result.errors)
        for log in sorted(self.folder.glob("**/necknode.log")) if failed else []:
            print(f"--- {log}\n{log.read_text(errors='replace')[-6000:]}")
        shutil.rmtree(self.folder, ignore_errors=True)

    def shared(self, name):
        folder = SHARED_DATA / name
        if not folder.is_dir():
            self.skipTest("the folder of real DICOM files is absent (see docs/testing.md)")
        return folder
