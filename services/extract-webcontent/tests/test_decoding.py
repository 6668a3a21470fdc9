"""Bytes to text, whatever the labels say."""

import pytest

from extract_webcontent.decoding import decode_html

TEXT = "<p>Müller größer señal — 12,90 €</p>"


class TestDecodeHtml:
    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (TEXT.encode(), None),
            (TEXT.encode(), "text/html; charset=iso-8859-1"),
            (TEXT.encode("windows-1252"), "text/html; charset=ISO-8859-1"),
            (TEXT.encode("windows-1252"), 'text/html; charset="windows-1252"'),
            (b'<meta charset="windows-1252">' + TEXT.encode("windows-1252"), "text/html"),
            (
                b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">'
                + TEXT.encode("iso-8859-15", "replace"),
                None,
            ),
            (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=windows-1252"),
            (TEXT.encode("utf-16"), None),
            (TEXT.encode(), "text/html; charset=utf-16"),
            (TEXT.encode(), "text/html; charset=no-such-charset"),
            (TEXT.encode(), "text/html; charset=utf-7"),
        ],
    )
    def test_finds_the_letters(self, body, content_type):
        assert "Müller größer señal" in decode_html(body, content_type)

    def test_other_alphabets(self):
        assert "コーヒー" in decode_html("<p>コーヒー</p>".encode("shift_jis"), "text/html; charset=Shift_JIS")
        assert "Цена" in decode_html(
            "<p>Цена и доставка по городу</p>".encode("windows-1251"), "text/html; charset=windows-1251"
        )

    def test_one_damaged_letter_is_no_reason_to_guess(self):
        body = (TEXT * 200).encode() + b"\xff" + (TEXT * 200).encode()
        assert decode_html(body, "text/html; charset=utf-8").count("Müller") == 400

    @pytest.mark.parametrize("body", [b"", b"\xff", bytes(range(256)), b"\xff\xfe"])
    def test_never_raises(self, body):
        assert isinstance(decode_html(body, None), str)
