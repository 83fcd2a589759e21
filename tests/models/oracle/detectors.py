#!/usr/bin/python3
"""What torchvision's detection operators, networks and losses give, for tests/models/*_parity_test.cpp.

    detectors.py REQUEST.json

The request: {"operators": FILE, "network": FILE, "weights": FILE}. Inputs are drawn here, so each case is written with its
input: "operators" by the names that the tests ask for, "network" the stages of fasterrcnn_resnet50_fpn with the random
weights in "weights", its losses and their gradients. All is written as float32 or int64.
"""
import json
import sys
import types

sys.dont_write_bytecode = True

import torch
import torchvision
from torchvision.models.detection import _utils as detection
from torchvision.models.detection.anchor_utils import AnchorGenerator, DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import concat_box_prediction_layers
from torchvision.models.detection.ssd import SSD
from torchvision.ops import boxes as box_ops

import tensor_files

BOX_WEIGHTS, RPN_WEIGHTS = (10.0, 10.0, 5.0, 5.0), (1.0, 1.0, 1.0, 1.0)
# One of each kind: inside, on whole and half pixels, sub-pixel, without area, inverted, across each border, beyond it.
ROIS = [[0, 4.3, 2.2, 40.7, 30.9], [1, 8, 4, 36, 28], [0, 4.5, 2.5, 10.5, 6.5], [1, -0.5, -2.5, 3.5, 5.5],
        [0, 7.1, 7.2, 7.3, 7.35], [1, 9, 9, 9, 9], [0, 20, 16, 12, 6], [1, 20, 6, 12, 16], [0, -14, -9, 9, 7],
        [1, 50, 40, 90, 80], [0, -40, -40, -20, -20], [1, 200, 10, 240, 30], [0, 0, 0, 68, 52], [1, 0, 0, 300, 300],
        [0, 33.3, 0, 33.4, 52]]


class Out(dict):
    def put(self, name, tensor):
        self[name] = tensor.detach().float() if tensor.is_floating_point() else tensor.long()


def pooling(out):
    torch.manual_seed(1)
    features = torch.randn(2, 3, 13, 17, dtype=torch.float64).mul(2).round() / 2  # so that a bin has several largest ones
    rois = torch.tensor(ROIS, dtype=torch.float64)
    out.put("pool/features", features)
    out.put("pool/rois", rois)
    for scale, size, sampling in ((0.25, 7, 2), (1.0, 3, 2), (0.5, 1, 1), (0.125, 2, 3)):
        for name, pool in (("align", lambda x: torchvision.ops.roi_align(x, rois, size, scale, sampling, aligned=False)),
                           ("max", lambda x: torchvision.ops.roi_pool(x, rois, size, scale))):
            x = features.clone().requires_grad_()
            y = pool(x)
            weight = torch.arange(y.numel(), dtype=torch.float64).reshape(y.shape).sin().float().double()
            (y * weight).sum().backward()
            for key, tensor in (("out", y), ("weight", weight), ("grad", x.grad)):
                out.put(f"pool/{name}/{scale}/{size}/{sampling}/{key}", tensor)

    levels = {str(i): torch.randn(2, 4, 64 >> i, 64 >> i) for i in range(4)}
    sides = [5, 0.3, 0, 111.9, 112, 112.1, 160, 223.9, 224, 224.1, 447.9, 448, 460, 900, 56]
    boxes = torch.tensor([[3.0 + i, 2.0 + 0.5 * i, 3.0 + i + side, 2.0 + 0.5 * i + side] for i, side in enumerate(sides)])
    pool = torchvision.ops.MultiScaleRoIAlign(["0", "1", "2", "3"], 7, 2)
    for name, level in levels.items():
        out.put(f"levels/features/{name}", level)
    out.put("levels/boxes", boxes)
    out.put("levels/out", pool(levels, [boxes, boxes[:4]], [(256, 256), (256, 256)]))


def suppression(out):
    torch.manual_seed(2)
    corners = torch.rand(90, 2) * 60
    boxes = torch.cat([corners, corners + 4 + torch.rand(90, 2) * 30], 1)
    # Exactly a half and a third of overlap, twice the same, without area, inverted.
    special = torch.tensor([[200.0, 0, 210, 10], [200, 0, 210, 20], [300, 0, 310, 10], [305, 0, 315, 10],
                            [400, 0, 410, 10], [400, 0, 410, 10], [5, 5, 5, 5], [5, 5, 5, 5], [30, 30, 10, 10],
                            [28, 28, 12, 12], [30, 10, 10, 30], [0, 7, 40, 7]])
    boxes = torch.cat([boxes, special])
    scores = torch.randperm(len(boxes)).float() / len(boxes)
    groups = torch.arange(len(boxes)) % 3
    out.put("nms/boxes", boxes)
    out.put("nms/scores", scores)
    out.put("nms/groups", groups)
    for threshold in (0.3, 1 / 3, 0.5, 0.7):
        out.put(f"nms/kept/{threshold:.3f}", torchvision.ops.nms(boxes, scores, threshold))
        # The vanilla way: the trick with coordinates is for boxes that are none of the special ones.
        out.put(f"nms/grouped/{threshold:.3f}", box_ops._batched_nms_vanilla(boxes, scores, groups, threshold))
    out.put("nms/trick", torchvision.ops.batched_nms(boxes[:90], scores[:90], groups[:90], 0.5))
    empty = torchvision.ops.nms(torch.zeros(0, 4), torch.zeros(0), 0.5)
    out.put("nms/empty", empty)


def boxes(out):
    torch.manual_seed(3)
    corners = torch.rand(40, 2) * 50
    anchors = torch.cat([corners, corners + 2 + torch.rand(40, 2) * 40], 1)
    truths = anchors + torch.randn(40, 4) * 0.7
    # Sub-pixel, without area and inverted; and a target without area.
    anchors[0], anchors[1], anchors[2] = (torch.tensor(b) for b in ([4, 4, 4.01, 4.02], [5.0, 5, 5, 5], [9.0, 9, 3, 4]))
    truths[3, 2:] = truths[3, :2]
    deltas = torch.randn(40, 12) * 3
    deltas[4, :4] = torch.tensor([0.0, 0, 1000, -1000])
    deltas[5] = 0
    for name, weights in (("box", BOX_WEIGHTS), ("rpn", RPN_WEIGHTS)):
        coder = detection.BoxCoder(weights)
        out.put(f"coder/{name}/encoded", coder.encode_single(truths, anchors))
        decoded = coder.decode_single(deltas, anchors)
        out.put(f"coder/{name}/decoded", decoded)
        out.put(f"coder/{name}/clipped", box_ops.clip_boxes_to_image(decoded.reshape(-1, 4), (47, 61)))
    out.put("coder/anchors", anchors)
    out.put("coder/truths", truths)
    out.put("coder/deltas", deltas)
    out.put("coder/empty", detection.BoxCoder(BOX_WEIGHTS).decode_single(torch.zeros(0, 8), torch.zeros(0, 4)))
    out.put("coder/iou", box_ops.box_iou(anchors[3:], truths[4:]))
    sides = torch.tensor([[0.0, 0, 0.01, 0.01], [0, 0, 0.0099, 1], [3, 3, 3, 3], [4, 4, 2, 2], [0, 0, 5, 5]])
    out.put("coder/sides", sides)
    out.put("coder/large", box_ops.remove_small_boxes(sides, 1e-2))


def anchors(out):
    ratios = (0.5, 1.0, 2.0)
    for name, sizes, maps in (("usual", ((32,), (64,), (128,), (256,), (512,)), ((24, 40), (12, 20), (6, 10), (3, 5), (2, 3))),
                              ("designed", ((16,), (24,), (36,), (40,), (56,)), ((16, 32), (8, 16), (4, 8), (2, 4), (1, 2))),
                              ("halves", ((3, 5, 7.0, 9, 10.5),), ((5, 6),)),
                              ("single", ((16, 24, 36, 40, 56),), ((6, 10),))):
        generator = AnchorGenerator(sizes, (ratios,) * len(sizes))
        height, width = (96, 160) if name != "designed" else (64, 128)
        images = ImageList(torch.zeros(1, 1, height, width), [(height, width)])
        out.put(f"anchors/{name}", generator(images, [torch.zeros(1, 1, *size) for size in maps])[0])
    generator = DefaultBoxGenerator([[2], [2]], scales=[0.25, 0.5, 1.0], steps=[8, 16])
    images = ImageList(torch.zeros(1, 1, 64, 64), [(64, 64)])
    boxes = generator(images, [torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 4, 4)])[0].reshape(-1, 4, 4)
    # Of its four boxes a place the square of its own size and the two of ratio 2 (ours, height / width: 1, 0.5, 2).
    out.put("anchors/ssd", boxes[:, [0, 2, 3]].reshape(-1, 4))


def ssd(out):
    torch.manual_seed(4)
    corners = torch.rand(300, 2) * 80
    anchors = torch.cat([corners, corners + 6 + torch.rand(300, 2) * 30], 1).double()
    # Half of the first truth, a little more of it and a little less.
    anchors[:3] = torch.tensor([[10.0, 12, 30, 22.5], [10, 12, 30, 22.7], [10, 12, 30, 22.3]])
    truths = [torch.tensor([[10.0, 12, 30, 33], [40, 50, 52, 70]], dtype=torch.float64),
              torch.tensor([[60.0, 5, 63, 8]], dtype=torch.float64), torch.zeros(0, 4, dtype=torch.float64)]
    logits = (torch.randn(3, 300, 2) * 2).double().requires_grad_()
    deltas = torch.randn(3, 300, 4).double().requires_grad_()
    matcher = detection.SSDMatcher(0.5)
    matches = [matcher(box_ops.box_iou(t, anchors)) if len(t) else torch.full((300,), -1) for t in truths]
    stub = types.SimpleNamespace(box_coder=detection.BoxCoder(BOX_WEIGHTS), neg_to_pos_ratio=3, score_thresh=0.3,
                                 topk_candidates=60, nms_thresh=0.45, detections_per_img=15)
    targets = [{"boxes": t, "labels": torch.ones(len(t), dtype=torch.int64)} for t in truths]
    losses = SSD.compute_loss(stub, targets, {"bbox_regression": deltas, "cls_logits": logits}, [anchors] * 3, matches)
    (losses["classification"] + 2 * losses["bbox_regression"]).backward()
    found = SSD.postprocess_detections(stub, {"bbox_regression": deltas, "cls_logits": logits}, [anchors] * 3, [(90, 100)] * 3)
    for name, tensor in (("anchors", anchors), ("logits", logits), ("deltas", deltas), ("matches", torch.stack(matches)),
                         ("class", losses["classification"]), ("box", losses["bbox_regression"]),
                         ("logits_grad", logits.grad), ("deltas_grad", deltas.grad), ("boxes", found[0]["boxes"]),
                         ("scores", found[0]["scores"]), ("truth/0", truths[0]), ("truth/1", truths[1])):
        out.put(f"ssd/{name}", tensor)


def random_network():
    """fasterrcnn_resnet50_fpn with random norms, and logits scaled so that neighbouring ones are told apart."""
    for name in ("kaiming_normal_", "kaiming_uniform_", "normal_", "uniform_"):
        setattr(torch.nn.init, name, lambda tensor, *_, **__: tensor)
    network = torchvision.models.detection.fasterrcnn_resnet50_fpn(
        weights=None, weights_backbone=None, num_classes=3, min_size=96, max_size=160, image_mean=[0.0] * 3,
        image_std=[1.0] * 3, rpn_pre_nms_top_n_train=30, rpn_pre_nms_top_n_test=30, rpn_post_nms_top_n_train=70,
        rpn_post_nms_top_n_test=70, box_detections_per_img=25, box_score_thresh=0.1)
    torch.manual_seed(5)
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            fan_in = parameter[0].numel() if parameter.dim() > 1 else 1
            parameter.normal_(0, (2.0 / fan_in) ** 0.5 if parameter.dim() > 1 else 0.1)
            if "inner_blocks" in name:
                parameter.mul_(0.1)
        for name, module in network.named_modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                # A residual branch adds little, so that sums over sixteen blocks stay near 1.
                module.weight.uniform_(0.1, 0.3) if name.endswith("bn3") else module.weight.uniform_(0.8, 1.2)
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    return network.eval()


def scale_logits(network, images):
    heads = network.roi_heads
    with torch.no_grad():
        features = network.backbone(images)
        for layer, wanted in ((network.rpn.head.cls_logits, 4.0), (network.rpn.head.bbox_pred, 0.3)):
            value = layer(network.rpn.head.conv(features["0"]))
            layer.weight.mul_(wanted / value.std())
        rois = [torch.tensor([[0.0, 0, 60, 60], [30, 20, 90, 80]])] * len(images)
        x = heads.box_head(heads.box_roi_pool(features, rois, [images.shape[-2:]] * len(images)))
        for layer, wanted in ((heads.box_predictor.cls_score, 3.0), (heads.box_predictor.bbox_pred, 1.5)):
            layer.weight.mul_(wanted / layer(x).std())
            layer.bias.sub_(layer(x).mean(0))


def stages(network, images, out):
    sizes = [tuple(images.shape[-2:])] * len(images)
    with torch.no_grad():
        features = network.backbone(images)
        for name, tensor in features.items():
            out.put(f"stage/features/{name}", tensor)
        objectness, deltas = network.rpn.head(list(features.values()))
        per_level = [o[0].numel() for o in objectness]
        anchors = network.rpn.anchor_generator(ImageList(images, sizes), list(features.values()))
        objectness, deltas = concat_box_prediction_layers(objectness, deltas)
        decoded = network.rpn.box_coder.decode(deltas, anchors).view(len(images), -1, 4)
        proposals, _ = network.rpn.filter_proposals(decoded, objectness, sizes, per_level)
        out.put("stage/objectness", objectness.view(len(images), -1))
        out.put("stage/deltas", deltas.view(len(images), -1, 4))
        pooled = network.roi_heads.box_roi_pool(features, proposals, sizes)
        logits, regression = network.roi_heads.box_predictor(network.roi_heads.box_head(pooled))
        found = network.roi_heads.postprocess_detections(logits, regression, proposals, sizes)
        for i, proposal in enumerate(proposals):
            out.put(f"stage/proposals/{i}", proposal)
            for name, part in zip(("boxes", "scores", "labels"), found):
                out.put(f"stage/{name}/{i}", part[i])
        for name, tensor in (("pooled", pooled), ("logits", logits), ("regression", regression)):
            out.put(f"stage/{name}", tensor)
        # A threshold between two scores that are near each other, above which fewer are left than are allowed.
        scores = found[1][0]
        place = 8 + int((scores[8:16] - scores[9:17]).argmin())
        heads = network.roi_heads
        usual, heads.score_thresh = heads.score_thresh, float(scores[place:place + 2].mean())
        strict = heads.postprocess_detections(logits, regression, proposals, sizes)
        out.put("strict/threshold", torch.tensor(heads.score_thresh))
        heads.score_thresh = usual
        for i in range(len(images)):
            for name, part in zip(("boxes", "scores", "labels"), strict):
                out.put(f"strict/{name}/{i}", part[i])


def strided_bodies(network, images, out):
    """C5 dilated to a stride of 16, and the third stage at a stride of 8, by the same weights."""
    weights = network.backbone.body.state_dict()
    dilated = torchvision.models.resnet50(replace_stride_with_dilation=[False, False, True])
    dilated.load_state_dict(weights, strict=False)
    fine = torchvision.models.resnet50()
    fine.load_state_dict(weights, strict=False)
    fine.layer3[0].conv2.stride = fine.layer3[0].downsample[0].stride = (1, 1)
    with torch.no_grad():
        for name, body, last in (("dilated", dilated.eval(), 4), ("fine", fine.eval(), 3)):
            x = body.maxpool(body.relu(body.bn1(body.conv1(images))))
            for i in range(last):
                x = getattr(body, f"layer{i + 1}")(x)
            out.put(f"body/{name}", x)


GRADIENTS = ("backbone.body.conv1.weight", "backbone.body.layer2.3.bn2.weight", "backbone.body.layer4.0.downsample.1.bias",
             "backbone.fpn.inner_blocks.0.0.bias", "rpn.head.conv.0.0.bias", "rpn.head.cls_logits.weight",
             "rpn.head.bbox_pred.weight", "roi_heads.box_head.fc7.bias", "roi_heads.box_predictor.cls_score.weight",
             "roi_heads.box_predictor.bbox_pred.weight")


def end_to_end(network, images, out):
    network = network.double()
    with torch.no_grad():
        for i, found in enumerate(network(list(images.double()))):
            for name, tensor in found.items():
                out.put(f"whole/{name}/{i}", tensor)
    # Every candidate counts, for the samplers draw at random.
    network.rpn.fg_bg_sampler = detection.BalancedPositiveNegativeSampler(10**6, 0.5)
    network.roi_heads.fg_bg_sampler = detection.BalancedPositiveNegativeSampler(10**6, 0.25)
    truths = [torch.tensor([[20.0, 20, 62, 58], [80, 30, 120, 80]]), torch.tensor([[5.0, 10, 50, 70]])]
    targets = [{"boxes": t.double(), "labels": torch.ones(len(t), dtype=torch.int64)} for t in truths]
    losses = network.train()(list(images.double()), targets)
    sum(losses.values()).backward()
    parameters = dict(network.named_parameters())
    for name in GRADIENTS:
        out.put(f"gradient/{name}", parameters[name].grad)
    for name, loss in losses.items():
        out.put(f"loss/{name}", loss)
    for i, truth in enumerate(truths):
        out.put(f"loss/truth/{i}", truth)


def main():
    request = json.load(open(sys.argv[1]))
    out = Out()
    for part in (pooling, suppression, boxes, anchors, ssd):
        part(out)
    tensor_files.write(request["operators"], out)

    network = random_network()
    torch.manual_seed(6)
    images = torch.randn(2, 3, 96, 160)
    scale_logits(network, images)
    state = {k: v for k, v in network.state_dict().items() if not k.endswith("num_batches_tracked")}
    tensor_files.write(request["weights"], state)
    out = Out()
    out.put("images", images)
    stages(network, images, out)
    strided_bodies(network, images, out)
    end_to_end(network, images, out)
    tensor_files.write(request["network"], out)


if __name__ == "__main__":
    main()
