"""Relative links in documents lead to files and their anchors to headings; so do the documents that comments name as a source."""

import posixpath
import re
import urllib.parse

LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
NAMED = re.compile(r"\b(docs/[\w./-]*\w\.md)(?:, \"([^\"\n]+)\")?")
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def check(tree):
    yield from _links(tree)
    yield from _sources(tree)


def _sources(tree):
    """docs/x.md, "Heading", as comments in code write it."""
    for name in tree.named(".cpp", ".hpp", ".proto", ".yaml", ".cmake"):
        for number, line in enumerate(tree.text(name).splitlines(), 1):
            for document, heading in NAMED.findall(line):
                if document not in tree.files:
                    yield name, number, f"names '{document}': there is no such file"
                elif heading and heading not in HEADING.findall(tree.text(document)):
                    yield name, number, f"names '{document}, \"{heading}\"': no such heading there"


def _links(tree):
    folders = {posixpath.dirname(name) for name in tree.files} | {"."}
    for name in tree.named(".md"):
        text = _without_code(tree.text(name))
        for found in LINK.finditer(text):
            link = found.group(1) or found.group(2)
            if ELSEWHERE.match(link):
                continue
            path, _, anchor = urllib.parse.unquote(link).partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            line = text.count("\n", 0, found.start()) + 1
            if target not in tree.files and target not in folders and not _is_folder(target, folders):
                yield name, line, f"link to '{link}': there is no such file"
            elif anchor and target.endswith(".md") and anchor not in _anchors(tree.text(target)):
                yield name, line, f"link to '{link}': no such heading there"


def _is_folder(target, folders):
    return any(folder.startswith(target + "/") for folder in folders)


def _without_code(text):
    """Without what stands in code blocks and code spans; lines stay lines."""
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    return CODE.sub(blank, FENCE.sub(blank, text))


def _anchors(text):
    """The anchors of the headings, as GitHub forms them."""
    seen = {}
    anchors = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        count = seen.get(anchor, 0)
        seen[anchor] = count + 1
        anchors.add(f"{anchor}-{count}" if count else anchor)
    return anchors
