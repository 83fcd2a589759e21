"""The retriever and a real archive: how many instances a series has, and earlier studies of the patient."""
import os
import pathlib
import shutil
import signal
import time
import unittest

from support import PHANTOM_SLICES, Node, NodeTest, Orthanc, dicom_files, free_ports, phantom, run, wait_for

PRIOR_SLICES = 24


def study_with(folder, files, **attributes):
    """A copy of files as a study of its own, with attributes changed."""
    folder.mkdir()
    for file in files:
        shutil.copy(file, folder)
    uid = "1.2.826.0.1.3680043.8.498." + str(time.monotonic_ns())
    values = {"StudyInstanceUID": uid, "SeriesInstanceUID": uid + ".1", **attributes}
    changes = [part for name, value in values.items() for part in ("-m", f"{name}={value}")]
    run("dcmodify", "-nb", "-gin", *changes, *dicom_files(folder))
    return folder


class ArchiveTest(NodeTest):
    def setUp(self):
        super().setUp()
        self.node_port, = free_ports(1)
        self.pacs = Orthanc(self.folder / "pacs",
                            more={"DicomModalities": {"node": ["NECKNODE", "127.0.0.1", self.node_port]}})

    def archive(self, folder):
        run("storescu", "-aec", "PACS", "127.0.0.1", self.pacs.dicom_port, "+sd", folder)

    def study_of(self, node, folder):
        """What the node says of the study in folder, or None."""
        uid = run("dcmdump", "+P", "StudyInstanceUID", dicom_files(folder)[0]).stdout.split("[")[1].split("]")[0]
        return next((s for s in node.status()["studies"] if s["study_instance_uid"] == uid), None)


class Counts(ArchiveTest):
    def job_of(self, node, folder):
        study = self.study_of(node, folder)
        jobs = [j for j in node.jobs() if study and j["study_instance_uid"] == study["study_instance_uid"]]
        return jobs[0] if jobs else None

    def test_a_study_waits_for_the_images_that_its_archive_has(self):
        files = dicom_files(phantom(7))
        whole, short, alone = (study_with(self.folder / name, files[:PRIOR_SLICES])
                               for name in ("whole", "short", "alone"))
        node = Node(self.folder / "node", self.pacs.dicom_port, peer="verify_count = true", quiet_s="1\ncount_wait_s = 5",
                    port=self.node_port)
        with node:
            with self.pacs:
                self.archive(whole)
                self.archive(short)
                node.store(*dicom_files(whole)[:-2], calling="PACS")
                wait_for("the archive has counted", lambda: node.log().count("event=archive_counted") == 1, 30)
                self.assertIsNone(self.job_of(node, whole))
                node.store(*dicom_files(whole)[-2:], calling="PACS")
                job = wait_for("all are here", lambda: self.job_of(node, whole), 30)
                self.assertEqual((job["slices"], job["incomplete"]), (PRIOR_SLICES, ""))
                node.store(*dicom_files(short)[:-3], calling="PACS")
                job = wait_for("the rest did not come", lambda: self.job_of(node, short), 30)
                self.assertEqual(job["incomplete"], "the archive holds 24 instances of the series, 21 arrived")
            node.store(*dicom_files(alone), calling="PACS")
            job = wait_for("the archive is away", lambda: self.job_of(node, alone), 30)
            self.assertEqual(job["incomplete"], "")
            reason = self.study_of(node, alone)["series"][0]["reason"]
            self.assertIn("could not be verified with pacs: connection refused", reason)


class Priors(ArchiveTest):
    def node(self, method):
        return Node(self.folder / "node", self.pacs.dicom_port, port=self.node_port,
                    extra=f'[priors]\npeer = "pacs"\nmethod = "{method}"\nmax_age_years = 100\ndescription = []\n')

    def prior(self, date="20200101", **attributes):
        folder = study_with(self.folder / f"prior{date}", dicom_files(phantom(7))[:PRIOR_SLICES], StudyDate=date,
                            **attributes)
        self.archive(folder)
        return folder

    def priors_of(self, node, folder):
        return (self.study_of(node, folder) or {"priors": []})["priors"]

    def check_only_the_current_study_is_analysed(self, node, prior):
        node.wait_for_jobs("done")
        self.assertEqual(len(node.jobs()), 1)
        self.assertEqual(node.jobs()[0]["slices"], PHANTOM_SLICES)
        self.assertTrue(self.study_of(node, prior)["decided"])
        self.assertEqual(node.status()["quarantine"], [])

    def test_an_earlier_study_is_moved_though_the_retriever_is_killed_amid_it(self):
        with self.pacs, self.node("move") as node:
            prior = self.prior()
            self.prior("20991231")  # later
            retriever = node.role_pids()["retriever"]
            current = phantom(7)
            node.store(*dicom_files(current))
            objects = lambda: sum(len(names) for _, _, names in os.walk(pathlib.Path(node.data) / "objects"))
            deadline = time.monotonic() + 20
            while objects() <= PHANTOM_SLICES and time.monotonic() < deadline:
                time.sleep(0.001)
            os.kill(retriever, signal.SIGKILL)
            stored = wait_for("the prior is here", lambda: [p for p in self.priors_of(node, current)
                                                           if p["state"] == "stored"], 40)
            self.assertEqual([(p["instances"], p["peer"]) for p in stored], [(PRIOR_SLICES, "pacs")])
            self.check_only_the_current_study_is_analysed(node, prior)

    def test_an_earlier_study_is_got_and_a_hostile_patient_id_asks_for_none(self):
        with self.pacs, self.node("get") as node:
            prior = self.prior()
            current = phantom(7)
            hostile = study_with(self.folder / "hostile", dicom_files(current)[:PRIOR_SLICES - 10], PatientID="*")
            node.store(*dicom_files(current))
            node.store(*dicom_files(hostile))
            stored = wait_for("the prior is here", lambda: [p for p in self.priors_of(node, current)
                                                           if p["state"] == "stored"], 40)
            self.assertEqual([p["instances"] for p in stored], [PRIOR_SLICES])
            self.check_only_the_current_study_is_analysed(node, prior)
            wait_for("the hostile one is refused", lambda: "would not take literally" in node.log(), 20)
            self.assertEqual(self.priors_of(node, hostile), [])


if __name__ == "__main__":
    unittest.main()
