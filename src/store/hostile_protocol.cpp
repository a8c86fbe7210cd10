#include "store/hostile_protocol.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "cohort/core/error.hpp"
#include "store/extents.hpp"

namespace cohort::store {
namespace {

struct Meaning {
  HostileProblem problem;
  std::string_view words;
  bool concerns_array;
};

constexpr std::array<Meaning, static_cast<std::size_t>(Reason::last) + 1> kMeanings{{
    {HostileProblem::none, "all is well", false},
    {HostileProblem::missing, "no such file", false},
    {HostileProblem::unreadable, "this machine cannot read it", false},
    {HostileProblem::format, "a symbolic link, not a file", false},
    {HostileProblem::format, "not a regular file", false},
    {HostileProblem::size, "longer than its contents can be", false},
    {HostileProblem::format, "cut short", false},
    {HostileProblem::format, "does not begin as an HDF5 file", false},
    {HostileProblem::format, "has a user block", false},
    {HostileProblem::format, "its group holds something that is not expected", true},
    {HostileProblem::format, "is not there", true},
    {HostileProblem::format, "its group holds a link that is not a hard link", true},
    {HostileProblem::format, "is not an array", true},
    {HostileProblem::format, "does not stand in a group", true},
    {HostileProblem::format, "it or its group has attributes", true},
    {HostileProblem::format, "is not among the attributes of the root", true},
    {HostileProblem::format, "is linked more than once", true},
    {HostileProblem::format, "has elements of another type than expected", true},
    {HostileProblem::size, "has other extents than expected", true},
    {HostileProblem::format, "is neither contiguous nor compact", true},
    {HostileProblem::format, "is filtered", true},
    {HostileProblem::format, "is kept in another file", true},
    {HostileProblem::format, "is not wholly stored in the file", true},
    {HostileProblem::format, "its structure leads out of the file", false},
    {HostileProblem::format, "a part of its structure is of a form that is not read", false},
    {HostileProblem::format, "its structure names one part twice", false},
    {HostileProblem::format, "its structure has more parts than its members need", false},
    {HostileProblem::format, "the levels of a tree in its structure do not follow each other", false},
}};

const Meaning& meaning_of(Reason reason) {
  const auto index = static_cast<std::size_t>(reason);
  require(index < kMeanings.size(), "store: unknown reason");
  return kMeanings[index];
}

template <typename T>
void put(std::string& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void put_text(std::string& bytes, std::string_view text) {
  put<std::uint64_t>(bytes, text.size());
  bytes.append(text);
}

/// Takes values off the front; is spoilt, and gives zeros, once too little is left.
class Cursor {
 public:
  explicit Cursor(std::string_view rest) : rest_(rest) {}

  template <typename T>
  T take() {
    T value{};
    const std::string_view bytes = take_bytes(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view take_bytes(std::uint64_t count) {
    if (count > rest_.size()) is_spoilt_ = true;
    if (is_spoilt_) return {};
    const std::string_view bytes = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return bytes;
  }
  [[nodiscard]] bool is_spoilt() const { return is_spoilt_; }
  [[nodiscard]] bool is_used_up() const { return !is_spoilt_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool is_spoilt_ = false;
};

ExpectedArray take_array(Cursor& cursor) {
  ExpectedArray array;
  array.path = cursor.take_bytes(cursor.take<std::uint64_t>());
  array.kind = static_cast<Kind>(cursor.take<std::uint8_t>());
  const auto rank = cursor.take<std::uint8_t>();
  for (std::uint8_t i = 0; i < rank && !cursor.is_spoilt(); ++i)
    array.extents.push_back(cursor.take<std::int64_t>());
  array.most_elements = cursor.take<std::int64_t>();
  array.is_optional = cursor.take<std::uint8_t>() != 0;
  array.is_attribute = cursor.take<std::uint8_t>() != 0;
  return array;
}

}  // namespace

std::string_view reader_version() {
  // The number rises with every change of what is said, and of what a file may hold.
  return COHORT_VERSION " (protocol 4)";
}

Reason reason_not_opened(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return Reason::not_found;
    case ELOOP:
      return Reason::symbolic_link;
    case ENXIO:  // a socket, or a device that is not there
      return Reason::not_regular;
    default:  // rights, memory, descriptors, a disk or a server that fails: not the file's fault
      return Reason::unreadable;
  }
}

HostileProblem problem_of(Reason reason) {
  return meaning_of(reason).problem;
}

std::string_view words_of(Reason reason) {
  return meaning_of(reason).words;
}

bool concerns_array(Reason reason) {
  return meaning_of(reason).concerns_array;
}

bool is_of_other_arrays(Reason reason) {
  switch (reason) {
    case Reason::too_long:
    case Reason::unexpected_member:
    case Reason::absent_member:
    case Reason::not_array:
    case Reason::not_group:
    case Reason::extents:
      return true;
    default:
      return false;
  }
}

std::string to_bytes(const HostileRequest& request) {
  std::string bytes;
  put_text(bytes, reader_version());
  put_text(bytes, request.path.native());
  put(bytes, request.cpu_s);
  put(bytes, request.slack_bytes);
  put(bytes, static_cast<std::uint8_t>(request.others));
  put<std::uint64_t>(bytes, request.expected.size());
  for (const ExpectedArray& array : request.expected) {
    put_text(bytes, array.path);
    put(bytes, static_cast<std::uint8_t>(array.kind));
    put(bytes, static_cast<std::uint8_t>(array.extents.size()));
    for (const std::int64_t extent : array.extents) put(bytes, extent);
    put(bytes, array.most_elements);
    put(bytes, static_cast<std::uint8_t>(array.is_optional));
    put(bytes, static_cast<std::uint8_t>(array.is_attribute));
  }
  return bytes;
}

std::optional<HostileRequest> request_from_bytes(std::string_view bytes) {
  Cursor cursor(bytes);
  if (cursor.take_bytes(cursor.take<std::uint64_t>()) != reader_version()) return std::nullopt;
  HostileRequest request;
  request.path = cursor.take_bytes(cursor.take<std::uint64_t>());
  request.cpu_s = cursor.take<double>();
  request.slack_bytes = cursor.take<std::uint64_t>();
  request.others = static_cast<Others>(cursor.take<std::uint8_t>());
  const auto count = cursor.take<std::uint64_t>();
  for (std::uint64_t i = 0; i < count && !cursor.is_spoilt(); ++i)
    request.expected.push_back(take_array(cursor));
  if (!cursor.is_used_up()) return std::nullopt;
  return request;
}

std::uint64_t most_bytes(const ExpectedArray& array) {
  const Extents extents = array.most_elements > 0 ? Extents{array.most_elements} : array.extents;
  const std::int64_t bytes = checked_bytes(extents, static_cast<std::int64_t>(size_of(array.kind)));
  require(bytes > 0, "read_hostile: an expected array is empty or too large");
  return static_cast<std::uint64_t>(bytes);
}

bool may_have(const ExpectedArray& array, std::uint64_t bytes) {
  if (bytes == 0) return array.is_optional;
  if (array.most_elements <= 0) return bytes == most_bytes(array);
  return bytes <= most_bytes(array) && bytes % size_of(array.kind) == 0;
}

std::uint64_t longest_file(std::span<const ExpectedArray> expected, std::uint64_t slack_bytes) {
  constexpr std::uint64_t header_bytes = 1024;  // an array's object header and link, generously
  std::uint64_t total = slack_bytes;
  for (const ExpectedArray& array : expected) {
    const bool overflows = __builtin_add_overflow(total, most_bytes(array) + header_bytes, &total);
    require(!overflows, "read_hostile: the expected arrays are too large");
  }
  return total;
}

}  // namespace cohort::store
