"""A workbook (ECMA-376) as a stream: sheets as long as rows come, then what names them; nothing is kept."""

from __future__ import annotations

import io
import zipfile
from typing import IO, Any

SHEET_ROWS = 1_048_576
"""Rows of a sheet, its heading included; what comes after stands in another sheet."""
MOST_COLUMNS = 16_384

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_KNOWN_TYPES = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
)

STYLES = (
    f'<styleSheet xmlns="{_MAIN}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/>'
    '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)
"""The formats that `sheet_rows` names by their position."""


class Collected(io.RawIOBase):
    """What is written, until it is taken; it cannot be read again."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Say so to Arrow."""
        return True

    def tell(self) -> int:
        """Return how much was written in all."""
        return self._size

    def write(self, content: Any, /) -> int:
        """Keep a copy: the writer uses its buffer again."""
        chunk = bytes(content)
        self._chunks.append(chunk)
        self._size += len(chunk)
        return len(chunk)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


class Workbook:
    """Takes rows of XML and gives the bytes of the file, piece by piece."""

    def __init__(self, heading: bytes) -> None:
        self._heading = heading
        self._sink = Collected()
        # Fast rather than small: most of the time of a large sheet is spent here.
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheet: IO[bytes] | None = None
        self._sheets = 0
        self._room = 0

    @property
    def room(self) -> int:
        """How many rows may come with the next `write`."""
        return self._room or SHEET_ROWS - 1

    def write(self, rows: bytes, *, count: int) -> bytes:
        """Add *count* rows and return what is ready of the file."""
        if not self._room:
            self._next_sheet()
        self._room -= count
        self._write(rows)
        return self._sink.take()

    def finish(self) -> bytes:
        """End the file and return the rest of it."""
        if not self._sheets:
            self._next_sheet()
        self._end_sheet()
        for name, text in self._around():
            # Not `writestr`, which notes the time: the same rows make the same file.
            with self._zip.open(name, "w") as entry:
                entry.write((_XML + text).encode())
        self._zip.close()
        return self._sink.take()

    def close(self) -> None:
        """End it as it is; legal after `finish`, and twice."""
        self._end_sheet()
        self._zip.close()
        self._sink.take()

    def _next_sheet(self) -> None:
        self._end_sheet()
        self._sheets += 1
        self._sheet = self._zip.open(f"xl/worksheets/sheet{self._sheets}.xml", "w", force_zip64=True)
        pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        self._write(
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}'
            "</sheetView></sheetViews><sheetData>".encode()
        )
        self._write(self._heading)
        self._room = SHEET_ROWS - 1

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _write(self, content: bytes) -> None:
        if self._sheet is not None:
            self._sheet.write(content)

    def _around(self) -> list[tuple[str, str]]:
        numbers = range(1, self._sheets + 1)
        sheets = "".join(
            f'<sheet name="{_title(number)}" sheetId="{number}" r:id="rId{number}"/>' for number in numbers
        )
        targets = "".join(
            _relation(number, "worksheet", target=f"worksheets/sheet{number}.xml") for number in numbers
        )
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        styles = _relation(self._sheets + 1, "styles", target="styles.xml")
        relations = f'<Relationships xmlns="{_PACKAGE}/relationships">'
        return [
            ("xl/styles.xml", STYLES),
            (
                "xl/workbook.xml",
                f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets}</sheets></workbook>',
            ),
            (
                "xl/_rels/workbook.xml.rels",
                f"{relations}{targets}{styles}</Relationships>",
            ),
            (
                "_rels/.rels",
                f"{relations}{_relation(1, 'officeDocument', target='xl/workbook.xml')}</Relationships>",
            ),
            (
                "[Content_Types].xml",
                f'<Types xmlns="{_PACKAGE}/content-types">{_KNOWN_TYPES}{parts}</Types>',
            ),
        ]


def _relation(number: int, kind: str, *, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_RELATIONS}/{kind}" Target="{target}"/>'


def _title(number: int) -> str:
    return "Results" if number == 1 else f"Results {number}"
