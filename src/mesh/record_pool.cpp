#include "mesh/record_pool.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::mesh {

namespace {

constexpr std::size_t kSweepMin = 1024;

}  // namespace

template <typename Key, typename T>
std::shared_ptr<const T> RecordPool::Shelf<Key, T>::held(const Key& key) const {
    const auto found = entries.find(key);
    return found == entries.end() ? nullptr : found->second.lock();
}

template <typename Key, typename T>
void RecordPool::Shelf<Key, T>::put(const Key& key, const std::shared_ptr<const T>& item) {
    entries.insert_or_assign(key, item);
    if (entries.size() < sweep_at) return;
    std::erase_if(entries, [](const auto& entry) { return entry.second.expired(); });
    sweep_at = std::max(kSweepMin, 2 * entries.size());
}

std::shared_ptr<const Record> RecordPool::find(const crypto::Hash& hash, ByteView head_bytes) const {
    auto record = records_.held(hash);
    return record && record->head_bytes == head_bytes ? record : nullptr;
}

std::shared_ptr<const Record> RecordPool::keep(const crypto::Hash& hash, Record record) {
    const auto known = find(hash, record.head_bytes);
    if (known && known->signature == record.signature && known->version == record.version) return known;
    auto kept = std::make_shared<const Record>(std::move(record));
    records_.put(hash, kept);
    return kept;
}

std::shared_ptr<const Bytes> RecordPool::keep(const crypto::Hash& hash, const Bytes& bytes) {
    const auto known = bytes_.held(hash);
    if (known && *known == bytes) return known;
    auto kept = std::make_shared<const Bytes>(bytes);
    bytes_.put(hash, kept);
    return kept;
}

std::shared_ptr<const Row> RecordPool::find_row(const RowKey& key) const { return rows_.held(key); }

void RecordPool::keep_row(const RowKey& key, const std::shared_ptr<const Row>& row) { rows_.put(key, row); }

}  // namespace meshmon::mesh
