#!/usr/bin/python3
"""Writes a C++ file that holds files by .incbin, each also gzipped where that saves a fifth or more.

usage: embed.py OUTPUT.cpp FUNCTION NAME=FILE...

FUNCTION is declared in api/assets.hpp. The gzipped files lie beside OUTPUT.cpp.
"""

import gzip
import hashlib
import pathlib
import sys

CONTENT_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}

HEADER = """// Written by tools/embed.py.
#include "api/assets.hpp"

#include <array>
"""

SYMBOL = """
__asm__(
    ".pushsection .rodata\\n"
    ".balign 16\\n"
    ".global {symbol}\\n{symbol}:\\n"
    ".incbin \\"{file}\\"\\n"
    ".byte 0\\n"
    ".popsection\\n");
extern "C" const char {symbol}[];
"""


def etag(data):
    return '\\"' + hashlib.sha256(data).hexdigest()[:20] + '\\"'


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__.strip())
    output, function = pathlib.Path(sys.argv[1]), sys.argv[2]
    symbols, rows = [], []
    for number, entry in enumerate(sys.argv[3:]):
        name, path = entry.split("=", 1)
        content_type = CONTENT_TYPES[pathlib.PurePath(name).suffix]
        plain_file = pathlib.Path(path).resolve()
        plain = plain_file.read_bytes()
        packed = gzip.compress(plain, 9, mtime=0)
        symbol = f"meshmon_{function}_{number}"
        symbols.append(SYMBOL.format(symbol=symbol, file=plain_file))
        views = f'{{{symbol}, {len(plain)}}}, "{etag(plain)}"'
        if len(packed) <= 0.8 * len(plain):
            packed_file = output.resolve().with_name(f"{function}.{number}.gz")
            packed_file.write_bytes(packed)
            symbols.append(SYMBOL.format(symbol=symbol + "_gzip", file=packed_file))
            views += f', {{{symbol}_gzip, {len(packed)}}}, "{etag(packed)}"'
        else:
            views += ', {}, {}'
        rows.append(f'        {{"{name}", "{content_type}", {views}}},\n')
    output.write_text(
        HEADER + "".join(symbols) + "\nnamespace meshmon::api {\n\n"
        f"std::span<const Asset> {function}() {{\n"
        f"    static const std::array<Asset, {len(rows)}> kAssets{{{{\n{''.join(rows)}    }}}};\n"
        "    return kAssets;\n}\n\n}  // namespace meshmon::api\n",
        encoding="utf-8")


if __name__ == "__main__":
    main()
