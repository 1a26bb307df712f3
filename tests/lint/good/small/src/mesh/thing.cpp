#include "mesh/thing.hpp"
