#!/bin/sh
# walk.sh <program> <source root> <folder>: the whole road on a tiny sample, looking at what each command leaves.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"

# The same options give the same images and the same packed file, whatever the thread count.
"$cohort" synth --out sample --train-images 96 --test-images 32 --hidden-images 32 --size 32 --threads 1 >/dev/null || die synth
"$cohort" synth --out again --train-images 96 --test-images 32 --hidden-images 32 --size 32 --threads 2 --quiet || die synth
diff -r sample again >/dev/null || die "the sample depends on the thread count"
"$cohort" import sample --out tiny.h5 --size 16 --threads 1 >import.txt 2>&1 || die "import: $(cat import.txt)"
"$cohort" import again --out again.h5 --size 16 --threads 2 --quiet || die import
[ "$(digest tiny.h5)" = "$(digest again.h5)" ] || die "the packed file depends on the thread count"
grep -q "decoded 0 of" import.txt && die "speaks of progress before there is any"
grep -q "shared between splits: patients 0, lesions 0, identical images 0" import.txt || die "no leak report"
[ -f tiny.hidden.h5 ] || die "no hidden file"
grep -q "no effect" import.txt && die "warns of fractions that nobody gave"
"$cohort" import sample --out other.h5 --size 16 --train-fraction 0.3 --validation-fraction 0.3 --test-fraction 0.4 \
  --hidden-fraction 0 --quiet 2>warning || die "import: $(cat warning)"
grep -q "warning: the source says itself which images are for which split: --test-fraction, --hidden-fraction have no effect" warning ||
  die "ignores fractions in silence: $(cat warning)"
"$cohort" import sample --out tiny.h5 --size 16 --quiet 2>/dev/null && die "overwrote without being asked"

# Other splits of the same samples have another second digest, and training shows the one that import has shown.
splits() { sed -n 's/.*, split sha256:\([0-9a-f]*\).*/\1/p' "$1" | head -1; }
"$cohort" import sample --out third.h5 --size 16 --train-fraction 0.5 --validation-fraction 0.5 --test-fraction 0 \
  --hidden-fraction 0 --quiet >third.txt 2>/dev/null || die "import"
[ "$(digest third.h5)" = "$(digest tiny.h5)" ] && [ -n "$(splits third.txt)" ] && [ "$(splits third.txt)" != "$(splits import.txt)" ] ||
  die "other splits do not show: $(cat third.txt)"

# A job file and the command line say the same; the command line wins.
cat >job.toml <<'END'
data = "tiny.h5"
out = "wrong"
epochs = 3
batch_size = 32
micro_batch = 4
[model]
name = "cnn-small"
[schedule]
learning_rate = 0.05
END
"$cohort" train job.toml --dry-run >dry.txt 2>&1 || die "dry run: $(cat dry.txt)"
grep -q "nothing was written" dry.txt || die "the dry run does not say so"
[ ! -e wrong ] || die "the dry run wrote"
grep -q "takes all" dry.txt && die "warns of a whole batch where there is none"
"$cohort" train job.toml --batch-size 96 --dry-run 2>&1 | grep -q "cohort: warning: a batch of 96 takes all" ||
  die "does not warn of a batch that is the whole set"
ranks 2 "$cohort" train job.toml --out run >train.out 2>train.err || die "train: $(cat train.err)"
for words in "2 ranks on 1 host" "Open MPI" "kernels, numerics" "cnn-small  " "seed 0" "next   cohort evaluate run"; do
  grep -q "$words" train.err || die "the console does not say '$words': $(cat train.err)"
done
[ "$(cut -d: -f2 train.out)" = "$(digest run)" ] || die "the digest on the console is not that of last.h5"
for file in config.toml command.txt environment.json log.txt metrics.jsonl results.csv status.json plots/results.png \
  plots/confusion_matrix.png checkpoints/last.h5 checkpoints/best.h5; do
  [ -s "run/$file" ] || die "run/$file is missing"
done
[ "$(splits train.err)" = "$(splits import.txt)" ] || die "the banner shows another split than import: $(cat train.err)"
head -1 run/results.csv | grep -q "^epoch,step,time,train/loss,val/loss" || die "results.csv has other columns"

# The resolved configuration is a job file that gives the same bits.
"$cohort" train run/config.toml --out repeated --quiet >/dev/null || die "train config.toml"
[ "$(digest repeated)" = "$(digest run)" ] || die "config.toml gives another result"
"$cohort" train run/config.toml 2>&1 | grep -q "already finished" || die "the same command does not see that it has finished"

# Evaluation: the same on any number of ranks; files in ISIC's form.
"$cohort" evaluate run --quiet >one.txt || die evaluate
ranks 3 "$cohort" evaluate run --quiet --out three >three.txt 2>/dev/null || die "evaluate on three ranks"
diff one.txt three.txt >&2 || die "evaluation depends on the rank count"
for file in metrics.json predictions.csv per_class.csv confusion_matrix.csv; do
  cmp -s "run/evaluation/test/$file" "three/$file" || die "$file depends on the rank count"
done
for file in confusion_matrix.png roc.png predictions.png; do [ -s "three/$file" ] || die "no $file"; done
cmp -s run/evaluation/test/predictions.png three/predictions.png || die "predictions.png depends on the rank count"
grep -q "balanced accuracy 0\.[0-9]" one.txt || die "no balanced accuracy: $(cat one.txt)"
head -1 three/predictions.csv | grep -q "^image,benign," || die "predictions.csv has other columns"
sed 1d three/predictions.csv | grep -Evq '^[A-Za-z0-9_]+(,[01]\.[0-9]+)+$' && die "a probability has no decimal point"
[ "$(sed 1d three/predictions.csv | wc -l)" -eq 32 ] || die "predictions.csv has the wrong number of rows"
"$cohort" evaluate run --split hidden --out hidden --quiet | grep -q "hidden split of $PWD/tiny.hidden.h5, 32 images" || die "hidden split"

# Prediction from files: the same on any number of ranks.
"$cohort" predict run sample/images --quiet >predicted.csv || die predict
ranks 2 "$cohort" predict run sample/images --out two.csv --quiet 2>/dev/null || die "predict on two ranks"
cmp -s predicted.csv two.csv || die "prediction depends on the rank count"
[ "$(sed 1d two.csv | wc -l)" -eq 160 ] || die "not every image was predicted"
[ -d sample/masks ] || die "the sample has no masks"
mask=$(find sample/masks -type f | head -n 1)
cp "$mask" sample/images/x_segmentation.png
[ "$("$cohort" predict run sample --quiet | sed 1d | wc -l)" -eq 160 ] || die "masks were taken for images"
rm sample/images/x_segmentation.png

# From another folder, with paths that a shell takes apart: what is printed can be pasted, what was relative is found.
mkdir elsewhere "it's a place"
(cd elsewhere && "$cohort" evaluate ../run --quiet) >far.txt || die "evaluate from another folder"
diff one.txt far.txt >&2 || die "evaluation depends on the folder"
(cd elsewhere && "$cohort" train ../run/config.toml 2>&1) | grep -q "already finished" || die "config.toml depends on the folder"
"$cohort" synth --out "it's a place/s" --train-images 8 --test-images 0 --hidden-images 0 --size 16 2>next.txt || die synth
eval "$(sed -n 's/^next: cohort /"$cohort" /p' next.txt) --size 16" 2>next.txt >/dev/null || die "the next step: $(cat next.txt)"
grep -q "^next: .*--data 'it'.*s a place/s.h5' --out runs/s" next.txt || die "no next step: $(cat next.txt)"

"$cohort" inspect run/checkpoints/best.h5 --tensors >inspect.txt || die inspect
grep -q "conv1.weight" inspect.txt || die "inspect lists no tensors"
"$cohort" inspect tiny.h5 --verify | grep -q "every image verified" || die "inspect of a data set"
"$cohort" status run | grep -q "finished" || die status
"$cohort" status run --json | grep -q '"schema": "cohort/status/1"' || die "status --json"
"$cohort" status run --wait-for "accuracy>=0" --timeout 5s >/dev/null || die "status --wait-for"
"$cohort" checks | grep -q "all instruction sets give the same bits" || die checks
"$cohort" --help | grep -q "evaluate" || die "help"
[ "$("$cohort" train --help | wc -l)" -le 40 ] || die "the first screen of help is too long"

# Of a subcommand with several actions each has its own options, and takes no others.
"$cohort" help submission | grep -q "^  keygen " || die "help submission does not list its actions"
"$cohort" help submission create >help.txt || die "help submission create"
grep -q -- "--claim" help.txt || die "no --claim in the help of submission create"
! grep -q -- "--links" help.txt || die "--links, which open takes, in the help of submission create"
"$cohort" submission create --help | cmp - help.txt || die "--help behind the action says something else"
"$cohort" help merge | grep -A 1 -- "--round N" | grep -q "\[0\]" && die "there is no round 0"
"$cohort" reward audit.json --help | grep -q -- "--pool" || die "help of the action that is meant where none is named"
refuses 2 "submission open takes no --overwrite, --claim; see cohort help submission open" \
  "$cohort" submission open a.h5 --task task.json --claim metrics.json --overwrite
refuses 2 "unknown action 'crate'; did you mean 'create'\?; expected keygen, create" "$cohort" submission crate a.h5
refuses 2 "no action is named; expected keygen" "$cohort" submission --out a
[ "$("$cohort" --version)" = "$("$cohort" version)" ] || die version
no_leftovers .
echo "ok: the whole road"
