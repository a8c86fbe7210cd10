"""Names, order and shapes of all tensors equal those of torchvision's state dicts."""
import subprocess
import sys

import torch_support as support

program = sys.argv[1]
verdict = support.Verdict()
for name in ("resnet18", "resnet34", "resnet50"):
    for stem in ("imagenet", "cifar"):
        for classes in (2, 1000):
            listed = subprocess.run([program, "tensors", name, stem, str(classes), "32"], check=True,
                                    capture_output=True, text=True).stdout.splitlines()
            network = support.peer(name, stem, classes)
            expected = [" ".join([key, *map(str, value.shape)])
                        for group in support.state_of(network) for key, value in group]
            verdict.require(listed == expected, f"{name}, {stem} stem, {classes} classes: other tensors")
            counters = sum(key.endswith("num_batches_tracked") for key in network.state_dict())
            entries = len(listed) + counters
            verdict.require(entries == len(network.state_dict()), f"{name}: {entries} entries")
verdict.finish()
