#include <boost/asio.hpp>

#include <chrono>

awaitable<int> session(Socket socket, std::vector<int> list) {
    auto clock = std::chrono::steady_clock::now();
    auto got = co_await read(socket, asio::as_tuple(asio::use_awaitable));
    const auto& [error, size] = got;
    auto answer = Answer{.size = size};
    co_await write(socket, list[0], answer);
    for (int i = 0; i < 2; ++i) {
        if (co_await more(socket)) {
            co_return i;
        }
    }
    auto work = [&] { return socket.close(); };
    // co_await f(Answer{});
    spawn([](Socket own) -> awaitable<void> { co_await own.run(); }, std::move(socket));
    const auto state = co_await next(socket);
    switch (state) {
        case 1: co_return 2;
    }
    co_return size;
}
