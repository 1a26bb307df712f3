#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "net/client.hpp"
#include "net/test_support.hpp"

namespace meshmon::net {
namespace {

using std::chrono::milliseconds;
using testing::kLimit;

template <typename T, void (*free_it)(T*)>
struct Free {
    void operator()(T* it) const { free_it(it); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX, SSL_CTX_free>>;

void add_extension(X509* certificate, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
    ASSERT_NE(extension, nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// A certificate that signs itself, for localhost and 127.0.0.1.
Certificate self_signed(EVP_PKEY* key, long valid_for_seconds) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for_seconds);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("meshmon test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

/// Answers each request with what the client named by SNI; one connection after the other, on a thread of its own.
class TlsServer {
public:
    explicit TlsServer(long valid_for_seconds = 3600)
        : key_(EVP_EC_gen("P-256")), certificate_(self_signed(key_.get(), valid_for_seconds)) {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the client has closed
        context_.reset(SSL_CTX_new(TLS_server_method()));
        SSL_CTX_use_certificate(context_.get(), certificate_.get());
        SSL_CTX_use_PrivateKey(context_.get(), key_.get());
        char file[] = "/tmp/meshmon_net_test_XXXXXX";
        FILE* out = fdopen(mkstemp(file), "w");
        PEM_write_X509(out, certificate_.get());
        fclose(out);
        ca_file = file;

        socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(listen(socket_, 16), 0);
        socklen_t size = sizeof address;
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
        port = ntohs(address.sin_port);
        thread_ = std::thread([this] { run(); });
    }

    ~TlsServer() {
        shutdown(socket_, SHUT_RDWR);
        thread_.join();
        close(socket_);
        std::filesystem::remove(ca_file);
    }

    TlsServer(const TlsServer&) = delete;

    [[nodiscard]] std::string url(const std::string& host) const { return "https://" + host + ":" + std::to_string(port) + "/"; }

    std::string ca_file;
    std::uint16_t port = 0;

private:
    void run() {
        while (true) {
            const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (connection < 0) return;
            SSL* session = SSL_new(context_.get());
            SSL_set_fd(session, connection);
            if (SSL_accept(session) == 1) serve(session);
            SSL_free(session);
            close(connection);
        }
    }

    static void serve(SSL* session) {
        char piece[4096];
        int size = 0;
        while ((size = SSL_read(session, piece, sizeof piece)) > 0) {
            const char* name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
            const std::string body = name == nullptr ? "none" : name;
            const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
            SSL_write(session, answer.data(), static_cast<int>(answer.size()));
            if (std::string_view(piece, static_cast<std::size_t>(size)).contains("/last ")) return;
        }
    }

    Key key_;
    Certificate certificate_;
    Context context_;
    int socket_ = -1;
    std::thread thread_;
};

class TlsTest : public ::testing::Test {
protected:
    ClientResult ask(HttpClient& client, std::string url, Duration limit = kLimit) {
        ClientRequest request;
        request.url = std::move(url);
        request.deadline = Loop::now().mono + limit;
        std::optional<ClientResult> result;
        client.start(std::move(request), [&](ClientResult value) { result = std::move(value); });
        EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }, kLimit + std::chrono::seconds(5)));
        return result.value_or(ClientResult{});
    }

    static Result<std::vector<std::string>> to_loopback(const std::string&) { return std::vector<std::string>{"127.0.0.1"}; }

    Loop loop;
};

TEST_F(TlsTest, TrustsByItsAuthoritiesAndNamesTheHost) {
    const TlsServer server;
    HttpClient client(loop, {.ca_file = server.ca_file, .lookup = to_loopback});
    const ClientResult first = ask(client, server.url("localhost"));
    ASSERT_EQ(first.outcome, Outcome::answered) << first.detail;
    EXPECT_EQ(first.response.body, "localhost");
    EXPECT_EQ(ask(client, server.url("localhost")).response.body, "localhost");
    EXPECT_EQ(client.counters().reused, 1U);
}

TEST_F(TlsTest, ChecksAddressesWithoutNamingThem) {
    const TlsServer server;
    HttpClient client(loop, {.ca_file = server.ca_file});
    const ClientResult result = ask(client, server.url("127.0.0.1"));
    ASSERT_EQ(result.outcome, Outcome::answered) << result.detail;
    EXPECT_EQ(result.response.body, "none");
}

TEST_F(TlsTest, RefusesWhatNoAuthorityVouchesFor) {
    const TlsServer server;
    HttpClient client(loop, {.lookup = to_loopback});
    const ClientResult result = ask(client, server.url("localhost"));
    ASSERT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.failure, Failure::tls);
    EXPECT_EQ(result.detail,
              "no TLS with localhost:" + std::to_string(server.port) + ": its certificate is refused: self-signed certificate");
}

TEST_F(TlsTest, RefusesACertificateForAnotherHost) {
    const TlsServer server;
    HttpClient client(loop, {.ca_file = server.ca_file, .lookup = to_loopback});
    const ClientResult name = ask(client, server.url("example.org"));
    EXPECT_EQ(name.failure, Failure::tls);
    EXPECT_TRUE(name.detail.ends_with("hostname mismatch")) << name.detail;
    EXPECT_EQ(client.counters().idle, 0U);
}

TEST_F(TlsTest, RefusesAnExpiredCertificate) {
    const TlsServer server(-3600);
    HttpClient client(loop, {.ca_file = server.ca_file, .lookup = to_loopback});
    const ClientResult result = ask(client, server.url("localhost"));
    EXPECT_EQ(result.failure, Failure::tls);
    EXPECT_TRUE(result.detail.ends_with("certificate has expired")) << result.detail;
}

TEST_F(TlsTest, FailsWithTlsAtAServerWithoutIt) {
    testing::TestServer plain;
    HttpClient client(loop, {});
    const ClientResult result = ask(client, "https://127.0.0.1:" + std::to_string(plain.port()) + "/");
    EXPECT_EQ(result.outcome, Outcome::failed);
    EXPECT_EQ(result.failure, Failure::tls);
}

TEST_F(TlsTest, FailsWithTlsIfItsAuthoritiesCannotBeRead) {
    const TlsServer server;
    HttpClient client(loop, {.ca_file = "/nonexistent.pem", .lookup = to_loopback});
    const ClientResult result = ask(client, server.url("localhost"));
    EXPECT_EQ(result.failure, Failure::tls);
    EXPECT_TRUE(result.detail.starts_with("cannot load the certificate authorities")) << result.detail;
}

TEST_F(TlsTest, FailsWithTimeoutIfTheHandshakeHangs) {
    const TlsServer server;
    // The server is busy with a connection that says nothing.
    const testing::RawClient silent(server.port);
    HttpClient client(loop, {.ca_file = server.ca_file});
    const ClientResult result = ask(client, server.url("127.0.0.1"), milliseconds(400));
    EXPECT_EQ(result.failure, Failure::timeout);
    EXPECT_TRUE(result.detail.starts_with("no TLS handshake with 127.0.0.1:" + std::to_string(server.port) + " within "))
        << result.detail;
}

TEST_F(TlsTest, TheEndOfAKeptConnectionIsNoFailure) {
    const TlsServer server;
    HttpClient client(loop, {.ca_file = server.ca_file});
    EXPECT_EQ(ask(client, server.url("127.0.0.1")).outcome, Outcome::answered);
    EXPECT_EQ(ask(client, server.url("127.0.0.1") + "last").outcome, Outcome::answered);
    // The server has closed it by now or will; either way the next request gets its answer or may be sent again.
    const ClientResult next = ask(client, server.url("127.0.0.1"));
    EXPECT_NE(next.outcome, Outcome::failed) << next.detail;
}

}  // namespace
}  // namespace meshmon::net
