"""Makes the site of pages that are written to be read in the repository too, and adds the README and a reference."""

from __future__ import annotations

import logging
import posixpath
import re
from pathlib import Path
from typing import Any

import npm_file
import reference
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.utils import get_relative_url

ROOT = Path(__file__).parent.parent
MERMAID = "assets/mermaid.min.js"
log = logging.getLogger("mkdocs.hooks")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Called by mkdocs when it has found the pages: adds the README, the reference, and the script that draws diagrams."""
    made = {"index.md": (ROOT / "README.md").read_text(encoding="utf-8"), **reference.pages()}
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    try:
        files.append(File.generated(config, MERMAID, abs_src_path=str(npm_file.MERMAID.fetched())))
    except npm_file.Missing as reason:
        log.info("%s; diagrams stay the text that they are written in", reason)
    return files


def on_page_markdown(markdown: str, page: Any, config: MkDocsConfig, files: Files) -> str:
    """Called by mkdocs for each page, which GitHub reads in another way than mkdocs does.

    A link to what the reference is made from leads to the reference. A link to another file that is no page leads to the repository.
    A block's file name becomes its title. `|` in the code of a table needs no backslash.
    """
    uri = page.file.src_uri
    folder = "" if uri == "index.md" else f"docs/{posixpath.dirname(uri)}"
    site = {"README.md": "index.md", **reference.SOURCES}

    def link(found: re.Match[str]) -> str:
        path, anchor = found[1], found[2] or ""
        target = posixpath.normpath(posixpath.join(folder, path))
        if target in site:
            to = posixpath.relpath(site[target], posixpath.dirname(uri) or ".")
        elif target.startswith("docs/"):
            to = posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(uri) or ".")
        else:
            to = f"{config.repo_url}/blob/main/{target}"
        return f"]({to}{anchor})"

    parts = re.split(r"(^```.*?^```$)", markdown, flags=re.MULTILINE | re.DOTALL)
    parts[::2] = [_without_backslashes(re.sub(r"\]\((?!\w+:)([^)#\s]+)(#[^)\s]*)?\)", link, part)) for part in parts[::2]]
    return "".join(re.sub(r"^```(\w+) (\S+)$", r'```\1 title="\2"', part, count=1, flags=re.MULTILINE) for part in parts)


def on_post_page(output: str, page: Any, config: MkDocsConfig) -> str:
    """Called by mkdocs for each page as HTML.

    The theme would load Mermaid from unpkg.com where no page brings it, and the stars of the repository from api.github.com: a reader's
    browser asks nobody but the site. Elements get names that a screen reader would only call a dialog or a box.
    """
    output = output.replace('data-md-component="source"', "")
    if not npm_file.MERMAID.path.is_file():
        output = output.replace('class="mermaid"', 'class="diagram"')
    elif 'class="mermaid"' in output:
        output = output.replace("</head>", f'<script src="{get_relative_url(MERMAID, page.url)}"></script></head>', 1)
    named = {'role="dialog"': "Search", 'type="checkbox" disabled': "To be checked"}
    for element, name in named.items():
        output = output.replace(element, f'{element} aria-label="{name}"')
    return output


def _without_backslashes(text: str) -> str:
    """`\\|` as `|` in the code of the rows of tables."""
    rows = re.compile(r"^\|.*$", re.MULTILINE)
    return rows.sub(lambda row: re.sub("`[^`]*`", lambda code: code[0].replace("\\|", "|"), row[0]), text)
