// Key files: 64 hexadecimal digits and a newline, for their owner's eyes only.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cohort/core/text.hpp"
#include "cohort/identity/keys.hpp"
#include "identity/wiping.hpp"

namespace cohort::identity {
namespace {
namespace fs = std::filesystem;

// Digits, newline; one more byte shows that a file is too long.
using FileText = std::array<char, 66>;
constexpr std::size_t kDigits = 64;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

[[noreturn]] void fail(std::string_view doing, const fs::path& path, std::string_view why) {
  throw Error(concat(doing, " ", path.string(), ": ", why));
}

[[noreturn]] void fail_errno(std::string_view doing, const fs::path& path, int error) {
  fail(doing, path, std::strerror(error));
}

/// Removes a name at the end of the scope: of the temporary file, whether it got its place or not.
struct Removed {
  fs::path path;
  ~Removed() { ::unlink(path.c_str()); }
};

void write_whole(const File& file, const FileText& text, std::size_t count, const fs::path& path) {
  std::size_t done = 0;
  while (done < count) {
    const ssize_t written = ::write(file.get(), text.data() + done, count - done);
    if (written < 0 && errno != EINTR) fail_errno("write key", path, errno);
    if (written > 0) done += static_cast<std::size_t>(written);
  }
  if (::fsync(file.get()) != 0) fail_errno("write key", path, errno);
}

/// What the file holds, up to the size of `text`.
std::size_t read_some(const File& file, FileText& text, const fs::path& path) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + done, text.size() - done);
    if (got == 0) break;
    if (got < 0 && errno != EINTR) fail_errno("read key", path, errno);
    if (got > 0) done += static_cast<std::size_t>(got);
  }
  return done;
}

}  // namespace

void write_key_file(const fs::path& path, const SecretKey& key) {
  start_sodium();
  const std::string unlike_others = to_hex(random_digest()).substr(0, 16);
  const fs::path temporary = concat(path.string(), ".", unlike_others, ".tmp");
  const File file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (file.get() < 0) fail_errno("write key", path, errno);
  const Removed cleanup{temporary};
  FileText text{};
  const Wiping wipe(text.data(), text.size());
  sodium_bin2hex(text.data(), text.size(), key.seed().data(), key.seed().size());
  text[kDigits] = '\n';
  write_whole(file, text, kDigits + 1, path);
  // A hard link, because unlike rename it never replaces what is there.
  if (::link(temporary.c_str(), path.c_str()) != 0) {
    if (errno == EEXIST) fail("write key", path, "a file is there already, and keys are never replaced");
    fail_errno("write key", path, errno);
  }
}

SecretKey read_key_file(const fs::path& path) {
  start_sodium();
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) fail_errno("read key", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail_errno("read key", path, errno);
  if (!S_ISREG(status.st_mode)) fail("read key", path, "not a file");
  if ((status.st_mode & 077U) != 0)
    fail("read key", path, concat("others may read or write it; run: chmod 600 ", path.string()));
  FileText text{};
  const Wiping wipe_text(text.data(), text.size());
  const std::size_t count = read_some(file, text, path);
  Digest seed{};
  const Wiping wipe_seed(seed.data(), seed.size());
  std::size_t decoded = 0;
  const bool has_form = count == kDigits || (count == kDigits + 1 && text[kDigits] == '\n');
  if (!has_form ||
      sodium_hex2bin(seed.data(), seed.size(), text.data(), kDigits, nullptr, &decoded, nullptr) != 0 ||
      decoded != seed.size())
    fail("read key", path, "not a key: expected 64 hexadecimal digits");
  return SecretKey::from_seed(seed);
}

}  // namespace cohort::identity
