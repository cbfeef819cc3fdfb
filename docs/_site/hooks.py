"""What mkdocs asks while it builds the site: the generated pages, and where each page stands."""

from typing import Any

from mkdocs.structure.files import File, Files
from site_pages import pages, placed


def on_config(config: Any) -> Any:
    """Puts the generated pages, and pages that stand nowhere, into the navigation."""
    written = _written(config.docs_dir)
    config.nav = placed(config.nav, [*pages(), *written])
    return config


def on_files(files: Files, config: Any) -> Files:
    """Adds the generated pages."""
    for path, text in pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def _written(docs_dir: str) -> list[str]:
    from pathlib import Path

    root = Path(docs_dir)
    return sorted(
        file.relative_to(root).as_posix()
        for file in root.rglob("*.md")
        if "_site" not in file.relative_to(root).parts
    )
