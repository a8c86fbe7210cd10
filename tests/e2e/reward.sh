#!/bin/sh
# reward.sh <program> <source root> <folder>: shares from an audit, their files, and what verify says of any change.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
audit=$root/tests/e2e/reward_audit.json
refuses() { "$support/expect_failure.sh" 20 "$@" || die "see above"; }

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
grep -q "all 4 rewards follow from the audit" verify.txt || die "$(cat verify.txt)"

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
refuses 1 'audit.json' "$cohort" reward verify "$root/tests/e2e"

# Bad input: one line, nothing written.
whole=115792089237316195423570985008687907853269984665640564039457584007913129639936
refuses 2 'pool of 0' "$cohort" reward "$audit" --pool 0 --out none
refuses 2 'exceeds 2\^256' "$cohort" reward "$audit" --pool $whole --out none
refuses 2 'whole number without sign' "$cohort" reward "$audit" --pool 1.5 --out none
refuses 2 'pool is missing.*not a fraction' "$cohort" reward "$audit" --unproven-rate half --out none
refuses 3 'no coalitions' "$cohort" reward "$audit" --pool 10 --rule shapley --out none
refuses 1 'missing.json' "$cohort" reward missing.json --pool 10 --out none
sed 's/"verdict": "OK[A-Z_]*"/"verdict": "CHAIN"/' "$audit" >refused.json
refuses 3 'no submission of the audit was accepted' "$cohort" reward refused.json --pool 10 --out none
sed 's/"samples": 500/"samples": 399/; s/"hidden_correct": 4../"hidden_correct": 399/; s/_correct": 400/_correct": 300/' \
  "$audit" >few.json
refuses 2 '399 hidden images, a paid round needs 400' "$cohort" reward few.json --pool 10 --out none
sed 's/"verdict": "OK"/"verdict": "OKAY"/; s/"round": 1/"round": -1/; s/"model"/"modle"/' "$audit" >bad.json
refuses 3 'unknown verdict .OKAY.*modle' "$cohort" reward bad.json --pool 10 --out none
[ ! -e none ] || die "bad input left output"

# A demonstration is allowed and says so; the largest pool is spent to the last unit.
"$cohort" reward few.json --pool 10 --demonstration >demo.txt 2>&1 || die "demonstration: $(cat demo.txt)"
grep -q "not to be paid" demo.txt || die "the demonstration does not say so"
largest=115792089237316195423570985008687907853269984665640564039457584007913129639935
"$cohort" reward "$audit" --pool $largest --out large >/dev/null || die "the largest pool is refused"
grep -q "\"paid\": \"$largest\"" large/rewards.json || die "the largest pool is not spent"
"$cohort" reward verify large >/dev/null || die "verify of the largest pool"
