// A comment may stand before it, and name steady_clock.
#pragma once

#include <map>

#include "base/time.hpp"
#include "wire/messages.hpp"

/// Source: docs/page.md, "With a heading".
/// Not an unordered_map: order is behaviour. Calls no time(nullptr).
struct Thing {
    std::map<int, int> values;
    int time(int at) const { return at; }
    const char* text = "std::random_device \" rand()";
};
