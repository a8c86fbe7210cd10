"""Ten optimizer steps on the same micro-batches end at PyTorch's parameters, through the double path."""
import sys

import torch_support as support
from torch_support import torch

NAME, STEM, CLASSES, SIDE, IMAGES, BATCHES, STEPS = "tiny-resnet", "none", 5, 10, 4, 2, 10
DECAY = 0.05

program = sys.argv[1]
verdict = support.Verdict()


def groups(network):
    """Weights decay; batch norm and bias do not."""
    parameters = list(network.parameters())
    return [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": DECAY},
            {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}]


OPTIMIZERS = {
    "sgd": (0.1, lambda network: torch.optim.SGD(groups(network), lr=0.1, momentum=0.9, nesterov=True)),
    "adamw": (0.01, lambda network: torch.optim.AdamW(groups(network), lr=0.01)),
}
for name, (rate, make) in OPTIMIZERS.items():
    network = support.prepared_peer(NAME, STEM, CLASSES)
    batches = support.micro_batches(BATCHES, IMAGES, SIDE, CLASSES)
    words = ["steps", name, rate, DECAY, STEPS, NAME, STEM, CLASSES, SIDE]
    answer = support.Reader(support.dump(program, words, network, batches))
    network.double().train()
    start = [parameter.detach().clone() for parameter in network.parameters()]
    optimizer = make(network)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        optimizer.zero_grad()
        for pixels, labels in batches:
            loss = torch.nn.functional.cross_entropy(network(pixels.double()), labels, reduction="sum")
            (loss / (IMAGES * BATCHES)).backward()
        optimizer.step()
        schedule.step()
    worst = 0.0
    for (key, parameter), before in zip(network.named_parameters(), start):
        verdict.require(bool((parameter != before).any()), f"{name}: {key} did not move")
        worst = max(worst, verdict.compare(f"{name}: {key}", answer.take(parameter.numel()), parameter, 1e-6))
    verdict.require(answer.is_used_up(), f"{name}: numbers are left over")
    print(f"{name}: worst tensor after {STEPS} steps {worst:.1e}")
verdict.finish()
