// A filter of the kernel (seccomp-BPF): a small program that the kernel runs before each system call.
#include "store/hostile_calls.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cohort::store {
namespace {

// Numbers of calls mean something else on every processor; 0 = one whose numbers are not known here.
#if defined(__x86_64__)
constexpr std::uint32_t kProcessor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kProcessor = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kProcessor = 0;
#endif

constexpr bool is_sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
  return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||
         __has_feature(memory_sanitizer);
#else
  return false;
#endif
}

/// Memory, the answer, the end; what the C library does for an allocation, an exception and an abort. It ends
/// a process whose futex fails, even one that nobody waits for.
constexpr std::array kAllowed{SYS_write,   SYS_brk,   SYS_munmap,         SYS_mremap,
                              SYS_madvise, SYS_futex, SYS_rt_sigprocmask, SYS_getpid,
                              SYS_gettid,  SYS_exit,  SYS_exit_group};

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, kProcessor, 1, 0);
    add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
  }
  void allow(long call) {
    skip_unless_equal(number(call), 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  /// Allows it when the argument is this value.
  void allow_if_equal(long call, unsigned argument, std::uint32_t value) {
    skip_unless_equal(number(call), 4);
    load(place_of(argument));
    skip_unless_equal(value, 1);
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    refuse();
  }
  /// Allows it when the argument has none of these bits.
  void allow_without(long call, unsigned argument, std::uint32_t bits) {
    skip_unless_equal(number(call), 4);
    load(place_of(argument));
    add(BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
    refuse();
    add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  void refuse() { add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM); }

  bool install() {
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  static std::uint32_t number(long call) { return static_cast<std::uint32_t>(call); }
  /// Of its lower half, on machines that keep that first.
  static std::uint32_t place_of(unsigned argument) {
    return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t));
  }
  void load(std::uint32_t place) { add(BPF_LD | BPF_W | BPF_ABS, place); }
  void skip_unless_equal(std::uint32_t value, std::uint8_t instructions) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, instructions);
  }
  void add(unsigned operation, std::uint32_t value, std::uint8_t if_true = 0, std::uint8_t if_false = 0) {
    code_.push_back({static_cast<std::uint16_t>(operation), if_true, if_false, value});
  }

  std::vector<sock_filter> code_;
};

}  // namespace

bool can_forbid_calls() {
  // With no program to read, a system that knows filters says that the address is bad.
  return kProcessor != 0 && !is_sanitized() && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, nullptr) != 0 &&
         errno == EFAULT;
}

bool forbid_calls() {
  Filter filter;
  for (const long call : kAllowed) filter.allow(call);
  // New memory, but none that could be executed; signals, but to this process alone: how an abort ends it.
  filter.allow_without(SYS_mmap, 2, PROT_EXEC);
  filter.allow_without(SYS_mprotect, 2, PROT_EXEC);
  filter.allow_if_equal(SYS_tgkill, 0, static_cast<std::uint32_t>(::getpid()));
  filter.refuse();
  return filter.install();
}

}  // namespace cohort::store
