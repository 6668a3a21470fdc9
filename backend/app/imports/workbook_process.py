"""One sheet of a workbook as CSV: `python -m app.imports.workbook_process FILE TARGET [SHEET]`, a process of its own.

A workbook is loaded as a whole, and may claim millions of cells that it does not have: here that costs neither the
backend's memory nor its life. Answers one line of JSON: either `problem`, or what was read.
"""

import csv
import datetime
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

MAX_MEMORY_BYTES = 2 << 30
MAX_CPU_S = 120
BLOCK_BYTES = 1 << 20
ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")

Cell = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta


def cell_text(value: Cell) -> str:
    """What stands in the cell, in a form that does not depend on the reader's language."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # Excel keeps 15 digits; never an exponent, and no `.0` behind an article number.
        return f"{Decimal(f'{value:.15g}'):f}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def position_of(reference: str) -> tuple[int, int]:
    """`B3` as (2, 1)."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1


def local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def part_of_sheet(archive: zipfile.ZipFile, sheet: str) -> str | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    relation = None
    for element in etree.fromstring(archive.read("xl/workbook.xml"), parser).iter():
        if local_name(element) == "sheet" and element.get("name") == sheet:
            relation = next((value for name, value in element.items() if str(name).endswith("}id")), None)
    for element in etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), parser):
        if relation is not None and element.get("Id") == relation:
            target = element.get("Target", "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return None


def has_error_cells(archive: zipfile.ZipFile, part: str) -> bool:
    tail = b""
    with archive.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            text = tail + block
            if b't="e"' in text or b"t='e'" in text:
                return True
            tail = block[-8:]
    return False


def error_cells(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    """Cells that show an error such as #REF!, which calamine gives as empty. Only in xlsx."""
    found: dict[tuple[int, int], str] = {}
    if not zipfile.is_zipfile(path):
        return found
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return found
        part = part_of_sheet(archive, sheet)
        if part not in names or not has_error_cells(archive, part):
            return found
        with archive.open(part) as file:
            for _, element in etree.iterparse(file, events=("end",), resolve_entities=False, no_network=True):
                name = local_name(element)
                if name == "c" and element.get("t") == "e" and element.get("r"):
                    value = next((child.text for child in element if local_name(child) == "v"), None)
                    found[position_of(element.get("r"))] = value or "#N/A"
                if name == "row":
                    element.clear()
    return found


def merged_downwards(sheet: CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """By first row: column and last row of the areas that are merged over several rows."""
    areas: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or []:
        if bottom > top:
            areas.setdefault(top, []).append((left, bottom))
    return areas


def rows_of(sheet: CalamineSheet, errors: dict[tuple[int, int], str]) -> Iterator[list[str]]:
    """All rows of the sheet from the first on. What is merged over several rows counts for each of them."""
    start = sheet.start
    if start is None:
        return
    offset = start[1]
    areas = merged_downwards(sheet)
    error_rows = {row for row, _ in errors}
    active: dict[int, tuple[str, int]] = {}
    for number, cells in enumerate(sheet.iter_rows()):
        texts = [""] * offset + [cell_text(cell) for cell in cells]
        if number in error_rows:
            for (row, column), value in errors.items():
                if row == number and column < len(texts):
                    texts[column] = value
        for column, (value, last) in list(active.items()):
            if number > last:
                del active[column]
            elif column < len(texts) and not texts[column]:
                texts[column] = value
        for column, last in areas.get(number, ()):
            if column < len(texts):
                active[column] = (texts[column], last)
        yield texts


def is_empty(sheet: CalamineSheet) -> bool:
    return sheet.start is None or not any(any(cell != "" for cell in row) for row in sheet.iter_rows())


def chosen_sheet(workbook: CalamineWorkbook, names: list[str], wanted: str | None) -> CalamineSheet | None:
    if wanted is not None:
        return workbook.get_sheet_by_name(wanted) if wanted in names else None
    for name in names:
        sheet = workbook.get_sheet_by_name(name)
        if not is_empty(sheet):
            return sheet
    return None


def convert(path: Path, target: Path, wanted: str | None) -> dict[str, Any]:
    with CalamineWorkbook.from_path(path) as workbook:
        names = [
            sheet.name
            for sheet in sorted(workbook.sheets_metadata, key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
        ]
        sheet = chosen_sheet(workbook, names, wanted)
        if sheet is None:
            return {"problem": "The workbook has no such sheet." if wanted else "All sheets of the workbook are empty."}
        errors = error_cells(path, sheet.name)
        count = 0
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for row in rows_of(sheet, errors):
                # Rows without a cell must be rows all the same, so that the numbers stay those of the sheet.
                writer.writerow(row or [""])
                count += 1
        merged = sum(map(len, merged_downwards(sheet).values()))
        return {"sheet": sheet.name, "sheets": names, "rows": count, "merged": merged}


def main(arguments: list[str]) -> dict[str, Any]:
    path, target = Path(arguments[0]), Path(arguments[1])
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_S, MAX_CPU_S))
    try:
        return convert(path, target, arguments[2] if len(arguments) > 2 else None)
    except PasswordError:
        return {"problem": "The workbook is protected by a password. Save it without one."}
    except (CalamineError, etree.LxmlError, zipfile.BadZipFile, KeyError, ValueError, OSError):
        with path.open("rb") as file:
            encrypted = ENCRYPTED_MARK in file.read(BLOCK_BYTES)
        if encrypted:
            return {"problem": "The workbook is protected by a password. Save it without one."}
        return {"problem": "The workbook is damaged, or of a kind that is not read. Save it as XLSX, or as CSV."}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1:])))
