#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sim/world.hpp"
#include "wire/messages.hpp"

namespace meshmon::sim {

/// Whoever holds a key and says what the story wants: a member that lies, or a stranger. Speaks the protocol as far as it
/// must to be heard; everything it sends can be bent first.
class Liar {
public:
    /// Takes the place and key of a node whose process does not run, and answers requests there.
    static Liar member(World& world, std::size_t node);
    /// Has the key of a node that may well run, and another boot id. Nobody dials it.
    static Liar thief(World& world, std::size_t node);
    /// Has stolen the first key of `victim`, and speaks to it, and to nobody else, in the name of `node`: both ends seal alike.
    static Liar impostor(World& world, std::size_t victim, std::size_t node);
    /// The same, and listens in the place of `node`, whose process does not run.
    static Liar impostor_in_place(World& world, std::size_t victim, std::size_t node);
    /// Calls itself `name`, with a key that no roster names.
    static Liar stranger(World& world, const NodeId& name);

    ~Liar();
    Liar(Liar&&) noexcept;
    Liar& operator=(Liar&&) = delete;

    // ---- records -------------------------------------------------------------------------------------------------

    /// A head in the own name and boot id, without slots.
    [[nodiscard]] wire::Head head(std::uint64_t epoch, std::uint64_t seq) const;
    /// The slots of an honest row over the whole roster, save for what it accuses: hello, peers, reach.
    [[nodiscard]] std::vector<std::pair<wire::SlotKind, Bytes>> row(const std::vector<std::size_t>& accused) const;
    /// Lists the slots in the head and signs it with the own key.
    [[nodiscard]] wire::SignedRecord sign(wire::Head head, const std::vector<std::pair<wire::SlotKind, Bytes>>& slots) const;
    [[nodiscard]] wire::SignedRecord record(std::uint64_t epoch, std::uint64_t seq,
                                            const std::vector<std::size_t>& accused = {}) const {
        return sign(head(epoch, seq), row(accused));
    }
    [[nodiscard]] wire::Version version_of(const wire::SignedRecord& record) const;

    // ---- talk ----------------------------------------------------------------------------------------------------

    /// A request as an honest node would send it, with the challenge that `to` gave last.
    [[nodiscard]] wire::Exchange request(std::size_t to);
    [[nodiscard]] Bytes seal(std::size_t to, const wire::Exchange& exchange);

    struct Heard {
        int status = 0;
        std::optional<wire::Exchange> answer;  ///< if it was sealed for us
    };
    /// Sends and hears at once; keeps the challenge.
    Heard ask(std::size_t to, const wire::Exchange& exchange);
    /// Asks for a challenge, then sends `records` with it: what an honest receiver listens to.
    Heard tell(std::size_t to, std::vector<wire::SignedRecord> records);

    /// Bends every answer given in the member's seat.
    std::function<void(const wire::Exchange& request, wire::Exchange& answer)> bend_answer;

    [[nodiscard]] const NodeId& name() const { return name_; }
    [[nodiscard]] crypto::Crypto& crypto() { return *crypto_; }
    wire::BootId boot_id{};
    std::optional<wire::Version> my_version;  ///< as told in exchanges
    std::string address;

private:
    Liar(World& world, NodeId name, std::unique_ptr<crypto::Crypto> crypto, std::string from_address);
    void sit_down(std::size_t node);
    [[nodiscard]] std::optional<crypto::BoxKey> box_with(std::size_t node) const;
    mesh::Network::Reply answer(ByteView body);
    [[nodiscard]] std::optional<wire::Exchange> open(std::size_t from, ByteView body) const;
    [[nodiscard]] std::uint64_t random_number();
    [[nodiscard]] NetworkId network() const;

    World& world_;
    NodeId name_;
    std::unique_ptr<crypto::Crypto> crypto_;
    std::optional<crypto::PublicKey> posed_as_;  ///< an impostor: the public key of the node in whose name it speaks
    std::map<std::size_t, std::uint64_t> counters_;
    std::map<std::size_t, std::uint64_t> challenges_;
    std::shared_ptr<Liar*> seat_;  ///< where the seat finds this liar, however it moves
};

}  // namespace meshmon::sim
