#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "mesh/node_set.hpp"
#include "mesh/number_index.hpp"
#include "mesh/record.hpp"
#include "mesh/vocabulary.hpp"
#include "wire/messages.hpp"

namespace meshmon::mesh {

/// Where a node stands in the roster, by its tag.
class TagIndex {
public:
    TagIndex() = default;
    explicit TagIndex(const std::vector<wire::NodeTag>& tags);  ///< position = roster index

    [[nodiscard]] std::optional<std::size_t> find(wire::NodeTag tag) const { return by_tag_.find(tag.value); }

private:
    NumberIndex by_tag_;
};

enum class Opinion : std::uint8_t { none, up, accuses };

/// What one observer says about those subjects that it does not find plainly up.
struct Exception {
    wire::OutState out = wire::OutState::not_foreseen;
    wire::InState in = wire::InState::not_foreseen;
    std::uint8_t flags = 0;
    Reason reason = Reason::none;
    WallTime since;                                    ///< the observer's clock
    MonoTime accused_at;                               ///< where it accuses: when the first such head in a row reached the viewer
    std::uint64_t accused_epoch = 0, accused_seq = 0;  ///< and which head that was

    [[nodiscard]] Opinion opinion() const;
    [[nodiscard]] bool one_way() const;
    [[nodiscard]] bool lossy() const { return (flags & static_cast<std::uint8_t>(wire::LinkFlag::lossy)) != 0; }
    [[nodiscard]] bool slow() const { return (flags & static_cast<std::uint8_t>(wire::LinkFlag::slow)) != 0; }
    [[nodiscard]] bool impaired() const { return one_way() || lossy() || slow(); }
    /// Whether who names `head` of the accuser has seen this accusation.
    [[nodiscard]] bool is_answered_by(const wire::Version& head) const;
};

/// One observer's row of the matrix, by roster index.
///
/// Memory: three bits for each node of the roster, and an entry for each exception.
class Row {
public:
    using Exceptions = std::vector<std::pair<std::size_t, Exception>>;

    Row() = default;
    /// Precondition: each subject at most once.
    Row(NodeSet observes, Exceptions exceptions);

    /// The same row, but for what it says about `subject`, whom it observes; without an exception that is plainly up.
    [[nodiscard]] Row with(std::size_t subject, const std::optional<Exception>& exception) const;

    [[nodiscard]] const NodeSet& observes() const { return observes_; }         ///< whom it observes
    [[nodiscard]] const Exceptions& exceptions() const { return exceptions_; }  ///< of those; ordered by subject
    /// Where in exceptions() those stand that accuse, or tell of an impaired link: most of a cold start do neither.
    [[nodiscard]] const std::vector<std::size_t>& complaints() const { return complaints_; }
    [[nodiscard]] const NodeSet& opinions() const { return opinions_; }  ///< about whom it has an opinion
    [[nodiscard]] const NodeSet& ups() const { return ups_; }            ///< whom it finds up

    [[nodiscard]] const Exception* exception(std::size_t subject) const;
    [[nodiscard]] Opinion opinion(std::size_t subject) const {
        if (!opinions_.contains(subject)) return Opinion::none;
        return ups_.contains(subject) ? Opinion::up : Opinion::accuses;
    }

private:
    void find_complaints();

    NodeSet observes_;
    Exceptions exceptions_;
    std::vector<std::size_t> complaints_;
    NodeSet opinions_, ups_;
};

/// The row after a change of the roster; `moved` tells each old index that is still there, and its new one.
[[nodiscard]] Row moved_row(const Row& row, const std::map<std::size_t, std::size_t>& moved, std::size_t roster_size);

/// Whether two records of one owner read as the same row: the pages that it is made of are the same.
[[nodiscard]] bool same_row(const Record& a, const Record& b);

/// Reads a record's row. An accusation that `before` (may be null) held already keeps the time it was first heard.
[[nodiscard]] std::shared_ptr<const Row> make_row(const Record& record, const TagIndex& index, std::size_t roster_size,
                                                  const Row* before, MonoTime now);

}  // namespace meshmon::mesh
