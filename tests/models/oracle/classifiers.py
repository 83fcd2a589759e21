#!/usr/bin/python3
"""torchvision's answers of its classification networks, for tests/models/classifier_parity_test.cpp.

    classifiers.py REQUEST.json

The request: {"images": FILE, "logits": FILE, "cases": [{"case": NAME, "network": NAME, "options": {}, "weights": FILE}]}.
Each network is built without weights, gets those of the file by their names (every name must be there, none may be left
over) and judges "images" [N, C, S, S] in eval mode. Writes one tensor "case" [N, outputs] a case.
"""
import json
import sys

sys.dont_write_bytecode = True

import torch
import torchvision

import tensor_files


def load(network, weights):
    missing, unexpected = network.load_state_dict(weights, strict=False)
    missing = [name for name in missing if not name.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise SystemExit(f"torchvision also has {missing[:5]}, does not know {unexpected[:5]}")


def main():
    request = json.load(open(sys.argv[1]))
    images = tensor_files.read(request["images"])["images"]
    # The first weights are replaced at once: drawing them costs more than all the rest.
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_"):
        setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
    logits = {}
    for case in request["cases"]:
        network = getattr(torchvision.models, case["network"])(**case["options"])
        load(network, tensor_files.read(case["weights"]))
        with torch.no_grad():
            logits[case["case"]] = network.eval()(images)
    tensor_files.write(request["logits"], logits)


if __name__ == "__main__":
    main()
