#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <utility>

#include "crypto/crypto.hpp"
#include "mesh/record.hpp"
#include "mesh/row.hpp"

namespace meshmon::mesh {

/// Records and slots that several networks of one process hold alike, once in memory: the nodes of the simulator, first of
/// all. It spares bytes and reading, and decides nothing: each network verifies what it takes, and takes only what it was given
/// whole.
///
/// Place: owned by who owns the networks, and outlives them. Without one, each network keeps its own.
/// Threads: those of its networks, which must be one.
/// Memory: what is held, and an entry of about 100 bytes for it; entries of what nobody holds any more go by and by.
class RecordPool {
public:
    /// The record with this signed head, if some network holds it; otherwise null. `hash` is that of `head_bytes`.
    [[nodiscard]] std::shared_ptr<const Record> find(const crypto::Hash& hash, ByteView head_bytes) const;

    /// `record`, whose head has `hash`, or one like it that is held already.
    [[nodiscard]] std::shared_ptr<const Record> keep(const crypto::Hash& hash, Record record);

    /// Bytes with `hash` (a slot or a head), likewise.
    [[nodiscard]] std::shared_ptr<const Bytes> keep(const crypto::Hash& hash, const Bytes& bytes);

    /// The row that a record reads as under one roster, if somebody keeps it. Only rows that accuse nobody may be kept: when
    /// an accusation was heard is each viewer's own.
    using RowKey = std::pair<crypto::Hash, wire::RosterHash>;  ///< of the record's head, and the reader's roster
    [[nodiscard]] std::shared_ptr<const Row> find_row(const RowKey& key) const;
    void keep_row(const RowKey& key, const std::shared_ptr<const Row>& row);

private:
    template <typename Key, typename T>
    struct Shelf {
        std::map<Key, std::weak_ptr<const T>> entries;
        std::size_t sweep_at = 1024;  // entries, until those of what is gone are looked for

        [[nodiscard]] std::shared_ptr<const T> held(const Key& key) const;
        void put(const Key& key, const std::shared_ptr<const T>& item);
    };

    Shelf<crypto::Hash, Record> records_;
    Shelf<crypto::Hash, Bytes> bytes_;
    Shelf<RowKey, Row> rows_;
};

}  // namespace meshmon::mesh
