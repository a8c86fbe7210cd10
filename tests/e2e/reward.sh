#!/bin/sh
# reward.sh <program> <source root> <folder>: shares from an audit, their files, and what verify says of any change.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
audit=$root/tests/e2e/reward_audit.json

# The whole pool, proven before unproven, nothing for the refused.
"$cohort" reward "$audit" --pool 1000000 --rule plain --out out >table.txt 2>&1 || die "reward: $(cat table.txt)"
for words in "to beat 400 of 500 hidden images" "device-01 .* 526316 " "device-02 .* 263158 " "device-03 .* 210526 " \
  "device-04 .* CLAIM .* - .* 0 .* 0.0000%" "1 with a share but no address"; do
  grep -Eq -- "$words" table.txt || die "the table does not say '$words': $(cat table.txt)"
done
for file in audit.json rewards.json payout.json; do [ -s out/$file ] || die "$file is missing"; done
no_leftovers out

# The digest in rewards.json is that of the file that anybody can compute; equal input gives equal bytes.
sum=$(sha256sum out/audit.json | cut -d' ' -f1)
grep -q "\"audit\": \"$sum\"" out/rewards.json || die "the audit's digest is not its file's"
"$cohort" reward out/audit.json --pool 1000000 --rule plain --out again >/dev/null || die "the written audit is refused"
diff -r out again || die "the same audit gave other files"
"$cohort" reward out/audit.json --pool 1000000 --rule plain --out out >/dev/null || die "repeating it is refused"
refuses 1 "another one is there" "$cohort" reward "$audit" --pool 7 --out out
diff -r out again || die "a refused command wrote"

"$cohort" reward verify out >verify.txt 2>&1 || die "verify: $(cat verify.txt)"
for words in "all 4 rewards follow from the audit$" "pool 1000000, rule plain, gamma 1, unproven rate 1/2$" \
  "as rewards.json itself says: no task is at hand"; do
  grep -q "$words" verify.txt || die "verify does not say '$words': $(cat verify.txt)"
done

# tampered <file> <sed expression> <what must be named>
tampered() {
  rm -rf spoilt
  cp -r out spoilt
  sed -i "$2" "spoilt/$1"
  cmp -s "out/$1" "spoilt/$1" && die "nothing was changed by $2"
  refuses 3 "$3" "$cohort" reward verify spoilt
}
tampered audit.json 's/"hidden_correct": 425/"hidden_correct": 426/' 'device-02: weight'
tampered audit.json 's/"verdict": "CLAIM"/"verdict": "OK"/' 'device-04 is OK but was not counted'
tampered audit.json 's/counted 90/counted 91/' 'audit [0-9a-f]{64}, computed'
tampered rewards.json 's/"amount": "526316"/"amount": "526317"/' 'device-01: amount 526317, computed 526316'
tampered rewards.json 's/"pool": "1000000"/"pool": "2000000"/' 'paid 1000000, computed 2000000'
tampered rewards.json 's/0x2222/0x2223/' 'device-02: address'
tampered rewards.json 's/"name": "plain"/"name": "rank"/' 'device-01: weight'
tampered payout.json 's/"263158"/"963158"/' 'payout.json: payout: hash'
rm -rf spoilt; cp -r out spoilt; rm spoilt/payout.json
refuses 3 'payout.json: missing' "$cohort" reward verify spoilt
refuses 3 'audit.json' "$cohort" reward verify "$root/tests/e2e"

# What a claimant needs: the sibling of one of two leaves is the other leaf.
root_of_two=$(sed -n 's/^root   \(0x[0-9a-f]*\).*/\1/p' verify.txt)
for side in 1 2; do
  "$cohort" reward proof out/payout.json 0x$(printf "$side%.0s" $(seq 40)) >proof$side.json || die "proof $side"
  grep -q "\"root\": \"$root_of_two\"" proof$side.json || die "proof $side is of another root: $(cat proof$side.json)"
done
grep -q '"526316"' proof1.json || die "not the amount of device-01: $(cat proof1.json)"
leaf() { sed -n 's/.*"leaf": "\(.*\)",/\1/p' "$1"; }
siblings() { sed -n '/"proof"/,/]/s/^ *"\(0x[0-9a-f]*\)",*$/\1/p' "$1"; }
[ "$(siblings proof1.json)" = "$(leaf proof2.json)" ] && [ "$(siblings proof2.json)" = "$(leaf proof1.json)" ] ||
  die "the proofs are not each other's leaves: $(cat proof1.json proof2.json)"
refuses 3 'no leaf for 0x3{40}' "$cohort" reward proof out/payout.json 0x$(printf '3%.0s' $(seq 40))
refuses 2 'address' "$cohort" reward proof out/payout.json 0x1234
sed 's/"263158"/"963158"/' out/payout.json >spoilt.json
refuses 3 'spoilt.json: payout: hash' "$cohort" reward proof spoilt.json 0x$(printf '2%.0s' $(seq 40))

# Bad input: one line, nothing written.
whole=115792089237316195423570985008687907853269984665640564039457584007913129639936
refuses 2 'pool of 0' "$cohort" reward "$audit" --pool 0 --out none
refuses 2 'exceeds 2\^256' "$cohort" reward "$audit" --pool $whole --out none
refuses 2 'whole number without sign' "$cohort" reward "$audit" --pool 1.5 --out none
refuses 2 'pool is missing.*not a fraction' "$cohort" reward "$audit" --unproven-rate half --out none
refuses 3 'no coalitions' "$cohort" reward "$audit" --pool 10 --rule shapley --out none
refuses 3 'missing.json' "$cohort" reward missing.json --pool 10 --out none
sed 's/"verdict": "OK[A-Z_]*"/"verdict": "CHAIN"/' "$audit" >refused.json
refuses 3 'no submission of the audit was accepted' "$cohort" reward refused.json --pool 10 --out none
sed 's/"samples": 500/"samples": 399/; s/"hidden_correct": 4../"hidden_correct": 399/; s/_correct": 400/_correct": 300/' \
  "$audit" >few.json
refuses 2 '399 hidden images, a paid round needs 400' "$cohort" reward few.json --pool 10 --out none
sed 's/"verdict": "OK"/"verdict": "OKAY"/; s/"round": 1/"round": -1/; s/"model"/"modle"/' "$audit" >bad.json
refuses 3 'unknown verdict .OKAY.*modle' "$cohort" reward bad.json --pool 10 --out none
sed 's/"verdict": "CLAIM"/"verdict": "TRANSIENT"/' "$audit" >open.json
refuses 3 'could not examine device-04 .TRANSIENT.*audit round 1 again' "$cohort" reward open.json --pool 10 --out none
sed 's/"evidence": "[a-z]*"/"evidence": "claim"/' "$audit" >claimed.json
refuses 3 'hidden_correct is 450, but evidence claim counts no hidden images' "$cohort" reward claimed.json --pool 10 --out none
refuses 2 'reward verify takes no --pool, --rule; see cohort help reward verify' "$cohort" reward verify out --pool 10 --rule plain
refuses 2 'reward share takes no --stake' "$cohort" reward "$audit" --pool 10 --stake 5 --out none
[ ! -e none ] || die "bad input left output"

# A stranger's text neither steers the terminal nor starts a line of its own.
sed 's/"verdict": "CLAIM"/"verdict": "\\u001b[2J\\u202eMIALC\\ncohort: error: paid"/' "$audit" >steering.json
refuses 3 '\\x1b\[2J\\u202eMIALC' "$cohort" reward steering.json --pool 10 --out none

# A demonstration is allowed and says so; the largest pool is spent to the last unit.
"$cohort" reward few.json --pool 10 --demonstration >demo.txt 2>&1 || die "demonstration: $(cat demo.txt)"
grep -q "not to be paid" demo.txt || die "the demonstration does not say so"
largest=115792089237316195423570985008687907853269984665640564039457584007913129639935
"$cohort" reward "$audit" --pool $largest --out large >/dev/null || die "the largest pool is refused"
grep -q "\"paid\": \"$largest\"" large/rewards.json || die "the largest pool is not spent"
"$cohort" reward verify large >/dev/null || die "verify of the largest pool"

# A run of rounds: its task promised pool and rule, and what was shared by others is found out.
rounds_sample && rounds_job >job.toml || die "sample"
"$cohort" train job.toml --data tiny.h5 --out run --quiet >train.log 2>&1 || die "train: $(cat train.log)"
"$cohort" reward verify run/rounds/001 >verify.txt 2>&1 || die "verify of a run: $(cat verify.txt)"
for words in "rewards follow from the audit and the task" "pool 1000000, rule lower-bound, .*, a demonstration" "task   sha256:"; do
  grep -q "$words" verify.txt || die "verify of a run does not say '$words': $(cat verify.txt)"
done
refuses 3 'verify run: shares are those of a round; name one of run/rounds/001 to run/rounds/002$' "$cohort" reward verify run
(cd run/rounds/002 && "$cohort" reward verify . | grep -q "and the task") || die "the task is not found from inside"
"$cohort" reward run/rounds/001/audit.json --out again1 >/dev/null || die "the task's terms are not taken"
cmp again1/rewards.json run/rounds/001/rewards.json || die "the task's terms gave other rewards"
refuses 2 'pool 7, the task says 1000000; rule rank, the task says lower-bound.*--own-terms' \
  "$cohort" reward run/rounds/001/audit.json --pool 7 --rule rank --out none
refuses 2 'gamma 2, the task says 1' "$cohort" reward again1/audit.json --task run/task.json --gamma 2 --out none
[ ! -e none ] || die "refused terms left output"
for terms in '--pool 7' '--rule plain' '--gamma 2' '--unproven-rate 1/1'; do
  cp -r run other && rm other/rounds/001/rewards.json
  "$cohort" reward other/rounds/001/audit.json $terms --own-terms --out other/rounds/001 >own.txt || die "own terms: $terms"
  grep -q "whatever the task says" own.txt || die "own terms do not say so: $(cat own.txt)"
  refuses 3 'the task says' "$cohort" reward verify other/rounds/001
  mv other/rounds/001 away
  "$cohort" reward verify away | grep -q 'no task is at hand' || die "without a task they are consistent"
  refuses 3 'the task says' "$cohort" reward verify away --task run/task.json
  rm -rf other away
done
cp -r run other && (cd other/rounds/001 && rm -f rewards.json payout.json)
sed -i '/"member": "device-02"/,/"detail"/s/"verdict": "[A-Z]*"/"verdict": "LATE"/' other/rounds/001/audit.json
refuses 3 'not the audit of its round: .*device-02.verdict: "LATE", round.json says ' \
  "$cohort" reward other/rounds/001/audit.json --out other/rounds/001
[ ! -e other/rounds/001/rewards.json ] || die "shares of an audit that is not the run's"
cp other/rounds/001/audit.json changed.json # which nothing contradicts where it lies alone
"$cohort" reward changed.json --task other/task.json --out shares >/dev/null && cp shares/* other/rounds/001 || die "share by an audit alone"
refuses 3 'device-02.verdict: "LATE", round.json says ' "$cohort" reward verify other/rounds/001
# Nor where links lead to it, nor with shares for the round's own folder.
rm other/rounds/001/rewards.json other/rounds/001/payout.json
mkdir linked && ln -s ../other/rounds/001/audit.json linked/audit.json && ln -s other/rounds/001 entry
for file in linked/audit.json entry/audit.json; do
  refuses 3 'not the audit of its round: .*device-02.verdict: "LATE", round.json says ' \
    "$cohort" reward $file --task other/task.json --out none
done
rm other/rounds/001/audit.json
refuses 3 'not the audit of the round that --out lies in: .*device-02.verdict: "LATE"' \
  "$cohort" reward changed.json --task other/task.json --out other/rounds/001
[ ! -e none ] && [ ! -e other/rounds/001/rewards.json ] || die "shares of an audit that is not the run's"
rm -rf other linked entry
cp -r run other && rm -r other/rounds/002 && cp -r other/rounds/001 other/rounds/002
refuses 3 'of round 1, its folder of round 2' "$cohort" reward verify other/rounds/002
sed -i 's/"round_steps": 6/"round_steps": 7/' other/task.json
refuses 3 'the audit is of task' "$cohort" reward verify other/rounds/001
rm -rf other

# Standing: rounds are folded in once each, in order; stakes of cheats are lost; another history is refused.
settle() { "$cohort" reward settle "$@"; }
settle run --stake 1000 --cost 100 --reward 120 >settle.txt 2>&1 || die "settle: $(cat settle.txt)"
grep -q "folded 2 rounds, 0 had been folded before" settle.txt || die "$(cat settle.txt)"
grep -Eq "^device-01 +2 +0 +2 +1/3 +1000 +0 +180$" settle.txt || die "standing of device-01: $(cat settle.txt)"
cp run/standing.json first.json
settle run | grep -q "folded 0 rounds, 2 had" || die "a round was folded twice"
cmp first.json run/standing.json || die "settling again changed the standing"
refuses 2 'fixed by its first settlement: --stake 5, the standing has 1000' "$cohort" reward settle run --stake 5
cp -r run other && rm other/standing.json
mv other/rounds/002/round.json kept.json
settle other --stake 1000 --cost 100 --reward 120 >/dev/null && mv kept.json other/rounds/002/round.json || die "one round"
settle other | grep -q "folded 1 round, 1 had" && cmp first.json other/standing.json || die "two steps gave another standing"
cheats() { sed -i '/"member": "device-02"/,/"detail"/s/"verdict": "[A-Z]*"/"verdict": "CLAIM"/' "$1"; }
audit_of_two=other/rounds/002/audit.json record_of_two=other/rounds/002/round.json
cheats $audit_of_two
rm other/rounds/002/rewards.json other/rounds/002/payout.json # as if the pool had not been shared yet
mv other/standing.json kept.json
refuses 3 'device-02.verdict: "CLAIM", round.json says ' "$cohort" reward settle other --stake 1000
[ ! -e other/standing.json ] || die "an audit that is not the run's left a standing"
cheats $record_of_two # now it is: the run's record names it
sed -i "s/\"audit\": \"[0-9a-f]*\"/\"audit\": \"$(sha256sum <$audit_of_two | cut -c 1-64)\"/" $record_of_two
mv kept.json other/standing.json
refuses 3 'round 2 of other has another audit than when it was folded' "$cohort" reward settle other
cmp first.json other/standing.json || die "a refused settlement wrote"
rm other/standing.json
cp run/rounds/002/rewards.json other/rounds/002
refuses 3 'round 2 does not verify' "$cohort" reward settle other --stake 1000
[ ! -e other/standing.json ] || die "rewards of another audit left a standing"
rm other/rounds/002/rewards.json
settle other --stake 1000 >settle.txt || die "settle a cheat: $(cat settle.txt)"
grep -q "round 2: device-02 loses its stake of 1000 (CLAIM): challenger 100, auditor 100, burned 800" settle.txt &&
  grep -Eq "^device-02 +2 +1 +0 +1/1 +0 +1000$" settle.txt || die "the cheat keeps its stake: $(cat settle.txt)"
settle other --deposit device-02=1500 | grep -Eq "^device-02 +2 +1 +0 +1/1 +500 +1000$" || die "deposit"
for change in 's/"score": 2/"score": 1/' 's/"stake": "1000"/"stake": "9000"/' 's/"audit": "../"audit": "xx/'; do
  sed "$change" first.json >spoilt.json
  refuses 3 'read spoilt.json: ' "$cohort" reward settle run --standing spoilt.json
done
rm -r other/rounds/002
refuses 3 'has 1 rounds, but 2 of its task were folded' "$cohort" reward settle other
sed '/^round_steps/s/6/4/; s/rounds = 2/rounds = 1/' job.toml >second.toml
"$cohort" train second.toml --data tiny.h5 --out second --quiet >train.log 2>&1 || die "train: $(cat train.log)"
refuses 3 '--new-task' "$cohort" reward settle second --standing first.json
settle second --standing first.json --new-task | grep -Eq "^device-01 +3 " || die "a record does not follow its key"
no_leftovers .
echo "ok: reward"
