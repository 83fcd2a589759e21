"""docs/experiments.md from the runs of bench/experiments: means over seeds with intervals beside the paper's figures."""
import dataclasses
import itertools
import json
import math
import random
import statistics


@dataclasses.dataclass(frozen=True)
class System:
    kind: str
    name: str
    title: str
    table: str   # of the paper: Wang et al., Front. Oncol. 2023, 13:1099104
    paper: dict  # percent; AUC as a fraction


SYSTEMS = [
    System("detector", "fasterrcnn_resnet50", "ResNet50, one level, RoI pooling", "2", {"ap50": 72.0}),
    System("detector", "fasterrcnn_resnet50_fpn_roipool", "+ FPN", "2", {"ap50": 74.5}),
    System("detector", "fasterrcnn_resnet50_fpn_roialign", "+ RoI Align", "2", {"ap50": 77.6}),
    System("detector", "fasterrcnn_resnet50_fpn", "+ designed anchors", "2, 3", {"ap50": 80.3}),
    System("detector", "fasterrcnn_published", "Faster R-CNN as published", "3", {"ap50": 77.9}),
    System("detector", "ssd_resnet50", "SSD (ResNet50)", "3", {"ap50": 72.5}),
    System("detector", "yolov3_darknet53", "YOLOv3 (DarkNet53)", "3", {"ap50": 76.2}),
    System("classifier", "resnet50", "ResNet50", "4", {"acc": 95.0, "tpr": 97.7, "tnr": 80.0}),
    System("classifier", "a_resnet50", "A-ResNet50", "4", {"acc": 95.5, "tpr": 98.8, "tnr": 76.0}),
    System("classifier", "resnet50_w", "ResNet50-W", "4", {"acc": 95.5, "tpr": 97.7, "tnr": 83.3}),
    System("classifier", "a_resnet50_w", "A-ResNet50-W", "4, Fig. 8",
           {"acc": 96.0, "tpr": 98.8, "tnr": 80.0, "auc": 0.894}),
    System("classifier", "mobilenet_v2", "MobileNetV2", "Fig. 8", {"acc": 93.1, "tpr": 98.3, "tnr": 63.3}),
    System("classifier", "shufflenet_v2", "ShuffleNetV2", "Fig. 8", {"acc": 93.1, "tpr": 97.7, "tnr": 66.7}),
    System("classifier", "densenet121", "DenseNet121", "Fig. 8", {"acc": 93.1, "tpr": 95.9, "tnr": 76.7}),
    System("classifier", "efficientnet_b0", "EfficientNet-B0", "Fig. 8", {"acc": 94.1, "tpr": 99.4, "tnr": 63.3}),
    System("classifier", "resnet34", "ResNet34", "Fig. 8", {"acc": 92.6, "tpr": 97.1, "tnr": 66.7}),
    System("classifier", "resnext50", "ResNeXt50", "Fig. 8", {"acc": 94.5, "tpr": 97.7, "tnr": 76.7}),
    System("classifier", "regnet_y_400mf", "RegNet (Y, 400 MF)", "Fig. 8", {"acc": 94.5, "tpr": 99.4, "tnr": 66.7}),
]
ABLATIONS = {kind: [s.name for s in SYSTEMS if s.kind == kind][:4] for kind in ("detector", "classifier")}
# 97.5% points of Student's t by degrees of freedom.
T975 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}
BOOTSTRAP_ROUNDS = 1000


def mean_with_interval(values):
    """Mean over seeds with Student's 95% interval; none for one value."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return mean, None
    half = T975.get(len(values) - 1, 1.96) * statistics.stdev(values) / math.sqrt(len(values))
    return mean, (mean - half, mean + half)


def mcnemar(only_first, only_second):
    """Two-sided exact p of McNemar's test."""
    n = only_first + only_second
    tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / 2**n)


def bits_of(digits, count):
    return [int(bit) for bit in bin(int("1" + digits, 16))[3:3 + count]] if digits else []


def answers_of(run):
    evaluation = run["evaluation"]
    return bits_of(evaluation["answers"]["correct"], evaluation["rois"])


def difference_over_patients(pairs):
    """95% interval of the second's accuracy minus the first's, by a bootstrap over patients. `pairs`: runs by seed."""
    counts = pairs[0][0]["evaluation"]["answers"]["rois_of_patients"]
    sums = [0] * len(counts)
    for first, second in pairs:
        a, b = answers_of(first), answers_of(second)
        at = 0
        for patient, count in enumerate(counts):
            sums[patient] += sum(b[at:at + count]) - sum(a[at:at + count])
            at += count
    patients = [index for index, count in enumerate(counts) if count]
    draw = random.Random(1)
    values = []
    for _ in range(BOOTSTRAP_ROUNDS):
        drawn = draw.choices(patients, k=len(patients))
        values.append(sum(sums[i] for i in drawn) / (len(pairs) * sum(counts[i] for i in drawn)))
    values.sort()
    return values[int(0.025 * (len(values) - 1))], values[math.ceil(0.975 * (len(values) - 1))]


def load_runs(folder, budgets, seeds):
    """Runs of these budgets and seeds by kind and name, and how many files are of others."""
    runs, others = {}, 0
    for path in sorted(folder.glob("*.json")) if folder.exists() else []:
        run = json.loads(path.read_text())
        if run["budget"] != budgets[run["kind"]] or run["seed"] not in seeds:
            others += 1
            continue
        runs.setdefault((run["kind"], run["name"]), {})[run["seed"]] = run
    return runs, others


def figure(runs, name):
    return [run["evaluation"]["figures"][name]["value"] for _, run in sorted(runs.items())]


def cell(values, scale=100, decimals=1, lowest=-math.inf, highest=math.inf):
    """Mean and interval times `scale`, the interval cut to what the figure can be."""
    if not values:
        return "-"
    mean, interval = mean_with_interval(values)
    text = f"{scale * mean:.{decimals}f}"
    if interval is None:
        return text
    low, high = (scale * min(max(bound, lowest), highest) for bound in interval)
    return f"{text} ({low:.{decimals}f} to {high:.{decimals}f})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def smallest_anchor(network):
    """In pixels of the slice, before a network enlarges it."""
    return f"{min(network['anchor_sizes']) / network.get('image_scale', 1):.0f}"


def figures_table(kind, runs, seeds):
    names = ["ap50"] if kind == "detector" else ["acc", "tpr", "tnr", "auc"]
    rows = []
    for system in (s for s in SYSTEMS if s.kind == kind):
        own = runs.get((kind, system.name), {})
        row = [f"`{system.name}`", system.title, f"{len(own)}/{len(seeds)}"]
        for name in names:
            scale, decimals = (1, 3) if name == "auc" else (100, 1)
            paper = system.paper.get(name)
            row += [cell(figure(own, name), scale, decimals, 0, 1), "" if paper is None else f"{paper:.{decimals}f}"]
        first = next(iter(own.values()), None)
        if kind == "detector":
            row.append("" if first is None else smallest_anchor(first["evaluation"]["network"]))
        row.append("" if first is None else f"{first['evaluation']['parameters'] / 1e6:.2f}")
        row.append(cell([run["training_seconds"] / 60 for run in own.values()], 1, 1).split(" ")[0] if own else "")
        rows.append(row)
    head = ["system", "in the paper", "runs"]
    for name in names:
        head += [name.upper(), "paper"]
    head += ["smallest anchor, pixels"] if kind == "detector" else []
    return table(head + ["M parameters", "minutes"], rows)


def order_of_detectors(runs):
    """Each pair whose order the paper states, by the difference of AP50 at equal seeds."""
    rows = []
    steps = list(zip(ABLATIONS["detector"], ABLATIONS["detector"][1:])) + [
        (name, "fasterrcnn_resnet50_fpn") for name in ("fasterrcnn_published", "ssd_resnet50", "yolov3_darknet53")]
    for worse, better in steps:
        a, b = runs.get(("detector", worse), {}), runs.get(("detector", better), {})
        both = sorted(a.keys() & b.keys())
        if not both:
            rows.append([f"`{worse}`", f"`{better}`", "-", "runs are missing"])
            continue
        differences = [figure({s: b[s]}, "ap50")[0] - figure({s: a[s]}, "ap50")[0] for s in both]
        _, interval = mean_with_interval(differences)
        rows.append([f"`{worse}`", f"`{better}`", cell(differences), verdict(interval)])
    return rows


def verdict(interval):
    if interval is None:
        return "one run each: no interval"
    if interval[0] > 0:
        return "as in the paper"
    return "**the other way**" if interval[1] < 0 else "not separable"


def classifier_row(first, second, a, b, both, comparisons):
    tests, signs = [], set()
    for seed in both:
        x, y = answers_of(a[seed]), answers_of(b[seed])
        only_first = sum(1 for p, q in zip(x, y) if p and not q)
        only_second = sum(1 for p, q in zip(x, y) if q and not p)
        tests.append(mcnemar(only_first, only_second))
        signs.add(only_second > only_first)
    low, high = difference_over_patients([(a[seed], b[seed]) for seed in both])
    paper = {s.name: s.paper["acc"] for s in SYSTEMS if s.kind == "classifier"}
    separable = max(tests) * comparisons < 0.05 and len(signs) == 1 and not low <= 0 <= high
    if paper[first] == paper[second]:
        order = EQUAL_IN_THE_PAPER + ("; separable here" if separable else "; not separable here")
    elif not separable:
        order = "not separable"
    else:
        order = "as in the paper" if (paper[second] > paper[first]) == signs.pop() else "**the other way**"
    p = ", ".join(f"{value:.2g}" for value in tests)
    return [f"`{first}`", f"`{second}`", f"{100 * low:+.2f} to {100 * high:+.2f}", p, order]


def order_of_classifiers(runs):
    """McNemar's test of each pair of ablations, at each seed on the same RoIs."""
    pairs = list(itertools.combinations(ABLATIONS["classifier"], 2))
    rows = []
    for first, second in pairs:
        a, b = runs.get(("classifier", first), {}), runs.get(("classifier", second), {})
        both = sorted(a.keys() & b.keys())
        rows.append(classifier_row(first, second, a, b, both, len(pairs)) if both
                    else [f"`{first}`", f"`{second}`", "-", "-", "runs are missing"])
    return rows


def order_beside_the_others(runs):
    """Figure 8: the paper's classifier against each that it is compared with, at each seed on the same RoIs."""
    others = [s.name for s in SYSTEMS if s.kind == "classifier" and s.name not in ABLATIONS["classifier"]]
    others.append("resnet50")
    rows = []
    for name in others:
        a, b = runs.get(("classifier", name), {}), runs.get(("classifier", "a_resnet50_w"), {})
        both = sorted(a.keys() & b.keys())
        rows.append(classifier_row(name, "a_resnet50_w", a, b, both, len(others)) if both
                    else [f"`{name}`", "`a_resnet50_w`", "-", "-", "runs are missing"])
    return rows


EQUAL_IN_THE_PAPER = "equal in the paper"
DETECTOR_HEAD = ["worse in the paper", "better in the paper", "difference of AP50 here", "order"]
CLASSIFIER_HEAD = ["first", "second", "second's ACC - first's, points", "p of each seed", "order"]


def summary(rows):
    """How many comparisons come out as in the paper, and which do not."""
    ordered = [row for row in rows if not row[-1].startswith(EQUAL_IN_THE_PAPER)]
    rows = {tuple(row[:2]): row for row in ordered}.values()  # one pair stands in two tables
    differing = [row for row in rows if row[-1] != "as in the paper"]
    lines = [f"Of {len(rows)} comparisons {len(rows) - len(differing)} come out as in the paper."]
    if differing:
        lines.append("The others:\n")
        lines += [f"- {row[0]} and {row[1]}: {row[-1]}" for row in differing]
    return "\n".join(lines) + "\n"


def budget_text(budget):
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in budget.items())


def head_ct_text(path):
    if not path.exists():
        return "Not measured: `bench/experiments --page-only --head-ct FOLDER`.\n"
    figures = json.loads(path.read_text())
    verdict_text = "refuses it" if figures["refused"] else "**does not refuse it**"
    return (f"`{figures['package']}` {verdict_text} (`{figures['study']}`): {'; '.join(figures['reasons'])}. With "
            f"`--intended-use warn` it finds {figures['candidates']} candidates in {figures['slices']} slices at its "
            f"threshold of {figures['detection_score']}; each would be a false one.\n")


def make_page(folder, budgets, seeds):
    runs, others = load_runs(folder, budgets, seeds)
    wanted = [(s.kind, s.name, seed) for s in SYSTEMS for seed in seeds]
    missing = [f"{kind} `{name}` seed {seed}" for kind, name, seed in wanted if seed not in runs.get((kind, name), {})]
    state = "All runs are there." if not missing else (
        f"**{len(missing)} of {len(wanted)} runs are missing:** " + "; ".join(missing) + ".")
    if others:
        state += f" {others} files of other budgets or seeds do not count."
    detectors = order_of_detectors(runs)
    ablations, others_of_figure_8 = order_of_classifiers(runs), order_beside_the_others(runs)
    return f"""# The paper's systems on phantoms

Made by `bench/experiments` from `docs/experiments/runs`; do not edit. {state}

Every system of a kind was trained with the same budget: equal steps and equal samples, not equal time (the minutes in the
tables are wall-clock ones, most of them beside other work on the machine), from random weights, at a reduced width (the
paper's base width is 64), on the same synthetic neck CTs, {len(seeds)} seeds each. Means over the seeds with Student's
95% interval, cut at 0 and 100; it holds the chance of the seeds, not that of the test data, which are the same for all. The
paper's figures are of patients, at full width and another budget: the
columns beside each other compare orders, not values. Phantoms are our own: see docs/model_card.md.

{summary(detectors + ablations + others_of_figure_8)}
## Detectors (Tables 2 and 3), AP50 in percent

{budget_text(budgets["detector"])}.

{figures_table("detector", runs, seeds)}
The longer side of a node's box is 17 pixels in the median of the test phantoms (11 to 25 from the 10th to the 90th percentile).
Anchors of twice that size meet few nodes with the overlap that makes one positive, so the systems that keep the sizes of
their publications learn less within this budget, and SSD and the single level next to nothing. A larger budget may order
them otherwise.

The order, by the difference at equal seeds (mean, 95% interval). An interval that holds 0 is "not separable": this
experiment cannot tell which is better.

{table(DETECTOR_HEAD, detectors)}
## Classifiers (Table 4 and Figure 8), percent; AUC as a fraction

{budget_text(budgets["classifier"])}. The threshold of each is Youden's on the validation RoIs.

{figures_table("classifier", runs, seeds)}
The four ablations in pairs: both networks of a pair judge the same RoIs. The difference's interval is a bootstrap over
phantoms, since RoIs of one phantom resemble each other; p is McNemar's exact test of each seed's pair, which takes them
as independent. "Separable" needs p below 0.05 / 6 (six pairs) at every seed, always in the same direction, and an
interval without 0.

{table(CLASSIFIER_HEAD, ablations)}
A-ResNet50-W against the eight of Figure 8, where the paper has it first; here p is to be below 0.05 / 8.

{table(CLASSIFIER_HEAD, others_of_figure_8)}
## A CT without a neck

{head_ct_text(folder.parent / "head_ct.json")}"""
