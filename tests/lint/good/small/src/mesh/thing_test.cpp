#include "mesh/thing.hpp"

#include <gtest/gtest.h>

#include <fstream>
