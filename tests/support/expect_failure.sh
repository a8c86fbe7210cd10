#!/bin/sh
# expect_failure.sh [-l <lines>] <limit_s> <code> <regex> <command...>
# The command must end within the limit, with exactly this exit code, and print exactly one line that begins with
# "cohort: error: " (or <lines> of them); one of all its lines must match the extended regex.
lines=1
if [ "$1" = -l ]; then
  lines=$2
  shift 2
fi
limit=$1 code=$2 regex=$3
shift 3
printf '$ %s\n' "$*"
output=$(timeout -k 5 "$limit" "$@" 2>&1)
found=$?
printf '%s\n(exit code %s)\n' "$output" "$found"
fail() {
  echo "expect_failure: $*"
  exit 1
}
[ "$found" -ne 124 ] && [ "$found" -ne 137 ] || [ "$found" -eq "$code" ] || fail "still running after $limit s"
[ "$found" -eq "$code" ] || fail "expected exit code $code, got $found"
count=$(printf '%s\n' "$output" | grep -c '^cohort: error: ')
[ "$count" -eq "$lines" ] || fail "expected $lines error line(s), got $count"
printf '%s\n' "$output" | grep -Eq -- "$regex" || fail "no line matches: $regex"
