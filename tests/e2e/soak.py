#!/usr/bin/python3
"""Kills the node at random while studies come in, and looks whether anything that it acknowledged was lost.

  tests/e2e/soak.py [--cycles 1000] [--folder build/soak] [--seed 1]

A cycle sends one study of eight slices, kills a role or the whole node with SIGKILL at a random moment, and sends what was
not acknowledged again, as a PACS does. At the end every study must have had exactly one report in the PACS (Orthanc), and
every acknowledged slice must lie in the node's folder under its row, byte for byte as it was sent. Can be interrupted: the
next call with the same folder goes on. Prints a summary, ends with exit code 1 where anything is wrong.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import Node, Orthanc, dicom_files, free_ports, necknode, wait_for  # noqa: E402

SLICES = 8
# Longer than a killed receiver is away, so that half a study is never taken for a whole one.
QUIET_S = 6
ROUTE = 'on_not_eligible = "sr"\n[route.series]\nmin_slices = 8\n'
TARGETS = ["receiver", "receiver", "coordinator", "worker", "sender", "node"]
UID = re.compile(rb"2\.25\.\d{30,39}")


class Soak:
    def __init__(self, folder, seed):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.state_file = self.folder / "state.json"
        self.state = {"seed": seed, "port": free_ports(1)[0], "cycles": 0, "seconds": 0, "kills": {}, "studies": {}}
        if self.state_file.exists():
            self.state = json.loads(self.state_file.read_text())
        self.random = random.Random(f"{self.state['seed']}-{self.state['cycles']}")
        made = self.folder / "phantom"
        if not (made / "truth.json").exists():
            necknode("phantom", "--seed", 7, "--slices", 40, "--out", made)
        files = dicom_files(made)
        # Every fifth: so few slices must still span a neck, or there is nothing to analyse.
        self.slices = [file.read_bytes() for file in files[::len(files) // SLICES][:SLICES]]

    def save(self):
        part = self.state_file.with_suffix(".part")
        part.write_text(json.dumps(self.state))
        os.replace(part, self.state_file)

    def make_study(self):
        """The slices under UIDs of their own, of the old ones' length. Returns the study's UID and the files."""
        digits = {}

        def renamed(found):
            uid = found[0]
            if uid not in digits:
                digits[uid] = b"2.25.1" + "".join(self.random.choices("0123456789", k=len(uid) - 6)).encode()
            return digits[uid]

        out = self.folder / "study"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        files = []
        for number, slice_bytes in enumerate(self.slices):
            files.append(out / f"{number}.dcm")
            files[-1].write_bytes(UID.sub(renamed, slice_bytes))
        return files

    @staticmethod
    def dataset_digest(path):
        """SHA-256 of the file from SOP Class UID (0008,0016) on: what must not change, whatever the meta group says."""
        data = pathlib.Path(path).read_bytes()
        return hashlib.sha256(data[data.index(b"\x08\x00\x05\x00CS"):]).hexdigest()

    @staticmethod
    def uid_of(path, tag):
        data = pathlib.Path(path).read_bytes()
        at = data.index(tag + b"UI", 132) + 6
        length = int.from_bytes(data[at:at + 2], "little")
        return data[at + 2:at + 2 + length].rstrip(b"\0 ").decode()

    def send(self, files, kill):
        """storescu of `files`; `kill` is called while it runs. Returns how many were acknowledged, the first ones."""
        sender = subprocess.Popen(
            ["storescu", "-v", "-to", "10", "-aet", "STORESCU", "-aec", "NECKNODE", "127.0.0.1", str(self.node.port),
             *map(str, files)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        kill()
        output = sender.communicate(timeout=120)[0]
        return output.count("Received Store Response (Success)")

    def kill(self, target):
        time.sleep(self.random.random() * 0.5)
        self.state["kills"][target] = self.state["kills"].get(target, 0) + 1
        if target != "node":
            role = self.node.role_pids().get(target)
            if role is not None:  # else it is being started again after the last kill
                os.kill(role, signal.SIGKILL)
            return
        roles = list(self.node.role_pids().values())
        self.node.process.send_signal(signal.SIGKILL)
        self.node.process.wait()
        for role in roles:
            try:
                os.kill(role, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def cycle(self):
        files = self.make_study()
        study = self.uid_of(files[0], b"\x20\x00\x0d\x00")
        record = {self.uid_of(file, b"\x08\x00\x18\x00"): self.dataset_digest(file) for file in files}
        target = self.random.choice(TARGETS)
        # The third death of a job's worker parks the job, for a person to look at: as it should, but not here.
        if target in ("worker", "node") and any(
                job["attempt"] > 1 and job["state"] in ("queued", "running") for job in self.node.jobs()):
            target = "receiver"
        left = files[self.send(files, lambda: self.kill(target)):]
        if target == "node":
            self.node.start()
        while left:
            time.sleep(0.2)
            left = left[self.send(left, lambda: None):]
        self.state["studies"][study] = record
        self.state["cycles"] += 1
        self.save()

    def run(self, cycles):
        with Orthanc(self.folder / "pacs", self.state.setdefault("pacs_port", free_ports(1)[0])) as self.pacs:
            self.node = Node(self.folder / "node", self.pacs.dicom_port, quiet_s=QUIET_S, route=ROUTE,
                             port=self.state["port"])
            with self.node:
                start = time.monotonic()
                while self.state["cycles"] < cycles:
                    self.cycle()
                    if self.state["cycles"] % 10 == 0:
                        print(f"{self.state['cycles']} of {cycles} cycles", flush=True)
                self.state["seconds"] += round(time.monotonic() - start)
                self.save()
                wait_for("every study is decided, analysed and sent", self.is_quiet, 60 + 5 * cycles)
                return self.check()

    def is_quiet(self):
        status = self.node.status()
        return (len(status["studies"]) == len(self.state["studies"])
                and all(study["state"] == "decided" for study in status["studies"])
                and all(job["state"] not in ("queued", "running") for job in status["jobs"])
                and all(row["state"] == "delivered" for row in status["outbox"]))

    def check(self):
        """What is wrong, as lines."""
        wrong = []
        database = sqlite3.connect(f"file:{self.node.data / 'necknode.db'}?mode=ro", uri=True)
        rows = {row[0]: row[1] for row in database.execute(
            "SELECT sop_instance_uid, object_key FROM instances WHERE is_current = 1 AND state = 'stored'")}
        for study, slices in self.state["studies"].items():
            for uid, digest in slices.items():
                key = rows.get(uid)
                path = self.node.data / "objects" / (key or "")[:2] / (key or "")
                if key is None or not path.is_file():
                    wrong.append(f"lost: instance {uid} of study {study}")
                elif self.dataset_digest(path) != digest:
                    wrong.append(f"altered: instance {uid} of study {study}")
            query = json.dumps({"Level": "Series", "Query": {"StudyInstanceUID": study, "Modality": "SR"}}).encode()
            reports = sum(len(self.pacs.get(f"/series/{series}")["Instances"])
                          for series in self.pacs.get("/tools/find", query))
            if reports != 1:
                wrong.append(f"{reports} reports of study {study}")
        return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--folder", default="build/soak")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    soak = Soak(arguments.folder, arguments.seed)
    wrong = soak.run(arguments.cycles)
    state = soak.state
    slices = sum(len(slices) for slices in state["studies"].values())
    kills = ", ".join(f"{target} {count}" for target, count in sorted(state["kills"].items()))
    print(f"{state['cycles']} kill cycles in {state['seconds']} s ({kills}): {slices} acknowledged slices of "
          f"{len(state['studies'])} studies, {len(wrong)} things wrong")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
