#include "cohort/store/mapped_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include "store/descriptor.hpp"

namespace cohort::store {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) throw_errno("map", path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) throw_errno("map", path, errno);
  if (!S_ISREG(status.st_mode)) throw Error(concat("map ", path.native(), ": not a regular file"));
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return;  // an empty file cannot be mapped
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (mapped == MAP_FAILED) throw_errno("map", path, errno);
  data_ = static_cast<const std::byte*>(mapped);
  size_ = size;
}

MappedFile::~MappedFile() {
  if (data_) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace cohort::store
