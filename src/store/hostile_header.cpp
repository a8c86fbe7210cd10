#include "store/hostile_header.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace cohort::store {
namespace {

// Headers of this program and of h5py have a dozen messages in at most two blocks. A compact array takes up
// to 64 KiB, all other messages are small.
constexpr std::size_t kMostBlocks = 16, kMostMessages = 256;
constexpr std::uint64_t kMostBytes = std::uint64_t{128} << 10, kMostMessageBytes = std::uint64_t{4} << 10;
// A checkpoint's attributes list the names of its classes and of its layers, each list in up to 64 KiB.
constexpr std::uint64_t kMostBytesWithAttributes = std::uint64_t{256} << 10;
constexpr std::uint64_t kFiller = 0x00, kContinuation = 0x10;
constexpr auto kLayout = static_cast<std::uint64_t>(Message::layout);
constexpr auto kAttribute = static_cast<std::uint64_t>(Message::attribute);
constexpr std::uint64_t kSharedFlag = 0x02, kChecksumBytes = 4;

Message kind_of_message(std::uint64_t number) {
  const auto kind = static_cast<Message>(number);
  switch (kind) {
    case Message::space:
    case Message::link_info:
    case Message::type:
    case Message::old_fill:
    case Message::fill:
    case Message::link:
    case Message::external_files:
    case Message::layout:
    case Message::group_info:
    case Message::filters:
    case Message::attribute:
    case Message::comment:
    case Message::old_time:
    case Message::symbol_table:
    case Message::time:
    case Message::attribute_info:
    case Message::link_count:
      return kind;
  }
  throw Misshapen(Reason::part_unknown);
}

class HeaderReader {
 public:
  HeaderReader(const HostileBytes& image, HostileParts& parts, Others others)
      : image_(image), parts_(parts), others_(others) {}

  ObjectHeader read(std::uint64_t address) {
    parts_.add(address);
    blocks_.push_back(first_block(address));
    for (std::size_t i = 0; i < blocks_.size(); ++i) read_block(blocks_[i]);
    if (auto count = header_.only(Message::link_count)) {
      count->expect(1, 0);
      header_.links = count->take(4);
    }
    return std::move(header_);
  }

 private:
  HostileBytes first_block(std::uint64_t address) {
    constexpr std::string_view signature = "OHDR";
    HostileBytes rest = image_.from(address);
    is_signed_ = rest.begins_with(signature);
    if (!is_signed_) {
      rest.expect(1, 1);  // version
      rest.skip(1 + 2);   // the number of messages
      header_.links = rest.take(4);
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
    if (bytes_ > (others_ == Others::skipped ? kMostBytesWithAttributes : kMostBytes))
      throw Misshapen(Reason::parts_too_many);
    const std::uint64_t head = is_signed_ ? (has_order_ ? 6 : 4) : 8;
    // A signed block may end in a gap that no message fits in.
    while (is_signed_ ? block.size() >= head : block.size() > 0) take_message(block);
  }

  void take_message(HostileBytes& block) {
    const std::uint64_t type = block.take(is_signed_ ? 1 : 2), bytes = block.take(2), flags = block.take(1);
    block.skip(is_signed_ ? (has_order_ ? 2 : 0) : 3);
    if ((flags & kSharedFlag) != 0 || (!is_signed_ && bytes % 8 != 0)) throw Misshapen(Reason::part_unknown);
    const HostileBytes body = block.take_part(bytes);
    if (++count_ > kMostMessages || (bytes > kMostMessageBytes && !may_be_long(type)))
      throw Misshapen(Reason::parts_too_many);
    if (type == kContinuation)
      add_block(body);
    else if (type != kFiller)
      header_.messages.push_back({kind_of_message(type), body});
  }

  [[nodiscard]] bool may_be_long(std::uint64_t type) const {
    return type == kLayout || type == kFiller || (type == kAttribute && others_ == Others::skipped);
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
  Others others_;
  bool is_signed_ = false;  ///< of the second version: parts begin with a signature
  bool has_order_ = false;  ///< messages carry the order of creation
  std::vector<HostileBytes> blocks_;
  ObjectHeader header_;
  std::uint64_t bytes_ = 0;
  std::size_t count_ = 0;
};

}  // namespace

std::optional<HostileBytes> ObjectHeader::only(Message kind) const {
  std::optional<HostileBytes> found;
  for (const Entry& entry : messages) {
    if (entry.kind != kind) continue;
    if (found) throw Misshapen(Reason::part_repeated);
    found = entry.body;
  }
  return found;
}

bool ObjectHeader::has(Message kind) const {
  return std::ranges::any_of(messages, [&](const Entry& entry) { return entry.kind == kind; });
}

ObjectHeader read_header(const HostileBytes& image, std::uint64_t address, HostileParts& parts,
                         Others others) {
  return HeaderReader(image, parts, others).read(address);
}

void expect_none_elsewhere(HostileBytes message, std::uint64_t order_bytes) {
  constexpr std::uint64_t nowhere = ~std::uint64_t{0};
  message.expect(1, 0);
  const std::uint64_t flags = message.take(1);
  if ((flags & 0x01) != 0) message.skip(order_bytes);
  message.expect(8, nowhere);  // heap
  message.expect(8, nowhere);  // tree by name
  if ((flags & 0x02) != 0) message.expect(8, nowhere);
}

}  // namespace cohort::store
