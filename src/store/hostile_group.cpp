#include "store/hostile_group.hpp"

#include <optional>

namespace cohort::store {
namespace {

constexpr std::uint64_t kMostNameBytes = 1024;
constexpr std::uint64_t kLeafBytes = 8 + 2 * kHalfLeaf * 40, kNodeBytes = 24 + 2 * kHalfNode * 16 + 8;
constexpr std::uint64_t kNoGap = 1, kGapBytes = 16;

/// A symbol table: a tree whose leaves hold members, and a heap with their names.
class SymbolTable {
 public:
  SymbolTable(const HostileBytes& image, HostileParts& parts, std::uint64_t most_heap_bytes)
      : image_(image), parts_(parts), most_heap_bytes_(most_heap_bytes) {}

  std::vector<GroupMember> read(HostileBytes message) {
    const std::uint64_t tree = message.take(8), names = message.take(8);
    read_heap(names);
    read_node(tree, std::nullopt);
    return std::move(members_);
  }

 private:
  void read_heap(std::uint64_t address) {
    parts_.add(address);
    HostileBytes head = image_.from(address);
    head.expect("HEAP");
    head.expect(1, 0);
    head.skip(3);
    const std::uint64_t bytes = head.take(8), first_gap = head.take(8), data = head.take(8);
    parts_.add(data);
    names_ = image_.part(data, bytes);
    if (bytes > most_heap_bytes_) throw Misshapen(Reason::parts_too_many);
    check_gaps(data, first_gap);
  }

  /// Nobody needs them, but other readers follow them. Between two of them is a name.
  void check_gaps(std::uint64_t data, std::uint64_t gap) {
    while (gap != kNoGap) {
      HostileBytes head = names_.part(gap, kGapBytes);
      parts_.add(data + gap);
      const std::uint64_t next = head.take(8), bytes = head.take(8);
      if (bytes < kGapBytes) throw Misshapen(Reason::part_unknown);
      static_cast<void>(names_.part(gap, bytes));
      gap = next;
    }
  }

  /// A node and all below it. `parent` is the level above, none for the root.
  void read_node(std::uint64_t address, std::optional<std::uint64_t> parent) {
    parts_.add(address);
    HostileBytes rest = image_.part(address, kNodeBytes);
    rest.expect("TREE");
    rest.expect(1, 0);  // of a group
    const std::uint64_t level = rest.take(1), children = rest.take(2);
    if (parent && level + 1 != *parent) throw Misshapen(Reason::tree_levels);
    if (children > 2 * kHalfNode || (children == 0 && parent)) throw Misshapen(Reason::parts_too_many);
    rest.skip(8 + 8);  // siblings, which nobody follows
    check_name(rest.take(8));
    for (std::uint64_t i = 0; i < children; ++i) {
      const std::uint64_t child = rest.take(8);
      check_name(rest.take(8));  // the last one below, by which others search
      if (level > 0)
        read_node(child, level);
      else
        read_leaf(child, children > 1);
    }
  }

  void read_leaf(std::uint64_t address, bool has_siblings) {
    parts_.add(address);
    HostileBytes rest = image_.part(address, kLeafBytes);
    rest.expect("SNOD");
    rest.expect(1, 1);
    rest.skip(1);
    const std::uint64_t entries = rest.take(2);
    if (entries > 2 * kHalfLeaf || (entries == 0 && has_siblings)) throw Misshapen(Reason::parts_too_many);
    for (std::uint64_t i = 0; i < entries; ++i) read_entry(rest.take_part(40));
  }

  void read_entry(HostileBytes rest) {
    const std::string_view name = name_at(rest.take(8));
    const std::uint64_t header = rest.take(8), cached = rest.take(4);
    constexpr std::uint64_t soft_link = 2;
    if (cached > soft_link || (!members_.empty() && name <= members_.back().name))
      throw Misshapen(Reason::part_unknown);
    members_.push_back({name, header, cached < soft_link});
  }

  [[nodiscard]] std::string_view name_at(std::uint64_t place) const {
    return names_.from(place).text(kMostNameBytes);
  }

  void check_name(std::uint64_t place) const { static_cast<void>(name_at(place)); }

  const HostileBytes& image_;
  HostileParts& parts_;
  std::uint64_t most_heap_bytes_;
  HostileBytes names_{{}};
  std::vector<GroupMember> members_;
};

GroupMember read_link(HostileBytes body) {
  body.expect(1, 1);
  const std::uint64_t flags = body.take(1);
  const std::uint64_t kind = (flags & 0x08) != 0 ? body.take(1) : 0;
  if ((flags & 0x04) != 0) body.skip(8);  // order of creation
  if ((flags & 0x10) != 0) body.skip(1);  // alphabet
  const std::uint64_t name_bytes = body.take(std::size_t{1} << (flags & 0x03));
  if (name_bytes == 0 || name_bytes > kMostNameBytes) throw Misshapen(Reason::part_unknown);
  const std::string_view name = body.take_part(name_bytes).letters();
  if (kind == 0) return {name, body.take(8), true};
  body.skip(body.take(2));  // where another kind of link leads: it is not followed
  return {name, 0, false};
}

bool is_group(const ObjectHeader& header) {
  for (const Message of_arrays : {Message::space, Message::type, Message::layout, Message::filters,
                                  Message::external_files, Message::old_fill, Message::fill})
    if (header.has(of_arrays)) return false;
  const bool has_table = header.has(Message::symbol_table), has_links = header.has(Message::link_info);
  return has_table ? !has_links && !header.has(Message::link) : has_links;
}

}  // namespace

std::vector<GroupMember> read_group(const HostileBytes& image, const ObjectHeader& header,
                                    HostileParts& parts, std::uint64_t most_heap_bytes) {
  if (!is_group(header)) throw Misshapen(Reason::not_group);
  if (const auto table = header.only(Message::symbol_table))
    return SymbolTable(image, parts, most_heap_bytes).read(*table);
  expect_none_elsewhere(*header.only(Message::link_info), 8);
  std::vector<GroupMember> members;
  for (const ObjectHeader::Entry& entry : header.messages)
    if (entry.kind == Message::link) members.push_back(read_link(entry.body));
  return members;
}

}  // namespace cohort::store
