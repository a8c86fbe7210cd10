#include "cohort/store/atomic_file.hpp"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "cohort/core/host.hpp"
#include "store/descriptor.hpp"
#include "store/temporary_file.hpp"

namespace cohort::store {
namespace {

namespace fs = std::filesystem;

Descriptor open_file(std::string_view doing, const fs::path& path, int flags) {
  Descriptor file(::open(path.c_str(), flags | O_CLOEXEC, 0666));
  if (!file.is_open()) throw_errno(doing, path, errno);
  return file;
}

void write_all(std::string_view doing, const Descriptor& file, std::string_view text, const fs::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno != EINTR) throw_errno(doing, path, errno);
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void flush_to_disk(const fs::path& path) {
  const Descriptor file = open_file("flush", path, O_RDONLY);
  if (::fsync(file.get()) != 0) throw_errno("flush", path, errno);
}

/// Makes a rename survive a power cut, where the file system lets folders be flushed.
void flush_folder(const fs::path& folder) {
  const Descriptor opened = open_file("flush folder", folder, O_RDONLY | O_DIRECTORY);
  if (::fsync(opened.get()) != 0 && errno != EINVAL && errno != ENOTSUP) {
    throw_errno("flush folder", folder, errno);
  }
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// The file's own word about its length is not asked: files of /proc say 0, and others may grow.
std::string read_all(int file, const fs::path& path, std::size_t most_bytes) {
  std::string text;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) throw_errno("read", path, errno);
    if (count <= 0) continue;
    if (static_cast<std::size_t>(count) > most_bytes - text.size())
      throw DataError(concat("read ", path.native(), ": longer than ", most_bytes, " bytes"));
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

/// An empty file of our own under a name that others can foresee.
void make_new(const fs::path& path) {
  // What a process of the same number left before; whatever it is, it is not ours to write to.
  ::unlink(path.c_str());
  const Descriptor made = open_file("write", path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
}

}  // namespace

void write_atomically(const fs::path& path, const std::function<void(const fs::path&)>& write,
                      const std::function<void(const fs::path&)>& verify) {
  remove_abandoned_of(path);
  const TemporaryFile temporary(temporary_name(path));
  make_new(temporary.path());
  write(temporary.path());
  flush_to_disk(temporary.path());
  if (verify) verify(temporary.path());
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) throw_errno("rename into", path, errno);
  flush_folder(folder_of(path));
}

void write_text_atomically(const fs::path& path, std::string_view text) {
  write_atomically(path, [&](const fs::path& temporary) {
    Descriptor file = open_file("write", temporary, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    write_all("write", file, text, temporary);
    if (::close(file.release()) != 0) throw_errno("write", temporary, errno);
  });
}

std::string read_text(const fs::path& path, std::size_t most_bytes) {
  // Opening a pipe for reading waits for a writer, perhaps for ever.
  const Descriptor file = open_file("read", path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_errno("read", path, errno);
  if (!S_ISREG(status.st_mode)) throw Error(concat("read ", path.native(), ": not a regular file"));
  return read_all(file.get(), path, most_bytes);
}

std::string read_standard_input(std::size_t most_bytes) {
  return read_all(STDIN_FILENO, "standard input", most_bytes);
}

void append_line(const fs::path& path, std::string_view line) {
  Descriptor file = open_file("append to", path, O_WRONLY | O_CREAT | O_APPEND);
  const off_t end = ::lseek(file.get(), 0, SEEK_END);
  try {
    write_all("append to", file, concat(line, "\n"), path);
  } catch (const Error&) {
    // Half a line would join the next one; if it cannot be taken back, the error below says what happened.
    [[maybe_unused]] const int ignored = ::ftruncate(file.get(), end);
    throw;
  }
  if (::close(file.release()) != 0) throw_errno("append to", path, errno);
}

std::uintmax_t free_bytes(const fs::path& path) {
  std::error_code error;
  fs::path existing = fs::absolute(path);
  while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
  const fs::space_info space = fs::space(existing, error);
  if (error) throw Error(concat("free space of ", path.native(), ": ", error.message()));
  return space.available;
}

FolderLock::FolderLock(const fs::path& folder) : folder_(folder) {
  const fs::path path = folder / ".lock";
  Descriptor file = open_file("lock folder", path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    if (locks_are_unsupported(error)) return;
    if (error != EWOULDBLOCK) throw_errno("lock folder", folder, error);
    std::string holder = trim(read_text(path));
    if (holder.empty()) holder = "another process";
    throw Error(concat("lock folder ", folder.native(), ": in use by ", holder,
                       "; wait for it to end or choose another folder"));
  }
  if (::ftruncate(file.get(), 0) != 0) throw_errno("lock folder", folder, errno);
  write_all("lock folder", file, concat("process ", ::getpid(), " on ", host_name(), "\n"), path);
  descriptor_ = file.release();
}

void FolderLock::remove_abandoned() const {
  remove_abandoned_in(folder_, descriptor_ >= 0 ? Hosts::all : Hosts::mine);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace cohort::store
