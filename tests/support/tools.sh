# Shell functions shared by the script tests. The caller sets `cohort` (the program) and works in a folder of its own.
#   . tools.sh
support=$(cd "$(dirname "$tools")" && pwd)
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none

# A run started in the background ends with its test, however that ends.
launcher=
trap '[ -z "$launcher" ] || kill $launcher 2>/dev/null' EXIT

die() {
  echo "FAILED: $*"
  exit 1
}

skip() {
  echo "skipped: $*"
  exit 77
}

# refuses <code> <words> <command...>: it ends soon, with that code and one line that has the words (a pattern).
refuses() { "$support/expect_failure.sh" 20 "$@" || die "see above"; }

# fresh <folder>: an empty folder, entered.
fresh() {
  rm -rf "$1"
  mkdir -p "$1"
  cd "$1" || exit 1
}

# tiny_sample: a drawn sample and its packed file of 16 pixels, so small that a step takes milliseconds.
tiny_sample() {
  "$cohort" synth --out sample --train-images 96 --test-images 32 --hidden-images 32 --size 32 --quiet &&
    "$cohort" import sample --out tiny.h5 --size 16 --quiet
}

# A recipe that uses every part whose bits could go wrong; 8 micro-batches, so up to 8 workers.
tiny_job="--model cnn-small --batch-size 32 --micro-batch 4 --lr 0.05 --smoothing 0.1 --class-weights balanced
  --sampler balanced --ema-decay 0.9 --clip-norm 1 --augment-shift 2 --augment-brightness 0.2 --augment-contrast 0.2
  --augment-colour 0.2 --quiet"

# rounds_sample: 64 images to train on and 48 hidden ones, 24 pixels high, packed as tiny.h5.
rounds_sample() {
  "$cohort" synth --out sample --train-images 64 --test-images 8 --hidden-images 48 --size 32 --quiet &&
    "$cohort" import sample --out tiny.h5 --size 24 --quiet
}

# rounds_job: a job of four candidates and two rounds, ended by its merge, audit and reward.
rounds_job() {
  cat <<'JOB'
rounds = 2
candidates = 4
round_steps = 6
link_steps = 2
batch_size = 16
micro_batch = 4
[model]
name = "cnn-small"
[optimizer]
name = "sgd"
[schedule]
name = "cosine"
learning_rate = 0.02
[partition]
rule = "split"
train = [12]
validation = [3]
[merge]
rule = "average"
[audit]
links = 1
[reward]
pool = "1000000"
demonstration = true
JOB
}

# ranks <n> <command...>
ranks() {
  count=$1
  shift
  mpirun -q -n "$count" "$@"
}

# digest <run or file>: of the state, recomputed from its tensors.
digest() { "$cohort" inspect "$1" --digest; }

# step_of <run>: of the last checkpoint, 0 when there is none.
step_of() {
  [ -f "$1/checkpoints/last.h5" ] || {
    echo 0
    return
  }
  "$cohort" inspect "$1" 2>/dev/null | sed -n 's/^position *step \([0-9]*\),.*/\1/p'
}

# wait_for_step <run> <step> <limit_s>: until a checkpoint has at least that step.
wait_for_step() {
  tries=$(($3 * 10))
  while [ "$tries" -gt 0 ]; do
    now=$(step_of "$1")
    [ "${now:-0}" -ge "$2" ] && return 0
    sleep 0.1
    tries=$((tries - 1))
  done
  return 1
}

# wait_for_file <file> <limit_s>
wait_for_file() {
  tries=$(($2 * 50))
  until [ -f "$1" ]; do
    [ "$tries" -gt 0 ] || return 1
    sleep 0.02
    tries=$((tries - 1))
  done
}

# children <pid>: its child processes, for mpirun the ranks in order of their start.
children() { ps -o pid= --ppid "$1" | sort -n; }

# kill_launcher: ends the run in the background and all its ranks without warning.
kill_launcher() {
  kill -KILL $launcher $(children $launcher) 2>/dev/null
  wait $launcher 2>/dev/null
  launcher=
}

# untimed <file>: its lines without their times.
untimed() { sed 's/"time": *"[^"]*"//' "$1"; }

# same_rounds <name> <run> <reference>: a run of rounds wrote what another one did, byte for byte.
same_rounds() {
  for file in $(cd "$3" && find . -name '*.json' ! -name progress.json ! -name environment.json ! -name status.json | sort) \
    index.html rounds.csv; do
    cmp "$3/$file" "$2/$file" || die "$1: $file differs from that of $3"
  done
  [ "$(untimed "$2/metrics.jsonl")" = "$(untimed "$3/metrics.jsonl")" ] || die "$1: other events than those of $3"
  [ "$(digest "$2")" = "$(digest "$3")" ] || die "$1: another model than that of $3"
  for submission in $(cd "$3" && find rounds -path '*submissions/*.h5'); do
    cmp "$3/$submission" "$2/$submission" || die "$1: $submission differs"
  done
  no_leftovers "$2"
  [ ! -e "$2/.stop" ] && [ -z "$(find "$2" -name findings)" ] || die "$1: what served the run alone remains"
}

# no_leftovers <folder>: nothing half written may remain.
no_leftovers() {
  left=$(find "$1" -name '*.tmp*' 2>/dev/null)
  [ -z "$left" ] || die "half-written files remain: $left"
}
