#include "message.hpp"

MESHMON_FUZZ_MESSAGE(decode_envelope)
