"""Storage commitment with Orthanc, in both roles."""
import json
import unittest

from support import Node, NodeTest, Orthanc, free_ports, necknode, phantom, run, wait_for

CT = "1.2.840.10008.5.1.4.1.1.2"


class Commitment(NodeTest):
    def test_the_pacs_commits_itself_to_our_results_and_we_to_its_images(self):
        port = free_ports(1)[0]
        with Orthanc(self.folder / "pacs", more={
                "DicomModalities": {"necknode": ["NECKNODE", "127.0.0.1", port]}}) as pacs, Node(
                self.folder / "node", pacs.dicom_port, port=port, peer="storage_commitment = true",
                extra="[storage_commitment]\ngrant = true") as node:
            study = phantom(7)
            node.store_folder(study)
            node.wait_for_delivery()
            wait_for("Orthanc's reports over associations of its own",
                     lambda: {row["commitment"] for row in node.status()["outbox"]} == {"committed"}, 60)

            # Orthanc asks, releases, and is reported to over another association.
            first = sorted(study.glob("*.dcm"))[0]
            stored = run("dcmdump", "+P", "SOPInstanceUID", str(first)).stdout.split("[")[1].split("]")[0]
            asked = pacs.get("/modalities/necknode/storage-commitment",
                             json.dumps({"DicomInstances": [[CT, stored], [CT, "1.2.3"]]}).encode())

            def report():
                answer = pacs.get(asked["Path"])
                return answer if answer["Status"] != "Pending" else None
            answer = wait_for("our report", report, 60)
            self.assertEqual(answer["Status"], "Failure")
            self.assertEqual([done["SOPInstanceUID"] for done in answer["Success"]], [stored])
            self.assertEqual([lost["SOPInstanceUID"] for lost in answer["Failures"]], ["1.2.3"])
            self.assertEqual(answer["Failures"][0]["FailureReason"], 0x0112)
            [request] = json.loads(necknode("commitments", "--config", node.config, "--json").stdout)
            self.assertIn("1 not committed", necknode("commitments", "--config", node.config).stdout)
            self.assertEqual((request["state"], request["instances"], request["failed"]), ("reported", 2, 1))


if __name__ == "__main__":
    unittest.main()
