"""Holds the regions of Python files, as the example `regions` prints them, against `tokenize`.

usage: python3 python.py ours.tsv
"""

import io
import itertools
import sys
import token
import tokenize
import warnings

STRINGS = {token.STRING} | {getattr(token, name) for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END") if hasattr(token, name)}


def regions_of(data):
    """The byte ranges of comments and strings; an f-string is one string before Python 3.12."""
    text_of_line = data.splitlines(keepends=True)
    starts = list(itertools.accumulate((len(line) for line in text_of_line), initial=0))
    lines = [line.decode("utf-8") for line in text_of_line]

    def offset(place):
        line, column = place
        return starts[line - 1] + len(lines[line - 1][:column].encode("utf-8"))

    found = []
    for tok in tokenize.tokenize(io.BytesIO(data).readline):
        if tok.type == token.COMMENT:
            found.append((offset(tok.start), offset(tok.end), "comment"))
        elif tok.type in STRINGS:
            found.append((offset(tok.start), offset(tok.end), "string"))
            prefix = tok.string[: len(tok.string) - len(tok.string.lstrip("rRbBfFuU"))]
            if "f" in prefix.lower():
                found[-1] += ("f",)
    return found


def main():
    warnings.simplefilter("ignore")
    rows = (line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8", errors="surrogateescape"))
    files = hits = formatted = unread = 0
    wrong = []
    for path, group in itertools.groupby(rows, key=lambda row: row[0]):
        data = open(path, "rb").read()
        try:
            if data.startswith(b"\xef\xbb\xbf") or b"\f" in data or b"\r" in data.replace(b"\r\n", b""):
                raise ValueError("offsets of tokenize do not count these")
            expected = regions_of(data)
        except (tokenize.TokenError, SyntaxError, ValueError, UnicodeDecodeError, IndexError):
            unread += 1
            continue
        files += 1
        for _, at, ours in group:
            at = int(at)
            hits += 1
            inside = next((r for r in expected if r[0] <= at < r[1]), None)
            theirs = inside[2] if inside else "code"
            ours = {"doc": "string"}.get(ours, ours)
            if ours == theirs:
                continue
            if inside and len(inside) == 4 and ours == "code":
                # What stands in the braces of an f-string is code to us, and to tokenize since 3.12.
                formatted += 1
                continue
            wrong.append((path, at, ours, theirs))
    for path, at, ours, theirs in wrong[:200]:
        print(f"{path}: byte {at}: {ours} here, {theirs} to tokenize")
    share = 100 * len(wrong) / max(hits, 1)
    print(f"{files} files, {hits} hits, {len(wrong)} differ ({share:.4f} %), {formatted} in braces of f-strings, {unread} files unread")


main()
