#pragma once

#include <cstddef>

namespace meshmon::mesh {

/// How much a network keeps of what others sent: docs/protocol.md, "Limits".
struct Holdings {
    std::size_t records = 0;  ///< whole ones
    std::size_t pending = 0;  ///< heads of which slots are missing
    std::size_t slots = 0;    ///< of both
    std::size_t heads = 0;    ///< alone: of floors, of the last versions, of proofs
    std::size_t proofs = 0;   ///< of two heads of one version
    std::size_t senders = 0;  ///< addresses that sent what does not open, and pairs of address and key that were proven
};

}  // namespace meshmon::mesh
