#include "data/decode.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "cohort/core/error.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/core/text.hpp"
#include "cohort/data/image.hpp"

namespace cohort::data {
namespace {

constexpr std::size_t kImagesPerProgressLine = 32;

DecodedImage decode_one(const Sample& sample, int size, std::size_t slot, const ScratchFile& scratch) {
  DecodedImage decoded;
  Image image;
  try {
    image = square(read_image(sample.file), size);
  } catch (const Error& error) {
    decoded.problem = error.what();
    return decoded;
  }
  for (std::size_t i = 0; i < image.rgb.size(); ++i) {
    const std::uint64_t value = image.rgb[i];
    decoded.sums[i % 3] += value;
    decoded.square_sums[i % 3] += value * value;
  }
  decoded.pixel_digest = sha256(std::as_bytes(std::span(image.rgb)));
  scratch.write(slot, image.rgb);
  return decoded;
}

/// Threads take images one by one; each result has its own place, so that order does not matter.
class DecodeTeam {
 public:
  DecodeTeam(const std::vector<Sample>& samples, int size, const ScratchFile& scratch)
      : samples_(samples), size_(size), scratch_(scratch), decoded_(samples.size()) {}

  /// Work of the calling thread, which also reports progress.
  void lead(Log& log) {
    work([&](std::size_t done) {
      if (done % kImagesPerProgressLine == 0) log.progress(concat("decoded ", done, " of ", samples_.size()));
    });
  }
  void help() {
    work([](std::size_t) {});
  }

  /// What was decoded, or the first failure of any thread. Call after all threads have ended.
  std::vector<DecodedImage> result() {
    if (failure_) std::rethrow_exception(failure_);
    return std::move(decoded_);
  }

 private:
  template <typename Report>
  void work(const Report& report) {
    try {
      for (std::size_t i = next_++; i < samples_.size() && !has_failed_; i = next_++) {
        if (stop_requested() != 0) throw Error("import: stopped by a signal; nothing was written");
        decoded_[i] = decode_one(samples_[i], size_, i, scratch_);
        report(i);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      has_failed_ = true;
    }
  }

  const std::vector<Sample>& samples_;
  int size_;
  const ScratchFile& scratch_;
  std::vector<DecodedImage> decoded_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

std::vector<DecodedImage> decode_images(const std::vector<Sample>& samples, int size, int threads,
                                        const ScratchFile& scratch, Log& log) {
  DecodeTeam team(samples, size, scratch);
  {
    std::vector<std::jthread> helpers;
    const auto useful = std::min(static_cast<std::size_t>(threads), samples.size());
    for (std::size_t i = 1; i < useful; ++i) helpers.emplace_back([&team] { team.help(); });
    team.lead(log);
  }
  log.end_progress();
  return team.result();
}

}  // namespace cohort::data
