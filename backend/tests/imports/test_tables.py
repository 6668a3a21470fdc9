"""Text files as tables: any dialect and encoding gives the cells that were written, and damage stays where it is."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.imports import delimited
from app.imports.delimited import detect_delimiter, read_records
from app.imports.encodings import detect_encoding
from app.imports.errors import TableUnreadable
from app.imports.tables import BadRow, TableShape, describe, estimate_rows, read_rows

GERMAN = "Müller;Größe 20 €;Schöne Äpfel – naïv\n"
SPANISH = "Camión;Cañón pequeño;¿qué? ¡Sí!\n"
POLISH = "Łódź;Zażółć gęślą jaźń;świetny\n"
TURKISH = "Kırmızı çay bardağı;güzel;şeker\n"
RUSSIAN = "Кружка;Эмалированная кружка для похода;белая\n"
JAPANESE = "マグカップ;これは白いホーローのマグカップです;白\n"


def stored(folder: Path, content: bytes) -> Path:
    path = folder / "file.csv"
    path.write_bytes(content)
    return path


def table(
    folder: Path, content: str | bytes, **known: object
) -> tuple[TableShape, list[tuple[int, dict[str, str]] | BadRow]]:
    path = stored(folder, content.encode() if isinstance(content, str) else content)
    shape = describe(path, **known)  # type: ignore[arg-type]
    return shape, list(read_rows(path, shape))


class TestDetectEncoding:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            (GERMAN, "utf-8"), (GERMAN, "utf-8-sig"), (GERMAN, "utf-16"), (GERMAN, "utf-16-le"), (GERMAN, "utf-16-be"),
            (GERMAN, "utf-32"), (GERMAN, "cp1252"), (SPANISH, "iso8859-1"), (SPANISH, "mac-roman"), (SPANISH, "cp850"),
            (POLISH, "cp1250"), (POLISH, "iso8859-2"), (TURKISH, "cp1254"), (RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"),
            (JAPANESE, "shift_jis"), (JAPANESE, "utf-8"), ("a;b\n", "utf-8"), ("Café\n", "iso8859-1"),
        ],
    )  # fmt: skip
    def test_the_text_comes_out_as_it_was(self, tmp_path: Path, text: str, encoding: str) -> None:
        content = ("name;text;more\n" + text * 20).encode(encoding)
        found = detect_encoding(stored(tmp_path, content))
        assert content.decode(found).removeprefix("\ufeff") == "name;text;more\n" + text * 20

    def test_a_damaged_byte_does_not_make_a_utf8_file_latin(self, tmp_path: Path) -> None:
        content = (GERMAN * 5).encode() + b"Caf\xe9;;\n"
        assert detect_encoding(stored(tmp_path, content)) == "utf-8"

    def test_a_character_across_two_blocks_is_whole(self, tmp_path: Path) -> None:
        content = b"a" * ((1 << 20) - 1) + "é".encode() * 5
        assert detect_encoding(stored(tmp_path, content)) == "utf-8"


class TestDetectDelimiter:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters_and_line_breaks_in_quotes_do_not_count(self, tmp_path: Path, delimiter: str) -> None:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=delimiter)
        writer.writerows([["sku", "price", "text"]] + [[f"A{n}", "12,90", "a, b; c | d\te\nf"] for n in range(9)])
        assert detect_delimiter(stored(tmp_path, buffer.getvalue().encode()), "utf-8") == delimiter

    def test_a_comma_in_prices_is_no_delimiter(self, tmp_path: Path) -> None:
        assert detect_delimiter(stored(tmp_path, b"sku;price\nA;12,90\nB;3,50\n"), "utf-8") == ";"

    def test_the_first_line_of_excel_says_it(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "sep=|\r\nsku|name;x\r\nA|Mug;1\r\n")
        assert shape.delimiter == "|"
        assert rows == [(2, {"sku": "A", "name;x": "Mug;1"})]

    def test_a_single_column_needs_none(self, tmp_path: Path) -> None:
        _, rows = table(tmp_path, "sku\nA\nB\n")
        assert rows == [(2, {"sku": "A"}), (3, {"sku": "B"})]


class TestHeader:
    def test_titles_and_empty_lines_above_it(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "Catalogue 2026\n\nof,Nordwald,\n\nsku,name,brand,gtin\nA,Mug,Nordwald,\n")
        assert shape.header_row == 5
        assert rows == [(6, {"sku": "A", "name": "Mug", "brand": "Nordwald", "gtin": ""})]

    def test_names_that_come_twice_or_are_missing(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, " sku ,Colour,Colour,,Colour,\nA,red,blue,x,green,\n")
        assert shape.names == ["sku", "Colour", "Colour (2)", "Column 4", "Colour (3)"]
        assert rows == [(2, dict(zip(shape.names, ["A", "red", "blue", "x", "green"], strict=True)))]

    def test_a_byte_order_mark_is_no_part_of_a_name(self, tmp_path: Path) -> None:
        assert table(tmp_path, "\ufeffsku,name\nA,Mug\n")[0].names == ["sku", "name"]

    def test_the_columns_of_the_error_file_are_not_read(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "import_error_line,import_error,sku,name\n7,bad price,A,Mug\n")
        assert shape.names == ["sku", "name"]
        assert rows == [(2, {"sku": "A", "name": "Mug"})]

    def test_another_row_can_be_named(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "a,b\nsku,name\nA,Mug\n", header_row=2)
        assert shape.names == ["sku", "name"]
        assert len(rows) == 1

    def test_300_columns(self, tmp_path: Path) -> None:
        names = [f"c{number}" for number in range(300)]
        shape, rows = table(tmp_path, ",".join(names) + "\n" + ",".join(map(str, range(300))) + "\n")
        assert shape.names == names
        assert rows == [(2, {f"c{number}": str(number) for number in range(300)})]

    def test_too_many_columns_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TableUnreadable, match="1,001 columns"):
            table(tmp_path, ",".join(f"c{number}" for number in range(1001)) + "\n")


class TestRows:
    def test_a_row_with_too_many_cells_is_told_and_the_next_is_read(self, tmp_path: Path) -> None:
        _, rows = table(tmp_path, "sku,name\nA,Mug, large\nB,Bowl,\nC\n")
        assert isinstance(rows[0], BadRow)
        assert "3 cells" in rows[0].message
        assert rows[1:] == [(3, {"sku": "B", "name": "Bowl"}), (4, {"sku": "C", "name": ""})]

    def test_rows_are_numbered_as_a_spreadsheet_does(self, tmp_path: Path) -> None:
        _, rows = table(tmp_path, 'sku,name\n\nA,"two\nlines"\n,\nB,Mug\n')
        assert [row[0] for row in rows if not isinstance(row, BadRow)] == [3, 5]

    def test_damaged_bytes_and_nul_characters_cost_their_row_only(self, tmp_path: Path) -> None:
        content = "sku,name\nA,Müßig\nB,".encode() + b"Caf\xe9\nC,a\x00b\n" + "D,Größe\n".encode()
        _, rows = table(tmp_path, content)
        assert [row.line if isinstance(row, BadRow) else row[1]["sku"] for row in rows] == ["A", 3, 4, "D"]

    def test_errors_of_a_spreadsheet_are_told_with_their_column(self, tmp_path: Path) -> None:
        _, rows = table(tmp_path, "sku,price\nA,#REF!\nB,#1 mug\n")
        assert isinstance(rows[0], BadRow)
        assert (rows[0].line, rows[0].column) == (2, "price")
        assert rows[1] == (3, {"sku": "B", "price": "#1 mug"})

    def test_formulas_are_text(self, tmp_path: Path) -> None:
        _, rows = table(tmp_path, "sku,name\nA,\"=cmd|' /C calc'!A0\"\n")
        assert rows == [(2, {"sku": "A", "name": "=cmd|' /C calc'!A0"})]

    @pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
    def test_a_quote_that_is_never_closed_costs_its_row_only(self, tmp_path: Path, ending: str) -> None:
        lines = ["sku;name", "A;Mug", 'B;"open', "C;Bowl", 'D;5" pipe', "E;Kettle", ""]
        _, rows = table(tmp_path, ending.join(lines))
        assert [row.line if isinstance(row, BadRow) else row[1]["sku"] for row in rows] == ["A", 3, "C", "D", "E"]

    def test_a_giant_cell_costs_its_row_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        csv.field_size_limit(1_000)
        try:
            _, rows = table(tmp_path, f"sku;name\nA;{'x' * 2_000}\nB;Mug\n")
        finally:
            csv.field_size_limit(delimited.MAX_CELL_CHARACTERS)
        assert [row.line if isinstance(row, BadRow) else row[1]["sku"] for row in rows] == [2, "B"]

    def test_a_line_without_end_is_not_held_in_memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delimited, "MAX_RECORD_CHARACTERS", 1_000)
        path = stored(tmp_path, b"sku;name\n" + b"x;" * 50_000 + b"\nB;Mug\n")
        records = list(read_records(path, "utf-8", ";"))
        assert [record.problem is None for record in records] == [True, False, True]
        assert max(sum(map(len, record.cells)) for record in records) <= 1_001

    def test_a_file_of_broken_rows_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(delimited, "MAX_REREAD_CHARACTERS", 1_000)
        path = stored(tmp_path, b"sku;name\n" + b'a;"b"c\n"\n' * 500)
        with pytest.raises(TableUnreadable, match="too many rows"):
            list(read_records(path, "utf-8", ";"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "empty"), (b"\n \r\n\t\n", "empty"), (b"\xef\xbb\xbf", "empty"), (b"<html><table>", "HTML"),
            (b'{"a": 1}', "JSON"), (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "neither text nor a workbook"),
            (b"%PDF-1.7\n" + bytes(range(256)) * 4, "neither text"), (b",,,\n,,\n", "no rows"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_says_so(self, tmp_path: Path, content: bytes, said: str) -> None:
        with pytest.raises(TableUnreadable, match=said):
            table(tmp_path, content)


class TestEstimate:
    def test_small_files_are_counted(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "sku,name\n" + "A,Mug\n" * 100)
        assert estimate_rows(tmp_path / "file.csv", shape) == len(rows) == 100

    def test_large_files_are_estimated(self, tmp_path: Path) -> None:
        shape, rows = table(tmp_path, "sku,name\n" + "A12345,Enamel mug\n" * 9_000)
        assert abs(estimate_rows(tmp_path / "file.csv", shape) - len(rows)) < 900


CHARACTERS = st.one_of(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="#"), st.sampled_from("\n\r\t\",;|'")
)
CELL = st.text(CHARACTERS, max_size=12)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32")


class TestAnyTable:
    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(st.lists(CELL, min_size=2, max_size=5), min_size=1, max_size=8),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        ending=st.sampled_from(["\n", "\r\n", "\r"]),
        encoding=st.sampled_from(ENCODINGS),
    )
    def test_what_was_written_is_read(
        self, tmp_path: Path, rows: list[list[str]], delimiter: str, quoting: int, ending: str, encoding: str
    ) -> None:
        # Where lines end with one of the two, Python leaves the other bare.
        quoting = quoting if ending == "\r\n" else csv.QUOTE_ALL
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=ending).writerows(
            [["sku", "name"], *rows]
        )  # type: ignore[arg-type]
        path = stored(tmp_path, buffer.getvalue().encode(encoding))
        records = list(read_records(path, encoding, delimiter))
        assert [record.cells for record in records] == [["sku", "name"], *rows]
        assert [record.problem for record in records] == [None] * len(records)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        rows=st.lists(st.tuples(*[CELL] * 4), min_size=1, max_size=8),
        delimiter=st.sampled_from([",", ";", "\t", "|"]),
        encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
    )
    def test_what_is_not_said_is_found_out(
        self, tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str, encoding: str
    ) -> None:
        header = ["sku", "name", "brand", "price"]
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([header, *rows])
        path = stored(tmp_path, buffer.getvalue().encode(encoding))
        shape = describe(path)
        assert (shape.delimiter, shape.names) == (delimiter, header)
        read = [row for row in read_rows(path, shape) if not isinstance(row, BadRow)]
        wanted = [dict(zip(header, row, strict=True)) for row in rows if any(cell.strip() for cell in row)]
        assert [cells for _, cells in read] == wanted

    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(content=st.binary(max_size=400))
    def test_any_bytes_are_a_table_or_a_clear_refusal(self, tmp_path: Path, content: bytes) -> None:
        path = stored(tmp_path, content)
        try:
            shape = describe(path)
        except TableUnreadable:
            return
        for row in read_rows(path, shape):
            if not isinstance(row, BadRow):
                "".join(row[1].values()).encode()
                assert "\x00" not in "".join(row[1].values())
