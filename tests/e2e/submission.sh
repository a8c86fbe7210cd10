#!/bin/sh
# submission.sh <program> <source root> <folder>: a model trained elsewhere, handed in and confirmed by counts; and a
# dispute about one member's training, settled by the replay of one link.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
rounds_sample || die "sample"
finds() { "$support/expect_failure.sh" -l 0 20 "$@" || die "see above"; } # against a member, without an error

# Two rounds in which everybody has all data and counts are all that is asked for.
{
  rounds_job | sed '/^\[partition\]/,$d; s/^candidates = .*/candidates = 2/'
  printf '[partition]\nrule = "shared"\n[merge]\nrule = "average"\n[audit]\nevidence = "claim"\n'
} >claim.toml
"$cohort" train claim.toml --data tiny.h5 --out run --quiet >/dev/null || die "train"
"$cohort" audit run --round 2 --out again >audit.log 2>&1 || die "audit: $(cat audit.log)"
cmp again/audit.json run/rounds/002/audit.json || die "the audit of files finds something else"
grep -q '"hidden_correct": -1' again/audit.json || die "evidence claim counted hidden images"
[ ! -e run/hidden-ledger.json ] || die "evidence claim spent hidden images"

# The run's own merge again, from its folder; its files are what the round accepted, or nothing is written.
"$cohort" merge run --round 2 --out merged.h5 >merge.log 2>&1 || die "merge: $(cat merge.log)"
[ "$(digest merged.h5)" = "$(digest run/rounds/002/model.h5)" ] || die "the merge of the run is another model: $(cat merge.log)"
rm merged.h5
refuses 2 "leave --task and --parent out" "$cohort" merge run --task run/task.json --out merged.h5
refuses 2 "goes with a run folder" "$cohort" merge run/rounds/001/submissions/device-01.h5 --round 1 --out merged.h5
refuses 3 "round 3 is not done" "$cohort" merge run --round 3 --out merged.h5
refuses 3 "sample: has no task.json" "$cohort" merge sample --out merged.h5
cp -r run swapped && cp run/rounds/001/submissions/device-02.h5 swapped/rounds/002/submissions/device-02.h5
refuses 3 "device-02.h5: .*is not what the round accepted" "$cohort" merge swapped --round 2 --out merged.h5
sed 's/"schema": "cohort.round/"schema": "cohort.rownd/' run/rounds/002/round.json >other && mv other swapped/rounds/002/round.json
refuses 3 "swapped/rounds/002/round.json: not a round's record" "$cohort" merge swapped --round 2 --out merged.h5
[ ! -e merged.h5 ] || die "a refused merge was written"

# A member trains by itself with the task's recipe, counts, and hands in. Its key is the first candidate's of seed 0.
{
  rounds_job | sed '/^\[partition\]/,$d; /^rounds/d; /^candidates/d; /^round_steps/d; /^link_steps/d'
} >own.toml
"$cohort" train own.toml --data tiny.h5 --out own --seed 5 --max-steps 6 --quiet >/dev/null || die "own training"
own=own/checkpoints/last.h5
"$cohort" evaluate $own --data tiny.h5 --split validation --out counted --quiet >/dev/null || die "evaluate"
umask 077
printf 'cohort/run-key/v1\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000' | sha256sum | cut -c1-64 >key
create="submission create $own --task run/task.json --key key --claim counted/metrics.json --out mine.h5 --member"
"$cohort" $create device-01 --round 2 --parent run/rounds/001/model.h5 >create.log 2>&1 || die "create: $(cat create.log)"
"$cohort" audit run --round 2 --submission mine.h5 --member device-01 >audit.log 2>&1 || die "audit: $(cat audit.log)"
grep -Eq "device-01 +OK_UNPROVEN" audit.log || die "not confirmed: $(cat audit.log)"
rm mine.h5
"$cohort" $create device-01 --round 1 >create.log 2>&1 || die "create for round 1: $(cat create.log)"
"$cohort" audit run --round 1 --submission mine.h5 --member device-01 >audit.log 2>&1 || die "audit: $(cat audit.log)"
mv mine.h5 first.h5
finds 3 "device-01 +LATE " "$cohort" audit run --round 2 --submission first.h5 --member device-01
handed=run/rounds/001/submissions/device-01.h5
finds 3 "device-01 +REPLAYED .*handed in before, in round 1" "$cohort" audit run --round 2 --submission $handed \
  --member device-01

# The same model by another member is a copy: merged from files alone nobody's work counts twice.
printf 'cohort/run-key/v1\000\000\000\000\000\000\000\000\000\001\000\000\000\000\000\000\000' | sha256sum | cut -c1-64 >key2
"$cohort" submission create $own --task run/task.json --key key2 --member device-02 --claim counted/metrics.json --out copy.h5 \
  --round 1 >create.log 2>&1 || die "create for device-02: $(cat create.log)"
refuses 3 "copy.h5: has the same model as first.h5, which would count twice; audit both, .* DUPLICATE" "$cohort" merge first.h5 copy.h5 \
  --task run/task.json --data tiny.h5 --out merged.h5
[ ! -e merged.h5 ] || die "a copy was merged"

# What an audit would refuse is refused here, all at once.
refuses 2 "give --round" "$cohort" $create device-01
refuses 3 "the task has rounds 1 to 2; .*merged model: .*no member .device-09.; did you mean" "$cohort" $create device-09 --round 3
refuses 3 "the key is not the one" "$cohort" $create device-02 --round 1
"$cohort" train own.toml --data tiny.h5 --out other --lr 0.03 --max-steps 7 --quiet >/dev/null || die "other training"
refuses 3 "trained for 7 steps, round 1 ends at 6; .*schedule.learning_rate: task 0.02, checkpoint 0.03" "$cohort" submission create \
  other/checkpoints/last.h5 --task run/task.json --key key --member device-01 --claim counted/metrics.json --out mine.h5 \
  --round 1
"$cohort" evaluate other --data tiny.h5 --split validation --out others --quiet >/dev/null || die "evaluate"
refuses 3 "others/metrics.json: is about another state" "$cohort" submission create $own --task run/task.json --key key \
  --member device-01 --claim others/metrics.json --out mine.h5 --round 1
[ ! -e mine.h5 ] || die "a refused submission was written"

# Members in other houses, without a run: of two rounds, the second starts from what the first one's merge has made.
mkdir -p fed
public=$("$cohort" submission keygen --out site-a.key) || die "keygen"
sed "/\"members\"/,/}/{s/device-01/site-a/; s/\"key\": \"[0-9a-f]*\"/\"key\": \"$public\"/}" run/task.json >fed/task.json
"$cohort" submission create $own --task fed/task.json --key site-a.key --member site-a --round 1 --claim counted/metrics.json \
  --out site-a-1.h5 >create.log 2>&1 || die "create: $(cat create.log)"
audit="audit fed --data tiny.h5 --member site-a --submission"
"$cohort" $audit site-a-1.h5 --round 1 --out audited-1 >audit.log 2>&1 || die "audit of round 1: $(cat audit.log)"
"$cohort" merge site-a-1.h5 --task fed/task.json --data tiny.h5 --out next.h5 >merge.log 2>&1 || die "merge: $(cat merge.log)"
# From a model the training starts with a seed of its own, on any number of ranks, and only this model continues it.
on="train own.toml --data tiny.h5 --seed 9 --start next.h5 --max-steps 6"
"$cohort" $on --out own2 >train.log 2>&1 || die "train on: $(cat train.log)"
grep -q "starting from model sha256:$("$cohort" inspect next.h5 | sed -n 's/^weights *sha256:\(.\{12\}\).*/\1/p')" train.log ||
  die "the merged model is not what training starts from: $(cat train.log)"
ranks 2 "$cohort" $on --out on2 --max-time 0.001 --quiet >/dev/null; [ $? -eq 85 ] && ranks 3 "$cohort" $on --out on2 --quiet >/dev/null || die "train on, on 2 and 3 ranks"
[ "$(digest on2)" = "$(digest own2)" ] || die "on other ranks, and continued, another state: $(digest on2), $(digest own2)"
refuses 4 "start_model: stored .*, now .absent." "$cohort" train own.toml --data tiny.h5 --seed 9 --max-steps 6 --out on2
refuses 4 "start_model: stored .*, now [0-9a-f]*" "$cohort" train own.toml --data tiny.h5 --seed 9 --max-steps 6 --out on2 --start other
"$cohort" train own.toml --data tiny.h5 --seed 4 --start next.h5 --max-steps 6 --out on4 --quiet >/dev/null && [ "$(digest on4)" != "$(digest own2)" ] || die "another seed, the same state"
# The schedule goes on where the model's steps have left it: step 1 has the rate of step 7 of a training at a stretch.
rate_of() { sed -n "s/^step $2\\/.*  lr \\([0-9.]*\\) .*/\\1/p" "$1"; } # <log> <step>
"$cohort" $on --out on5 --schedule-start 6 --log-interval 0 >on5.log 2>&1 || die "schedule: $(cat on5.log)"
"$cohort" train own.toml --data tiny.h5 --out on6 --max-steps 8 --log-interval 0 >on6.log 2>&1 || die "at a stretch: $(cat on6.log)"
[ -n "$(rate_of on6.log 7)" ] && [ "$(rate_of on5.log 1)" = "$(rate_of on6.log 7)" ] && [ "$(rate_of on6.log 1)" != "$(rate_of on6.log 7)" ] ||
  die "the rate of step 1 is $(rate_of on5.log 1), not $(rate_of on6.log 7): $(cat on5.log)"
refuses 2 "schedule_start: goes with --start" "$cohort" train own.toml --data tiny.h5 --out none --schedule-start 6
refuses 2 "start, schedule_start: rounds start from" "$cohort" train claim.toml --data tiny.h5 --out none --start next.h5
refuses 3 "not a model of" "$cohort" train own.toml --data tiny.h5 --out none --start next.h5 --model resnet18 --stem cifar
"$cohort" evaluate own2/checkpoints/last.h5 --data tiny.h5 --split validation --out counted2 --quiet >/dev/null || die "evaluate"
"$cohort" submission create own2/checkpoints/last.h5 --task fed/task.json --key site-a.key --member site-a --round 2 \
  --parent next.h5 --claim counted2/metrics.json --out site-a-2.h5 >create.log 2>&1 || die "create for round 2: $(cat create.log)"
refuses 3 "fed/rounds/001/round.json: no such file; .*name the model with --parent" "$cohort" $audit site-a-2.h5 --round 2
"$cohort" $audit site-a-2.h5 --round 2 --parent next.h5 --out audited-2 >audit.log 2>&1 || die "audit of round 2: $(cat audit.log)"
grep -Eq "site-a +OK_UNPROVEN" audit.log || die "not confirmed: $(cat audit.log)"
parent=$("$cohort" inspect next.h5 | sed -n 's/^weights *sha256:\([0-9a-f]*\),.*/\1/p')
grep -q "\"parent\": \"$parent\"" audited-2/audit.json || die "the audit names another parent than next.h5"
# Who names another model errs: that is no fault of the member's.
refuses 3 "is not the model that this submission started from, sha256:$parent .*site-a-2.h5" "$cohort" $audit site-a-2.h5 \
  --round 2 --parent own2
refuses 2 "round 1 starts from the task's first model" "$cohort" $audit site-a-1.h5 --round 1 --parent next.h5
refuses 3 "round 1 starts from the task's first model" "$cohort" submission create $own --task fed/task.json --key site-a.key \
  --member site-a --round 1 --parent next.h5 --claim counted/metrics.json --out again.h5
[ ! -e again.h5 ] || die "a refused submission was written"
finds 3 "site-a +LATE .*belongs to round 1" "$cohort" $audit site-a-1.h5 --round 2 --parent next.h5
"$cohort" merge site-a-2.h5 --task fed/task.json --data tiny.h5 --parent next.h5 --out last.h5 >merge.log 2>&1 ||
  die "merge of round 2: $(cat merge.log)"
# Where a run says what its rounds started from, or more than claims is asked for, nobody else does.
refuses 2 "run/rounds/001/round.json and the run's other records say" "$cohort" audit run --round 2 --submission first.h5 \
  --member device-01 --parent next.h5
refuses 2 "goes with --submission and --member" "$cohort" audit fed --round 2 --parent next.h5 --data tiny.h5

# A run whose links can be replayed, and an auditor's own run of the same work: there is nothing to dispute.
rounds_job | sed 's/^link_steps = .*/link_steps = 1/; s/^rounds = .*/rounds = 1/' >job.toml
"$cohort" train job.toml --data tiny.h5 --out replay --quiet >/dev/null || die "train"
refuses 3 "the task asks for evidence replay" "$cohort" submission create $own --task replay/task.json --key key \
  --member device-01 --claim counted/metrics.json --out mine.h5 --round 1
handed=replay/rounds/001/submissions/device-02.h5
# The same samples under other splits would make every member look like a cheat.
"$cohort" import sample --out others.h5 --size 24 --train-fraction 0.4 --validation-fraction 0.4 --quiet >/dev/null || die "import"
refuses 3 "others.h5: the samples that the run was trained on, but with other splits" "$cohort" audit replay --round 1 --data others.h5
refuses 2 "evidence replay asks for the records of the rounds before" "$cohort" audit replay --round 1 --submission $handed \
  --member device-02 --parent replay/rounds/001/model.h5
links=replay/rounds/001/candidates/device-02/links
dispute="audit replay --round 1 --member device-02"
"$cohort" $dispute --against $handed >dispute.log 2>&1 || die "no dispute: $(cat dispute.log)"
grep -q "6 links, 1 comparison: they agree" dispute.log || die "$(cat dispute.log)"
refuses 2 "say with --member" "$cohort" audit replay --round 1 --against $handed
refuses 2 "no audit.json" "$cohort" $dispute --against $handed --out none
refuses 3 "SIG: names a member or key" "$cohort" $dispute --against replay/rounds/001/submissions/device-01.h5

# States handed out are those that the links start from.
"$cohort" submission open $handed --task replay/task.json --links 1,2,6 --from $links --out some >/dev/null ||
  die "no states are handed out"
[ "$(ls some | wc -l)" -eq 2 ] || die "link 1 starts from the round's model, links 2 and 6 from a state each"
for state in some/*; do cmp "$state" "$links/$(basename "$state")" || die "another state is handed out"; done
mkdir garbled && cp -r $links/. garbled && echo garbage >"garbled/$(ls some | head -1)"
refuses 1 "holds something else" "$cohort" submission open $handed --task replay/task.json --links 2,6 --from garbled --out some
for state in some/*; do cmp "$state" "$links/$(basename "$state")" || die "a state was replaced"; done
mkdir huge && cp -r $links/. huge && truncate -s 1G "huge/$(ls some | head -1)"
refuses 3 "longer than" "$cohort" submission open $handed --task replay/task.json --links 2,6 --from huge --out none
no_leftovers none

# A link that loops in the place of one member's file concerns that member alone.
mv replay/rounds/001/submissions/device-04.h5 kept.h5
ln -s device-04.h5 replay/rounds/001/submissions/device-04.h5
"$cohort" audit replay --round 1 --data tiny.h5 --submission $handed --member device-02 --out alone >audit.log 2>&1 ||
  die "a looping link of device-04 stops the audit of device-02: $(cat audit.log)"
rm replay/rounds/001/submissions/device-04.h5 && mv kept.h5 replay/rounds/001/submissions/device-04.h5

# An account that says something else of the fourth link, and a chain that follows from it.
[ -x /usr/bin/python3 ] || skip "no python3 to forge with"
cat >forge.py <<'PYTHON'
import hashlib, re, sys
source, target, first = sys.argv[1], sys.argv[2], int(sys.argv[3])
data = bytearray(open(source, "rb").read())
links = list(re.finditer(rb'\{"step":(\d+),"state":"([0-9a-f]{64})","chain":"([0-9a-f]{64})"\}', data))
chain = b""
for number, link in enumerate(links):
    state = bytes.fromhex(link[2].decode())
    if number >= first:
        state = hashlib.sha256(state).digest()
        step = int(link[1]).to_bytes(8, "little")
        chain = hashlib.sha256(b"cohort/link/v1\0" + chain + step + state).digest()
        data[link.start(2):link.end(2)] = state.hex().encode()
        data[link.start(3):link.end(3)] = chain.hex().encode()
    else:
        chain = bytes.fromhex(link[3].decode())
open(target, "wb").write(data)
PYTHON
/usr/bin/python3 forge.py $handed forged.h5 4 || die "forge"
"$cohort" $dispute --against forged.h5 >dispute.log 2>&1 || die "the honest account lost: $(cat dispute.log)"
for words in "as handed in, signed by device-02" "forged.h5, not signed by the member" \
  "6 links, [1-4] comparisons: they part at link 4, steps 3 to 4" "device-02's account holds, the other one does not"; do
  grep -q "$words" dispute.log || die "'$words' is not said: $(cat dispute.log)"
done
forged="$dispute --submission forged.h5 --links $links"
finds 3 "device-02's account does not hold, the other one does" "$cohort" $forged --against $handed
/usr/bin/python3 forge.py forged.h5 twice.h5 4 || die "forge"
finds 3 "neither account holds" "$cohort" $forged --against twice.h5
mkdir none # that has no states
refuses 3 "the state after step 3.*ask either side" "$cohort" $dispute --submission forged.h5 --links none --against $handed
"$cohort" $dispute --submission $handed --links none --against forged.h5 --against-links $links >dispute.log 2>&1 ||
  die "the state may come from either side: $(cat dispute.log)"

# A task that this program cannot compute is refused by name, by every command that would.
sed -i 's/"numerics_version": 1/"numerics_version": 7/' replay/task.json
refuses 3 "numerics_version: the task has 7, this program computes 1" "$cohort" audit replay --round 1
refuses 3 "numerics_version: the task has 7, this program computes 1" "$cohort" merge $handed --task replay/task.json \
  --data tiny.h5 --out merged.h5
sed -i 's/"numerics_version": 7/"numerics_version": 1/; s/"link_steps": 1/"link_steps": 0/; s/"links": 1/"links": -1/' replay/task.json
refuses 3 "read replay/task.json: task: link_steps: must be .*audit.links: must be" "$cohort" audit replay --round 1
[ ! -e merged.h5 ] || die "a model was written"
no_leftovers .
echo "ok: submission"
