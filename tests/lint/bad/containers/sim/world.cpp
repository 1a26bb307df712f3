#include <unordered_map>

std::unordered_map<int, int> peers;
std::unordered_multiset<int> seen;
