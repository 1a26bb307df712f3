#pragma once

namespace meshmon::crypto {

/// libsodium must be started once before its first use; the calls after that cost nothing.
void start_sodium();

}  // namespace meshmon::crypto
