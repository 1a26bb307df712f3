#include <chrono>

auto now() { return std::chrono::steady_clock::now(); }
auto shown() { return std::chrono::system_clock::now(); }
auto old() { return std::time(nullptr) + time(0); }
int dice() { return rand() % 6; }
unsigned seed() { return std::random_device{}(); }
