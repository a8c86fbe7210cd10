#!/bin/sh
# federation.sh <program> <source root> <folder>: three members in other houses and a coordinator, two rounds, from keys
# to shares. No run trains for them; what they hand in has the bits of the task, their key and the round alone.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"
rounds_sample || die "sample"
{
  rounds_job | sed '/^\[partition\]/,$d; /^candidates/d'
  printf '[partition]\nrule = "shared"\n[merge]\nrule = "average"\n[audit]\nevidence = "replay"\nlinks = 1\nalpha_millionths = 1\n'
  printf '[reward]\npool = "1000000"\ndemonstration = true\n'
} >fed.toml

# Keys, then the task; its folder is the federation's.
members="site-a site-b site-c"
echo "name,key,address" >members.csv
for member in $members; do
  echo "$member,$("$cohort" submission keygen --out $member.key --quiet),0x52908400098527886E0F7030069857D2E4169EE7" >>members.csv
done
refuses 2 "stands twice" sh -c "cp members.csv twice.csv && tail -1 members.csv | sed 's/5290/5291/' >>twice.csv &&
  '$cohort' train fed.toml --data tiny.h5 --members twice.csv --out fed"
sed 's/^site-b,..../site-b,zzzz/' members.csv >bad.csv
refuses 3 "bad.csv: line 3: the key of 'site-b'" "$cohort" train fed.toml --data tiny.h5 --members bad.csv --out fed
sed 's/^name/who/' members.csv >bad.csv
refuses 3 "the column name is missing; there is no use for a column 'who'" "$cohort" train fed.toml --data tiny.h5 --members bad.csv --out fed
refuses 2 "candidates: the job says 4, members.csv names 3 members" "$cohort" train fed.toml --data tiny.h5 --members members.csv --out fed --candidates 4
refuses 2 "explore.space: .*merge.rule: none" "$cohort" train fed.toml --data tiny.h5 --members members.csv --out fed \
  --search "lr = log(1e-3, 1e-1)" --merge none
refuses 2 "run it without mpirun" mpirun -q -n 2 "$cohort" train fed.toml --data tiny.h5 --members members.csv --out fed
[ ! -e fed/task.json ] || die "a refused task was written"
"$cohort" train fed.toml --data tiny.h5 --members members.csv --out fed >found.log 2>&1 || die "found: $(cat found.log)"
grep -q "cohort contribute task.json --member site-a" found.log || die "nothing says what members do: $(cat found.log)"
[ "$(stat -c %a fed/coordinator.key)" = 600 ] || die "others may read the coordinator's secret"
"$cohort" status fed | grep -q "^next .*: cohort coordinate fed --round 1 --take" || die "status: $("$cohort" status fed)"
refuses 4 "holds a federation" "$cohort" train fed.toml --data tiny.h5 --members members.csv --out fed
cp fed/task.json task.json # what members are sent

# contribute <member> <round> <ranks> <out> <options...>
contribute() {
  who=$1 round=$2 on=$3 out=$4
  shift 4
  mpirun -q -n "$on" "$cohort" contribute task.json --member $who --key $who.key --data tiny.h5 --round $round --out "$out" "$@" >"$out.$round.log" 2>&1
}
contribute site-a 1 1 a || die "site-a: $(cat a.1.log)"
contribute site-a 1 3 other || die "site-a on 3 ranks: $(cat other.1.log)"
handed=rounds/001/submissions/site-a.h5
cmp a/$handed other/$handed || die "other bits on three ranks"
contribute site-b 1 1 b --max-time 0.001 # at its first step
[ $? -eq 85 ] || die "stopped with another code: $(cat b.1.log)"
"$cohort" status b | grep -q "^run .* checkpointed " || die "status: $("$cohort" status b)"
contribute site-b 1 2 b || die "site-b goes on: $(cat b.1.log)"
contribute site-b 1 1 whole || die "site-b at a stretch: $(cat whole.1.log)"
cmp b/rounds/001/submissions/site-b.h5 whole/rounds/001/submissions/site-b.h5 || die "other bits after a stop"
cp a/$handed kept.h5
contribute site-a 1 1 a || die "again: $(cat a.1.log)"
cmp a/$handed kept.h5 || die "done already, and done anew"
grep -q "^submission sha256:" a.1.log || die "does not say what was made: $(cat a.1.log)"

# What cannot be is refused, all at once.
one="contribute task.json --data tiny.h5 --out none"
refuses 3 "the task has no member 'site-d'; did you mean" "$cohort" $one --member site-d --key site-a.key
refuses 3 "round 3: the task has rounds 1 to 2; the key is not the one that the task has for site-b" "$cohort" $one --member site-b --key site-a.key \
  --round 3 --parent kept.h5
refuses 2 "starts from a merged model" "$cohort" $one --member site-a --key site-a.key --round 2
refuses 2 "leave --parent out" "$cohort" $one --member site-a --key site-a.key --parent kept.h5
refuses 2 "give --member --key" "$cohort" $one
refuses 3 "less.h5: is not the task's data set" sh -c "'$cohort' import sample --out less.h5 --size 24 --most-per-class 20 --quiet &&
  '$cohort' contribute task.json --member site-a --key site-a.key --data less.h5 --out none"
[ ! -e none/task.json ] || die "a refused contribution has a folder"

refuses 2 "fed is the coordinator's folder" "$cohort" contribute task.json --data tiny.h5 --member site-a --key site-a.key --out fed

# Nothing is taken in that shows at a glance to be another's or another round's, or to lead out of its folder: the round
# stays open, as its closing is for good.
refuses 3 "nobody has handed anything in for round 1; take in" "$cohort" coordinate fed --round 1
"$cohort" status fed | grep -q "^handed in  nobody yet" || die "status: $("$cohort" status fed)"
mkdir -p copied/rounds/001/submissions
cp a/$handed copied/rounds/001/submissions/site-c.h5
echo '{}' >b/rounds/001/round.json # a folder that brings a record of its own
mkdir linked && cp -r b/rounds linked && rm linked/rounds/001/candidates/site-b/links/*
for state in b/rounds/001/candidates/site-b/links/*; do
  ln -s "$PWD/fed/coordinator.key" linked/rounds/001/candidates/site-b/links/"$(basename "$state")"
done
refuses 3 "round 1 stays open: site-b: linked/rounds.*[.]h5: is a link; .*site-c: the submission is site-a's; site-c: the submission is not signed" \
  "$cohort" coordinate fed --round 1 --take site-b=linked --take site-c=copied
refuses 3 "site-c: there is no a/rounds/001/submissions/site-c.h5" "$cohort" coordinate fed --round 1 --take site-c=a
refuses 3 "no member 'site-d'; did you mean" "$cohort" coordinate fed --round 1 --take site-d=a
refuses 2 "expected NAME=PATH" "$cohort" coordinate fed --round 1 --take a
refuses 3 "3 of the 3 states of its chain are missing" "$cohort" coordinate fed --round 1 --take site-a=a/$handed
truncate -s 1G huge.h5
refuses 3 "huge.h5: 1073741824 bytes, more than the" "$cohort" coordinate fed --round 1 --take site-c=huge.h5
refuses 3 "tiny.h5: FORMAT: " "$cohort" coordinate fed --round 1 --take site-c=tiny.h5
refuses 2 "say with --round which one to close" "$cohort" coordinate fed
refuses 2 "round 2: round 1 comes first" "$cohort" coordinate fed --round 2
refuses 3 "is not the secret that the task commits" "$cohort" coordinate fed --round 1 --key site-a.key
[ -z "$(ls fed/rounds 2>/dev/null)" ] || die "something of what was refused was taken in: $(find fed/rounds)"
"$cohort" audit fed --round 1 --submission b/rounds/001/submissions/site-b.h5 --links b/rounds/001/candidates/site-b/links \
  --member site-b --data tiny.h5 >audit.log 2>&1
grep -q "has no hidden images of round 1" audit.log || die "nobody has drawn hidden images yet: $(cat audit.log)"

# It comes as it comes: until all have handed in the round stays open. A state that came cut short is no state.
chmod 6777 b/rounds/001/submissions/site-b.h5
cp -r a cut && for state in cut/rounds/001/candidates/site-a/links/*; do truncate -s 100 "$state"; done
refuses 3 "site-a: cut/rounds.*[.]h5: not the state after step 2" "$cohort" coordinate fed --round 1 --take site-a=cut
refuses 2 "names site-a twice" "$cohort" coordinate fed --round 1 --take site-a=a --take site-a=other
"$cohort" coordinate fed --round 1 --take site-a=a >take.log 2>&1 || die "take: $(cat take.log)"
grep -q "round 1 stays open: site-b, site-c have handed nothing in" take.log || die "does not say who is missing: $(cat take.log)"
"$cohort" status fed | grep -q "^handed in  site-a; not yet: site-b, site-c$" || die "status: $("$cohort" status fed)"
"$cohort" coordinate fed --round 1 --take site-a=a --take site-b=b >take.log 2>&1 || die "take: $(cat take.log)"
for state in a/rounds/001/candidates/site-a/links/*; do
  cmp "$state" "fed/rounds/001/candidates/site-a/links/$(basename "$state")" || die "a state that was cut short stays"
done
[ ! -e fed/rounds/001/round.json ] || die "closed without site-c, or by a member's record"
[ -z "$(find fed/rounds -name "*.h5" -path "*/submissions/*" -perm /6077)" ] || die "a stranger's rights came along: $(ls -l fed/rounds/001/submissions)"
"$cohort" coordinate fed --round 1 2>&1 | grep -q "site-c has handed nothing in; --close closes it without" || die "does not say who is missing"
# A model under another name, put there by hand past these looks, is for the audit to find.
cp a/$handed fed/rounds/001/submissions/site-c.h5
cp -r fed fed2
"$cohort" coordinate fed --round 1 >close1.log 2>&1 || die "close: $(cat close1.log)"
mpirun -q -n 3 "$cohort" coordinate fed2 --round 1 >close2.log 2>&1 || die "close on 3 ranks: $(cat close2.log)"
same_rounds "closed on 3 ranks" fed2 fed
grep -q "site-c .* SIG" close1.log || die "a model under another name was not refused: $(cat close1.log)"
for member in site-a site-b; do
  grep -Eq "$member .* (OK|BASELINE)" close1.log || die "$member was refused: $(cat close1.log)"
done
"$cohort" status fed | grep -q "^run .* waiting " || die "status: $("$cohort" status fed)"
"$cohort" reward verify fed/rounds/001 >/dev/null || die "the shares do not follow from the audit"
grep -qi "52908400098527886E0F7030069857D2E4169EE7" fed/rounds/001/rewards.json || die "no address to pay to"
"$cohort" audit fed --round 1 --out again >audit.log 2>&1
cmp again/audit.json fed/rounds/001/audit.json || die "the audit of files finds something else: $(cat audit.log)"
before=$(digest fed)
"$cohort" coordinate fed --round 1 >again.log 2>&1 || die "closed already: $(cat again.log)"
[ "$(digest fed)" = "$before" ] || die "a closed round was closed again"

# The second round goes on from the merged model. Members with equal data train apart, each by its own key.
next=fed/rounds/001/model.h5
contribute site-a 2 1 a --parent $next || die "site-a, round 2: $(cat a.2.log)"
contribute site-b 2 2 b --parent $next || die "site-b, round 2: $(cat b.2.log)"
contribute site-c 2 1 c --parent $next || die "site-c, round 2: $(cat c.2.log)"
refuses 3 "own.h5: no such file" "$cohort" contribute task.json --data tiny.h5 --out c --member site-c --key site-c.key --round 2 --parent own.h5
merged=$(sed -n 's/^model sha256://p' close1.log)
other=site-a # whose model is not the merged one
"$cohort" submission open fed/rounds/001/submissions/site-a.h5 --task task.json | grep -q "^model *sha256:$merged" && other=site-b
refuses 4 "site-c.h5: was trained from another model" "$cohort" contribute task.json --data tiny.h5 --out c --member site-c --key site-c.key --round 2 \
  --parent fed2/rounds/001/submissions/$other.h5
refuses 2 "site-c: the round is closed, nothing is taken in" "$cohort" coordinate fed --round 1 --take site-c=c/rounds/002/submissions/site-c.h5
"$cohort" coordinate fed --round 1 --take site-a=a >again.log 2>&1 || die "the same command once more: $(cat again.log)"
refuses 3 "site-a: the submission is for round 1, not 2; site-a: started from model" "$cohort" coordinate fed --round 2 --take site-a=a/$handed
"$cohort" coordinate fed --round 2 --take site-a=a --take site-c=c >take.log 2>&1 || die "take: $(cat take.log)"
cp b/rounds/002/submissions/site-b.h5 fed/rounds/002/submissions # by hand, without its states
# Interrupted at the end of its closing it has begun: what comes now comes too late.
cp -r fed stopped
"$cohort" coordinate stopped --round 2 >stop.log 2>&1 && rm stopped/rounds/002/round.json || die "close: $(cat stop.log)"
refuses 2 "site-b: the closing of round 2 has begun" "$cohort" coordinate stopped --round 2 --take site-b=whole/rounds/001/submissions/site-b.h5
"$cohort" coordinate stopped --round 2 >stop.log 2>&1 || die "continued: $(cat stop.log)"
"$cohort" coordinate fed --round 2 >close.log 2>&1 || die "close round 2: $(cat close.log)"
same_rounds "stopped in its closing" stopped fed
grep -q "site-b .* CHAIN" close.log || die "a chain without states was accepted: $(cat close.log)"
for member in site-a site-c; do
  grep -Eq "$member .* (OK|BASELINE)" close.log || die "$member was refused: $(cat close.log)"
done
"$cohort" status fed | grep -q "^run .* finished " || die "status: $("$cohort" status fed)"
[ -s fed/index.html ] && [ -s fed/test.json ] || die "no page, or no test of the final model"
"$cohort" reward settle fed --stake 1000 --standing standing.json >/dev/null || die "settle"

# Images that stay in their house: no replay, hidden images decide. Equal bits on any ranks there, too.
sed 's/evidence = "replay"/evidence = "hidden"/; s/^rounds = .*/rounds = 1/' fed.toml >hidden.toml
"$cohort" train hidden.toml --data tiny.h5 --members members.csv --out private --quiet >/dev/null || die "found"
"$cohort" synth --out own --seed 9 --train-images 40 --test-images 8 --hidden-images 8 --size 32 --quiet &&
  "$cohort" import own --like tiny.h5 --out own.h5 --quiet >/dev/null && "$cohort" import own --size 24 --out unlike.h5 --quiet >/dev/null || die "import"
refuses 2 "leave --size out" "$cohort" import own --like tiny.h5 --size 24 --out no.h5
one="contribute private/task.json --member site-a --key site-a.key --data tiny.h5"
refuses 3 "unlike.h5: its mean or deviation" "$cohort" $one --own-data unlike.h5 --out none
refuses 3 "own.h5: the task asks for evidence replay" "$cohort" contribute task.json --member site-a --key site-a.key --data tiny.h5 --own-data own.h5 --out none
"$cohort" $one --own-data own.h5 --out p1 --quiet >/dev/null || die "on own data"
ranks 3 "$cohort" $one --own-data own.h5 --out p3 --quiet >/dev/null || die "on own data, 3 ranks"
cmp p1/$handed p3/$handed || die "other bits on three ranks"
"$cohort" $one --out p4 --quiet >/dev/null || die "on the task's data"
cmp -s p1/$handed p4/$handed && die "own images made no difference"
"$cohort" $one --own-data own.h5 --dry-run --out none | grep -q "dry run: nothing was written" || die "dry run"
# A member who sends no states does not lose to whoever copies its model, by seed and steps that anybody can compute.
refuses 4 "was begun there on other images" "$cohort" $one --out p1
"$cohort" $one --own-data own.h5 --out p1 2>&1 | grep -q "made already: nothing is trained anew" || die "trained anew"
"$cohort" coordinate private --round 1 --close --take site-a=p1/$handed >close.log 2>&1 || die "close: $(cat close.log)"
grep -Eq "site-a .* (OK_UNPROVEN|BASELINE)" close.log || die "refused: $(cat close.log)"
[ ! -e none ] || die "a refused contribution, or a dry run, has a folder"
no_leftovers .
echo "ok: federation"
