#include "crypto/words.hpp"

namespace meshmon::crypto {

// clang-format off
const std::array<std::string_view, 256> kWords = {
    "acorn", "agent", "album", "amber", "anchor", "apple", "apron", "arena", "arrow", "atlas", "autumn", "award",
    "bacon", "bagel", "bamboo", "banjo", "barrel", "basket", "beaver", "belt", "bicycle", "biscuit", "bison",
    "blanket", "blossom", "bonfire", "border", "bottle", "boulder", "branch", "bread", "brick", "bridge", "bronze",
    "bubble", "bucket", "buffalo", "bugle", "button", "cabin", "cactus", "camel", "candle", "canoe", "canyon",
    "carbon", "carpet", "castle", "cedar", "cello", "chalk", "cherry", "chimney", "circus", "clay", "clock", "clover",
    "cobra", "coffee", "comet", "compass", "copper", "cotton", "cougar", "cradle", "cricket", "crystal", "cube",
    "curtain", "cypress", "dagger", "daisy", "dancer", "debris", "denim", "desert", "diamond", "dolphin", "donkey",
    "dragon", "drum", "eagle", "echo", "eclipse", "elbow", "emerald", "engine", "escape", "fabric", "falcon",
    "feather", "fence", "fiddle", "filter", "flagpole", "flute", "forest", "fossil", "fountain", "freckle", "frog",
    "funnel", "galaxy", "garlic", "gazelle", "geyser", "ginger", "giraffe", "glacier", "goblet", "golf", "gorilla",
    "granite", "grape", "guitar", "gypsum", "hammer", "harbor", "hazel", "hedge", "helmet", "heron", "hickory",
    "honey", "hornet", "husky", "iceberg", "igloo", "indigo", "insect", "iris", "island", "ivory", "jacket", "jaguar",
    "jasmine", "jelly", "jigsaw", "jungle", "kangaroo", "kayak", "kernel", "kettle", "kidney", "kiwi", "koala",
    "ladder", "lagoon", "lantern", "laptop", "lemon", "leopard", "lilac", "lizard", "lobster", "lotus", "magnet",
    "mammoth", "mango", "maple", "marble", "meadow", "mirror", "mosaic", "muffin", "museum", "mustard", "napkin",
    "nectar", "needle", "nickel", "notebook", "nutmeg", "oasis", "octopus", "olive", "onyx", "orbit", "orchid",
    "otter", "oxygen", "oyster", "panda", "parrot", "pebble", "pelican", "penguin", "pepper", "piano", "picnic",
    "pigeon", "pillow", "planet", "plaza", "polar", "poppy", "potato", "pumpkin", "puppet", "puzzle", "pyramid",
    "quartz", "quiver", "rabbit", "radar", "raven", "ribbon", "rocket", "rodeo", "ruby", "saddle", "salmon",
    "sapphire", "satin", "saturn", "scarf", "sheriff", "silver", "sketch", "spider", "spinach", "sponge", "squirrel",
    "statue", "sunset", "syrup", "teapot", "temple", "thunder", "tiger", "timber", "topaz", "tornado", "tractor",
    "trumpet", "tulip", "turtle", "tuxedo", "umbrella", "unicorn", "valley", "vanilla", "velvet", "violin", "volcano",
    "voyage", "vulture", "waffle", "walrus", "whistle", "window", "winter", "yogurt", "zebra", "zenith", "zipper",
};
// clang-format on

}  // namespace meshmon::crypto
