#!/bin/sh
# input.sh <program> <source root> <folder> <case>: what is missing, damaged, tampered with or in a place that may not be
# written to. Each must end with the code of its kind and say the way out, whichever command meets it.
cohort=$1 root=$2 folder=$3 case=$4
tools=$root/tests/support/tools.sh
. "$tools"
. "$root/tests/fail/setup.sh"

case $case in
  missing_input) # one code, whichever command misses what
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --quiet || die "train"
    mkdir empty
    one=run/rounds/001/submissions/device-01.h5 audit=run/rounds/001/audit.json
    address=0x52908400098527886E0F7030069857D2E4169EE7
    while read -r words; do
      [ -z "$words" ] || expect 20 3 "nowhere|empty" "$cohort" $words
    done <<TABLE
train --data nowhere.h5 --out x
import nowhere --out x.h5
import sample --join nowhere.csv --out x.h5
evaluate nowhere
evaluate empty
evaluate run --data nowhere.h5
predict nowhere sample/images
predict run nowhere.png
inspect nowhere
inspect empty
status nowhere
status empty
audit nowhere --round 1
audit empty --round 1
audit run --round 1 --data nowhere.h5
audit run --round 1 --submission nowhere.h5 --member device-01
audit run --round 1 --submission $one --member device-01 --links nowhere
audit run --round 1 --member device-01 --against nowhere.h5
merge nowhere.h5 --task run/task.json --data tiny.h5 --out x.h5
merge $one --task nowhere.json --data tiny.h5 --out x.h5
merge $one --task run/task.json --data nowhere.h5 --out x.h5
merge $one --task run/task.json --data tiny.h5 --out x.h5 --parent nowhere.h5
reward nowhere.json
reward nowhere.json --pool 10
reward $audit --task nowhere.json
reward verify nowhere
reward verify empty
reward verify run/rounds/001 --task nowhere.json
reward proof nowhere.json $address
reward settle nowhere
reward settle empty
submission open nowhere.h5 --task run/task.json
submission open $one --task nowhere.json
submission open $one --like nowhere.h5
submission open $one --task run/task.json --links 2 --from nowhere --out x
submission encode nowhere.h5 --task run/task.json
submission decode nowhere.txt --task run/task.json --out x.h5
submission create nowhere.h5 --task run/task.json --key job.toml --member device-01 --round 1 --claim job.toml --out x.h5
submission create $one --task run/task.json --key nowhere.key --member device-01 --round 1 --claim job.toml --out x.h5
TABLE
    mv tiny.hidden.h5 kept.h5 && cp tiny.h5 tiny.hidden.h5 # what trains is no hidden set, to no command that pays by it
    expect 20 3 "tiny.hidden.h5: is not hidden from .*72 images of another split.*come from one import" "$cohort" train job.toml \
      --data tiny.h5 --out x
    expect 20 3 "tiny.hidden.h5: is not hidden from .*tiny.h5: 72 images of another split" mpirun -q -n 2 "$cohort" evaluate run --split hidden
    cp kept.h5 tiny.hidden.h5
    "$cohort" evaluate run --split hidden --quiet >out 2>warning || die "evaluate: $(cat warning)"
    grep -q "data set" warning && die "warns of the run's own data set: $(cat warning)"
    mkdir alone && cp kept.h5 alone/x.hidden.h5 && mv tiny.h5 away.h5
    "$cohort" evaluate run --split hidden --data alone/x.hidden.h5 --quiet >out 2>warning || die "evaluate: $(cat warning)"
    grep -q "warning: nothing is at hand to compare alone/x.hidden.h5 with" warning || die "silent: $(cat warning)"
    mv away.h5 tiny.h5
    rm tiny.hidden.h5
    expect 20 3 "tiny.hidden.h5 is not there; .*--hidden-fraction" "$cohort" train job.toml --data tiny.h5 --out x
    [ ! -e x ] && [ ! -e x.h5 ] || die "something was written: $(ls -d x*)"
    expect 30 2 "must not end in .hidden.h5" "$cohort" import sample --out tiny.hidden.h5
    [ ! -e tiny.hidden.h5 ] || die "a hidden file was made by hand"
    expect 30 2 "no such file" "$cohort" train nowhere.toml --data tiny.h5 --out x # a job file is part of the usage
    expect 30 2 "no model takes .*fewer than 8 pixels" "$cohort" import sample --out x.h5 --size 1
    # What is there and is no file of ours says what it is, with the code of all inputs that cannot be read.
    ln -s loop loop && mkfifo pipe.h5 pipe.toml # a pipe is not waited for
    for words in "train --out x --data" "evaluate run --data" evaluate inspect; do
      expect 30 3 "pipe.h5: not a regular file" "$cohort" $words pipe.h5
    done
    for words in "train --out x --data" "evaluate run --data" evaluate "predict loop" inspect status audit \
      "status --wait-for accuracy>=0 --timeout 1s" "merge --task run/task.json --data tiny.h5 --out x.h5" "submission keygen --key"; do
      expect 30 3 "loop: cannot be read: Too many levels of symbolic links" "$cohort" $words loop
    done
    expect 30 3 "pipe.h5: not a regular file" "$cohort" submission decode pipe.h5 --like run --out x.h5
    expect 30 2 "job file pipe.toml: not a regular file" "$cohort" train pipe.toml --data tiny.h5 --out x
    expect 30 2 "job file loop: Too many levels of symbolic links" "$cohort" train --job loop --data tiny.h5 --out x
    mkdir odd && ln -s status.json odd/status.json
    expect 30 3 "odd/status.json: cannot be read: Too many levels" "$cohort" status odd
    ;;
  handed_in) # is a stranger's: nothing but the child for such files opens it, whatever it holds
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --quiet || die "train"
    one=run/rounds/001/submissions/device-01.h5
    expect 30 2 "lies below a folder 'submissions'" "$cohort" train --data tiny.h5 --out run/submissions/mine
    # However its place is spelled, and where links lead: a file, a folder, a link for the round's own model.
    mkdir -p waiting/submissions/deep && cp run/checkpoints/last.h5 waiting/submissions/any.h5 && cp run/checkpoints/last.h5 waiting/submissions/deep
    ln -s waiting/submissions/any.h5 linked.h5 && ln -s waiting/submissions mailbox && ln -s submissions/any.h5 waiting/model.h5
    for file in waiting/submissions/any.h5 waiting/submissions/./any.h5 waiting/submissions/../submissions/./any.h5 \
      waiting/submissions/deep/last.h5 waiting/submissions/deep linked.h5 mailbox/any.h5 waiting/model.h5; do
      expect 30 3 "cohort submission open $file.* --task TASK.json" "$cohort" inspect $file
      expect 30 3 "cohort submission open $file.* --task TASK.json" "$cohort" evaluate $file --data tiny.h5
    done
    while read -r words; do
      expect 30 3 "cohort submission open linked.h5 --task TASK.json" "$cohort" $words
    done <<TABLE
predict linked.h5 sample/images
merge $one --task run/task.json --data tiny.h5 --out x.h5 --parent linked.h5
submission open $one --like linked.h5
submission create linked.h5 --task run/task.json --key job.toml --member device-01 --round 1 --claim job.toml --out x.h5
TABLE
    (cd waiting/submissions && expect 30 3 "cohort submission open ./any.h5" "$cohort" inspect ./any.h5) || exit 1
    # Of a round that is done the child reads it, for a model of the round's own shape: no other one beside it counts.
    mkdir -p run/rounds/001/submissions/deep/submissions && ln -s $one own.h5 && cp $one run/rounds/001/submissions/deep/submissions/any.h5
    echo text >run/rounds/001/submissions/deep/model.h5
    expect 30 4 "own.h5: a symbolic link, not a file" "$cohort" evaluate own.h5 --data tiny.h5
    for file in $one run/rounds/001/submissions/deep/submissions/any.h5; do
      "$cohort" evaluate $file --data tiny.h5 --quiet >told || die "evaluate $file: $(cat told)"
      expect 30 3 "cohort submission open $file --task run/task.json" "$cohort" inspect $file
    done
    # A config.toml that was handed in with it names no file to open: the data set is the one of the run above.
    evil=run/rounds/001/submissions/evil
    mkdir -p $evil/checkpoints && cp $one $evil/checkpoints/m.h5 && echo 'data = "trap.h5"' >$evil/config.toml && echo trap >trap.h5
    "$cohort" evaluate $evil/checkpoints/m.h5 --quiet >told 2>&1 || die "a handed-in config.toml is followed: $(cat told)"
    mv run/config.toml kept.toml
    expect 30 2 "no config.toml beside the checkpoint" "$cohort" evaluate $evil/checkpoints/m.h5
    ln -s rounds/001/submissions/evil/config.toml run/config.toml # nor by a link
    expect 30 2 "no config.toml beside the checkpoint" "$cohort" evaluate $evil/checkpoints/m.h5
    rm run/config.toml && mv kept.toml run/config.toml
    # Nor does a text of a folder from elsewhere make a line or a column of its own.
    mkdir elsewhere && cp run/task.json elsewhere
    printf '{"state": "running", "phase": "training\\nlast   all is well", "member": "a\\tb\\r", "time": "now\\ngoal   reached"}\n' \
      >elsewhere/status.json
    "$cohort" status elsewhere >told 2>&1 || die "status: $(cat told)"
    ! grep -Eq '^(last|goal)' told || die "a line of a stranger's: $(cat told)"
    grep -Fq 'now\x0agoal   reached' told || die "the time is not shown on its line: $(cat told)"
    ;;
  sent_model) # by somebody else: whatever its file holds, it ends a command with one line
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --quiet || die "train"
    merge="merge run/rounds/001/submissions/device-01.h5 --task run/task.json --data tiny.h5 --out x.h5"
    ln -s run/rounds/001/model.h5 linked.h5
    for parent in run linked.h5 run/rounds/001/submissions/device-02.h5; do # read, and then another one than was asked for
      expect 20 3 "starts from another model; name the round's with --parent" "$cohort" $merge --parent $parent
    done
    expect 20 4 "read a model from text.h5: it is no whole checkpoint of cohort: .*; take it from a copy" sh -c "echo text >text.h5; '$cohort' $merge --parent text.h5"
    size=$(wc -c <linked.h5)
    head -c $((size / 2)) linked.h5 >cut.h5
    expect 20 4 "cut.h5: it is no whole checkpoint of cohort: cut short" "$cohort" $merge --parent cut.h5
    cp linked.h5 flipped.h5 && printf '\377\377' | dd of=flipped.h5 bs=1 seek=$((size / 3)) conv=notrunc 2>/dev/null
    expect 20 4 "damaged model file: flipped.h5: its tensors do not match its state digest" "$cohort" $merge --parent flipped.h5
    expect 20 4 "tiny.h5: it is no whole checkpoint of cohort: .*attributes" "$cohort" $merge --parent tiny.h5 # a data set
    "$cohort" train --data tiny.h5 --out other --model resnet18 --stem cifar --batch-size 8 --micro-batch 4 --max-steps 1 --quiet ||
      die "train another"
    expect 20 3 "last.h5: is not a model of the task's architecture: .*; name a checkpoint of the model that the task trains" \
      "$cohort" $merge --parent other/checkpoints/last.h5
    # Files that broke the HDF5 library, and attacks on what it follows.
    for file in "$root"/tests/fuzz/crashes/hostile_reader/* "$root"/tests/fuzz/corpus/hostile_reader/*; do
      for words in "$merge --parent" inspect; do
        timeout -k 5 20 "$cohort" $words "$file" >told 2>&1
        code=$?
        [ $code -eq 3 ] || [ $code -eq 4 ] || die "$words $file: ended with $code: $(cat told)"
        [ "$(grep -c '^cohort: error: ' told)" -eq 1 ] || die "$words $file: not one line: $(cat told)"
      done
    done
    [ ! -e x.h5 ] || die "something was written"
    # inspect says what it read into a file, too, and lives within limits that it did not set.
    (ulimit -f 40 && "$cohort" inspect linked.h5 --tensors >said) && grep -q conv1.weight said || die "inspect: $(cat said)"
    ;;
  damaged_model) # each says so, and which file to take instead
    sample
    run_trained 3
    run_trained 6
    file=run/checkpoints/last.h5
    rm -f run/checkpoints/best.h5
    cp $file whole.h5
    size=$(wc -c <$file)
    for damage in cut text flipped; do
      case $damage in
        cut) head -c 3000 whole.h5 >$file ;;
        text) echo text >$file ;;
        flipped) cp whole.h5 $file && printf '\377\377' | dd of=$file bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null ;;
      esac
      for words in "evaluate run" "predict run sample/images" "inspect run" "evaluate $file"; do
        expect 20 4 "damaged model file: .*last.h5.*; run/checkpoints/last.prev.h5 beside it is whole" "$cohort" $words
      done
    done
    mv run/checkpoints/last.prev.h5 kept.h5
    expect 20 4 "damaged model file: .*run the command again" "$cohort" evaluate run
    expect 20 4 "tiny.h5: this is not a checkpoint" "$cohort" evaluate tiny.h5 # sound, but no model
    ;;
  read_only_folder)
    sample
    run_trained 1
    mkdir locked
    mount -t tmpfs -o size=1m tmpfs locked 2>/dev/null && mount -o remount,ro locked || skip "cannot mount a read-only folder"
    trap 'umount "$PWD/locked"' EXIT
    for words in "evaluate run --out locked/x" "predict run sample/images --out locked/x.csv" "synth --out locked/x" \
      "import sample --out locked/x/y.h5 --size 16" "train --data tiny.h5 --out locked/x --max-steps 1 --model cnn-small"; do
      expect 20 1 "locked/x.*: Read-only file system" "$cohort" $words
    done
    "$cohort" evaluate run --out locked/x 2>&1 | grep -q "make folder locked/x: .*name a place that you may write to" || die "no way out"
    ;;
  long_lists) # of errors show twenty
    sample
    run_trained 1
    mkdir broken
    for i in $(seq 1 33); do echo text >broken/$i.png; done
    expect 20 3 "^  [.][.][.] and 13 more$" "$cohort" predict run broken
    [ "$("$cohort" predict run broken 2>&1 | wc -l)" -eq 22 ] || die "not twenty of the list: $("$cohort" predict run broken 2>&1)"
    expect 20 3 "^  [.][.][.] and 13 more$" mpirun -q -n 2 "$cohort" predict run broken
    ;;
  tampered) # of four submissions one is another's, one is damaged
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --quiet || die "train"
    "$cohort" audit run --round 1 >told || die "audit: $(cat told)"
    tail -n 1 told | grep -q "^refused 0 of 4; not written, .*in run/rounds/001/audit.json$" || die "no closing line: $(cat told)"
    cp run/rounds/001/submissions/device-03.h5 run/rounds/001/submissions/device-01.h5
    echo text >run/rounds/001/submissions/device-04.h5
    "$cohort" audit run --round 1 --out again >told
    code=$?
    [ $code -eq 3 ] || die "ended with $code"
    for line in "device-01  SIG" "device-02  " "device-03  " "device-04  [FS]"; do
      [ "$(grep -c "^$line" told)" -eq 1 ] || die "not one line for $line: $(cat told)"
    done
    [ "$(grep -c "^not as recorded: " told)" -eq 2 ] || die "more than a line for what differs: $(cat told)"
    grep -q '^not as recorded: device-01: .*found "SIG", and [0-9]* more values$' told || die "not told: $(cat told)"
    tail -n 1 told | grep -q "^refused 2 of 4: device-01, device-04; this audit is in again/audit.json, the round's own in " ||
      die "no closing line: $(cat told)"
    ;;
  *) die "unknown case $case" ;;
esac
no_leftovers .
echo "ok: $case"
