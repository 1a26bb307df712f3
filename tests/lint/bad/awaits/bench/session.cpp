awaitable<void> session(Socket socket) {
    co_await write(socket, Answer{.size = 1});
    co_await write(socket, {1, 2});
    co_await write(
        socket,
        std::vector<int>{1});
    co_await [&socket]() -> awaitable<void> { co_await socket.run(); }();
    co_await [](Socket& s) -> awaitable<void> { co_await s.run(); }(socket);
    co_await retry([socket] { return socket.run(); }, 3);
    const auto [error, size] = co_await read(socket);
    switch (co_await next(socket)) {
        case 1: co_return;
    }
    switch (int state = 0; co_await next(socket, state)) {
        case 1: co_return;
    }
    if (auto got = co_await fetch(Url{"a"}); got) co_return;
}
