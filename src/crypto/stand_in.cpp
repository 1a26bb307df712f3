#include "crypto/stand_in.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace meshmon::crypto {
namespace {

// What a mixed number is for, so that one use's output is never another's.
constexpr std::uint64_t kKeyUse = 0x6b65790000000001;
constexpr std::uint64_t kSignUse = 0x7369676e00000002;
constexpr std::uint64_t kBoxKeyUse = 0x626f786b00000003;
constexpr std::uint64_t kTagUse = 0x7461670000000004;
constexpr std::uint64_t kStreamUse = 0x7374726d00000005;
constexpr std::uint64_t kHashUse = 0x6861736800000006;
constexpr std::uint64_t kRandomUse = 0x726e646d00000007;

constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // 2^64 divided by the golden ratio: no two steps fall together

/// A bijection in which every input bit moves about half of the output bits.
std::uint64_t mix(std::uint64_t x) {
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    return x ^ (x >> 32);
}

static_assert(std::endian::native == std::endian::little, "words are copied as they lie in memory");

/// The next 8 bytes.
std::uint64_t load(const char* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// The last bytes, fewer than 8, as 8 that end in zeros.
std::uint64_t load(ByteView last) {
    std::uint64_t value = 0;
    std::memcpy(&value, last.data(), last.size());
    return value;
}

/// 64 bits of `bytes` under `key`. One multiplication for each 8 bytes.
std::uint64_t keyed(std::uint64_t key, ByteView bytes) {
    std::uint64_t state = mix(key ^ (bytes.size() * kOdd));
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8) {
        state = (state ^ load(bytes.data() + at)) * 0xff51afd7ed558ccd;
        state ^= state >> 29;
    }
    if (at < bytes.size()) state ^= load(bytes.substr(at));
    return mix(state);
}

/// Fills `out` with numbers that follow from `seed`.
template <std::size_t N>
void spread(std::uint64_t seed, ByteArray<N>& out) {
    static_assert(N % 8 == 0);
    for (std::size_t i = 0; i < N; i += 8) {
        const std::uint64_t word = mix(seed + (i / 8 + 1) * kOdd);
        std::memcpy(out.data() + i, &word, 8);
    }
}

Signature signature_of(std::uint64_t world, const PublicKey& key, ByteView message) {
    Signature signature;
    spread(keyed(keyed(world ^ kSignUse, view(key.bytes)), message), signature);
    return signature;
}

/// Turns plain into sealed and back.
void apply_stream(std::uint64_t seed, char* bytes, std::size_t size) {
    std::size_t at = 0;
    for (; at + 8 <= size; at += 8) {
        const std::uint64_t word = load(bytes + at) ^ mix(seed + (at / 8 + 1) * kOdd);
        std::memcpy(bytes + at, &word, sizeof word);
    }
    if (at == size) return;
    const std::uint64_t word = load({bytes + at, size - at}) ^ mix(seed + (at / 8 + 1) * kOdd);
    std::memcpy(bytes + at, &word, size - at);
}

std::uint64_t box_seed(const BoxKey& key, const BoxNonce& nonce) {
    return keyed(keyed(kBoxKeyUse, view(key.bytes)), view(nonce));
}

ByteArray<kBoxOverhead> tag_of(std::uint64_t seed, ByteView plain) {
    ByteArray<kBoxOverhead> tag;
    spread(keyed(seed ^ kTagUse, plain), tag);
    return tag;
}

}  // namespace

StandInCrypto::StandInCrypto(std::uint64_t world, std::uint64_t identity, std::uint64_t boot)
    : world_(world), public_key_(public_key_of(world, identity)), random_(mix(mix(mix(world ^ kRandomUse) + identity) + boot)) {}

PublicKey StandInCrypto::public_key_of(std::uint64_t world, std::uint64_t identity) {
    PublicKey key;
    spread(mix(mix(world ^ kKeyUse) + identity), key.bytes);
    return key;
}

Signature StandInCrypto::sign(ByteView message) const { return signature_of(world_, public_key_, message); }

bool StandInCrypto::verify(const PublicKey& key, ByteView message, const Signature& signature) const {
    return signature_of(world_, key, message) == signature;
}

Result<BoxKey> StandInCrypto::box_key(const PublicKey& peer) const {
    if (peer == PublicKey{}) return fail("crypto.weak_key", "the public key is all zeros");
    const auto& [low, high] = std::minmax(public_key_, peer);
    BoxKey key;
    spread(keyed(keyed(world_ ^ kBoxKeyUse, view(low.bytes)), view(high.bytes)), key.bytes);
    return key;
}

void StandInCrypto::seal_in_place(const BoxKey& key, const BoxNonce& nonce, std::span<char> box) const {
    const std::uint64_t seed = box_seed(key, nonce);
    const std::span<char> plain = box.subspan(kBoxOverhead);
    const ByteArray<kBoxOverhead> tag = tag_of(seed, {plain.data(), plain.size()});
    std::memcpy(box.data(), tag.data(), tag.size());
    apply_stream(seed ^ kStreamUse, plain.data(), plain.size());
}

std::optional<Bytes> StandInCrypto::open(const BoxKey& key, const BoxNonce& nonce, ByteView sealed) const {
    if (sealed.size() < kBoxOverhead) return std::nullopt;
    const std::uint64_t seed = box_seed(key, nonce);
    Bytes plain(sealed.substr(kBoxOverhead));
    apply_stream(seed ^ kStreamUse, plain.data(), plain.size());
    if (view(tag_of(seed, plain)) != sealed.substr(0, kBoxOverhead)) return std::nullopt;
    return plain;
}

Hash StandInCrypto::hash(ByteView bytes) const {
    // The same for every world, as a hash without a key is.
    Hash hash;
    spread(keyed(kHashUse, bytes), hash);
    return hash;
}

void StandInCrypto::random(std::span<std::uint8_t> out) {
    for (std::size_t i = 0; i < out.size(); i += 8) {
        const std::uint64_t word = random_.next();
        std::memcpy(out.data() + i, &word, std::min<std::size_t>(8, out.size() - i));
    }
}

}  // namespace meshmon::crypto
