#include "cohort/round/intake.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "cohort/core/error.hpp"
#include "cohort/core/text.hpp"
#include "cohort/round/needs.hpp"
#include "cohort/round/submission.hpp"
#include "cohort/store/atomic_file.hpp"

namespace cohort::round {
namespace {

namespace fs = std::filesystem;

/// A stranger's file, open for reading and known to be one: no link, no pipe, and no longer than a limit.
/// What changes behind the look at it changes nothing, as all looks are at what is open.
class GivenFile {
 public:
  GivenFile(const fs::path& path, std::uint64_t most)
      : path_(path),
        descriptor_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)),
        most_(most) {
    if (descriptor_ < 0)
      throw DataError(concat(path.string(), ": ",
                             errno == ELOOP ? "is a link; hand in the file itself" : std::strerror(errno)));
    struct stat status {};
    const bool is_file = ::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    if (!is_file || static_cast<std::uint64_t>(status.st_size) > most) {
      ::close(descriptor_);
      throw DataError(is_file ? concat(path.string(), ": ", status.st_size, " bytes, more than the ", most,
                                       " that the task's model can take")
                              : concat(path.string(), ": not a regular file"));
    }
  }
  ~GivenFile() { ::close(descriptor_); }
  GivenFile(const GivenFile&) = delete;
  GivenFile& operator=(const GivenFile&) = delete;

  /// Its bytes into a file of our own, with our own rights: none of the stranger's come along.
  void copy_to(const fs::path& place) const {
    store::write_atomically(place, [&](const fs::path& temporary) {
      // Until the round is closed it is nobody's but the member's and the coordinator's.
      fs::permissions(temporary, fs::perms::owner_read | fs::perms::owner_write);
      std::ofstream copy(temporary, std::ios::binary);
      std::array<char, 1 << 16> piece{};
      std::uint64_t total = 0;
      for (ssize_t got = 0;
           (got = ::pread(descriptor_, piece.data(), piece.size(), static_cast<off_t>(total))) != 0;) {
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error(concat("read ", path_.string(), ": ", std::strerror(errno)));
        total += static_cast<std::uint64_t>(got);
        if (total > most_) throw DataError(concat(path_.string(), ": grows while it is read"));
        copy.write(piece.data(), got);
      }
      copy.flush();
      if (!copy) throw Error(concat("write ", place.string(), ": the copy did not succeed"));
    });
  }

 private:
  fs::path path_;
  int descriptor_;
  std::uint64_t most_;
};

/// Of folders on the way from `top`: they could lead to what the coordinator alone may read.
void refuse_links(const fs::path& top, const fs::path& file) {
  fs::path at = top;
  for (const fs::path& part : file.lexically_relative(top)) {
    at /= part;
    if (fs::is_symlink(fs::symlink_status(at)))
      throw DataError(concat(at.string(), ": is a link; hand in the file itself"));
  }
}

bool are_equal(const fs::path& one, const fs::path& other) {
  std::ifstream first(one, std::ios::binary), second(other, std::ios::binary);
  using Bytes = std::istreambuf_iterator<char>;
  return first && second && std::equal(Bytes(first), Bytes(), Bytes(second), Bytes());
}

/// Where the given files are, and where they belong.
struct Places {
  CandidateFiles from, to;
  bool is_folder = false;

  Places(const Intake& intake, const HandedIn& given)
      : from(RoundPaths{given.from}.candidate(intake.round, given.member)),
        to(intake.run.candidate(intake.round, given.member)),
        is_folder(fs::is_directory(given.from)) {
    if (!is_folder) from = {{}, {}, given.from};
  }

  /// Of a state that is given, or was before; empty where it is missing.
  [[nodiscard]] fs::path state(const Digest& digest) const {
    if (is_folder && fs::exists(fs::symlink_status(link_path(from.links, digest))))
      return link_path(from.links, digest);
    return fs::exists(link_path(to.links, digest)) ? link_path(to.links, digest) : fs::path();
  }
};

/// The states that an audit may read: only replay starts from any.
std::vector<ChainLink> states_of(const Task& task, const SubmissionHeader& header) {
  std::vector<ChainLink> states;
  if (task.audit.evidence != Evidence::replay) return states;
  for (const ChainLink& link : header.chain)
    if (link.step > 0) states.push_back(link);
  return states;
}

/// What a link's state is like: only its buffers count, not what is in them.
train::FullState like_states(const Intake& intake, const Member& member) {
  const Model none{AlignedBuffer<float>(static_cast<std::size_t>(intake.layout.parameter_count)),
                   AlignedBuffer<float>(static_cast<std::size_t>(intake.layout.statistic_count))};
  return starting_state(member_recipe(intake.task, intake.round, member, {}), none);
}

class Check {
 public:
  Check(const Intake& intake, const HandedIn& given) : intake_(intake), given_(given) {}

  std::vector<std::string> run() {
    const auto named = std::ranges::find(intake_.task.members, given_.member, &Member::name);
    if (named == intake_.task.members.end()) return {unknown_member(intake_.task, given_.member)};
    try {
      look(*named, static_cast<std::size_t>(named - intake_.task.members.begin()));
    } catch (const DataError& e) {
      found_.emplace_back(e.what());
    }
    for (std::string& problem : found_) problem = concat(given_.member, ": ", problem);
    return std::move(found_);
  }

 private:
  void expect(bool holds, std::string problem) {
    if (!holds) found_.push_back(std::move(problem));
  }

  void look(const Member& member, std::size_t index) {
    const Places places(intake_, given_);
    if (!fs::exists(fs::symlink_status(places.from.submission)))
      throw DataError(concat("there is no ", places.from.submission.string()));
    if (places.is_folder) refuse_links(given_.from, places.from.submission);
    const std::uint64_t most = round_files(intake_.task).longest;
    static_cast<void>(GivenFile(places.from.submission, most));
    const ReadSubmission read = read_submission(places.from.submission, intake_.layout);
    if (!read.submission)
      throw DataError(
          concat(places.from.submission.string(), ": ", name_of(read.verdict), ": ", read.detail));
    look_at_header(*read.submission, member, index);
    expect(!fs::exists(fs::symlink_status(places.to.submission)) ||
               are_equal(places.from.submission, places.to.submission),
           concat("has handed in another submission before, ", places.to.submission.string(),
                  "; remove it if this one is to stand"));
    if (found_.empty()) look_at_states(member, read.submission->header, places, most);
  }

  void look_at_header(const Submission& submission, const Member& member, std::size_t index) {
    const SubmissionHeader& header = submission.header;
    expect(header.member == member.name, concat("the submission is ", header.member, "'s"));
    expect(header.key == member.key && is_signed(submission),
           "the submission is not signed by the member's key");
    expect(header.task == task_digest(intake_.task), "the submission is for another task");
    expect(header.round == intake_.round,
           concat("the submission is for round ", header.round, ", not ", intake_.round));
    expect(header.parent == intake_.parent,
           concat("started from model sha256:", to_hex(header.parent).substr(0, 12), ", the round's is ",
                  to_hex(intake_.parent).substr(0, 12)));
    expect(header.claim.data == intake_.dataset.subset_digest(intake_.partition.parts.at(index).validation),
           "claims counts on other images than the member's validation images of the task's data");
    const auto links = static_cast<std::int64_t>(header.chain.size()) - 1;
    const bool is_replay = intake_.task.audit.evidence == Evidence::replay;
    expect(is_replay ? links == links_of(intake_.task) : links <= links_of(intake_.task),
           concat("its chain has ", links, " links, the task's rounds have ", links_of(intake_.task)));
  }

  /// Each must be the state that its name says: what came cut short would cost the member its stake.
  void look_at_states(const Member& member, const SubmissionHeader& header, const Places& places,
                      std::uint64_t most) {
    const std::vector<ChainLink> states = states_of(intake_.task, header);
    if (states.empty()) return;
    const train::FullState like = like_states(intake_, member);
    std::int64_t missing = 0;
    for (const ChainLink& link : states) {
      const fs::path file = places.state(link.state);
      missing += file.empty() ? 1 : 0;
      if (file.empty()) continue;
      if (places.is_folder) refuse_links(given_.from, link_path(places.from.links, link.state));
      static_cast<void>(GivenFile(file, most));
      const ReadLink read = read_link(file.parent_path(), intake_.layout, like, link.state);
      expect(read.verdict == Verdict::ok && read.state.step == link.step,
             concat(file.string(), ": not the state after step ", link.step, read.detail.empty() ? "" : ": ",
                    read.detail));
    }
    expect(missing == 0, concat(missing, " of the ", states.size(),
                                " states of its chain are missing; hand in the whole folder"));
  }

  const Intake& intake_;
  const HandedIn& given_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> intake_problems(const Intake& intake, const HandedIn& given) {
  return Check(intake, given).run();
}

bool was_taken_in(const RoundPaths& run, std::int64_t round, const HandedIn& given) {
  const fs::path there = run.candidate(round, given.member).submission;
  const fs::path from = fs::is_directory(given.from)
                            ? RoundPaths{given.from}.candidate(round, given.member).submission
                            : given.from;
  return fs::exists(from) ? are_equal(from, there) : fs::exists(there);
}

std::int64_t take_in(const Intake& intake, const HandedIn& given) {
  const Places places(intake, given);
  const std::uint64_t most = round_files(intake.task).longest;
  const GivenFile submission(places.from.submission, most);
  const ReadSubmission read = read_submission(places.from.submission, intake.layout);
  if (!read.submission) throw DataError(concat(places.from.submission.string(), ": ", read.detail));
  std::int64_t taken = 0;
  for (const ChainLink& link : states_of(intake.task, read.submission->header)) {
    const fs::path file = places.state(link.state), target = link_path(places.to.links, link.state);
    if (file.empty()) continue;
    const GivenFile given_state(file, most);
    fs::create_directories(places.to.links);
    if (file != target && !are_equal(file, target)) given_state.copy_to(target);
    ++taken;
  }
  fs::create_directories(places.to.submission.parent_path());
  if (!fs::exists(places.to.submission)) submission.copy_to(places.to.submission);
  return taken;
}

}  // namespace cohort::round
