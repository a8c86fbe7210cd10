#include "store/hostile_header.hpp"

#include <string_view>
#include <utility>

namespace cohort::store {
namespace {

// Headers of this program and of h5py have a dozen messages in at most two blocks. A compact array takes up
// to 64 KiB, all other messages are small.
constexpr std::size_t kMostBlocks = 16, kMostMessages = 256;
constexpr std::uint64_t kMostBytes = std::uint64_t{128} << 10, kMostMessageBytes = std::uint64_t{4} << 10;
constexpr std::uint64_t kFiller = 0x00, kLayout = 0x08, kContinuation = 0x10;
constexpr std::uint64_t kSharedFlag = 0x02, kChecksumBytes = 4;

class HeaderReader {
 public:
  HeaderReader(const HostileBytes& image, HostileParts& parts) : image_(image), parts_(parts) {}

  std::vector<HeaderMessage> read(std::uint64_t address) {
    parts_.add(address);
    blocks_.push_back(first_block(address));
    for (std::size_t i = 0; i < blocks_.size(); ++i) read_block(blocks_[i]);
    return std::move(messages_);
  }

 private:
  HostileBytes first_block(std::uint64_t address) {
    constexpr std::string_view signature = "OHDR";
    HostileBytes rest = image_.from(address);
    is_signed_ = rest.begins_with(signature);
    if (!is_signed_) {
      rest.expect(1, 1);     // version
      rest.skip(1 + 2 + 4);  // the number of messages, of links
      const std::uint64_t bytes = rest.take(4);
      rest.skip(4);
      return rest.take_part(bytes);
    }
    rest.expect(signature);
    rest.expect(1, 2);
    const std::uint64_t flags = rest.take(1);
    if ((flags & 0xC0) != 0) throw Misshapen(Reason::part_unknown);
    if ((flags & 0x20) != 0) rest.skip(16);  // times
    if ((flags & 0x10) != 0) rest.skip(4);   // when attributes move elsewhere
    has_order_ = (flags & 0x04) != 0;
    return rest.take_part(rest.take(std::size_t{1} << (flags & 0x03)));
  }

  void read_block(HostileBytes block) {
    bytes_ += block.size();
    if (bytes_ > kMostBytes) throw Misshapen(Reason::parts_too_many);
    const std::uint64_t head = is_signed_ ? (has_order_ ? 6 : 4) : 8;
    // A signed block may end in a gap that no message fits in.
    while (is_signed_ ? block.size() >= head : block.size() > 0) take_message(block);
  }

  void take_message(HostileBytes& block) {
    const std::uint64_t type = block.take(is_signed_ ? 1 : 2), bytes = block.take(2), flags = block.take(1);
    block.skip(is_signed_ ? (has_order_ ? 2 : 0) : 3);
    if ((flags & kSharedFlag) != 0 || (!is_signed_ && bytes % 8 != 0)) throw Misshapen(Reason::part_unknown);
    const HostileBytes body = block.take_part(bytes);
    if (++count_ > kMostMessages || (bytes > kMostMessageBytes && type != kLayout && type != kFiller))
      throw Misshapen(Reason::parts_too_many);
    if (type == kContinuation)
      add_block(body);
    else if (type != kFiller)
      messages_.push_back({type, body});
  }

  void add_block(HostileBytes message) {
    const std::uint64_t address = message.take(8), bytes = message.take(8);
    parts_.add(address);
    if (blocks_.size() >= kMostBlocks) throw Misshapen(Reason::parts_too_many);
    HostileBytes block = image_.part(address, bytes);
    if (is_signed_) {
      block.expect("OCHK");
      if (block.size() < kChecksumBytes) throw Misshapen(Reason::part_outside);
      block = block.part(0, block.size() - kChecksumBytes);
    }
    blocks_.push_back(block);
  }

  const HostileBytes& image_;
  HostileParts& parts_;
  bool is_signed_ = false;  ///< of the second version: parts begin with a signature
  bool has_order_ = false;  ///< messages carry the order of creation
  std::vector<HostileBytes> blocks_;
  std::vector<HeaderMessage> messages_;
  std::uint64_t bytes_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<HeaderMessage> read_header(const HostileBytes& image, std::uint64_t address,
                                       HostileParts& parts) {
  return HeaderReader(image, parts).read(address);
}

}  // namespace cohort::store
