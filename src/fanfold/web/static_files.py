"""The built UI under /ui/: hashed assets for ever, its page always fresh, its routes answered by the page."""

from __future__ import annotations

import mimetypes
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException

BUILT_UI = Path(str(files("fanfold.web"))) / "static"
_PAGE = "index.html"
_ASSETS = "assets/"
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_AN_HOUR = "public, max-age=3600"
_NOT_BUILT = """\
The web interface has not been built.

Run `make ui` in a checkout and reload this page; a released package has it built in.
The API works without it: /docs shows what it can do.
"""
# Systems map these names differently, and a script with the wrong type is refused because of `nosniff`.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def add_ui(app: FastAPI, folder: Path = BUILT_UI) -> None:
    """Serve the UI in *folder*, and lead the root there."""
    ui = _Ui(folder)
    app.add_route("/", _to_ui, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_route("/ui", _to_ui, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_route("/ui/{path:path}", ui.answer, methods=["GET", "HEAD"], include_in_schema=False)


class _Ui:
    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def answer(self, request: Request) -> Response:
        page = self._folder / _PAGE
        if not page.is_file():
            return PlainTextResponse(_NOT_BUILT, status_code=503)
        path: str = request.path_params["path"]
        file = self._file(path)
        if file is not None:
            return _send(request, file, cache_control=_FOR_EVER if path.startswith(_ASSETS) else _FOR_AN_HOUR)
        if path.startswith(_ASSETS):
            # Never the page: a browser would run it as a script.
            raise HTTPException(404)
        return _send(request, page, cache_control="no-cache")

    def _file(self, path: str) -> Path | None:
        try:
            file = (self._folder / path).resolve()
            inside = file.is_relative_to(self._folder) and file.is_file()
        except (OSError, ValueError):
            return None
        return file if inside and file.name != _PAGE and not _is_hidden(path) else None


def _send(request: Request, file: Path, *, cache_control: str) -> Response:
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    media_type = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    packed = file.with_name(f"{file.name}.br")
    if _takes_brotli(request) and packed.is_file():
        return FileResponse(packed, media_type=media_type, headers={**headers, "Content-Encoding": "br"})
    return FileResponse(file, media_type=media_type, headers=headers)


def _takes_brotli(request: Request) -> bool:
    codings = request.headers.get("accept-encoding", "").split(",")
    return any(coding.strip().lower() in {"br", "br;q=1.0", "br;q=1"} for coding in codings)


def _is_hidden(path: str) -> bool:
    # The build's manifest is for tools.
    return any(part.startswith(".") for part in path.split("/"))


async def _to_ui(_request: Request) -> Response:
    return RedirectResponse("/ui/", status_code=307)
