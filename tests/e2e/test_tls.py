"""Orthanc as the PACS with nothing but TLS and client certificates: it sends to us, and gets, commits, counts and gives."""
import json
import unittest

from authority import Authority
from support import Node, NodeTest, Orthanc, dicom_files, free_ports, phantom, run, wait_for
from test_archive import SLICES, Study


class Tls(NodeTest):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder / "ca")
        self.port, self.tls_port = free_ports(2)

    def pacs(self):
        certificate, key = self.authority.issue("pacs")
        return Orthanc(self.folder / "pacs", more={
            "DicomTlsEnabled": True, "DicomTlsCertificate": str(certificate), "DicomTlsPrivateKey": str(key),
            "DicomTlsTrustedCertificates": str(self.authority.certificate), "DicomTlsRemoteCertificateRequired": True,
            "DicomModalities": {"node": {"AET": "NECKNODE", "Host": "127.0.0.1", "Port": self.tls_port,
                                         "UseDicomTls": True}}})

    def node(self, pacs):
        certificate, key = self.authority.issue("necknode")
        return Node(
            self.folder / "node", pacs.dicom_port, port=self.port,
            quiet_s=f"1\ncount_wait_s = 60\ntls_port = {self.tls_port}",
            peer="tls = true\nstorage_commitment = true\nverify_count = true",
            extra=f'[tls]\ncertificate = "{certificate}"\nprivate_key = "{key}"\ntrusted = "{self.authority.certificate}"\n'
                  '[priors]\npeer = "pacs"\nmethod = "get"\nmax_age_years = 100\n')

    def test_a_study_comes_and_its_results_go_by_tls_alone(self):
        prior = Study(self.folder / "prior", StudyDate="20200101")
        with self.pacs() as pacs, self.node(pacs) as node:
            for file in prior.files:
                pacs.get("/instances", file.read_bytes())
            for file in dicom_files(phantom(7)):
                study = pacs.get("/instances", file.read_bytes())["ParentStudy"]
            self.assertNotEqual(run("echoscu", "-aec", "PACS", "127.0.0.1", pacs.dicom_port, check=False).returncode, 0)
            sent = pacs.get("/modalities/node/store", json.dumps({"Resources": [study], "Synchronous": True}).encode())
            self.assertEqual(sent["FailedInstancesCount"], 0)
            node.wait_for_delivery()
            wait_for("Orthanc's commitment",
                     lambda: {row["commitment"] for row in node.status()["outbox"]} == {"committed"}, 60)
            self.assertEqual(len(pacs.instances("SR")), 1)
            [earlier] = node.status()["studies"][0]["priors"] or node.status()["studies"][1]["priors"]
            self.assertEqual((earlier["study_instance_uid"], earlier["state"], earlier["instances"]),
                             (prior.uid, "stored", SLICES))
            self.assertEqual([job["incomplete"] for job in node.jobs()], [""])
        log = node.log()
        accepted = [line for line in log.splitlines() if "association_accepted calling=PACS" in line]
        self.assertGreaterEqual(len(accepted), 2, "the images and the report of the commitment")
        for line in accepted:
            self.assertIn('tls=yes certificate="CN=pacs"', line)
        self.assertIn("event=archive_counted", log)


if __name__ == "__main__":
    unittest.main()
