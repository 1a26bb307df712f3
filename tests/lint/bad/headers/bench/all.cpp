#include "bench/late.hpp"
#include "bench/none.hpp"
#include "bench/twice.hpp"
