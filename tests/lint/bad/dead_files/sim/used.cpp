#include "sim/used.hpp"
