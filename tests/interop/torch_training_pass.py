"""Logits, batch statistics and gradients summed over micro-batches equal PyTorch's, in float and in double."""
import sys

import torch_support as support
from torch_support import torch

# (model, stem, classes, side, images, micro-batches, seed of the images, precision, tolerance)
# The seeds of the imagenet stem leave 1.6e-5 and more between the two largest values of any pooling window; a
# closer pair could change places by rounding, as in support.keep_clear_of_kinks. ResNet-50 is three times as
# deep and normalises over 32 values at its end, and so magnifies rounding more.
CASES = [
    ("resnet18", "cifar", 7, 28, 4, 3, 8, "float", 1e-4),
    ("resnet18", "imagenet", 7, 64, 4, 3, 33, "float", 1e-4),
    ("resnet50", "imagenet", 3, 64, 8, 2, 5, "float", 5e-4),
    ("tiny-resnet", "none", 5, 12, 4, 3, 8, "float", 1e-4),
    ("tiny-resnet", "none", 5, 12, 4, 3, 8, "double", 1e-10),
]

program = sys.argv[1]
verdict = support.Verdict()
for name, stem, classes, side, images, count, seed, precision, tolerance in CASES:
    network = support.prepared_peer(name, stem, classes)
    batches = support.micro_batches(count, images, side, classes, seed)
    margin = support.keep_clear_of_kinks(network, batches)
    words = ["pass", precision, name, stem, classes, side]
    answer = support.Reader(support.dump(program, words, network, batches))

    if precision == "double":
        network.double()
        batches = [(pixels.double(), labels) for pixels, labels in batches]
    network.eval()
    inferred = network(batches[0][0])
    network.train()
    title = f"{name} {stem} {side}px {precision}"
    worst = {"logits": 0.0, "statistics": 0.0, "gradients": 0.0}

    def compare(kind, what, expected):
        found = verdict.compare(f"{title}: {what}", answer.take(expected.numel()), expected, tolerance)
        worst[kind] = max(worst[kind], found)

    for index, (pixels, labels) in enumerate(batches):
        logits = network(pixels)
        compare("logits", f"logits of micro-batch {index}", logits)
        (torch.nn.functional.cross_entropy(logits, labels, reduction="sum") / (images * count)).backward()
    for key, value in support.state_of(network)[1]:
        compare("statistics", key, value)
    for key, parameter in network.named_parameters():
        compare("gradients", f"gradient of {key}", parameter.grad)
    compare("logits", "logits in inference", inferred)
    verdict.require(answer.is_used_up(), f"{title}: numbers are left over")
    figures = ", ".join(f"{kind} {value:.1e}" for kind, value in worst.items())
    print(f"{title}: {figures}; kinks {margin:.1e} away")
verdict.finish()
