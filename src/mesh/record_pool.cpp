#include "mesh/record_pool.hpp"

#include <algorithm>
#include <utility>

namespace meshmon::mesh {

namespace {

constexpr std::size_t kSweepMin = 1024;

template <typename T>
std::shared_ptr<const T> held(const std::map<crypto::Hash, std::weak_ptr<const T>>& entries, const crypto::Hash& hash) {
    const auto found = entries.find(hash);
    return found == entries.end() ? nullptr : found->second.lock();
}

}  // namespace

std::shared_ptr<const Record> RecordPool::find(const crypto::Hash& hash, ByteView head_bytes) const {
    auto record = held(records_.entries, hash);
    return record && record->head_bytes == head_bytes ? record : nullptr;
}

std::shared_ptr<const Record> RecordPool::keep(const crypto::Hash& hash, Record record) {
    const auto known = find(hash, record.head_bytes);
    if (known && known->signature == record.signature && known->version == record.version) return known;
    auto kept = std::make_shared<const Record>(std::move(record));
    put(records_, hash, kept);
    return kept;
}

std::shared_ptr<const Bytes> RecordPool::keep(const crypto::Hash& hash, const Bytes& bytes) {
    const auto known = held(bytes_.entries, hash);
    if (known && *known == bytes) return known;
    auto kept = std::make_shared<const Bytes>(bytes);
    put(bytes_, hash, kept);
    return kept;
}

template <typename T>
void RecordPool::put(Shelf<T>& shelf, const crypto::Hash& hash, const std::shared_ptr<const T>& item) {
    shelf.entries.insert_or_assign(hash, item);
    if (shelf.entries.size() < shelf.sweep_at) return;
    std::erase_if(shelf.entries, [](const auto& entry) { return entry.second.expired(); });
    shelf.sweep_at = std::max(kSweepMin, 2 * shelf.entries.size());
}

}  // namespace meshmon::mesh
