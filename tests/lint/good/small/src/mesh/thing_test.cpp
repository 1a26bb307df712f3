#include "mesh/thing.hpp"
#include "mesh/rosters_for_tests.hpp"

#include <gtest/gtest.h>

#include <fstream>
