#include "repo/printable.hpp"

#include "config/text.hpp"

namespace meshmon::repo {

std::string printable(std::string_view text, int limit) {
    std::string out;
    for (int count = 0; !text.empty(); ++count) {
        if (count == limit) return out + "...";
        const config::Character character = config::character_at(text, 0);
        if (!character.valid || config::is_unshowable(character.value)) out += '?';
        else out += text.substr(0, character.bytes);
        text.remove_prefix(character.bytes);
    }
    return out;
}

}  // namespace meshmon::repo
