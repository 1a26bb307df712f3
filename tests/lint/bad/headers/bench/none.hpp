// #pragma once
struct None {};
