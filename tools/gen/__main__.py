"""Write every generated document that differs, and name it."""

from __future__ import annotations

from pathlib import Path

from tools.gen.documents import DOCUMENTS


def main() -> None:
    """Bring every document up to date."""
    root = Path(__file__).parents[2]
    for name, document in DOCUMENTS.items():
        path, text = root / name, document()
        if not path.is_file() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            print(f"wrote {name}")


if __name__ == "__main__":
    main()
