"""The columns of our own table, and what people call them."""

from app.facts.names import plain
from app.formats.cells import trim
from app.formats.rows import ATTRIBUTE_PREFIX, IGNORE

COLUMNS = (
    "sku", "name", "brand", "category", "gtin", "price", "currency", "keywords", "source_urls", "images", "languages",
    "attributes", "status", "tags", "parent_sku", "option_names", "options", "image_alts", "title", "description",
    "bullets", "seo_title", "seo_description", "ai_written", "extra",
)  # fmt: skip
"""Those of the sample catalogue first, in its order."""

SPELLINGS: dict[str, str] = {
    "sku": "article number, article no, item number, item no, item code, product code, product number, product id, id,"
    " reference, ref, variant sku, model number, code, referencia, código, código de producto, código de artículo,"
    " número de artículo, clave, artikelnummer, artikelnr, artikel nr, artnr, art nr, produktnummer, bestellnummer,"
    " best nr, materialnummer",
    "name": "product name, product, article, item, item name, article name, nombre, nombre del producto,"
    " nombre del artículo, producto, artículo, denominación, produktname, produkt, artikel, artikelname,"
    " artikelbezeichnung, bezeichnung, produktbezeichnung",
    "brand": "manufacturer, maker, vendor, brand name, brands, marca, fabricante, proveedor, marke, hersteller,"
    " lieferant",
    "category": "categories, product category, product type, product group, category path, categoría, categorías,"
    " familia, grupo, kategorie, kategorien, warengruppe, produktgruppe, produktkategorie",
    "gtin": "ean, ean13, ean 13, ean code, ean nummer, ean nr, upc, barcode, bar code, isbn, gtin13, gtin 13, gtin ean,"
    " ean gtin, código ean, código de barras, strichcode, barcode nummer",
    "price": "sale price, selling price, retail price, unit price, list price, regular price, rrp, msrp, gross price,"
    " precio, precio de venta, pvp, importe, preis, verkaufspreis, vk, vk preis, uvp, bruttopreis, stückpreis",
    "currency": "currency code, moneda, divisa, währung, währungscode",
    "keywords": "keyword, search terms, palabras clave, schlagwörter, schlüsselwörter, suchbegriffe",
    "source_urls": "source url, source urls, url, urls, link, links, product url, supplier url, product page, web,"
    " enlace, enlaces, página, url del producto, produktlink, produktseite, webseite, quelle",
    "images": "image, image url, image urls, image link, image src, picture, pictures, photo, photos, photo url,"
    " imagen, imágenes, foto, fotos, url de imagen, bild, bilder, bild url, bildlink, produktbild, abbildung",
    "languages": "language, idioma, idiomas, sprache, sprachen",
    "attributes": "specifications, specs, properties, features list, atributos, especificaciones, características,"
    " attribute, eigenschaften, merkmale, technische daten",
    "tags": "tag, labels, etiquetas, stichwörter",
    "parent_sku": "parent, parent product, parent id, master sku, item group id, sku padre, referencia padre,"
    " producto padre, hauptartikel, vaterartikel, eltern sku",
    "title": "listing title, headline, título, titel, überschrift",
    "description": "long description, product description, body, text, descripción, descripción del producto,"
    " descripción larga, beschreibung, produktbeschreibung, langtext, artikelbeschreibung",
    "bullets": "bullet points, bullet, highlights, key features, puntos clave, viñetas, aufzählung, stichpunkte",
    "seo_title": "meta title, page title, título seo, meta título, seo titel, meta titel",
    "seo_description": "meta description, descripción seo, meta descripción, seo beschreibung, meta beschreibung",
    "status": "",
    "option_names": "option names",
    "options": "variant options",
    "image_alts": "image alt, alt text, alt texts, image alt text",
    "ai_written": "",
    "extra": "",
}  # fmt: skip

FIELD_OF: dict[str, str] = {}
for _field, _spellings in SPELLINGS.items():
    for _spelling in (_field, *filter(None, map(str.strip, _spellings.split(",")))):
        FIELD_OF.setdefault(plain(_spelling.replace("_", " ")), _field)


def propose(header: list[str]) -> dict[str, str]:
    """A field is given to one column: the one that is called exactly so, else the first that means it."""
    mapping: dict[str, str] = {}
    exact = {column.strip().casefold() for column in header} & set(COLUMNS)
    taken: set[str] = set()
    for column in header:
        name = trim(column.removeprefix("\ufeff"))
        label = name.casefold()
        field = label if label in COLUMNS else FIELD_OF.get(plain(name.replace("_", " ")))
        if label.startswith(ATTRIBUTE_PREFIX) and trim(name[len(ATTRIBUTE_PREFIX) :]):
            mapping[column] = ATTRIBUTE_PREFIX + trim(name[len(ATTRIBUTE_PREFIX) :])
        elif field and field not in taken and (label == field or field not in exact):
            taken.add(field)
            mapping[column] = field
        elif name:
            mapping[column] = f"{ATTRIBUTE_PREFIX}{name[:200].strip()}"
        else:
            mapping[column] = IGNORE
    return mapping
