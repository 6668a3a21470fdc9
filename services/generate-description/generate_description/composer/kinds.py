"""What a fact speaks of, by its name: `Net weight`, `peso neto` and `net_weight` are one kind."""

import re

from generate_description.check.words import fold

_NAMES: dict[str, str] = {
    "name": "name, product name, title, nombre, titulo, nombre del producto, product title",
    "brand": "brand, marca, manufacturer, fabricante, brand name",
    "type": "product type, type, tipo, tipo de producto",
    "category": "category, categories, categoria, breadcrumb",
    "hidden": "sku, gtin, ean, ean13, upc, mpn, isbn, barcode, codigo de barras, price, precio, currency, moneda, "
    "availability, disponibilidad, condition, item condition, stock, url, link, image, rating, review count, reviews, "
    "item, item number, article number, reference, referencia, id, keywords, tags, vat, iva, model, modelo, "
    "packaging, packaging type, packaging material, container, container material, envase, tipo de envase, "
    "material del envase, embalaje, material del embalaje, "
    "background, background colour, background color, product size in image, hex, variant, variants, lot, best before",
    "text": "pack text, description, descripcion, text, texto, visible text, features text, summary, resumen",
    "material": "material, materials, materiales, fabric, tejido, body material",
    "composition": "composition, composicion, material composition, composicion del material",
    "colour": "colour, color, colours, colors, colores, color principal, main color, main colour",
    "capacity": "capacity, capacidad",
    "volume": "volume, volumen",
    "net": "net content, net contents, net quantity, net volume, contenido neto, cantidad neta, contenido, content",
    "net_weight": "net weight, peso neto",
    "weight": "weight, peso, item weight, product weight",
    "height": "height, altura, alto",
    "width": "width, anchura, ancho",
    "length": "length, longitud, largo",
    "depth": "depth, profundidad, fondo",
    "diameter": "diameter, diametro",
    "thickness": "thickness, grosor, espesor",
    "dimensions": "dimensions, dimension, dimensiones, medidas, measurements, product dimensions, "
    "dimensiones del producto",
    "size": "size, talla, tamano",
    "power": "power, potencia, wattage, rated power",
    "voltage": "voltage, voltaje, tension",
    "torque": "torque, max torque, maximum torque, par, par maximo, par de apriete",
    "pressure": "pressure, presion, pump pressure, presion de la bomba",
    "brightness": "brightness, luminous flux, brillo, flujo luminoso, luminosidad",
    "cable": "cable, cable length, cord length, longitud del cable, cord",
    "battery": "battery, bateria, battery capacity, capacidad de la bateria",
    "runtime": "battery life, runtime, autonomia, running time",
    "speeds": "speeds, velocidades, gears",
    "levels": "dimming levels, levels, niveles, niveles de intensidad, brightness levels",
    "pieces": "pieces, piece count, number of pieces, piezas, numero de piezas, piece, pcs, unidades, number of items",
    "care": "care, care instructions, washing, washing instructions, cuidado, cuidados, lavado, "
    "instrucciones de lavado",
    "origin": "origin, country of origin, made in, origen, pais de origen, fabricado en, procedencia",
    "age": "age, recommended age, edad, edad recomendada, minimum age, edad minima",
    "warranty": "warranty, guarantee, garantia",
    "compatibility": "compatibility, compatible with, compatibilidad, compatible con",
    "included": "included, in the box, box contents, incluye, contenido de la caja, incluido, includes",
    "skin_type": "skin type, tipo de piel",
    "notes": "notes, tasting notes, notas, notas de cata, flavour notes, flavor notes, taste notes",
    "roast": "roast, roast level, tueste, nivel de tueste",
    "flavour": "flavour, flavor, sabor",
    "scent": "scent, fragrance, aroma, fragancia",
    "variety": "variety, variedad",
    "acidity": "acidity, acidez",
    "region": "region, growing region",
    "ingredients": "ingredients, ingredientes",
    "allergens": "allergens, alergenos",
    "finish": "finish, acabado",
    "closure": "closure, cierre",
}
KIND_BY_NAME: dict[str, str] = {fold(name.strip()): kind for kind, names in _NAMES.items() for name in names.split(",")}
# What a shopper asks for first.
PRIORITY = (
    "material", "composition", "colour", "capacity", "volume", "net", "net_weight", "size", "pieces", "power",
    "brightness", "voltage", "torque", "pressure", "battery", "runtime", "levels", "speeds", "roast", "notes",
    "flavour", "scent", "skin_type", "region", "variety", "acidity", "share", "origin", "care", "quality",
    "dimensions", "height", "width", "length", "depth", "diameter", "thickness", "weight", "cable", "age",
    "compatibility", "included", "finish", "closure", "ingredients", "allergens", "feature", "other", "warranty",
)  # fmt: skip


# Any of these words in a name: it is about the offer, the parcel or a register, not about the thing.
SHOP_WORDS = re.compile(
    r"\b(?:prices?|precios?|preis|grundpreis|prix|prezzo|cost|costs|coste|rrp|pvp|msrp|discount|descuento|sku|gtin\d*|ean\d*|"
    r"upc|mpn|isbn|asin|barcode|stock|availability|disponibilidad|delivery|shipping|dispatch|entrega|envio|gross|bruto|"
    r"brutto|ratings?|valoracion(?:es)?|reviews?|opiniones|resenas|returns?|devolucion(?:es)?)\b|"
    r"\b(?:model|part|item|article|serial|product|style|order|batch|lot)\s(?:no|nr|number|code|id)\b|"
    r"\b(?:numero|codigo|referencia|ref)\s(?:de|del)\s(?:modelo|serie|pieza|articulo|producto|lote|barras)\b|"
    r"^(?:package|parcel|paquete|bulto)\b"
)
AXES = re.compile(r"\s+[a-z](?:\s?[x×]\s?[a-z]){1,3}$", re.IGNORECASE)


def bare_name(name: str) -> str:
    """Without what only says how it is measured: `Dimensions (W x D x H)`, `dimensions_w_x_d_x_h`."""
    plain = re.sub(r"[\s_]+", " ", name).strip()
    plain = re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", plain) or plain
    return AXES.sub("", plain) or plain


def kind_of(name: str) -> str:
    folded = fold(bare_name(name).replace("-", " "))
    if SHOP_WORDS.search(folded):
        return "hidden"
    return KIND_BY_NAME.get(folded, "other")
