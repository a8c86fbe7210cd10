#!/bin/sh
# sanitizers.sh [folder]: the presets asan and tsan from a fresh clone of the commit that is checked out: configured,
# built, tested. About forty minutes on two cores; ends with what each found.
#   tests/long/sanitizers.sh | tee tests/long/sanitizers.log
set -u
repository=$(cd "$(dirname "$0")/../.." && pwd)
folder=${1:-${TMPDIR:-/tmp}/cohort-sanitizers}
# What is there may be anybody's: only what an earlier call left in its own place is replaced.
if [ $# -gt 0 ] && [ -e "$folder" ]; then
  echo "sanitizers: $folder is there already; name a folder that is to be made" >&2
  exit 2
fi
rm -rf "$folder"
git clone -q "$repository" "$folder" && cd "$folder" || exit 1
echo "# $(git log -1 --format='%h %s'); $(c++ --version | head -1)"
result=0
for preset in asan tsan; do
  cmake --workflow --preset $preset >$preset.txt 2>&1
  code=$?
  echo "$preset: $(grep 'tests passed' $preset.txt || echo "ended with code $code")"
  grep -E 'ERROR: |WARNING: ThreadSanitizer|runtime error|\*\*\*|^FAILED' $preset.txt | sort | uniq -c | head -20
  [ $code -eq 0 ] || result=1
done
[ $result -eq 0 ] && echo "ok: both are clean"
exit $result
