#!/bin/sh
# case.sh <program> <source root> <folder> <case>: one way of failing. Each must end in bounded time, with the right
# exit code and one clear line, and leave nothing half written.
cohort=$1 root=$2 folder=$3 case=$4
tools=$root/tests/support/tools.sh
. "$tools"
. "$root/tests/fail/setup.sh"

case $case in
  usage)
    expect 10 2 "unknown command 'trian'; did you mean 'train'" "$cohort" trian
    expect 10 2 "unknown option '--bach-size'; did you mean '--batch-size'" "$cohort" train --bach-size 3
    expect 10 2 "unknown option '--epochs', which cohort train takes$" "$cohort" evaluate run --epochs 3
    expect 10 2 "unknown option '--size', which cohort synth, import and submission take" "$cohort" train --size 64
    expect 10 2 "unknown option '--threads', which cohort synth, import, train and others take" "$cohort" status run --threads=2
    expect 10 2 "lr: expected a number above 0" "$cohort" train --lr -0.1
    expect 10 2 "^  --epochs: expected a number, got 'ten'" "$cohort" train --epochs ten --optimizer sdg
    expect 10 2 "^  --optimizer: .* did you mean 'sgd'" "$cohort" train --epochs ten --optimizer sdg
    expect 10 2 "given 2 times" "$cohort" train --seed 1 --seed 2
    expect 10 2 "argument for option '--out' is missing" "$cohort" train --out
    expect 10 2 "unknown option '--epoch'" "$cohort" train --epoch 3 # no guessing of abbreviations
    expect 10 2 "did you mean --data tiny.h5" "$cohort" train tiny.h5
    expect 10 2 "data is missing.*out is missing" "$cohort" train
    expect 10 2 "give --out FILE for a new key, or --key FILE" "$cohort" submission keygen
    expect 10 2 "model resnet18: say with --stem which one, .*--classes" "$cohort" submission open x --model resnet18
    "$cohort" submission keygen --out key >made 2>/dev/null || die "keygen"
    "$cohort" submission keygen --key key >told && cmp made told || die "another public line: $(cat told)"
    expect 20 2 "error: unknown option" mpirun -q -n 2 "$cohort" train --nope
    # A mistake that only one rank sees is told as well, whichever rank that is.
    expect 20 2 "rank 1: unknown option '--nope'" mpirun -q -n 1 "$cohort" train --data x --out y : -n 1 "$cohort" train --nope
    expect 20 2 "rank 0: unknown option '--nope'" mpirun -q -n 1 "$cohort" train --nope : -n 1 "$cohort" train --data x --out y
    expect 20 2 "rank 1 was started with 'cohort evaluate'" mpirun -q -n 1 "$cohort" train --data x --out y : -n 1 "$cohort" evaluate x
    ;;
  full_output) # what was said and did not arrive is no success; a reader who has seen enough is none of our business
    for words in --help --version "help train"; do
      expect 10 1 "standard output: No space left on device" sh -c "'$cohort' $words >/dev/full"
    done
    expect 10 3 "nowhere: no such file" sh -c "'$cohort' inspect nowhere >/dev/full"
    (sleep 0.2 && "$cohort" help train --help-all 2>said) | true
    [ ! -s said ] || die "a closed pipe is complained of: $(cat said)"
    (trap '' PIPE && sleep 0.2 && "$cohort" help train --help-all 2>said && echo ended >code) | true
    [ ! -s said ] && [ -s code ] || die "a closed pipe whose signal is ignored is complained of: $(cat said)"
    ;;
  kept_files) # --out replaces nothing unless it is told to, and never what the same command reads
    sample
    run_trained 1
    echo mine >mine
    for words in "predict run sample/images" "submission encode x --like run" "submission decode x --like run" \
      "merge x --task x --data x" "submission create x --task x --key x --member x --round 1 --claim x"; do
      expect 10 2 "--out mine is there already; choose another --out or add --overwrite" "$cohort" $words --out mine
    done
    cp run/checkpoints/best.h5 before.h5
    first=$(ls sample/images/* | sed -n 1p)
    for out in "$first" run/checkpoints/best.h5; do
      expect 20 2 "--out $out is a file that this command reads" "$cohort" predict run sample/images --out "$out" --overwrite
    done
    expect 10 2 "--out mine is a file that this command reads" "$cohort" submission decode mine --like run --out mine --overwrite
    expect 10 2 "best.h5 is a file that this command reads" "$cohort" submission decode mine --like run \
      --out run/checkpoints/best.h5 --overwrite
    expect 10 2 "run holds something else than drawn images" "$cohort" synth --out run --overwrite
    cmp run/checkpoints/best.h5 before.h5 && [ "$(cat mine)" = mine ] && [ ! -e run/images ] || die "something was replaced"
    "$cohort" predict run sample/images --out mine --overwrite --quiet || die "predict --overwrite"
    grep -q "^image," mine || die "nothing was replaced: $(cat mine)"
    ;;
  demo_places) # the demonstration's folder and program are the caller's, spaces and all; stand-ins tell what is started
    mkdir "a place" bin
    printf '#!/bin/sh\nprintf "%%s|" "$0" "$@" >>"%s/told"\n' "$PWD" >"a place/co hort"
    printf '#!/bin/sh\nwhile [ "${1#*co}" = "$1" ]; do shift; done\n"$@"\n' >bin/mpirun
    chmod +x "a place/co hort" bin/mpirun
    (cd "a place" && PATH=$folder/bin:$PATH COHORT="./co hort" sh "$root/scripts/demo.sh" "my runs") >out || die "demo: $(cat out)"
    for words in "a place/./co hort|synth|--out|$folder/a place/my runs/sample|" "a place/./co hort|evaluate|$folder/a place/my runs/run|"; do
      grep -Fq "$words" told || die "no $words: $(cat told)"
    done
    ;;
  needs_no_mpirun) # one process alone may write these files
    for words in "import sample --out x.h5" "synth --out sample" "inspect x.h5" "status run"; do
      expect 20 2 "run it without mpirun" mpirun -q -n 2 "$cohort" $words
    done
    [ -z "$(ls)" ] || die "something was written: $(ls)"
    mpirun -q -n 1 "$cohort" synth --out sample --train-images 1 --test-images 0 --hidden-images 0 --size 16 --quiet ||
      die "one process under mpirun is fine"
    mpirun -q -n 2 "$cohort" --version | grep -q "^cohort" || die "no version under mpirun"
    ;;
  bad_job_file)
    printf 'epochs = 3\n[optimizer\nname = "sgd"\n' >syntax.toml
    expect 10 2 "syntax.toml:2: not valid TOML" "$cohort" train syntax.toml
    printf 'epochs = 3\n\n[optimizer]\nlr = 0.1\nname = 3\n[augment]\nflip = "on"\n' >keys.toml
    expect 10 2 "keys.toml:4: unknown key 'optimizer.lr'; did you mean 'schedule.learning_rate'" "$cohort" train keys.toml
    expect 10 2 "keys.toml:5: optimizer.name: expected text in quotes, got 3" "$cohort" train keys.toml
    expect 10 2 "keys.toml:7: augment.flip: expected true or false, got \"on\"" "$cohort" train keys.toml
    printf 'epochs = 1e400\nseed = 18446744073709551615\n' >large.toml # not the nearest number that fits
    expect 10 2 "^  large.toml:1: epochs: expected a number, got '1e400'" "$cohort" train large.toml
    expect 10 2 "^  large.toml:2: seed: .*up to 9223372036854775807, got '18446744073709551615'" "$cohort" train large.toml
    expect 10 2 "nowhere.toml: no such file" "$cohort" train nowhere.toml
    expect 20 2 "syntax.toml:2" mpirun -q -n 2 "$cohort" train syntax.toml
    ;;
  missing_data)
    expect 20 3 "open the data set: .*nowhere.h5" mpirun -q -n 2 "$cohort" train --data nowhere.h5 --out run
    [ ! -e run ] || die "a run folder was made"
    echo "not HDF5" >text.h5
    expect 20 3 "text.h5" mpirun -q -n 2 "$cohort" train --data text.h5 --out run
    expect 10 3 "nowhere" "$cohort" import nowhere --out x.h5
    expect 10 3 "nowhere: no such file" "$cohort" evaluate nowhere
    expect 10 3 "no status.json" "$cohort" status .
    ;;
  one_rank_fails) # the others must not wait for it
    sample
    expect 20 3 "rank 1: .*nowhere.h5" mpirun -q -n 1 "$cohort" $job : -n 1 "$cohort" train --data nowhere.h5 --out run
    expect 20 1 "rank 0 has seed 0 where the others have 7" mpirun -q -n 1 "$cohort" $job : -n 2 "$cohort" $job --seed 7
    [ "$(uname -m)" != x86_64 ] || expect 20 2 "rank 1: .*'neon' is not available" mpirun -q -n 1 "$cohort" $job : -n 1 "$cohort" $job --isa neon
    ;;
  empty_folder)
    mkdir -p images/benign images/melanoma
    expect 10 3 "benign" "$cohort" import images --out x.h5
    mkdir nothing
    expect 10 3 "nothing" "$cohort" import nothing --out x.h5
    sample
    run_trained 1
    expect 10 3 "nothing: the folder holds no images" "$cohort" predict run nothing
    ;;
  unreadable_image)
    sample
    first=$(ls sample/images | sed -n 1p) second=$(ls sample/images | sed -n 2p)
    head -c 100 "sample/images/$first" >broken && mv broken "sample/images/$first"
    echo text >"sample/images/$second"
    expect 10 3 "$first" "$cohort" import sample --out x.h5 --size 16
    expect 10 3 "$second" "$cohort" import sample --out x.h5 --size 16 # both are named
    [ ! -e x.h5 ] || die "a data set was written"
    "$cohort" import sample --out x.h5 --size 16 --broken quarantine --quiet || die "quarantine"
    grep -q "$second" x.quarantine.csv || die "the quarantine does not name $second"
    run_trained 1
    expect 20 3 "$first" mpirun -q -n 2 "$cohort" predict run sample/images --out p.csv
    [ ! -e p.csv ] || die "predictions were written"
    "$cohort" predict run sample/images --skip-broken --out p.csv --quiet || die "predict --skip-broken"
    [ "$(wc -l <p.csv)" -eq $(($(ls sample/images | wc -l) - 1)) ] || die "wrong number of predictions"
    ;;
  wrong_class)
    sample
    run_trained 1
    sed 's/melanoma/nevus/' sample/metadata.csv >m && mv m sample/metadata.csv
    "$cohort" import sample --out other.h5 --size 16 --quiet || die "import"
    expect 20 3 "classes .*nevus.* are not the model's .*melanoma" mpirun -q -n 2 "$cohort" evaluate run --data other.h5
    sed -i 's/nevus/melanoma/' sample/metadata.csv
    "$cohort" import sample --out large.h5 --size 24 --quiet || die "import"
    expect 10 3 "24 pixels high, the model takes 16" "$cohort" evaluate run --data large.h5
    other=$(echo "$job" | sed s/tiny.h5/other.h5/)
    expect 20 4 "belongs to another run.*data set: stored" "$cohort" $other
    ;;
  unknown_model)
    expect 10 2 "did you mean 'resnet18'" "$cohort" train --model resnet8 --data x --out run
    expect 20 2 "expected one of" mpirun -q -n 2 "$cohort" train --model vit --data x --out run
    ;;
  too_many_workers)
    sample
    expect 20 2 "at most 8 workers" mpirun -q -n 3 "$cohort" $job --threads 3
    expect 20 2 "5 does not divide" "$cohort" train --data tiny.h5 --out run --batch-size 32 --micro-batch 5
    ;;
  too_much_memory)
    sample
    expect 20 2 "max_memory: each rank would need" mpirun -q -n 2 "$cohort" $job --max-memory 1MiB
    ;;
  not_finite)
    sample
    expect 20 1 "not finite|out of range" mpirun -q -n 2 "$cohort" train --data tiny.h5 --out run --model cnn-small \
      --batch-size 32 --micro-batch 4 --lr 1e6 --quiet --epochs 100
    ;;
  metric_not_reached)
    sample
    expect -l 0 20 5 "state sha256" mpirun -q -n 2 "$cohort" $job --max-steps 2 --require "balanced_accuracy>=1.01"
    expect 10 5 "finished without it" "$cohort" status run --wait-for "balanced_accuracy>=1.01"
    expect 20 5 "required accuracy>=1.01" mpirun -q -n 2 "$cohort" evaluate run --require "accuracy>=1.01" --quiet
    ;;
  locked_folder)
    sample
    "$cohort" $job --epochs 100000 &
    launcher=$!
    tries=100
    until [ -f run/status.json ] || [ "$tries" -eq 0 ]; do sleep 0.1 && tries=$((tries - 1)); done
    "$cohort" status run | grep -q "^run    run  running" || die "a run at work is not seen as such"
    ("$support/expect_failure.sh" 15 1 "run.* (in use|locked|holds|another)" "$cohort" $job)
    result=$?
    kill -USR1 "$launcher"
    wait "$launcher"
    code=$?
    [ "$code" -eq 85 ] || die "the first run ended with $code"
    [ "$result" -eq 0 ] || exit 1
    ;;
  disk_full)
    sample
    mkdir small
    large="train --data tiny.h5 --model resnet18 --stem cifar --batch-size 8 --micro-batch 4 --max-steps 2 --quiet"
    if mount -t tmpfs -o size=8m tmpfs small 2>/dev/null; then
      trap 'umount "$PWD/small"' EXIT
      expect 30 1 "small/run.*(free|space)" mpirun -q -n 2 "$cohort" $large --out small/run
      no_leftovers small
    fi
    # A limit on file sizes stands for a quota; the program itself is told by the system only while it writes.
    (ulimit -f 20000 && "$support/expect_failure.sh" 30 1 "limited/checkpoints/.*h5.*(File too large|write)" \
      "$cohort" $large --out limited) || exit 1
    [ -z "$(find limited -name '*.h5')" ] || die "a checkpoint remains"
    ;;
  damaged_checkpoint)
    sample
    run_trained 3
    run_trained 6 # last.h5 is now of step 6, last.prev.h5 of step 3
    whole=$(digest run)
    mkdir kept && cp run/checkpoints/*.h5 kept
    size=$(wc -c <kept/last.h5)
    for damage in truncated flipped; do
      if [ "$damage" = truncated ]; then
        head -c $((size / 2)) kept/last.h5 >run/checkpoints/last.h5
      else # one bit in the middle of the tensors
        cp kept/last.h5 run/checkpoints/last.h5
        byte=$(od -An -tu1 -j $((size / 2)) -N 1 kept/last.h5 | tr -d ' ')
        printf "\\$(printf %03o $((byte ^ 4)))" |
          dd of=run/checkpoints/last.h5 bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
      fi
      cp kept/last.prev.h5 run/checkpoints/last.prev.h5
      expect 10 4 "last.h5" "$cohort" inspect run --digest
      ranks 2 "$cohort" $job --max-steps 6 2>warning || die "did not fall back to the previous checkpoint"
      grep -q "cohort: warning: .*last.h5.*continuing from .*last.prev.h5" warning || die "said nothing: $(cat warning)"
      [ "$(digest run)" = "$whole" ] || die "another result after the fall back"
    done
    echo damaged >run/checkpoints/last.h5
    echo damaged >run/checkpoints/last.prev.h5
    expect 20 4 "checkpoint.*last.*(Copy best.h5 .step [0-9]+. over last.h5)" mpirun -q -n 2 "$cohort" $job --max-steps 6
    cp run/checkpoints/best.h5 run/checkpoints/last.h5
    "$cohort" $job --max-steps 6 >/dev/null || die "the way out leads nowhere"
    [ "$(digest run)" = "$whole" ] || die "another result on the way out"
    ;;
  other_checkpoint)
    sample
    run_trained 2
    expect 20 4 "belongs to another run: .*seed: stored 0, now 7" mpirun -q -n 2 "$cohort" $job --seed 7
    other=$(echo "$job" | sed 's/--model cnn-small/--model resnet18 --stem cifar/')
    expect 20 4 "model.name: stored cnn-small, now resnet18" mpirun -q -n 2 "$cohort" $other
    expect 20 2 "resume never" "$cohort" $job --resume never
    expect 20 2 "resume must" "$cohort" $(echo "$job" | sed 's/--out run/--out new/') --resume must
    [ ! -e new ] || die "a folder was made for a run that is not there"
    echo mine >new
    expect 10 2 "--out new is a file; choose a folder" "$cohort" $(echo "$job" | sed 's/--out run/--out new/')
    ;;
  one_core)
    sample
    command -v taskset >/dev/null || skip "taskset is not installed"
    [ "$(getconf _NPROCESSORS_ONLN)" -ge 2 ] || skip "needs two cores"
    timeout 20 taskset -c 0 mpirun -q -n 2 "$cohort" $job --max-steps 4 >out 2>&1 || die "did not finish: $(cat out)"
    cat out
    grep -q "cohort: warning: ranks 0-1 on .*share core 0.*run mpirun with --bind-to none" out || die "no warning"
    timeout 20 taskset -c 0 mpirun -q -n 1 "$cohort" train --data tiny.h5 --out two --model cnn-small --batch-size 8 \
      --micro-batch 4 --max-steps 2 --threads 2 --quiet >out 2>&1 || die "did not finish: $(cat out)"
    cat out
    grep -q "cohort: warning: rank 0 on .*2 threads share core 0.*--map-by slot:PE=2" out || die "no warning"
    ;;
  killed_rank)
    sample
    mpirun -q -n 2 "$cohort" $job --epochs 100000 --checkpoint-interval 0 >out 2>&1 &
    launcher=$!
    wait_for_step run 3 15 || die "did not start: $(cat out)"
    started=$(date +%s)
    kill -KILL "$(children "$launcher" | tail -n 1)"
    wait "$launcher"
    code=$?
    [ "$code" -ne 0 ] && [ "$code" -ne 85 ] || die "ended with $code"
    [ $(($(date +%s) - started)) -le 10 ] || die "took too long to end"
    step=$(step_of run)
    tries=50 # mpirun may end a moment before its last rank
    until "$cohort" status run >told && grep -q "^run    run  interrupted" told || [ "$tries" -eq 0 ]; do
      sleep 0.1 && tries=$((tries - 1))
    done
    grep -q "^run    run  interrupted" told || die "does not see the end: $(cat told)"
    grep -q "interrupted at step $step .*continue with the same command: mpirun -n 2 cohort train --data" told || die "no way on: $(cat told)"
    "$cohort" status run --json | grep -q '"state": "interrupted"' || die "status --json does not see the end"
    find run -name '*.tmp*' -delete # what a killed writer leaves is not part of the run
    ranks 3 "$cohort" $job --epochs 100000 --max-steps $((step + 5)) 2>/dev/null || die "does not continue"
    [ "$(step_of run)" -eq $((step + 5)) ] || die "did not continue from step $step"
    ;;
  stop_signals)
    sample
    expected=0
    for signal in USR1 TERM INT; do
      mpirun -q -n 2 "$cohort" $job --epochs 100000 --checkpoint-interval 0.2s >out 2>&1 &
      launcher=$!
      wait_for_step run $((expected + 1)) 15 || die "did not start: $(cat out)"
      # USR1 comes through mpirun; TERM and INT go to one rank alone, as mpirun would kill the ranks a second later.
      if [ "$signal" = USR1 ]; then kill -USR1 "$launcher"; else kill "-$signal" "$(children "$launcher" | tail -n 1)"; fi
      wait "$launcher"
      code=$?
      [ "$code" -eq 85 ] || die "$signal: ended with $code: $(cat out)"
      grep -q '"state": "checkpointed"' run/status.json || die "$signal: status is not checkpointed"
      [ "$(step_of run)" -gt "$expected" ] || die "$signal: no progress"
      expected=$(step_of run)
    done
    ranks 2 "$cohort" $job --epochs 100000 --max-time 1s >out 2>&1
    code=$?
    [ "$code" -eq 85 ] || die "--max-time: ended with $code: $(cat out)"
    ;;
  stop_signals_rounds) # a signal to any one rank stops all groups, be it at work or waiting for the others
    rounds_sample || die "sample"
    rounds_job >job.toml
    # long <run> <rounds options...>: on two ranks, so two groups; and until it has done something.
    long() {
      run=$1 seen=$2
      shift 2
      mpirun -q -n 2 "$cohort" train job.toml --data tiny.h5 --out $run --round-steps 100000 --link-steps 100000 "$@" >out 2>&1 &
      launcher=$!
      wait_for_file $run/rounds/001/$seen 30 || die "$run did not start: $(cat out)"
    }
    # stopped <run> <rank>: after a signal to the rank from 1 on.
    stopped() {
      kill -TERM "$(children $launcher | sed -n "$2p")"
      tries=100
      until grep -q '"state": "checkpointed"' $1/status.json; do
        [ $tries -gt 0 ] || die "$1: not every group has stopped: $(cat out)"
        sleep 0.1 && tries=$((tries - 1))
      done
      wait $launcher
      code=$?
      launcher=
      [ $code -eq 85 ] || die "$1: ended with $code: $(cat out)"
      [ ! -e $1/.stop ] || die "$1: the mark remains"
    }
    for rank in 1 2; do
      long both-$rank candidates/device-03/progress.json --candidates 4
      stopped both-$rank $rank
      for device in 01 03; do # what every group did until then is kept
        grep -q '"stop": {' both-$rank/rounds/001/candidates/device-$device/progress.json || die "device-$device kept nothing"
      done
    done
    # device-02 diverges at once, so that its group waits for the other one.
    long waiting candidates/device-02/progress.json --candidates 2 --search 'lr = choice(0.02, 1e6)' --proposer grid
    sleep 2
    stopped waiting 2
    ;;
  bad_rounds) # nothing of a run may begin
    rounds_sample || die "sample"
    rounds_job >job.toml
    rounds="train job.toml --data tiny.h5 --out run"
    expect 20 2 "there is no parameter 'schedule.learning_rat'; did you mean" "$cohort" $rounds --search "schedule.learning_rat = log(1e-3, 1)"
    expect 20 2 "batch_size may become impossible: .*4 does not divide batch_size 18" "$cohort" $rounds --search "batch_size = choice(16, 18)"
    expect 20 2 "[0-9]+ .*(samples|images)" mpirun -q -n 2 "$cohort" $rounds --candidates 100
    expect 20 3 "clinic" mpirun -q -n 2 "$cohort" $rounds --partition by:clinic --candidates 0
    expect 20 2 "nothing to share" mpirun -q -n 2 "$cohort" $rounds --pool 0
    whole=115792089237316195423570985008687907853269984665640564039457584007913129639936
    expect 20 2 "2\\^256" "$cohort" $rounds --pool $whole
    expect 20 2 "needs at least 400 hidden images, each of the 2 rounds has 24" "$cohort" $rounds --demonstration off
    expect 20 2 "2 rounds of 30 fresh images need more than the 48" "$cohort" $rounds --hidden-images 30
    expect 20 2 "which only --kernels exact allows" "$cohort" $rounds --kernels blas
    [ ! -e run ] || die "a run folder was made"
    ;;
  spent_hidden_set)
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --quiet || die "train"
    cp -r run second && rm -r second/rounds second/checkpoints second/task.json # as a new task that uses the same hidden set
    expect 20 3 "need 48 fresh images, but 0 of 48 are unspent .*use a new hidden set" mpirun -q -n 2 "$cohort" train \
      job.toml --data tiny.h5 --out second --seed 5
    [ ! -e second/rounds ] && [ ! -e second/task.json ] || die "a run was begun"
    sed -i 's/"hidden": "./"hidden": "g/' second/hidden-ledger.json
    expect 20 3 "hidden-ledger.json" "$cohort" train job.toml --data tiny.h5 --out second --seed 5
    expect 20 4 "belongs to another task: .*round_steps: stored 6, now 7" mpirun -q -n 2 "$cohort" train job.toml \
      --data tiny.h5 --out run --round-steps 7
    ;;
  other_folder) # rounds and ordinary trainings do not mix, and a task that is there stays as it is
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out plain --rounds 0 --epochs 1 --quiet 2>plain.log || die "train"
    grep -q "rounds = 0 makes one ordinary run; candidates, .* of the job have no effect" plain.log || die "$(cat plain.log)"
    expect 20 4 "plain holds the checkpoints of a training without rounds" mpirun -q -n 2 "$cohort" train job.toml \
      --data tiny.h5 --out plain
    [ ! -e plain/task.json ] && [ ! -e plain/rounds ] || die "rounds were begun"
    search="--search lr=log(1e-3,1e-1) --search smoothing=linear(0,0.2) --rounds 1 --merge none"
    "$cohort" train job.toml --data tiny.h5 --out run $search --quiet || die "rounds"
    cp run/task.json task.json && cp run/checkpoints/last.h5 last.h5
    # The same recipe, so that the checkpoint alone would let it go on.
    expect 20 4 "run holds a run of rounds" mpirun -q -n 2 "$cohort" train job.toml --data tiny.h5 --out run --rounds 0
    expect 20 4 "belongs to another task: .*smoothing: stored .*, now \(absent\)" "$cohort" train job.toml \
      --data tiny.h5 --out run $(echo "$search" | sed 's/--search smoothing=[^ ]*//')
    cmp task.json run/task.json && cmp last.h5 run/checkpoints/last.h5 || die "the run was changed"
    "$cohort" train job.toml --data tiny.h5 --rounds 1 --link-steps 7 --audit-links 3 --dry-run >/dev/null 2>warning || die "dry run"
    grep -q "link_steps 7 is more than round_steps 6: each round is one link" warning || die "silent: $(cat warning)"
    grep -q "audit.links 3: a round has 1 link, " warning || die "silent: $(cat warning)"
    "$cohort" train --data tiny.h5 --model cnn-small --batch-size 16 --micro-batch 4 --merge best --dry-run >/dev/null 2>warning ||
      die "dry run: $(cat warning)"
    grep -q "ordinary run; merge.rule of the job has no effect" warning || die "$(cat warning)"
    # What lies where other commands look for the model comes back from its round.
    for damage in "rm -r run/checkpoints" "sed -i s/a/b/g run/checkpoints/last.h5" "cp plain/checkpoints/last.h5 run/checkpoints"; do
      $damage
      "$cohort" train job.toml --data tiny.h5 --out run $search --quiet 2>warning || die "$damage: $(cat warning)"
      grep -q "warning: run/checkpoints/last.h5 was not the model of .*put back from run/rounds/001/model.h5" warning ||
        die "$damage: said nothing: $(cat warning)"
      cmp run/checkpoints/last.h5 run/rounds/001/model.h5 || die "$damage: not put back"
    done
    "$cohort" train job.toml --data tiny.h5 --out run $search --quiet 2>warning
    ! grep "put back" warning || die "warns of a whole model"
    cp last.h5 run/checkpoints/last.h5
    cp run/rounds/001/round.json record.json && head -c 900 record.json >run/rounds/001/round.json
    expect 10 3 "rounds/001/round.json: .*; remove it and repeat the command" "$cohort" train job.toml --data tiny.h5 --out run $search
    rm run/rounds/001/round.json
    "$cohort" train job.toml --data tiny.h5 --out run $search --quiet 2>/dev/null || die "the way out leads nowhere"
    cmp record.json run/rounds/001/round.json || die "another record on the way out"
    cp last.h5 run/checkpoints/last.h5
    : >run/status.json
    expect 10 3 "run/status.json is damaged .*; the command that made the run writes it anew" "$cohort" status run
    sed 's/^{/{ "of_a_later_version": 1,/' task.json >run/task.json && cp run/task.json later.json
    expect 20 4 "another task: of_a_later_version: stored 1, now \(absent\)" "$cohort" train job.toml \
      --data tiny.h5 --out run $search
    cmp later.json run/task.json || die "the task was written anew"
    ;;
  nothing_accepted) # every candidate diverges: the model stays, the pool is carried, and no share can be computed
    rounds_sample || die "sample"
    rounds_job >job.toml
    mpirun -q -n 2 "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --lr 1e6 >out 2>&1 || die "train: $(cat out)"
    grep -q "device-01  failed: " out && grep -q "the pool is carried over" out || die "said nothing: $(cat out)"
    [ ! -e run/rounds/001/rewards.json ] || die "shares were computed"
    [ "$(grep -c '"verdict": "LATE"' run/rounds/001/audit.json)" -eq 4 ] || die "verdicts: $(cat run/rounds/001/audit.json)"
    expect 10 3 "no submission of the audit was accepted" "$cohort" reward run/rounds/001/audit.json --out none
    expect -l 0 20 3 "device-04 .*LATE .*nothing was handed in" "$cohort" audit run --round 1
    [ ! -e none ] || die "output was left"
    ;;
  bad_audit)
    rounds_sample || die "sample"
    rounds_job >job.toml
    "$cohort" train job.toml --data tiny.h5 --out run --rounds 1 --quiet || die "train"
    "$cohort" audit run --round 1 --out again >out || die "audit: $(cat out)"
    cmp again/audit.json run/rounds/001/audit.json || die "another audit"
    expect 10 2 "round 2: the task has rounds 1 to 1" "$cohort" audit run --round 2
    expect 10 2 "go together" "$cohort" audit run --submission x.h5
    expect 10 3 "sample: has no task.json" "$cohort" audit sample
    expect 10 3 "nowhere.h5: no such file" "$cohort" audit run --data nowhere.h5
    cp tiny.hidden.h5 other.h5
    expect 10 3 "other.h5: is not the task's data set" "$cohort" audit run --data other.h5
    first=run/rounds/001/submissions/device-01.h5
    merge="merge --task run/task.json --data tiny.h5 --out merged.h5"
    expect 10 2 "merge: give --task --data --out" "$cohort" merge $first
    expect 10 3 "not the task's data set" "$cohort" merge --task run/task.json --data other.h5 --out merged.h5 $first
    expect 10 3 "second one of its member" "$cohort" $merge $first $first
    expect 10 3 "starts from another model" "$cohort" $merge $first --parent run/rounds/001/model.h5
    expect 10 3 "tiny.h5: (FORMAT|SIZE): " "$cohort" $merge tiny.h5
    [ ! -e merged.h5 ] || die "a model was written"
    expect 10 2 "has no member 'device-09'" "$cohort" audit run --submission $first --member device-09
    "$cohort" audit run --submission $first --member device-01 >out || die "foreign: $(cat out)"
    grep -q "drawn now, at random" out || die "not said who chose the links: $(cat out)"
    expect -l 0 20 3 "device-02 .*SIG" "$cohort" audit run --submission $first --member device-02 --out other
    grep -q '"verdict": "SIG"' other/audit.json || die "no audit was written"
    # An audit on record is never replaced, whatever a later one finds.
    "$cohort" audit run --round 1 --out again >out || die "an equal audit is refused: $(cat out)"
    expect 20 1 "run/rounds/001/audit.json: another audit is there, .*choose another folder" "$cohort" audit run \
      --submission $first --member device-01 --out run/rounds/001
    cmp again/audit.json run/rounds/001/audit.json || die "the round's audit was replaced"
    sed -i 's/"round": 1,/"round": 2,/' again/audit.json && cp again/audit.json second.json
    expect 20 1 "again/audit.json: another audit is there" "$cohort" audit run --round 1 --out again
    cmp again/audit.json second.json || die "another round's audit was replaced"
    mkdir alone && cp "$cohort" alone/ # without the program that reads strangers' files, or with one of another version
    expect 20 1 "alone/cohort-reader: No such file or directory; .*build or install both" alone/cohort audit run
    expect 20 1 "alone/cohort-reader: No such file or directory; .*build or install both" alone/cohort train job.toml \
      --data tiny.h5 --out none
    expect 20 1 "alone/cohort-reader: No such file" mpirun -q -n 2 alone/cohort train job.toml --data tiny.h5 --out none
    [ ! -e none ] || die "a round was begun that nobody can audit"
    alone/cohort checks >out && die "checks found a reader"
    grep -q "^reader  *PROBLEM: .*alone/cohort-reader: No such file" out || die "checks: $(cat out)"
    printf '#!/bin/sh\nprintf "V\\005stale"\n' >alone/cohort-reader && chmod +x alone/cohort-reader
    expect 20 1 "alone/cohort-reader is of version stale, this program [0-9].*install both" alone/cohort audit run
    rm -r alone run/rounds/001/candidates/device-03/links
    head -c 5000 $first >cut.h5 && mv cut.h5 $first
    expect -l 0 20 3 "device-01 .*FORMAT" "$cohort" audit run
    expect -l 0 20 3 "device-03 .*CHAIN .*missing or damaged" "$cohort" audit run
    expect -l 0 20 3 "not as recorded: device-03: verdict recorded .*found \"CHAIN\"" "$cohort" audit run
    ;;
  *) die "unknown case $case" ;;
esac
no_leftovers .
echo "ok: $case"
