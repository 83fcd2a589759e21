"""The retriever and a real archive: how many instances a series has, and earlier studies of the patient."""
import os
import pathlib
import shutil
import signal
import time
import unittest

from support import Node, NodeTest, Orthanc, dicom_files, free_ports, phantom, run, wait_for

SLICES = 24


class Study:
    """Slices of a phantom as a study of its own. The patient is too young for the package's intended use, so that no
    time goes into its analysis."""

    def __init__(self, folder, **attributes):
        folder.mkdir()
        for file in dicom_files(phantom(7))[:SLICES]:
            shutil.copy(file, folder)
        self.folder = folder
        self.files = dicom_files(folder)
        self.uid = "1.2.826.0.1.3680043.8.498." + str(time.monotonic_ns())
        values = {"StudyInstanceUID": self.uid, "SeriesInstanceUID": self.uid + ".1", "PatientAge": "010Y", **attributes}
        changes = [part for name, value in values.items() for part in ("-m", f"{name}={value}")]
        run("dcmodify", "-nb", "-gin", *changes, *self.files)

    def seen_by(self, node, status=None):
        """What the node says of the study, and its jobs."""
        status = status or node.status()
        study = next(s for s in status["studies"] if s["study_instance_uid"] == self.uid)
        return study, [j for j in status["jobs"] if j["study_instance_uid"] == self.uid]


class ArchiveTest(NodeTest):
    def setUp(self):
        super().setUp()
        self.node_port, = free_ports(1)
        self.pacs = Orthanc(self.folder / "pacs",
                            more={"DicomModalities": {"node": ["NECKNODE", "127.0.0.1", self.node_port]}})

    def archive(self, study):
        run("storescu", "-aec", "PACS", "127.0.0.1", self.pacs.dicom_port, *study.files)

    def wait_for_event(self, node, event, count=1):
        """Reads the log, which costs less than asking the node."""
        wait_for(f"{count} x {event}", lambda: node.log().count(f"event={event}") >= count, 60)

    def node(self, method, **options):
        return Node(self.folder / "node", self.pacs.dicom_port, port=self.node_port,
                    extra=f'[priors]\npeer = "pacs"\nmethod = "{method}"\nmax_age_years = 100\nprior_wait_s = 8\n', **options)

    def archived_prior(self):
        prior = Study(self.folder / "prior", StudyDate="20200101")
        self.archive(prior)
        return prior

    def check(self, node, current, prior):
        """The prior is linked, whole, and only the current study has a job."""
        self.wait_for_event(node, "study_decided")
        status = node.status()
        study, jobs = current.seen_by(node, status)
        self.assertEqual([(p["study_instance_uid"], p["state"], p["instances"]) for p in study["priors"]],
                         [(prior.uid, "stored", SLICES)])
        self.assertEqual([job["slices"] for job in jobs], [SLICES])
        study, jobs = prior.seen_by(node, status)
        self.assertTrue(study["decided"])
        self.assertEqual((jobs, status["quarantine"]), ([], []))

    def check_priors_moved(self, node):
        prior = self.archived_prior()
        self.archive(Study(self.folder / "later", StudyDate="20991231"))
        current = Study(self.folder / "current")
        retriever = node.role_pids()["retriever"]
        node.store(*current.files)
        objects = pathlib.Path(node.data) / "objects"
        deadline = time.monotonic() + 20
        while sum(len(names) for _, _, names in os.walk(objects)) <= SLICES and time.monotonic() < deadline:
            time.sleep(0.001)
        os.kill(retriever, signal.SIGKILL)
        self.wait_for_event(node, "priors_fetched")
        self.check(node, current, prior)

    def check_counts(self, node, whole, short):
        decided = node.log().count("event=study_decided")
        node.store(*whole.files[:-2], calling="PACS")
        self.wait_for_event(node, "archive_counted")
        self.assertEqual(whole.seen_by(node)[1], [])
        node.store(*whole.files[-2:], calling="PACS")
        self.wait_for_event(node, "study_decided", decided + 1)
        job, = whole.seen_by(node)[1]
        self.assertEqual((job["slices"], job["incomplete"]), (SLICES, ""))
        node.store(*short.files[:-3], calling="PACS")
        self.wait_for_event(node, "study_decided", decided + 2)
        job, = short.seen_by(node)[1]
        self.assertEqual(job["incomplete"], "the archive holds 24 instances of the series, 21 arrived")

    def check_count_of_an_archive_that_is_away(self, node, study):
        decided = node.log().count("event=study_decided")
        node.store(*study.files, calling="PACS")
        self.wait_for_event(node, "study_decided", decided + 1)
        row, (job,) = study.seen_by(node)
        self.assertEqual(job["incomplete"], "")
        self.assertIn("could not be verified with pacs: connection refused", row["series"][0]["reason"])

    def test_an_archive_is_counted_and_moved_from_though_the_retriever_is_killed_amid_it(self):
        whole, short, alone = (Study(self.folder / name, PatientID=name) for name in ("whole", "short", "alone"))
        with self.node("move", peer="verify_count = true", quiet_s="1\ncount_wait_s = 5") as node:
            with self.pacs:
                self.check_priors_moved(node)
                self.archive(whole)
                self.archive(short)
                self.check_counts(node, whole, short)
            self.check_count_of_an_archive_that_is_away(node, alone)

    def test_an_earlier_study_is_got_and_a_hostile_patient_id_asks_for_none(self):
        with self.pacs, self.node("get") as node:
            prior = self.archived_prior()
            current = Study(self.folder / "current")
            hostile = Study(self.folder / "hostile", PatientID="*")
            node.store(*current.files)
            self.wait_for_event(node, "priors_fetched")
            self.check(node, current, prior)
            node.store(hostile.files[0])
            self.wait_for_event(node, "archive_failed")
            self.assertIn("would not take literally", node.log())
            self.assertEqual(hostile.seen_by(node)[0]["priors"], [])


if __name__ == "__main__":
    unittest.main()
