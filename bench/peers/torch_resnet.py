#!/usr/bin/python3
"""PyTorch beside cohort: the same packed data set, the same recipe, the same scores.

  torch_resnet.py train DATA.h5 [--epochs 15] [--seed 0] [--stem cifar] [--batch 128] [--lr 0.1] [--clip 1] [--threads 2] [--state FILE]
  torch_resnet.py step  [--size 28] [--batch 128] [--threads 1] [--repeat 5]

With --state it keeps its state in FILE every 50 steps and goes on from there. Prints one JSON line. Needs Debian's python3-torch, python3-torchvision, python3-h5py, python3-sklearn; cohort itself never does.
"""
import argparse
import json
import os
import resource
import time

import numpy as np
import torch
import torchvision


def resnet18(classes, stem):
    net = torchvision.models.resnet18(num_classes=classes)
    if stem == "cifar":
        net.conv1 = torch.nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        torch.nn.init.kaiming_normal_(net.conv1.weight, mode="fan_out", nonlinearity="relu")
        net.maxpool = torch.nn.Identity()
    return net


def optimizer_of(net, rate):
    decayed = [p for p in net.parameters() if p.ndim > 1]
    plain = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=rate, momentum=0.9, nesterov=True)


def augment(batch, generator):
    """Flips and quarter turns, one choice per image."""
    for i in range(len(batch)):
        image = batch[i]
        if torch.rand(1, generator=generator) < 0.5:
            image = image.flip(2)
        if torch.rand(1, generator=generator) < 0.5:
            image = image.flip(1)
        batch[i] = torch.rot90(image, int(torch.randint(4, (1,), generator=generator)), (1, 2))
    return batch


def scores(net, images, labels, classes):
    from sklearn.metrics import balanced_accuracy_score, roc_auc_score
    net.eval()
    with torch.no_grad():
        logits = torch.cat([net(images[i:i + 256]) for i in range(0, len(images), 256)])
    probabilities = torch.softmax(logits.double(), 1).numpy()
    truth = labels.numpy()
    predicted = probabilities.argmax(1)
    auc = [roc_auc_score(truth == c, probabilities[:, c]) for c in range(classes)]
    return {"accuracy": float((predicted == truth).mean()),
            "balanced_accuracy": float(balanced_accuracy_score(truth, predicted)), "auc_macro": float(np.mean(auc))}


def save(path, **state):
    torch.save(state, path + ".tmp")
    os.replace(path + ".tmp", path)


def train(args):
    import h5py
    with h5py.File(args.data, "r") as file:
        pixels, labels, splits = file["images"][:], file["labels"][:].astype(np.int64), file["splits"][:]
    torch.manual_seed(args.seed)
    generator = torch.Generator().manual_seed(args.seed)
    images = torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
    train_rows, test_rows = np.flatnonzero(splits == 0), np.flatnonzero(splits == 2)
    mean = images[train_rows].mean((0, 2, 3), keepdim=True)
    deviation = images[train_rows].std((0, 2, 3), keepdim=True)
    images = (images - mean) / deviation
    labels = torch.from_numpy(labels)
    classes = int(labels.max()) + 1
    net = resnet18(classes, args.stem)
    optimizer = optimizer_of(net, args.lr)
    steps = -(-args.epochs * len(train_rows) // args.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.lr, total_steps=steps, cycle_momentum=False)
    order = torch.empty(0, dtype=torch.long)
    first, before = 0, 0.0
    if args.state and os.path.exists(args.state):
        kept = torch.load(args.state)
        for part, name in ((net, "net"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(kept[name])
        generator.set_state(kept["generator"])
        order, first, before = kept["order"], kept["step"], kept["seconds"]
    started = time.time()
    for step_number in range(first, steps):
        if args.state and step_number > first and step_number % 50 == 0:
            save(args.state, net=net.state_dict(), optimizer=optimizer.state_dict(), schedule=schedule.state_dict(),
                 generator=generator.get_state(), order=order, step=step_number, seconds=before + time.time() - started)
        net.train()
        while len(order) < args.batch:  # batches are always full and may cross epochs, as cohort's
            order = torch.cat([order, torch.from_numpy(train_rows)[torch.randperm(len(train_rows), generator=generator)]])
        rows, order = order[:args.batch], order[args.batch:]
        loss = torch.nn.functional.cross_entropy(net(augment(images[rows].clone(), generator)), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        if args.clip > 0:
            torch.nn.utils.clip_grad_norm_(net.parameters(), args.clip)
        optimizer.step()
        schedule.step()
    elapsed = before + time.time() - started
    result = scores(net, images[test_rows], labels[test_rows], classes)
    result.update(seed=args.seed, steps=steps, seconds=round(elapsed, 1), seconds_per_epoch=round(elapsed / args.epochs, 2))
    return result


def step(args):
    net = resnet18(7, args.stem)
    optimizer = optimizer_of(net, 0.1)
    images, labels = torch.randn(args.batch, 3, args.size, args.size), torch.randint(7, (args.batch,))
    times = []
    for _ in range(args.repeat + 1):
        started = time.time()
        loss = torch.nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        times.append(time.time() - started)
    return {"step_s": sorted(times[1:])[len(times[1:]) // 2], "fastest_s": min(times[1:]), "batch": args.batch}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["train", "step"])
    parser.add_argument("data", nargs="?")
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stem", default="cifar")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--size", type=int, default=28)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--clip", type=float, default=1, help="largest norm of a gradient, 0 = any")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--state")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    result = train(args) if args.what == "train" else step(args)
    result.update(peer="torch " + torch.__version__, threads=args.threads,
                  peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
