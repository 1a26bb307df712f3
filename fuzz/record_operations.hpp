#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"

namespace meshmon::fuzz {

/// Does to a mesh::HeldRecord and to a RecordModel what `choices` say, a few bytes an operation, and compares the two after
/// each: honest publishing with deltas, slots held back, forged signatures, altered and ill-formed slots, contradicting heads,
/// floors, another key, time. Aborts where they differ, and where a delta applied to what it was made for is not the record.
/// Answers how many operations there were.
std::size_t run_record_operations(ByteView choices);

}  // namespace meshmon::fuzz
