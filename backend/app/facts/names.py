"""One name for what sources call differently: `Capacidad`, `Net content` and `volume` are one thing.

Keys are the names that all services use; the spellings cover English, Spanish and German. A label that is not listed
keeps its own normalised form, so that equal labels of two sources still meet.
"""

import re
import unicodedata
from functools import lru_cache

SPELLINGS: dict[str, str] = {
    "name": "product name, nombre, nombre del producto, produktname, title",
    "brand": "marca, marke, manufacturer, fabricante, hersteller, brand name",
    "gtin": "ean, ean13, ean code, ean 13, upc, barcode, gtin13, gtin14, gtin12, gtin8, código de barras, codigo ean",
    "mpn": "manufacturer part number, part number, referencia del fabricante, herstellernummer, teilenummer",
    "sku": "article number, item number, item no, art no, referencia, ref, artikelnummer, código de producto",
    "model": "model number, model name, modelo, modell, número de modelo",
    "price": "precio, preis, pvp, rrp",
    "volume": (
        "capacity, net content, net contents, contents, net volume, fill quantity, capacidad, contenido, "
        "contenido neto, volumen, inhalt, füllmenge, fassungsvermögen, nettoinhalt"
    ),
    "weight": "peso, gewicht, item weight, product weight, peso del producto",
    "net_weight": "net wt, peso neto, nettogewicht, drained weight",
    "gross_weight": "shipping weight, package weight, peso bruto, peso del paquete, bruttogewicht, versandgewicht",
    "material": (
        "materials, material composition, fabric composition, fabric, materiales, composición, tejido, werkstoff, "
        "materialien"
    ),
    "color": "colour, colors, colours, color name, colores, farbe, farben",
    "size": "talla, tamaño, größe, sizes, tallas",
    "dimensions": "size l x w x h, measurements, product dimensions, dimensiones, medidas, abmessungen, maße",
    "height": "alto, altura, höhe",
    "width": "ancho, anchura, breite",
    "depth": "profundidad, fondo, tiefe",
    "length": "largo, longitud, länge",
    "diameter": "diámetro, durchmesser",
    "power": "wattage, power consumption, potencia, consumo, leistung, leistungsaufnahme",
    "voltage": "voltaje, tensión, spannung, battery voltage",
    "battery_capacity": "capacidad de la batería, akkukapazität",
    "country_of_origin": "origin, made in, país de origen, origen, herkunftsland, herkunft, ursprungsland",
    "care": "care instructions, washing, washing instructions, cuidado, cuidados, lavado, pflege, pflegehinweise",
    "age": "recommended age, age range, edad, edad recomendada, alter, altersempfehlung",
    "ingredients": "ingredientes, zutaten, inci",
    "warranty": "guarantee, garantía, garantie",
    "category": "categoría, kategorie, breadcrumb",
    "availability": "disponibilidad, verfügbarkeit, stock",
    "condition": "estado, zustand",
    "description": "descripción, beschreibung",
    "energy_class": "energy efficiency class, clase energética, eficiencia energética, energieeffizienzklasse",
    "pieces": "number of pieces, piece count, piezas, número de piezas, teile, anzahl der teile",
}


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Lower case, without accents and punctuation, single spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.findall(r"[^\W_]+", letters))


NAME_OF: dict[str, str] = {
    plain(spelling): name for name, spellings in SPELLINGS.items() for spelling in (name, *spellings.split(", "))
}


def normalised_name(label: str) -> str:
    """`Capacidad:` → `volume`; an unknown label becomes its own snake case."""
    words = plain(label)
    return NAME_OF.get(words) or words.replace(" ", "_") or label.strip().casefold() or label
