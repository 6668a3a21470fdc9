"""Takes the pictures of this folder: `./orchestrate exec python docs/screens/take.py [--all]`.

Starts a stack of its own with the built web app, enriches the sample catalogue with the composer, and photographs the
pages in headless Chromium. `--all` takes both themes, both widths and both languages; without it those that the README
shows.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from orchestrate.api_client import ApiClient, Endpoint
from orchestrate.browser import find_browser
from orchestrate.demo.catalogue import read_catalogue
from orchestrate.demo.command import DemoOptions, plan_for, running_stack, throw_away_folder
from orchestrate.demo.enrichment import create, enrich
from orchestrate.demo.site import serve_site
from orchestrate.stack.ports import HOST
from orchestrate.workspace import find_workspace

FOLDER = Path(__file__).resolve().parent
WIDTHS = {"wide": (1280, 860), "phone": (390, 844)}
SHOWN_IN_README = {("light", "en", "wide"), ("dark", "en", "wide"), ("light", "es", "wide"), ("light", "en", "phone")}
PRODUCT = "BRN-MUG-330"
MAX_BYTES = 300_000


async def photograph(page: Page, name: str) -> None:
    await page.wait_for_timeout(600)
    png = FOLDER / f"{name}.png"
    await page.screenshot(path=png)
    if await asyncio.to_thread(lambda: png.stat().st_size) > MAX_BYTES:
        await asyncio.to_thread(reduce_colours, png)


def reduce_colours(png: Path) -> None:
    """Photos make big PNGs; 256 colours are enough to show a page."""
    with Image.open(png) as image:
        image.convert("RGB").quantize(256).save(png, optimize=True)


async def take(
    browser: Browser, url: str, sign_in: str, product_id: str, theme: str, language: str, width: str
) -> None:
    size = WIDTHS[width]
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="es-ES" if language == "es" else "en-GB",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(url + sign_in)
    await page.wait_for_url("**/products*")
    await page.wait_for_load_state("networkidle")
    suffix = f"{theme}-{language}" + ("" if width == "wide" else f"-{width}")
    await photograph(page, f"products-{suffix}")
    await page.goto(f"{url}/products/{product_id}")
    await page.wait_for_load_state("networkidle")
    claim = page.locator("[data-verdict=supported]").nth(3)
    if await claim.count() and width == "wide":
        await claim.click()
    await photograph(page, f"product-{suffix}")
    await context.close()


async def main() -> None:
    workspace = find_workspace()
    chromium = find_browser()
    if chromium is None:
        sys.exit("No Chromium is installed; ./orchestrate doctor --fix installs one where it can.")
    if not (workspace.frontend / "dist" / "index.html").is_file():
        sys.exit("The web app is not built; ./orchestrate up builds it.")
    everything = set(itertools.product(("light", "dark"), ("en", "es"), WIDTHS))
    wanted = everything if "--all" in sys.argv else SHOWN_IN_README
    options = DemoOptions("composer", "qwen2.5-1.5b", None, None, None, False)
    with serve_site(workspace.root / "samples" / "site") as port, throw_away_folder(workspace) as folder:
        plan = plan_for(workspace, options, folder, folder / "logs", port)
        products = read_catalogue(workspace.root / "samples" / "catalogue.csv", f"http://{HOST}:{port}")
        async with (
            running_stack(plan, workspace.frontend / "dist"),
            ApiClient(Endpoint(plan.url, plan.api_key)) as client,
            async_playwright() as playwright,
        ):
            results = [await create(client, product) for product in products]
            await enrich(client, results, "composer", lambda result: result.languages)
            shown = next(result for result in results if result.product.sku == PRODUCT)
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for theme, language, width in sorted(wanted):
                sign_in = await client.sign_in_path()
                await take(browser, plan.url, sign_in, str(shown.id), theme, language, width)
            await browser.close()


asyncio.run(main())
