// Sizes and numbers are those of the HDF5 File Format Specification, version 3.0.
#include "store/hostile_structure.hpp"

#include <optional>
#include <set>
#include <vector>

#include "store/hostile_bytes.hpp"
#include "store/hostile_header.hpp"

namespace cohort::store {
namespace {

constexpr std::uint64_t kNowhere = ~std::uint64_t{0};
// What the library writes when nobody asks for other numbers: leaves of up to 8 members, nodes of up to 32
// children.
constexpr std::uint64_t kHalfLeaf = 4, kHalfNode = 16;
constexpr std::uint64_t kLeafBytes = 8 + 2 * kHalfLeaf * 40, kNodeBytes = 24 + 2 * kHalfNode * 16 + 8;
constexpr std::uint64_t kNoFreeBlock = 1, kFreeBlockBytes = 16;
constexpr std::uint64_t kMostNameBytes = 1024;

// A member has a header, perhaps with a second block; a group has a tree and a heap besides; half-full leaves
// and nodes come to less than one for each member. The rest is room for what the library refuses in better
// words, such as a member too many.
constexpr std::size_t most_parts(std::size_t members) {
  return 8 * (members + 1);
}

/// Kinds of messages in the headers of objects.
enum class Message : std::uint64_t {
  space = 0x01,
  link_info = 0x02,
  type = 0x03,
  old_fill = 0x04,
  fill = 0x05,
  link = 0x06,
  external_files = 0x07,
  layout = 0x08,
  group_info = 0x0A,
  filters = 0x0B,
  attribute = 0x0C,
  comment = 0x0D,
  old_time = 0x0E,
  symbol_table = 0x11,
  time = 0x12,
  attribute_info = 0x15,
  link_count = 0x16
};

class Structure {
 public:
  Structure(std::span<const std::byte> image, std::size_t members)
      : image_(image), parts_(most_parts(members)), most_heap_bytes_((64 + members) * kMostNameBytes) {}

  void check() {
    object(root());
    for (std::size_t i = 0; i < objects_.size(); ++i)  // grows on the way
      for (const HeaderMessage& found : read_header(image_, objects_[i], parts_)) message(found);
  }

 private:
  /// Address of the root group's header.
  std::uint64_t root() const {
    constexpr std::uint64_t signature_bytes = 8, shortest = 48;
    if (image_.size() < shortest) throw Misshapen(Reason::cut_short);
    HostileBytes block = image_.from(signature_bytes);
    const std::uint64_t version = block.take(1);
    if (version == 2) {
      expect_widths(block);
      block.skip(1);  // flags
      expect_no_user_block(block);
      block.expect(8, kNowhere);  // extension
      block.skip(8);              // end of file
      return block.take(8);
    }
    if (version != 0) throw Misshapen(Reason::part_unknown);
    for (int i = 0; i < 4; ++i) block.expect(1, 0);  // versions of other parts
    expect_widths(block);
    block.expect(1, 0);
    block.expect(2, kHalfLeaf);
    block.expect(2, kHalfNode);
    block.skip(4);  // flags
    expect_no_user_block(block);
    block.skip(8 + 8);          // free space, end of file
    block.expect(8, kNowhere);  // driver
    block.skip(8);              // name
    return block.take(8);
  }

  static void expect_widths(HostileBytes& block) {
    block.expect(1, 8);  // of addresses
    block.expect(1, 8);  // of lengths
  }

  static void expect_no_user_block(HostileBytes& block) {
    if (block.take(8) != 0) throw Misshapen(Reason::user_block);
  }

  /// An object that is linked twice is looked at once: the walk over the opened file refuses it by name.
  void object(std::uint64_t address) {
    if (seen_.insert(address).second) objects_.push_back(address);
  }

  void message(const HeaderMessage& found) {
    HostileBytes body = found.body;
    switch (static_cast<Message>(found.type)) {
      case Message::symbol_table: {
        const std::uint64_t tree = body.take(8);
        const HostileBytes names = heap(body.take(8));
        return node(tree, std::nullopt, names);
      }
      case Message::link:
        return link(body);
      case Message::link_info:
        body.expect(1, 0);
        return expect_none_elsewhere(body, 8);
      case Message::attribute_info:
        body.expect(1, 0);
        return expect_none_elsewhere(body, 2);
      case Message::external_files:
        body.skip(8);
        heap(body.take(8));
        return;
      case Message::layout:
        // From the fourth version on, arrays made of other files' arrays and four more ways to find chunks.
        if (const std::uint64_t version = body.take(1); version < 1 || version > 3)
          throw Misshapen(Reason::part_unknown);
        return;
      case Message::space:
      case Message::type:
      case Message::old_fill:
      case Message::fill:
      case Message::group_info:
      case Message::filters:
      case Message::attribute:
      case Message::comment:
      case Message::old_time:
      case Message::time:
      case Message::link_count:
        return;
    }
    throw Misshapen(Reason::part_unknown);
  }

  /// Links or attributes that are too many for the header stand in a heap of another kind, with trees of
  /// another kind: the form of no group that this program or h5py as it comes would write.
  static void expect_none_elsewhere(HostileBytes& body, std::uint64_t order_bytes) {
    const std::uint64_t flags = body.take(1);
    if ((flags & 0x01) != 0) body.skip(order_bytes);
    body.expect(8, kNowhere);  // heap
    body.expect(8, kNowhere);  // tree by name
    if ((flags & 0x02) != 0) body.expect(8, kNowhere);
  }

  void link(HostileBytes body) {
    body.expect(1, 1);
    const std::uint64_t flags = body.take(1);
    const std::uint64_t kind = (flags & 0x08) != 0 ? body.take(1) : 0;
    if ((flags & 0x04) != 0) body.skip(8);  // order of creation
    if ((flags & 0x10) != 0) body.skip(1);  // alphabet
    const std::uint64_t name_bytes = body.take(std::size_t{1} << (flags & 0x03));
    if (name_bytes == 0) throw Misshapen(Reason::part_unknown);
    body.skip(name_bytes);
    if (kind == 0) return object(body.take(8));
    body.skip(body.take(2));  // where another kind of link leads: it is not followed
  }

  /// The bytes of a heap.
  HostileBytes heap(std::uint64_t address) {
    parts_.add(address);
    HostileBytes head = image_.from(address);
    head.expect("HEAP");
    head.expect(1, 0);
    head.skip(3);
    const std::uint64_t bytes = head.take(8);
    std::uint64_t free = head.take(8);
    const HostileBytes data = image_.part(head.take(8), bytes);
    if (bytes > most_heap_bytes_) throw Misshapen(Reason::parts_too_many);
    for (std::uint64_t most = bytes / kFreeBlockBytes; free != kNoFreeBlock; --most) {
      if (most == 0) throw Misshapen(Reason::part_repeated);
      HostileBytes block = data.from(free);
      free = block.take(8);
    }
    return data;
  }

  /// A node of a group's tree and all below it. `parent` is the level above, none for the root.
  void node(std::uint64_t address, std::optional<std::uint64_t> parent, const HostileBytes& names) {
    parts_.add(address);
    HostileBytes rest = image_.part(address, kNodeBytes);
    rest.expect("TREE");
    rest.expect(1, 0);  // of a group
    const std::uint64_t level = rest.take(1), children = rest.take(2);
    if (parent && level + 1 != *parent) throw Misshapen(Reason::tree_levels);
    if (children > 2 * kHalfNode || (children == 0 && parent)) throw Misshapen(Reason::parts_too_many);
    rest.skip(8 + 8);  // siblings, which nobody follows
    for (std::uint64_t i = 0; i < children; ++i) {
      rest.skip(8);  // key
      const std::uint64_t child = rest.take(8);
      if (level > 0)
        node(child, level, names);
      else
        leaf(child, children > 1, names);
    }
  }

  void leaf(std::uint64_t address, bool has_siblings, const HostileBytes& names) {
    parts_.add(address);
    HostileBytes rest = image_.part(address, kLeafBytes);
    rest.expect("SNOD");
    rest.expect(1, 1);
    rest.skip(1);
    const std::uint64_t entries = rest.take(2);
    if (entries > 2 * kHalfLeaf || (entries == 0 && has_siblings)) throw Misshapen(Reason::parts_too_many);
    for (std::uint64_t i = 0; i < entries; ++i) entry(rest.take_part(40), names);
  }

  void entry(HostileBytes rest, const HostileBytes& names) {
    expect_text(names.from(rest.take(8)));
    const std::uint64_t header = rest.take(8), cached = rest.take(4);
    constexpr std::uint64_t soft_link = 2;
    if (cached > soft_link) throw Misshapen(Reason::part_unknown);
    if (cached < soft_link) object(header);
  }

  /// A name that ends, and soon.
  static void expect_text(HostileBytes rest) {
    for (std::uint64_t i = 0; rest.take(1) != 0; ++i)
      if (i == kMostNameBytes) throw Misshapen(Reason::parts_too_many);
  }

  HostileBytes image_;
  HostileParts parts_;
  std::uint64_t most_heap_bytes_;
  std::set<std::uint64_t> seen_;
  std::vector<std::uint64_t> objects_;  ///< headers, in the order in which they are named
};

}  // namespace

Reason check_structure(std::span<const std::byte> image, std::size_t members) {
  try {
    Structure(image, members).check();
  } catch (const Misshapen& misshapen) {
    return misshapen.reason();
  }
  return Reason::none;
}

}  // namespace cohort::store
