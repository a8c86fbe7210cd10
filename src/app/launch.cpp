#include "launch.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <optional>
#include <set>

#include "cohort/comm/session.hpp"
#include "cohort/core/host.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/words.hpp"

namespace cohort::app {

std::string Launch::text() const {
  return concat(counted(ranks, "rank"), " on ", counted(hosts, "host"), ", ", counted(threads, "thread"),
                ranks == 1 ? "" : " each");
}

Json Launch::json() const {
  Json result = Json::object();
  result.set("ranks", ranks).set("threads_per_rank", threads).set("mpi", comm::library_version());
  Json list = Json::array();
  for (const RankPlace& place : places)
    list.push(Json::object().set("host", place.host).set("cores", processor_list(place.processors)));
  result.set("places", std::move(list));
  constexpr std::array<const char*, 8> kScheduler{
      "SLURM_JOB_ID", "SLURM_ARRAY_TASK_ID", "SLURM_JOB_NAME",      "SLURM_JOB_NODELIST",
      "SLURM_NTASKS", "SLURM_CPUS_PER_TASK", "SLURM_RESTART_COUNT", "PBS_JOBID"};
  Json scheduler = Json::object();
  for (const char* name : kScheduler)
    if (const char* value = std::getenv(name)) scheduler.set(name, value);
  return result.set("scheduler", std::move(scheduler));
}

namespace {

/// The cores that Slurm gave to each task. Where nothing binds a task to them, the others of its node are
/// somebody else's.
int cores_of_task() {
  const char* text = std::getenv("SLURM_CPUS_PER_TASK");
  const auto cores = text == nullptr ? std::nullopt : parse_int(text);
  constexpr int kAny = std::numeric_limits<int>::max();
  return cores && *cores >= 1 && *cores < kAny ? static_cast<int>(*cores) : kAny;
}

}  // namespace

Launch look_at_launch(comm::Communicator& comm, int threads, std::int64_t units, int jobs) {
  Launch launch;
  launch.ranks = comm.ranks();
  std::set<std::string> hosts;
  for (const std::string& text : comm.all_gather(pack_place(host_name()))) {
    launch.places.push_back(unpack_place(text));
    hosts.insert(launch.places.back().host);
  }
  launch.hosts = static_cast<int>(hosts.size());
  const auto fitting = static_cast<int>(comm.min(std::min(fitting_threads(launch.places), cores_of_task())));
  launch.threads = threads > 0 ? threads : automatic_threads(fitting, units, jobs, launch.ranks);
  return launch;
}

void warn_of_placement(const Launch& launch, Log& log) {
  for (const std::string& warning : placement_warnings(launch.places, launch.threads))
    if (log.is_root()) log.warning(warning);
  const char* tasks = std::getenv("SLURM_NTASKS");
  if (tasks != nullptr && log.is_root() && launch.ranks == 1 && parse_int(tasks).value_or(1) > 1)
    log.warning(
        concat("Slurm gave this job ", tasks,
               " tasks but only one rank runs: start it with 'srun --mpi=pmix cohort ...' or mpirun"));
}

std::string mpi_name() {
  std::string name = comm::library_version();
  name = name.substr(0, name.find(','));
  const std::size_t v = name.find(" v");
  if (v != std::string::npos) name.erase(v + 1, 1);
  return name;
}

}  // namespace cohort::app
