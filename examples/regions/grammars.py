"""Holds the regions of files in other languages, as the example `regions` prints them, against tree-sitter's grammars.

usage: python3 grammars.py ours.tsv (with the packages tree-sitter and tree-sitter-LANGUAGE)

A file that a grammar finds an error in is left out: nobody knows what the rest of it is.

What differs in a few places in ten thousand, and why:

- C: the grammar does not look into the body of a macro, where it takes strings and comments for code.
- PHP: it has no node for `{$a->b(true)}` in a string, so that calls in there are text.
- The shell: of `${a//$B/c}` it takes the pattern for a text; in some here-documents it loses `$(…)`.
- Kotlin: a name between backquotes that holds an apostrophe opens a character here.
"""

import bisect
import importlib
import itertools
import sys

import tree_sitter

GRAMMARS = {
    "go": "go", "rb": "ruby", "rake": "ruby", "sh": "bash", "bash": "bash", "java": "java",
    "cs": "c_sharp", "php": "php", "c": "c", "h": "c", "ts": "typescript", "kt": "kotlin",
}  # fmt: skip

COMMENTS = {"comment", "line_comment", "block_comment"}
STRINGS = {
    "string", "raw_string", "string_literal", "raw_string_literal", "interpreted_string_literal", "rune_literal",
    "char_literal", "character_literal", "string_array", "symbol_array", "bare_string", "regex", "subshell", "heredoc_body",
    "encapsed_string", "nowdoc_body", "verbatim_string_literal", "interpolated_string_expression", "delimited_symbol",
    "ansi_c_string", "uninterpreted", "template_string", "template_literal_type",
    "multiline_string_literal", "shell_command_expression", "character", "chained_string",
}  # fmt: skip
# In these stands code again. The name of a variable in a string is part of the string.
CODE = {"interpolation", "command_substitution", "template_substitution"}


def regions_of(root, strings):
    """Borders and what begins at each of them."""
    spans = []

    def walk(node, region):
        kind = node.type
        inner = region
        if kind in COMMENTS:
            inner = "comment"
        elif kind in strings and node.is_named:
            inner = "string"
        elif kind in CODE:
            inner = "code"
        if inner != region:
            spans.append((node.start_byte, node.end_byte, inner))
        for child in node.children:
            walk(child, inner)

    walk(root, "code")
    return spans


def main():
    sys.setrecursionlimit(10_000)
    parsers = {}
    per = {}
    rows = (line.rstrip("\n").split("\t") for line in open(sys.argv[1], encoding="utf-8", errors="surrogateescape"))
    for path, group in itertools.groupby(rows, key=lambda row: row[0]):
        name = GRAMMARS.get(path.rsplit(".", 1)[-1])
        if name is None:
            continue
        if name not in parsers:
            module = importlib.import_module(f"tree_sitter_{name}")
            # Some packages hold several grammars.
            language = getattr(module, f"language_{name}", None) or module.language
            parsers[name] = tree_sitter.Parser(tree_sitter.Language(language()))
        files, hits, wrong, unread = per.setdefault(name, ([], [], [], []))
        data = open(path, "rb").read()
        tree = parsers[name].parse(data)
        try:
            if tree.root_node.has_error:
                raise ValueError("the grammar does not know it")
            # A subshell is a text in Ruby and a group of commands in the shell.
            spans = regions_of(tree.root_node, STRINGS - {"subshell"} if name == "bash" else STRINGS)
        except (ValueError, RecursionError):
            unread.append(path)
            continue
        files.append(path)
        # Inner ones come behind those around them.
        spans.sort(key=lambda span: (span[0], -span[1]))
        starts = [span[0] for span in spans]
        for _, at, ours in group:
            at = int(at)
            hits.append(at)
            near = bisect.bisect_right(starts, at)
            theirs = next((s[2] for s in reversed(spans[max(0, near - 200) : near]) if s[1] > at), "code")
            ours = {"doc": "comment"}.get(ours, ours)
            if ours != theirs:
                wrong.append(f"{path}: byte {at}: {ours} here, {theirs} to tree-sitter")
    for name, (files, hits, wrong, unread) in sorted(per.items()):
        for line in wrong[:400]:
            print(line)
        share = 100 * len(wrong) / max(len(hits), 1)
        print(f"{name}: {len(files)} files, {len(hits)} hits, {len(wrong)} differ ({share:.4f} %), {len(unread)} files unread")


main()
