from pathlib import Path

import httpx2

from orchestrate.demo.site import serve_site


class TestServeSite:
    def test_pages_go_out_without_a_charset_and_folders_stay_closed(self, tmp_path: Path) -> None:
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "a.html").write_bytes("<p>Acidez 0,2 %, Jaén".encode("windows-1252"))
        (tmp_path / "secret.txt").write_text("secret")
        with serve_site(tmp_path / "site") as port, httpx2.Client(trust_env=False) as client:
            url = f"http://127.0.0.1:{port}"
            page = client.get(f"{url}/a.html")
            assert page.headers["content-type"] == "text/html"
            assert page.content.endswith(b"Ja\xe9n")
            assert client.get(f"{url}/").status_code == 404
            assert client.get(f"{url}/%2e%2e/secret.txt").status_code == 404
