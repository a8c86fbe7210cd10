#!/bin/sh
# slurm.sh <program> <source root> <folder>: each batch script as its own example line submits it, with stand-ins for
# sbatch and srun, and each job with the ranks that its example names: dry runs on a small sample. A script asks for no
# more tasks and cores than its job has work for.
cohort=$1 root=$2 folder=$3
tools=$root/tests/support/tools.sh
. "$tools"
fresh "$folder"

# One sample under all names of the examples: ten devices of 110 images, four sites. As small as the models take.
"$cohort" synth --out drawn --train-images 1150 --test-images 8 --hidden-images 60 --size 16 --quiet &&
  awk -F, '{ print $1 "," (NR == 1 ? "source" : "site" NR % 4) }' drawn/metadata.csv >source.csv &&
  "$cohort" import drawn --out lesions.h5 --size 16 --quiet >/dev/null &&
  "$cohort" import drawn --join source.csv --out ham28.h5 --size 8 --quiet >/dev/null || die "sample"
for name in sample ham64; do ln -s lesions.h5 $name.h5 && ln -s lesions.hidden.h5 $name.hidden.h5; done
"$cohort" submission keygen --out site-a.key >key.txt && printf 'name,key\nsite-a,%s\n' "$(cat key.txt)" >members.csv &&
  "$cohort" train "$root/jobs/federation-members.toml" --data sample.h5 --members members.csv --out fed --quiet >/dev/null &&
  mv fed/task.json . || die "a federation of one member"
ln -s "$root/slurm" slurm && ln -s "$root/jobs" jobs
mkdir bin && ln -s "$cohort" bin/cohort

# sbatch: the command line's options win over the header's; the script finds its tasks and cores as Slurm would say them.
cat >bin/sbatch <<'SBATCH'
#!/bin/bash
given=()
while [[ $1 == --* ]]; do given+=("$1"); shift; done
nodes=1 tasks= per_node=1 cores=1
for option in $(sed -n 's/^#SBATCH //p' "$1") "${given[@]}"; do
  case $option in
    --nodes=*) nodes=${option#*=} ;;
    --ntasks=*) tasks=${option#*=} ;;
    --ntasks-per-node=*) per_node=${option#*=} ;;
    --cpus-per-task=*) cores=${option#*=} ;;
  esac
done
export SLURM_NTASKS=${tasks:-$((nodes * per_node))} SLURM_CPUS_PER_TASK=$cores SLURM_SUBMIT_DIR=$PWD
echo "$SLURM_NTASKS $cores" >asked
exec bash "$@"
SBATCH
# srun: this machine may not have the cores of a task, so the threads that would fill them are asked for.
cat >bin/srun <<'SRUN'
#!/bin/sh
while case $1 in -*) true ;; *) false ;; esac; do shift; done
echo "$*" >started
exec mpirun -q -n "$SLURM_NTASKS" "$@" --threads "$SLURM_CPUS_PER_TASK"
SRUN
chmod +x bin/sbatch bin/srun
export COHORT_HOME="$PWD" PATH="$PWD/bin:$PATH"

held=
for script in slurm/*.sbatch; do
  example=$(sed -n 's/^#   \(sbatch .*\)/\1/p' "$script")
  [ -n "$example" ] || die "$script: no example line"
  $example --dry-run >out 2>&1 || die "$example: $(cat out)"
  grep -q "dry run: " out || die "$example: $(cat out)"
  # As many tasks of one core are the most that the job has work for.
  read -r tasks cores <asked
  grep -q "number of tasks up to $((tasks * cores)) gives the same bits" "$script" ||
    die "$script: $tasks tasks of $cores cores, but it does not say that up to $((tasks * cores)) tasks may be"
  held="$held $(sed 's/.*\(jobs\/[^ ]*[.]toml\).*/\1/' started)"
done

for job in jobs/*.toml; do
  example=$(sed -n 's/^#   mpirun \(-n [0-9]* cohort train .*\)/\1/p' "$job")
  case $example in *" $job "*) ;; *) die "$job: no example line of this job: $example" ;; esac
  case "$held " in *" $job "*) continue ;; esac
  mpirun -q $example --dry-run >out 2>&1 || die "mpirun $example: $(cat out)"
  grep -q "dry run: " out || die "mpirun $example: $(cat out)"
done
# Where nothing binds a task to its cores, it takes no more threads than Slurm gave it.
SLURM_CPUS_PER_TASK=1 cohort train jobs/ham10000-28.toml --data ham28.h5 --dry-run 2>&1 | grep -q "1 rank on 1 host, 1 thread," ||
  die "a task of one core took more threads"
[ ! -e runs ] || die "a dry run wrote something"
echo "ok: batch scripts and jobs"
