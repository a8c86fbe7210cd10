"""What the comparisons with PyTorch share: the peer networks, the dump program, and the verdict."""
import os
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    import torchvision
except ImportError as error:
    print(f"skipped: {sys.executable} has no torch, torchvision or numpy ({error})")
    sys.exit(77)

torch.set_num_threads(1)


class TinyResnet(torch.nn.Module):
    """The network that the unit tests call tiny_resnet: one plain block, one that halves the maps."""

    def __init__(self, width, wider, classes):
        super().__init__()
        block = torchvision.models.resnet.BasicBlock
        self.conv1 = torch.nn.Conv2d(3, width, 3, 1, 1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(width)
        self.layer1 = torch.nn.Sequential(block(width, width))
        projection = torch.nn.Conv2d(width, wider, 1, 2, bias=False)
        skip = torch.nn.Sequential(projection, torch.nn.BatchNorm2d(wider))
        self.layer2 = torch.nn.Sequential(block(width, wider, 2, skip))
        self.relu = torch.nn.ReLU()
        self.fc = torch.nn.Linear(wider, classes)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        return self.fc(self.layer2(self.layer1(x)).mean((2, 3)))


def peer(name, stem, classes):
    """The network as PyTorch builds it."""
    if name == "tiny-resnet":
        return TinyResnet(12, 20, classes)
    network = getattr(torchvision.models, name)(num_classes=classes)
    if stem == "cifar":
        network.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        network.maxpool = torch.nn.Identity()
    return network


def prepared_peer(name, stem, classes):
    """A peer with every number random, none at the value that would hide a mistake."""
    torch.manual_seed(7)
    network = peer(name, stem, classes)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0  # running statistics then are those of the last micro-batch
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.bias, 0, 0.2)
            torch.nn.init.normal_(module.running_mean, 0, 0.2)
            torch.nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network


def state_of(network):
    """Parameters, then statistics, each as (name, tensor) in the order of the state dict."""
    names = {name for name, _ in network.named_parameters()}
    state = [item for item in network.state_dict().items() if not item[0].endswith("num_batches_tracked")]
    return [item for item in state if item[0] in names], [item for item in state if item[0] not in names]


def micro_batches(count, images, side, classes, seed=8):
    generator = torch.Generator().manual_seed(seed)
    return [(torch.randn(images, 3, side, side, generator=generator),
             torch.randint(classes, (images,), generator=generator)) for _ in range(count)]


def widest_gap(values, reach=0.1):
    """Per channel of values [N][C][H][W], the middle of the widest gap between them within reach of zero."""
    ordered = values.transpose(0, 1).flatten(1).sort(1).values
    gaps, middles = ordered.diff(dim=1), (ordered[:, 1:] + ordered[:, :-1]) / 2
    gaps[middles.abs() > reach] = -1
    width, index = gaps.max(1, keepdim=True)
    return torch.where(width > 0, middles.gather(1, index), torch.zeros_like(width)).flatten()


def keep_clear_of_kinks(network, batches):
    """Moves the biases of batch norms so that no ReLU meets a value near zero in any micro-batch.

    Where one does, rounding decides whether its gradient passes, and two correct implementations differ by
    far more than rounding. Returns the smallest magnitude left.
    """
    images, group = torch.cat([pixels for pixels, _ in batches]), len(batches[0][1])
    latest, margins, hooks = [], [], []

    def normalise(module, inputs, _):
        latest[:] = [module]
        normalised = [torch.nn.functional.batch_norm(part, None, None, module.weight, module.bias, True, 0, module.eps)
                      for part in inputs[0].split(group)]
        return torch.cat(normalised)

    def shift(_, inputs):
        middle = widest_gap(inputs[0])
        latest[0].bias -= middle
        moved = inputs[0] - middle[:, None, None]
        margins.append(moved.abs().min().item())
        return (moved,)

    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            hooks.append(module.register_forward_hook(normalise))
        elif isinstance(module, torch.nn.ReLU):
            hooks.append(module.register_forward_pre_hook(shift))
    with torch.no_grad():
        network.eval()(images)
    for hook in hooks:
        hook.remove()
    return min(margins)


def dump(program, words, network, batches):
    """Runs the program on the network's state and the micro-batches; returns its numbers."""
    parts = [value for group in state_of(network) for _, value in group]
    for images, labels in batches:
        parts += [images.permute(0, 2, 3, 1), labels]
    numbers = np.concatenate([part.double().contiguous().numpy().ravel() for part in parts])
    with tempfile.TemporaryDirectory() as folder:
        source, result = os.path.join(folder, "in"), os.path.join(folder, "out")
        numbers.tofile(source)
        words = [*words, len(batches[0][1]), len(batches), source, result]
        subprocess.run([program, *map(str, words)], check=True)
        return np.fromfile(result)


class Verdict:
    """Collects comparisons; each is scaled by the largest expected magnitude."""

    def __init__(self):
        self.failed = False

    def compare(self, what, actual, expected, tolerance):
        expected = expected.detach().double().numpy().ravel()
        difference = np.abs(actual - expected).max() / np.abs(expected).max()
        good = bool(difference <= tolerance)  # not when it is NaN
        self.failed |= not good
        if not good:
            print(f"FAILED {what}: {difference:.2e} of the largest, more than {tolerance:.0e}")
        return difference

    def require(self, good, what):
        self.failed |= not good
        if not good:
            print(f"FAILED {what}")

    def finish(self):
        print("different from PyTorch" if self.failed else "agrees with PyTorch")
        sys.exit(1 if self.failed else 0)


class Reader:
    """Takes the program's numbers piece by piece."""

    def __init__(self, numbers):
        self.numbers, self.at = numbers, 0

    def take(self, count):
        self.at += count
        return self.numbers[self.at - count:self.at]

    def is_used_up(self):
        return self.at == len(self.numbers)
