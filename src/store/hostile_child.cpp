// The child: reads the file, gives up its rights, and only then looks at what it has read.
#include <sys/prctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <exception>
#include <optional>

#include "store/descriptor.hpp"
#include "store/hostile_image.hpp"
#include "store/hostile_limits.hpp"

namespace cohort::store {
namespace {

constexpr std::size_t kMostRequestBytes = std::size_t{64} << 20;
constexpr int kDone = 0, kNotReady = 1, kGaveUp = 2;

/// Fills the span as far as the file goes; returns how far, or nothing when the system cannot read it.
std::optional<std::size_t> read_up_to(int file, std::span<char> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = ::read(file, bytes.data() + done, bytes.size() - done);
    if (count == 0) break;
    if (count < 0 && errno != EINTR) return std::nullopt;
    if (count > 0) done += static_cast<std::size_t>(count);
  }
  return done;
}

void answer(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) throw Error("write");
    if (count > 0) bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

template <typename T>
void answer_value(const T& value) {
  answer(std::as_bytes(std::span(&value, 1)));
}

void answer_version() {
  const std::string_view version = reader_version();
  answer_value(kVersionFrame);
  answer_value(static_cast<std::uint8_t>(version.size()));
  answer(std::as_bytes(std::span(version)));
}

void answer_end(const Finding& finding) {
  if (finding.reason == Reason::none) return answer_value(kEndFrame);
  answer_value(kProblemFrame);
  answer_value(finding.reason);
  answer_value(finding.array);
}

/// The whole file, if it is one and not longer than expected.
Reason read_file(const HostileRequest& request, std::vector<char>& bytes) {
  // Neither waits for a writer of a pipe nor takes a terminal; what a link points to is nobody's submission.
  const Descriptor file(
      ::open(request.path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.is_open()) return reason_not_opened(errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Reason::unreadable;
  if (!S_ISREG(status.st_mode)) return Reason::not_regular;
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > longest_file(request.expected, request.slack_bytes)) return Reason::too_long;
  bytes.resize(size);
  const auto read = read_up_to(file.get(), bytes);
  if (!read) return Reason::unreadable;
  return *read == size ? Reason::none : Reason::cut_short;
}

/// All of standard input, or nothing when it cannot be a request. Grows as it comes: to clear room for the
/// longest would take longer than everything else.
std::string read_request() {
  std::string text;
  std::array<char, 1 << 16> piece{};
  while (text.size() < kMostRequestBytes) {
    const std::size_t count = read_up_to(STDIN_FILENO, piece).value_or(0);
    text.append(piece.data(), count);
    if (count < piece.size()) return text;
  }
  return {};
}

/// Room for the lists of what is found; the file itself is held already, and its values are handed out from
/// it.
std::uint64_t memory_needed(const HostileRequest& request) {
  constexpr std::uint64_t least = std::uint64_t{64} << 20, for_each = std::uint64_t{4} << 10;
  return least + for_each * request.expected.size();
}

int read_and_answer() {
  answer_version();  // even to a parent of another one, so that it can say so
  const auto request = request_from_bytes(read_request());
  if (!request) return kNotReady;
  std::vector<char> bytes;
  if (const Reason reason = read_file(*request, bytes); reason != Reason::none) {
    answer_end({reason, 0});
    return kDone;
  }
  if (!confine(memory_needed(*request), request->cpu_s)) return kNotReady;
  answer_value(kReadyFrame);
  const auto give = [](std::uint32_t array, std::span<const std::byte> values) {
    answer_value(kArrayFrame);
    answer_value(array);
    answer_value(std::uint64_t{values.size()});
    answer(values);
  };
  answer_end(read_image(std::as_bytes(std::span(bytes)), request->expected, request->others, give));
  return kDone;
}

}  // namespace

int run_hostile_reader() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);  // does not outlive who asked
  if (!close_other_descriptors()) return kNotReady;
  try {
    return read_and_answer();
  } catch (const std::exception&) {
    return kGaveUp;  // out of memory, or nobody listens any more
  }
}

}  // namespace cohort::store
