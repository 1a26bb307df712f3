#!/usr/bin/env python3
"""Writes the first inputs of each corpus: the golden messages of src/wire/golden, each also cut in half and doubled.

Usage: fuzz/seeds.py        (run it after a golden message was added; other files in the corpora are left alone)
"""
import pathlib
import sys

FUZZ = pathlib.Path(__file__).resolve().parent
TARGETS = {"request": "exchange", "answer": "exchange"}  # golden messages whose target has another name


def main() -> int:
    if len(sys.argv) > 1:
        print(__doc__)
        return 0 if sys.argv[1] in ("-h", "--help") else 2
    for golden in sorted((FUZZ.parent / "src/wire/golden").glob("*.hex")):
        message = bytes.fromhex(golden.read_text())
        corpus = FUZZ / "corpus" / TARGETS.get(golden.stem, golden.stem)
        corpus.mkdir(parents=True, exist_ok=True)
        (corpus / golden.stem).write_bytes(message)
        (corpus / f"{golden.stem}-half").write_bytes(message[: len(message) // 2])
        (corpus / f"{golden.stem}-twice").write_bytes(message + message)
        (corpus / "empty").write_bytes(b"")
    return 0


if __name__ == "__main__":
    sys.exit(main())
