#include "http/router.hpp"

#include <gtest/gtest.h>

namespace meshmon::http {
namespace {

Router::Handler says(std::string text) {
    return [text = std::move(text)](const Request& request) {
        Response response;
        response.body = text;
        for (const auto& [name, value] : request.parameters) response.body += " " + name + "=" + value;
        return response;
    };
}

class RouterTest : public testing::Test {
protected:
    RouterTest() {
        router.add(Method::get, "/", says("root"));
        router.add(Method::get, "/networks", says("all"));
        router.add(Method::get, "/networks/{network_id}", says("one"));
        router.add(Method::post, "/networks/{network_id}", says("post"));
        router.add(Method::get, "/networks/{network_id}/nodes/{node_id}", says("node"));
        router.add(Method::get, "/networks/special", says("special"));
    }

    Response ask(Method method, std::string path) {
        Request request;
        request.method = method;
        request.path = std::move(path);
        return router.handle(std::move(request));
    }

    Router router;
};

TEST_F(RouterTest, FindsByMethodAndPath) {
    EXPECT_EQ(ask(Method::get, "/").body, "root");
    EXPECT_EQ(ask(Method::get, "/networks").body, "all");
    EXPECT_EQ(ask(Method::get, "/networks/n1").body, "one network_id=n1");
    EXPECT_EQ(ask(Method::post, "/networks/n1").body, "post network_id=n1");
    EXPECT_EQ(ask(Method::get, "/networks/n1/nodes/x y").body, "node network_id=n1 node_id=x y");
}

TEST_F(RouterTest, PrefersLiteralOverParameter) { EXPECT_EQ(ask(Method::get, "/networks/special").body, "special"); }

TEST_F(RouterTest, ServesHeadByGet) { EXPECT_EQ(ask(Method::head, "/networks").status, 200); }

TEST_F(RouterTest, Answers404ForUnknownPaths) {
    for (const char* path : {"/network", "/networks/", "/networks//nodes/x", "/networks/n1/nodes", "/networks/n1/nodes/", "//",
                             "/networks/n1/nodes/x/y"}) {
        const Response response = ask(Method::get, path);
        EXPECT_EQ(response.status, 404) << path;
        EXPECT_NE(response.body.find("\"code\":\"not_found\""), std::string::npos) << response.body;
    }
}

TEST_F(RouterTest, Answers405WithAllow) {
    const Response response = ask(Method::del, "/networks/n1");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.header("Allow"), "GET, HEAD, POST");
    EXPECT_NE(response.body.find("\"code\":\"method_not_allowed\""), std::string::npos);
    EXPECT_EQ(ask(Method::post, "/networks").header("allow"), "GET, HEAD");
    EXPECT_EQ(ask(Method::other, "/networks").status, 405);
}

TEST_F(RouterTest, ListsItsRoutesInOrder) {
    ASSERT_EQ(router.routes().size(), 6U);
    EXPECT_EQ(router.routes()[1].path, "/networks");
}

TEST(RouterDeathTest, RefusesARouteTwice) {
    Router router;
    router.add(Method::get, "/a", says("a"));
    EXPECT_DEATH(router.add(Method::get, "/a", says("b")), "route added twice");
}

TEST(ErrorResponse, EscapesJson) {
    const Response response = error_response(400, "bad", "t", "a \"quote\"\nand \\", "h");
    EXPECT_EQ(response.header("content-type"), "application/json");
    EXPECT_EQ(response.body, R"({"error":{"code":"bad","title":"t","detail":"a \"quote\"\u000aand \\","hint":"h"}})"
                             "\n");
}

}  // namespace
}  // namespace meshmon::http
