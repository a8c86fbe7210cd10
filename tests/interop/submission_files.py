"""Submissions written by h5py alone, from docs/formats.md: the good one opens, is carried as text and comes back; every
attack is refused with its verdict, in bounded time, and nothing of a file of this host is shown."""
import hashlib
import json
import pathlib
import shutil
import struct
import subprocess
import sys

try:
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

cohort, network_dump, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
SIZE, SECRET = 16, "SECRET-OF-THIS-HOST"
MODEL = ["--model", "cnn-small", "--classes", "2", "--size", str(SIZE)]
failures = 0


def require(holds, text):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {text}")


def run(*arguments):
    return subprocess.run([cohort, "submission", *map(str, arguments)], capture_output=True, text=True, timeout=60)


def field(text):
    return struct.pack("<Q", len(text)) + text.encode()


listed = subprocess.run([network_dump, "tensors", "cnn-small", "", "2", str(SIZE)], check=True, capture_output=True,
                        text=True).stdout.split("\n")
random = np.random.default_rng(1)
tensors = {}
for line in filter(None, listed):
    name, *extents = line.split()
    group = "statistics" if "running_" in name else "parameters"
    tensors[f"{group}/{name}"] = random.random([int(e) for e in extents], dtype=np.float32)


def model_digest(values):
    hashed = hashlib.sha256(field("cohort-model"))
    for path, array in values.items():
        hashed.update(field(path.split("/", 1)[1]) + struct.pack(f"<Q{array.ndim}Q", array.ndim, *array.shape))
        hashed.update(array.tobytes())
    return hashed.hexdigest()


def header(values):
    zeros = "0" * 64
    return {"format_version": 1, "numerics_version": 1, "task": zeros, "round": 3, "member": "clinic", "key": zeros,
            "parent": zeros, "model": model_digest(values),
            "claim": {"correct": 9, "samples": 10, "confusion": [5, 0, 1, 4], "data": zeros},
            "recipe": {"optimizer.name": "sgd"}, "chain": [{"step": 0, "state": zeros, "chain": zeros}]}


def write(name, values=None, change=lambda file: None, text=None):
    values = tensors if values is None else values
    path = folder / name
    text = json.dumps(header(values), separators=(",", ":")) if text is None else text
    with h5py.File(path, "w") as file:
        file["header"] = np.frombuffer(text.encode(), dtype=np.uint8)
        file["signature"] = np.zeros(1, np.uint8)
        for where, array in values.items():
            file[where] = array
        change(file)
    return path


good = write("good.h5")
opened = run("open", good, *MODEL)
require(opened.returncode == 0, f"open: {opened.stderr}")
for words in ("member      clinic", "signature   none", "9 of 10", model_digest(tensors), "optimizer.name = sgd"):
    require(words in opened.stdout, f"open does not say '{words}':\n{opened.stdout}")
text = hashlib.sha256(b"cohort/submission/v1\0" + field(json.dumps(header(tensors), separators=(",", ":")))).hexdigest()
require(text in opened.stdout, "open: another digest")

require(run("encode", good, *MODEL, "--out", folder / "good.txt").returncode == 0, "encode")
require(run("decode", folder / "good.txt", *MODEL, "--out", folder / "back.h5").returncode == 0, "decode")
with h5py.File(folder / "back.h5") as back:
    for where, array in tensors.items():
        require(np.array_equal(back[where][...], array), f"{where} came back otherwise")
    require(len(back.attrs) == 0, "attributes appeared")
damaged = (folder / "good.txt").read_text().replace("A", "B", 1)
(folder / "damaged.txt").write_text(damaged)
require(run("decode", folder / "damaged.txt", *MODEL, "--out", folder / "no.h5").returncode == 3, "damage accepted")
require(not (folder / "no.h5").exists(), "a refused text left a file")

victim, target = folder / "victim.txt", "parameters/" + next(iter(tensors)).split("/", 1)[1]
victim.write_text(SECRET * 10000)
shape, spoilt = tensors[target].shape, dict(tensors)
spoilt[target] = tensors[target].copy()
spoilt[target].flat[0] = np.nan


def instead(make):
    def change(file):
        del file[target]
        make(file)
    return change


def external_storage(file):
    kind = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    kind.set_external(str(victim).encode(), 0, tensors[target].nbytes)
    h5py.h5d.create(file.id, target.encode(), h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple(shape), kind)


def virtual(file):
    layout = h5py.VirtualLayout(shape, np.float32)
    layout[...] = h5py.VirtualSource(str(good), target, shape)
    file.create_virtual_dataset(target, layout)


attacks = {
    "external_link": ("FORMAT", instead(lambda f: f.__setitem__(target, h5py.ExternalLink(str(good), target)))),
    "external_storage": ("FORMAT", instead(external_storage)),
    "virtual": ("FORMAT", instead(virtual)),
    "bomb": ("FORMAT", instead(lambda f: f.create_dataset(target, shape, np.float32, compression="gzip"))),
    "four_tebibytes": ("SIZE", instead(lambda f: f.create_dataset(target, (1 << 40,), np.float32, chunks=(1024,)))),
    "wrong_shape": ("SIZE", instead(lambda f: f.create_dataset(target, data=np.zeros(3, np.float32)))),
    "doubles": ("FORMAT", instead(lambda f: f.create_dataset(target, data=tensors[target].astype(np.float64)))),
    "attribute": ("FORMAT", lambda f: f.attrs.__setitem__("note", SECRET)),
    "extra": ("FORMAT", lambda f: f.__setitem__("extra", np.zeros(2, np.float32))),
}
files = {name: (verdict, write(f"{name}.h5", change=change)) for name, (verdict, change) in attacks.items()}
files["nan"] = ("NONFINITE", write("nan.h5", spoilt))
files["other_tensors"] = ("FORMAT", write("other.h5", text=json.dumps(header(spoilt), separators=(",", ":"))))
files["other_spelling"] = ("FORMAT", write("spelling.h5", text=json.dumps(header(tensors))))
files["escape"] = ("FORMAT", write("escape.h5", text=json.dumps({**header(tensors), "member": "\x1b[2J"})))
files["text"] = ("FORMAT", victim)
cut = folder / "cut.h5"
cut.write_bytes(good.read_bytes()[:-100])
files["truncated"] = ("FORMAT", cut)
long = folder / "long.h5"
long.write_bytes(good.read_bytes() + bytes(40 << 20))
files["oversized"] = ("SIZE", long)
for name, (verdict, path) in files.items():
    said = run("open", path, *MODEL)
    shown = said.stdout + said.stderr
    require(said.returncode == 3 and f": {verdict}: " in said.stderr, f"{name}: {said.returncode}, {shown}")
    require(said.stderr.count("\n") == 1 and SECRET not in shown and "\x1b" not in shown, f"{name}: says {shown!r}")
absent = run("open", folder / "absent.h5", *MODEL)
require(absent.returncode == 3 and "no such file" in absent.stderr, f"an absent file is missing input: {absent}")
print(f"{len(files)} attacks, {failures} failures")
sys.exit(1 if failures else 0)
