# Sourced by the cases of failing: cohort, root, folder and case are set, and tools.sh is read.
fresh "$folder"
expect() { "$support/expect_failure.sh" "$@" || exit 1; }
job="train --data tiny.h5 --out run $tiny_job"
sample() { tiny_sample || die "tiny sample"; }
# run_trained: a finished run of three steps.
run_trained() { "$cohort" $job --max-steps "${1:-3}" || die "train"; }
