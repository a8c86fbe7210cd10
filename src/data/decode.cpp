#include "data/decode.hpp"

#include <algorithm>

#include "cohort/core/error.hpp"
#include "cohort/core/stop_request.hpp"
#include "cohort/core/text.hpp"
#include "cohort/core/thread_team.hpp"
#include "cohort/core/words.hpp"
#include "cohort/data/image.hpp"

namespace cohort::data {
namespace {

constexpr std::int64_t kImagesPerProgressLine = 32;

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

}  // namespace

std::vector<DecodedImage> decode_images(const std::vector<Sample>& samples, int size, int threads,
                                        const ScratchFile& scratch, Log& log) {
  const auto count = static_cast<std::int64_t>(samples.size());
  std::vector<DecodedImage> decoded(samples.size());  // a place for each, so that order does not matter
  ThreadTeam team(static_cast<int>(std::clamp<std::int64_t>(count, 1, threads)));
  team.run(count, [&](int thread, std::int64_t index) {
    if (stop_requested() != 0) throw Error("import: stopped by a signal; nothing was written");
    const auto i = static_cast<std::size_t>(index);
    decoded[i] = decode_one(samples[i], size, i, scratch);
    if (thread != 0 || index == 0 || index % kImagesPerProgressLine != 0) return;
    const std::string line = concat("decoded ", index, " of ", count);
    const double share = static_cast<double>(index) / static_cast<double>(count);
    log.progress(log.is_terminal() ? concat(progress_bar(share), "  ", line) : line);
  });
  log.end_progress();
  return decoded;
}

}  // namespace cohort::data
