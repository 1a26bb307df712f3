// What the mesh does in the simulator, beside what it is to do. scripts/bench mesh-figures calls it.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mesh_figures.hpp"

namespace {

constexpr const char* kUsage =
    "mesh_figures [detection] [cost] [false-down] [thousand] [--node-seconds X] [--seed S] [--thousand]\n"
    "\n"
    "  detection, cost, false-down   which tables; default: all three\n"
    "  thousand                      a crash and an outage among a thousand nodes: some ten minutes of CPU, 5 GiB\n"
    "  --node-seconds X              simulated by false-down; default 100000\n"
    "  --seed S                      the first of false-down; default 1\n"
    "  --thousand                    detection and cost of a thousand nodes too: half an hour and 5 GiB each\n";

}  // namespace

int main(int argc, char** argv) {
    using namespace meshmon::bench;
    std::map<std::string_view, bool> parts = {{"detection", false}, {"cost", false}, {"false-down", false}, {"thousand", false}};
    double node_seconds = 1e5;
    std::uint64_t seed = 1;
    std::vector<std::size_t> sizes = {3, 10, 100};
    bool all = true;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        const bool has_value = i + 1 < argc;
        if (parts.contains(option)) {
            parts[option] = true;
            all = false;
        } else if (option == "--thousand") {
            sizes.push_back(1000);
        } else if (option == "--node-seconds" && has_value) {
            node_seconds = std::strtod(argv[++i], nullptr);
        } else if (option == "--seed" && has_value) {
            seed = std::strtoull(argv[++i], nullptr, 10);
        } else {
            std::fputs(kUsage, stderr);
            return 2;
        }
    }
    if (parts["thousand"]) measure_two_deaths(1000);
    if (all || parts["detection"]) measure_detection(sizes);
    if (all || parts["cost"]) measure_cost(sizes);
    if (all || parts["false-down"]) return count_false_downs(seed, node_seconds) == 0 ? 0 : 1;
    return 0;
}
