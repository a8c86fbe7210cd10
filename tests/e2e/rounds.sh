#!/bin/sh
# rounds.sh <program> <source root> <folder>: one job of rounds on many rank counts, killed in the middle, explored
# and without a merge. Every way must write the same audits, rewards and records, byte for byte.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
rounds_sample || die "sample"
rounds_job >job.toml

# train <ranks> <job file> <run> <options...>
train() {
  on=$1 file=$2 run=$3
  shift 3
  mpirun -q -n "$on" "$cohort" train "$file" --data tiny.h5 --out "$run" "$@" >"$run.log" 2>&1
}
# same <name> <run> <reference>
same() {
  same_rounds "$@"
  echo "same        $1"
}

train 1 job.toml reference || die "1 rank: $(cat reference.log)"
for round in 001 002; do
  for file in audit.json rewards.json round.json model.h5 assignments.json; do
    [ -s "reference/rounds/$round/$file" ] || die "round $round has no $file"
  done
  [ "$(ls reference/rounds/$round/submissions | wc -l)" -eq 4 ] || die "not four submissions"
  "$cohort" reward verify reference/rounds/$round >/dev/null || die "rewards of round $round"
done
grep -q '"verdict": "\(OK\|BASELINE\)"' reference/rounds/001/audit.json || die "nothing was accepted"
echo "reference   1 rank   $(digest reference)"
# One micro-batch in a step leaves nothing to a second thread, however many candidates wait for their turn.
"$cohort" train job.toml --data tiny.h5 --out few --batch-size 4 --dry-run >few.log 2>&1 || die "threads: $(cat few.log)"
for round in 1 2; do # audited again on files alone
  "$cohort" audit reference --round $round --out again$round >audit.log 2>&1 || die "audit: $(cat audit.log)"
  cmp again$round/audit.json reference/rounds/00$round/audit.json || die "the audit of files finds something else"
done
"$cohort" merge reference/rounds/002/submissions/*.h5 --task reference/task.json --data tiny.h5 \
  --parent reference/rounds/001/model.h5 --out merged.h5 >merge.log 2>&1 || die "merge: $(cat merge.log)"
[ "$(digest merged.h5)" = "$(digest reference)" ] || die "the merge of files is another model: $(cat merge.log)"
for count in 2 3 5; do
  train "$count" job.toml "run$count" --log-interval 0 || die "$count ranks: $(cat "run$count.log")"
  same "$count ranks" "run$count" reference
done
grep -q "^  train  device-02 (2 of 2 on these ranks)  step 3/6  loss 0[.][0-9]*  [0-9]* img/s  eta [0-9]* s$" run2.log ||
  die "nothing tells how the training goes: $(cat run2.log)"
mpirun -q -n 3 "$cohort" train job.toml --data tiny.h5 --out run3 --quiet >again.log 2>&1 || die "again: $(cat again.log)"
same "done already, started again" run3 reference
rm run3/rounds/001/round.json # the documented way out when it is damaged
mpirun -q -n 2 "$cohort" train job.toml --data tiny.h5 --out run3 --quiet >again.log 2>&1 || die "ended again: $(cat again.log)"
same "both rounds ended again" run3 reference

# What a person sees of it.
"$cohort" status reference >told && grep -q "^round  2 of 2$" told && grep -q "^last   round 2: [0-9]* of 10 common.* balanced accuracy 0[.][0-9]*, " told &&
  grep -q "^test   the final model: [0-9]* of 8 .* balanced accuracy 0" told ||
  die "status: $(cat told)"
for metric in accuracy balanced_accuracy; do
  "$cohort" status reference --wait-for "$metric>=0.01" >/dev/null || die "does not see that $metric was reached"
done
"$support/expect_failure.sh" 10 5 "finished without it" "$cohort" status reference --wait-for "accuracy>=1.01" || exit 1
"$support/expect_failure.sh" 10 2 "counts only right answers" "$cohort" status reference --wait-for "auc_macro>=0" || exit 1
right=$(sed -n 's/.*"correct": \([0-9]*\).*/\1/p' reference/test.json)
balanced=$("$cohort" evaluate reference --quiet | sed -n 's/.*balanced accuracy \([0-9.]*\) .*/\1/p')
grep -q "test   $right of 8, balanced accuracy $balanced$" reference/log.txt || die "the log does not tell of the test: $(cat reference/test.json)"
grep -q "$right of 8 correct; balanced accuracy" reference/index.html || die "the page does not tell of the test"
for round in 1 2; do # the counts by class that they come from
  row=$(sed -n "$((round + 1))p" reference/rounds.csv)
  right=$(echo "$row" | cut -d, -f10)
  grep -q "\"correct\": $right," reference/rounds/00$round/validation.json || die "other counts than those of round $round: $row"
  expr "$row" : '.*,0[.0-9]*$' >/dev/null || die "rounds.csv has no balanced accuracy: $row"
done
grep -q '  model  .*, balanced accuracy 0[.][0-9]*  sha256' reference/log.txt || die "the log has no balanced accuracy"

grep -q "^run .*  2 rounds of 6 steps of 16 images (4 x 4), 4 candidates  sgd" reference.log &&
  grep -q "^files  states at links: [0-9.]* MiB a round, [0-9.]* MiB in all" reference.log || die "banner: $(cat reference.log)"
"$cohort" evaluate reference 2>&1 | grep -q "^model .*last.h5 (step 12, model of round 2)$" || die "evaluate counts epochs"
"$cohort" inspect reference | grep -q "^position    step 12, model of round 2$" || die "inspect counts epochs"

# Killed without warning in the training of the second round, stopped in its audit, killed there, continued each time on
# another number of ranks. 72 steps and 6 links, all replayed, leave time to hit each of them.
rounds_job | sed 's/^round_steps = .*/round_steps = 72/; s/^link_steps = .*/link_steps = 12/; s/^links = .*/links = 4/' >long.toml
train 1 long.toml long || die "long: $(cat long.log)"
# begin <ranks>: the run in the background.
begin() {
  mpirun -q -n "$1" "$cohort" train long.toml --data tiny.h5 --out killed >killed.log 2>&1 &
  launcher=$!
}
findings() { find killed/rounds/002/findings -name '*.json' 2>/dev/null | wc -l; }
# wait_for_findings <count>
wait_for_findings() {
  tries=2000
  until [ "$(findings)" -ge "$1" ]; do
    [ $tries -gt 0 ] || die "did not find anything: $(cat killed.log)"
    sleep 0.02 && tries=$((tries - 1))
  done
}
# kill_all: of the run in the background, before it is done.
kill_all() {
  kill_launcher
  [ ! -e killed/rounds/002/round.json ] || die "the run had ended before it could be killed"
}
begin 3
wait_for_file killed/rounds/002/candidates/device-01/progress.json 40 || die "did not start: $(cat killed.log)"
kill_all
[ "$(wc -l <killed/rounds.csv)" -eq 2 ] && grep -q "Not finished: 1 round of 2 is done" killed/index.html ||
  die "nothing tells of the first round"
tries=50 # the last rank may outlive its launcher by a moment
until "$cohort" status killed >told && grep -q "^next   interrupted in round 2 of 2, continue" told || [ $tries -eq 0 ]; do
  sleep 0.1 && tries=$((tries - 1))
done
grep -q "^next   interrupted in round 2 of 2, continue" told || die "status: $(cat told)"
begin 2
wait_for_findings 1
kill -USR1 $launcher
wait $launcher
code=$?
launcher=
[ $code -eq 85 ] || die "stop in the audit: ended with $code: $(cat killed.log)"
[ ! -e killed/rounds/002/round.json ] || die "the round was ended after the stop"
"$cohort" status killed | grep -q "^next   the same command continues: mpirun -n 2 cohort train long.toml" || die "status says no way on"
[ "$(findings)" -ge 1 ] || die "what was found is not kept"
find killed/rounds/002/findings -name '*.json' | sed 1d | xargs -r rm # whatever was quick: there is time for a kill
begin 1
wait_for_findings 2
kill_all
before=$(findings)
train 2 long.toml killed || die "continue: $(cat killed.log)"
grep -q "audit  $before of 4 submissions were audited before" killed.log || die "what was found is lost: $(cat killed.log)"
same "3 ranks, killed, 2 ranks, stopped, 1 rank, killed, 2 ranks" killed long

train 2 job.toml never --dry-run || die "dry run: $(cat never.log)"
grep -q "^one step of    device-01, of 4 candidates on 2 groups of ranks" never.log && grep -q "^first step    loss 0" never.log ||
  die "the dry run does not say what it tried: $(cat never.log)"
[ ! -e never ] || die "a dry run left something behind"

# Explored by a Gaussian process and merged as a soup; a population without a merge, halved.
{
  rounds_job | sed '/^\[merge\]/,$d; s/^rounds = .*/rounds = 3/'
  printf '[merge]\nrule = "soup"\n[explore]\nspace = ["lr = log(1e-3, 3e-1)", "smoothing = linear(0, 0.2)"]\nproposer = "gp"\n'
  printf '[audit]\nevidence = "claim"\n'
} >gp.toml
{
  rounds_job | sed '/^\[merge\]/,$d; s/^rounds = .*/rounds = 3/'
  printf '[merge]\nrule = "none"\n[explore]\nspace = ["lr = log(1e-3, 3e-1)", "optimizer = choice(sgd, adamw)"]\n'
  printf 'proposer = "population"\nquantile = 0.25\nhalving = true\nfirst_rung = 2\nfactor = 2\n'
} >population.toml
for job in gp population; do
  train 1 $job.toml $job-1 || die "$job: $(cat $job-1.log)"
  train 3 $job.toml $job-3 || die "$job: $(cat $job-3.log)"
  same "$job on 1 and 3 ranks" $job-3 $job-1
done
[ "$(grep -c '"candidate"' population-1/rounds/003/assignments.json)" -eq 2 ] || die "half of the candidates should be halted"
echo "ok: rounds"
