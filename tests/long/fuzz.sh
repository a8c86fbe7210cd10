#!/bin/sh
# fuzz.sh <build folder of preset fuzz> [seconds for each fuzzer] [work folder]: lets the fuzzers search, starting from the
# kept inputs and (for the reader) from every attack file of the tests. Ends with a table: executions, coverage, findings.
#   cmake --preset fuzz && cmake --build --preset fuzz && tests/long/fuzz.sh build/fuzz 600 | tee tests/long/fuzz.log
# A finding does not end the search. Findings are kept in the work folder; each has to be looked at.
here=$(cd "$(dirname "$0")" && pwd)
build=$(realpath "$1")/tests/fuzz seconds=${2:-600}
work=${3:-${TMPDIR:-/tmp}/cohort-fuzz}
mkdir -p "$work" && cd "$work" || exit 1
for fuzzer in hostile_reader submission_header; do
  mkdir -p $fuzzer/found $fuzzer/findings seeds
  if [ $fuzzer = hostile_reader ]; then
    "$build/hostile_files" seeds >/dev/null || exit 1
    find seeds -maxdepth 1 -type f -size -32k -exec cp {} $fuzzer/found/ \;
  fi
  # Child processes of the fuzzer take a finding with them.
  "$build/${fuzzer}_fuzzer" -fork=1 -ignore_crashes=1 \
    -ignore_timeouts=1 -ignore_ooms=1 -max_len=32768 -timeout=20 -rss_limit_mb=1024 -max_total_time="$seconds" \
    -artifact_prefix=$fuzzer/findings/ $fuzzer/found "$here/../fuzz/corpus/$fuzzer" >$fuzzer.log 2>&1
  echo "$fuzzer, $seconds s: $(grep '^#[0-9]' $fuzzer.log | tail -1)"
  echo "  findings: $(ls $fuzzer/findings | sed 's/-.*//' | sort | uniq -c | tr '\n' ' ')"
  grep -h 'SUMMARY' $fuzzer.log | sort | uniq -c | sort -rn | head -20
done
