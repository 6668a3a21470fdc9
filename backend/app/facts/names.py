"""One name for what sources call differently: `Capacidad`, `Net content` and `volume` are one thing.

Keys are the names that all services use; the spellings cover English, Spanish and German. A label that is not listed
keeps its own normalised form, so that equal labels of two sources still meet.
"""

import re
import unicodedata
from functools import lru_cache

from app.facts.quantities import scale_of

SPELLINGS: dict[str, str] = {
    "name": "product name, nombre, nombre del producto, produktname, title",
    "brand": "marca, marke, brand name, nombre de la marca, markenname",
    "manufacturer": "fabricante, hersteller, maker, producer, productor",
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
    "net_weight": "net wt, weight net, peso neto, nettogewicht, gewicht netto, drained weight",
    "gross_weight": (
        "weight gross, gewicht brutto, shipping weight, package weight, peso bruto, peso del paquete, bruttogewicht, "
        "versandgewicht"
    ),
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
    "country_of_origin": (
        "origin, made in, country of manufacture, fabricado en, hecho en, hergestellt in, pais de fabricacion, país "
        "de origen, origen, herkunftsland, herkunft, ursprungsland"
    ),
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
    "feature": (
        "features, key features, características, característica, merkmale, merkmal, eigenschaften, besonderheiten"
    ),
    "note": "notes, nota, notas, hinweis, hinweise",
    "rating": "average rating, valoración, bewertung",
    "reviews": "review count, opiniones, bewertungen, kundenrezensionen",
    "shipping": "envío, versand, delivery",
    "dishwasher_safe": (
        "dishwasher, dishwasher proof, dishwasher suitable, suitable for dishwasher, suitable for dishwashers, "
        "is dishwasher safe, apto para lavavajillas, apta para lavavajillas, lavavajillas, spülmaschinenfest, "
        "spülmaschinengeeignet, geschirrspülergeeignet, geschirrspülerfest, spülmaschine"
    ),
    "microwave_safe": (
        "microwave, microwaveable, microwavable, suitable for microwave, is microwave safe, apto para microondas, "
        "apta para microondas, microondas, mikrowellengeeignet, mikrowellenfest, mikrowelle"
    ),
    "oven_safe": (
        "oven, oven proof, ovenproof, suitable for oven, apto para horno, apta para horno, backofengeeignet, "
        "backofenfest, ofenfest"
    ),
    "freezer_safe": "freezer, freezer proof, apto para congelador, gefriergeeignet, tiefkühlgeeignet",
    "induction_suitable": (
        "induction, induction compatible, suitable for induction, apto para inducción, induktionsgeeignet, induktion"
    ),
    "waterproof": "is waterproof, impermeable, wasserdicht",
    "machine_washable": "machine wash, lavable a máquina, maschinenwaschbar, waschmaschinenfest",
    "rechargeable": "recargable, wiederaufladbar, aufladbar",
    "recyclable": "reciclable, recycelbar",
    "vegan": "vegano, vegana, is vegan",
    "bpa_free": "bpa, free of bpa, sin bpa, libre de bpa, bpa frei, bisphenol a free",
    "gluten_free": "gluten, sin gluten, glutenfrei",
    "lactose_free": "lactose, sin lactosa, laktosefrei",
    "battery_included": (
        "batteries included, battery incl, pilas incluidas, batería incluida, batterie enthalten, batterien enthalten, "
        "batterien inklusive"
    ),
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


UNIT_BESIDE = re.compile(r"\s*(?:[\(\[]\s*([^()\[\]]{1,12})\s*[\)\]]|\s(?:in|en)\s+(\S{1,4}))\s*:?\s*$")


def label_unit(label: str) -> str | None:
    """The unit that a label carries: `Height (cm)`, `Gewicht in kg`."""
    match = UNIT_BESIDE.search(label[-40:])
    unit = match and (match[1] or match[2]).strip()
    return unit if unit and scale_of(unit) is not None else None


@lru_cache(maxsize=20_000)
def normalised_name(label: str) -> str:
    """`Capacidad:` → `volume`, `Height (cm)` → `height`; an unknown label becomes its own snake case."""
    words = plain(UNIT_BESIDE.sub("", label)) if label_unit(label) else plain(label)
    return NAME_OF.get(words) or words.replace(" ", "_") or label.strip().casefold() or label
