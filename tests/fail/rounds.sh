#!/bin/sh
# rounds.sh <program> <source root> <folder> <case>: what must not cost a run of rounds hours: a failure in one group of
# ranks, files for people alone, wishes that cannot be fulfilled.
cohort=$1 root=$2 folder=$3 case=$4
tools=$root/tests/support/tools.sh
. "$tools"
[ "$case" != requirements ] || umount "$folder/small" 2>/dev/null # which a test that was killed has left
. "$root/tests/fail/setup.sh"
rounds_sample || die "sample"
rounds_job >job.toml
rounds="train job.toml --data tiny.h5 --out run"

case $case in
  group_fails) # what one group cannot read ends the training of the others, which would last for hours, with its state kept
    long="$rounds --candidates 2 --round-steps 100000 --link-steps 100000"
    progress=run/rounds/001/candidates/device-01/progress.json
    kept_step() { sed -n '/"stop"/,$ s/.*"step": \([0-9]*\).*/\1/p' $progress; }
    mpirun -q -n 2 "$cohort" $long >out 2>&1 &
    launcher=$!
    wait_for_file run/rounds/001/candidates/device-02/progress.json 30 || die "did not start: $(cat out)"
    tries=60
    until "$cohort" status run >told && grep -q "^now    training device-01, 1 of 1 .*, step [1-9][0-9]* of 100000$" told; do
      [ $tries -gt 0 ] || die "nobody tells how far it is: $(cat told)"
      sleep 0.5 && tries=$((tries - 1))
    done
    grep -q "^left   about .* images/s$" told || die "nobody tells how long it takes: $(cat told)"
    kill -USR1 $launcher
    wait $launcher
    code=$?
    launcher=
    [ $code -eq 85 ] || die "ended with $code: $(cat out)"
    "$cohort" status run | grep -q "^next   the same command continues: mpirun -n 2 cohort train job.toml" || die "no way on"
    before=$(kept_step)
    echo '{' >run/rounds/001/candidates/device-02/progress.json
    expect 40 3 "train in round 1: .*device-02/progress.json: .*; remove it to train" mpirun -q -n 2 "$cohort" $long
    [ "$(kept_step)" -gt "$before" ] || die "the other group kept nothing: $(cat $progress)"
    [ ! -e run/.stop ] || die "the mark remains"
    ;;
  damaged_page) # what serves people alone stops no training
    "$cohort" $rounds --quiet || die "train"
    rm run/rounds/002/round.json
    echo '{' >run/rounds/001/rewards.json
    "$cohort" $rounds --quiet 2>warning || die "an old rewards.json stops the run: $(cat warning)"
    grep -q "warning: index.html and rounds.csv in run are not up to date: .*rounds/001/rewards.json" warning || die "silent: $(cat warning)"
    [ -s run/rounds/002/round.json ] || die "the second round was not ended"
    ;;
  requirements) # of a whole run: refused before it begins, or told by its code
    expect 30 2 "require: a run of rounds counts only right answers, not auc_macro; ask for 'balanced_accuracy>=" \
      mpirun -q -n 2 "$cohort" $rounds --require "auc_macro>=0.5"
    expect 30 2 "max_memory: each rank would need about [0-9.]+ MiB with 1 thread, more than the limit of 1.0 MiB" \
      mpirun -q -n 2 "$cohort" $rounds --threads 1 --max-memory 1MiB
    mkdir small
    if mount -t tmpfs -o size=6m tmpfs small 2>/dev/null; then
      trap 'umount "$PWD/small"' EXIT # this case starts nothing in the background that tools.sh would have to end
      expect 30 1 "round 1 needs about [0-9]+ MiB in small/run .*states at links.*larger link_steps" mpirun -q -n 2 "$cohort" \
        train job.toml --data tiny.h5 --out small/run
      [ ! -e small/run/task.json ] || die "a run was begun that the disk has no room for"
      umount "$PWD/small" && trap - EXIT
    else
      echo "not tried, as nothing may be mounted here: a disk without room for a round"
    fi
    "$cohort" $rounds --epochs 3 --select-metric loss --dry-run >/dev/null 2>warning || die "dry run: $(cat warning)"
    grep -q "warning: .*; select_metric, epochs of the job have no effect" warning || die "silent: $(cat warning)"
    [ ! -e run ] || die "a run folder was made"
    expect -l 0 60 5 "required balanced_accuracy>=1.01: not reached with 0[.][0-9]* on the test split" mpirun -q -n 2 "$cohort" \
      $rounds --rounds 1 --require "balanced_accuracy>=1.01"
    "$cohort" status run | grep -q "^goal   balanced_accuracy >= 1.0100: not reached" || die "status does not tell of the goal"
    "$cohort" $rounds --rounds 1 --require "accuracy>=0" >out 2>&1 || die "a requirement that is met: $(cat out)"
    grep -q "required accuracy>=0: reached with" out || die "said nothing: $(cat out)"
    ;;
  *) die "unknown case $case" ;;
esac
no_leftovers .
echo "ok: $case"
