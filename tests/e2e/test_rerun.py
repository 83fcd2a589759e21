"""A study that is analysed again: by another model, and because it grew."""
import json
import pathlib
import re
import shutil
import unittest

from support import Node, NodeTest, Orthanc, dicom_files, necknode, phantom, run, wait_for

PACKAGE = pathlib.Path(__file__).resolve().parents[2] / "models/packages/phantom/2"


def value(file, tag):
    """All values of an attribute, at any depth."""
    dump = run("dcmdump", "+P", tag, file).stdout
    return re.findall(r"UI \[?=?([0-9.]+)", dump) or re.findall(r"\[([^]]*)\]", dump)


class Rerun(NodeTest):
    def packages(self):
        """The shipped package, and a later version that calls fewer nodes suspicious."""
        root = self.folder / "packages"
        for version in ("2", "3"):
            shutil.copytree(PACKAGE, root / "phantom" / version)
        manifest = root / "phantom/3/package.json"
        package = json.loads(manifest.read_text())
        package["version"] = "3"
        package["thresholds"]["malignant_probability"] = 0.9
        manifest.write_text(json.dumps(package))
        return root

    def reports(self, pacs, count):
        """The SRs in the PACS by Instance Number, as files."""
        wait_for(f"{count} reports in the PACS", lambda: len(pacs.instances("SR")) >= count, 120)
        files = {}
        for i, instance in enumerate(pacs.instances("SR")):
            file = self.folder / f"sr{i}.dcm"
            file.write_bytes(pacs.file(instance))
            files[int(value(file, "InstanceNumber")[0])] = file
            necknode("check-sr", file)
        return files

    def check_second(self, pacs, folder_of_node):
        first, second = (self.reports(pacs, 2)[number] for number in (1, 2))
        self.assertEqual(value(first, "SeriesInstanceUID")[0], value(second, "SeriesInstanceUID")[0])
        self.assertNotEqual(value(first, "SOPInstanceUID"), value(second, "SOPInstanceUID"))
        dump = run("dcmdump", "+p", "+P", "0008,1155", second).stdout
        predecessor = re.search(r"\(0040,a360\)[^\n]*\(0008,1155\) UI \[([0-9.]+)\]", dump)
        self.assertEqual(predecessor.group(1), value(first, "SOPInstanceUID")[0])
        results = []
        for file in (folder_of_node / "results").rglob("*"):
            if file.is_file() and file.read_bytes()[:1] == b"{":
                results.append((file.stat().st_mtime, json.loads(file.read_text())))
        return [result for _, result in sorted(results, key=lambda entry: entry[0])]

    def test_another_model_names_the_report_it_replaces_and_keeps_the_nodes_names(self):
        with Orthanc(self.folder / "pacs") as pacs:
            root = self.packages()
            node = Node(self.folder / "node", pacs.dicom_port, extra=f'packages = "{root}"',
                        route='package = "phantom/2"')
            with node:
                node.store_folder(phantom(7))
                node.wait_for_delivery()
                necknode("routes", "set", "test", "--package", "phantom/3", "--config", node.config)
                wait_for("the coordinator knows", lambda: node.log().count("event=configuration_taken") >= 4, 30)
                node.store_folder(phantom(7))
                node.wait_for_jobs(count=2)
                node.wait_for_delivery()
                before, after = self.check_second(pacs, node.data)
        names = [{n["identifier"]: n["tracking_uid"] for n in result["nodes"]} for result in (before, after)]
        self.assertGreaterEqual(len(names[0]), 5)
        self.assertEqual(names[0], names[1])
        self.assertEqual(after["model"]["version"], "3")
        suspicious = [sum(n["malignancy"] == "malignant" for n in result["nodes"]) for result in (before, after)]
        self.assertLess(suspicious[1], suspicious[0])

    def test_slices_that_come_late_make_a_second_report_with_the_same_nodes(self):
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            files = sorted(dicom_files(phantom(7)), key=lambda file: int(value(file, "InstanceNumber")[0]))
            node.store(*files[:-10])
            node.wait_for_delivery()
            node.store(*files[-10:])
            node.wait_for_jobs(count=2)
            node.wait_for_delivery()
            before, after = self.check_second(pacs, node.data)
        self.assertEqual(after["series"]["slices"], before["series"]["slices"] + 10)
        later = {n["tracking_uid"]: n["identifier"] for n in after["nodes"]}
        kept = [n for n in before["nodes"] if later.get(n["tracking_uid"]) == n["identifier"]]
        self.assertGreaterEqual(len(kept), len(before["nodes"]) - 1)


if __name__ == "__main__":
    unittest.main()
