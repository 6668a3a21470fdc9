"""Words that mean one thing in several languages, as far as merging needs them: materials, colours, countries, firms.

Babel knows the countries; the rest is small. A word that is missing hides a conflict and never invents one: materials
are held against each other only where both sides name one that is listed here.
"""

import re
from functools import lru_cache

import babel
from babel.core import get_global

from app.facts.names import plain

LANGUAGES = ("en", "es", "de")

FILLERS = frozenset({
    "of", "the", "with", "and", "in", "a", "an", "from", "on", "made", "product", "produced", "manufactured",
    "genuine", "pure", "real", "solid", "high", "quality",
    "de", "del", "la", "el", "los", "las", "con", "y", "en", "un", "una", "hecho", "hecha", "fabricado",
    "fabricada", "producto", "producido", "autentico", "autentica", "puro",
    "aus", "mit", "und", "von", "hergestellt", "produziert", "echt", "echtes", "reine", "reines", "massiv",
    "100", "percent",
})  # fmt: skip

MATERIALS: dict[str, str] = {
    "metal": "metall metalico metalica",
    "steel": "acero stahl",
    "stainless": "inoxidable edelstahl rostfrei inox",
    "enamelled": "enameled enamel esmaltado esmaltada emaille emailliert emailliertes",
    "cast": "fundido guss",
    "iron": "hierro eisen",
    "aluminium": "aluminum aluminio alu",
    "copper": "cobre kupfer",
    "brass": "laton messing",
    "bronze": "bronce",
    "titanium": "titanio titan",
    "zinc": "zink",
    "gold": "oro",
    "silver": "plata silber",
    "textile": "fabric tela stoff textil tejido",
    "cotton": "algodon baumwolle",
    "wool": "lana wolle",
    "merino": "merinowolle",
    "cashmere": "cachemira kaschmir",
    "silk": "seda seide",
    "linen": "lino leinen",
    "hemp": "canamo hanf",
    "jute": "yute",
    "viscose": "viscosa viskose rayon",
    "polyester": "poliester",
    "nylon": "nailon polyamide poliamida polyamid",
    "elastane": "elastano elasthan spandex lycra",
    "acrylic": "acrilico acryl",
    "felt": "fieltro filz",
    "velvet": "terciopelo samt",
    "leather": "cuero piel leder",
    "suede": "ante wildleder veloursleder",
    "wood": "madera holz wooden",
    "beech": "haya buche buchenholz",
    "oak": "roble eiche eichenholz",
    "pine": "pino kiefer kiefernholz",
    "birch": "abedul birke birkenholz",
    "walnut": "nogal nussbaum walnussholz",
    "ash": "fresno esche eschenholz",
    "maple": "arce ahorn ahornholz",
    "olive": "olivo olivenholz",
    "acacia": "akazie akazienholz",
    "teak": "teca teakholz",
    "bamboo": "bambu bambus",
    "rattan": "ratan",
    "cork": "corcho kork",
    "paper": "papel papier",
    "cardboard": "carton karton pappe",
    "glass": "vidrio cristal glas",
    "borosilicate": "borosilicato borosilikat borosilikatglas",
    "ceramic": "ceramica keramik ceramics",
    "porcelain": "porcelana porzellan",
    "stoneware": "gres steinzeug",
    "earthenware": "loza steingut",
    "terracotta": "terracota",
    "stone": "piedra stein",
    "marble": "marmol marmor",
    "granite": "granito granit",
    "concrete": "hormigon beton",
    "plastic": "plastico kunststoff plastik",
    "polypropylene": "polipropileno polypropylen pp",
    "polyethylene": "polietileno polyethylen pe hdpe ldpe",
    "pvc": "",
    "abs": "",
    "polycarbonate": "policarbonato polycarbonat",
    "tritan": "",
    "melamine": "melamina melamin",
    "silicone": "silicona silikon",
    "rubber": "caucho goma gummi",
    "latex": "",
    "wax": "cera wachs",
    "recycled": "reciclado reciclada recycelt recyceltes",
    "organic": "organico organica ecologico ecologica bio",
}
# What says less without saying something else: oak is wood, whoever says wood does not contradict.
KINDS: dict[str, str] = {
    "steel": "stainless",
    "metal": "steel stainless enamelled iron aluminium copper brass bronze titanium zinc gold silver",
    "wool": "merino",
    "leather": "suede",
    "glass": "borosilicate",
    "ceramic": "porcelain stoneware earthenware terracotta",
    "stone": "marble granite",
    "rubber": "latex",
    "wood": "beech oak pine birch walnut ash maple olive acacia teak",
    "textile": "cotton wool merino cashmere silk linen hemp jute viscose polyester nylon elastane acrylic felt velvet",
    "plastic": "polypropylene polyethylene pvc abs polycarbonate tritan melamine acrylic nylon polyester",
}
KINDS_OF: dict[str, frozenset[str]] = {
    word: frozenset(kind for kind, members in KINDS.items() if word in members.split())
    for members in KINDS.values()
    for word in members.split()
}
# Say how a material is made or treated; two of them may be true at once.
TREATMENTS = frozenset({"enamelled", "cast", "recycled", "organic"})

COLORS: dict[str, str] = {
    "black": "negro negra schwarz schwarzer",
    "white": "blanco blanca weiss",
    "grey": "gray gris grau",
    "red": "rojo roja rot",
    "blue": "azul blau",
    "green": "verde grun",
    "yellow": "amarillo amarilla gelb",
    "orange": "naranja",
    "brown": "marron braun",
    "pink": "rosa",
    "purple": "morado morada lila violett violet violeta",
    "turquoise": "turquesa turkis",
    "beige": "",
    "transparent": "transparente",
    "silver": "plateado plateada silber",
    "gold": "dorado dorada golden",
    "multicolored": "multicolor multicolour multicoloured mehrfarbig bunt",
    "dark": "oscuro oscura dunkel",
    "light": "claro clara hell",
}

# Adjectives and everyday names that babel's list of territories does not have.
NATIONALITIES: dict[str, str] = {
    "AT": "austrian austriaco austriaca osterreichisch",
    "BE": "belgian belga belgisch",
    "CH": "swiss suizo suiza schweizerisch schweizer",
    "CN": "chinese chino china prc chinesisch volksrepublik|china people|s|republic|of|china p|r|c",
    "CZ": "czech checo checa tschechisch czech|republic tschechische|republik republica|checa",
    "DE": "german aleman alemana deutsch deutsche",
    "DK": "danish danes danesa danisch",
    "ES": "spanish espanol espanola spanisch",
    "FI": "finnish finlandes finlandesa finnisch",
    "FR": "french frances francesa franzosisch",
    "GB": "british britanico britanica britisch uk u|k great|britain england grossbritannien gran|bretana inglaterra",
    "GR": "greek griego griega griechisch",
    "HU": "hungarian hungaro hungara ungarisch",
    "IN": "indian indio india indisch",
    "IT": "italian italiano italiana italienisch",
    "JP": "japanese japones japonesa japanisch",
    "KR": "korean coreano coreana koreanisch korea south|korea",
    "MX": "mexican mexicano mexicana mexikanisch",
    "NL": "dutch holandes holandesa niederlandisch holland holanda",
    "PL": "polish polaco polaca polnisch",
    "PT": "portuguese portugues portuguesa portugiesisch",
    "RO": "romanian rumano rumana rumanisch",
    "SE": "swedish sueco sueca schwedisch",
    "TR": "turkish turco turca turkisch turkey turkei",
    "TW": "taiwanese taiwanes taiwanesa taiwanisch",
    "US": "american americano americana amerikanisch usa u|s|a u|s united|states|of|america eeuu ee|uu",
    "VN": "vietnamese vietnamita vietnamesisch",
}
# Whoever says European Union does not contradict who says Spain.
REGIONS = frozenset({"EU", "EZ", "UN"})

COMPANY_FORMS = frozenset({
    "gmbh", "ag", "kg", "kgaa", "ohg", "mbh", "se", "ev", "inc", "incorporated", "corp", "corporation", "co",
    "company", "ltd", "limited", "llc", "plc", "lp",
    "sa", "sl", "slu", "sau", "srl", "spa", "sas", "sarl", "nv", "bv", "ab", "as", "oy", "aps", "pty", "group",
    "gruppe", "grupo", "holding",
})  # fmt: skip
NO_BRAND = frozenset(
    ["unbranded", "no brand", "generic", "sin marca", "generico", "markenlos", "ohne marke", "n a", "none", "oem"]
)


def by_word(table: dict[str, str]) -> dict[str, str]:
    return {word: meaning for meaning, others in table.items() for word in (meaning, *others.split())}


MEANING_OF = by_word(MATERIALS)
COLOR_OF = by_word(COLORS)


@lru_cache(maxsize=1)
def country_codes() -> dict[str, str]:
    """Countries as people write them, plain → code: names in three languages, adjectives, codes of two and three."""
    codes: dict[str, str] = {}
    for longer, shorter in get_global("territory_aliases").items():
        if len(longer) == 3 and longer.isalpha() and len(shorter) == 1:
            codes[plain(longer)] = shorter[0]
    for language in LANGUAGES:
        for code, name in babel.Locale(language).territories.items():
            if len(code) == 2:
                codes[plain(name)] = codes[plain(code)] = code
    for code, words in NATIONALITIES.items():
        for word in words.split():
            codes[word.replace("|", " ")] = code
    return codes


def without_fillers(text: str) -> str:
    return " ".join(word for word in plain(text).split() if word not in FILLERS)


def country_of(text: str) -> str | None:
    """The code of the one country that a short value names, or None."""
    # "Made in" goes, and with it "IN", which would be India; "DE" alone is no Spanish preposition.
    words = plain(text)
    return country_codes().get(words) or country_codes().get(without_fillers(text))


def meaning_words(text: str) -> frozenset[str]:
    """What a short value says, as words that do not depend on the language."""
    stripped = without_fillers(text)
    country = country_codes().get(stripped) if len(stripped) > 3 else None
    if country:
        return frozenset({f"country:{country}"})
    return frozenset(MEANING_OF.get(word, word) for word in stripped.split())


def with_kinds(words: frozenset[str]) -> frozenset[str]:
    """`oak` is `oak` and `wood`, so that who says less agrees."""
    return words.union(*(KINDS_OF.get(word, ()) for word in words))


def most_specific(words: frozenset[str]) -> frozenset[str]:
    """Of `oak` and `wood`, `oak`."""
    return words.difference(*(KINDS_OF.get(word, ()) for word in words))


SHARE = re.compile(
    r"(\d{1,3}(?:[.,]\d+)?)\s?%\s*([^\d%,;/+|]+)|([^\W\d_][^\d%,;/+|]*?)[:\s(]*(\d{1,3}(?:[.,]\d+)?)\s?%"
)


def composition(text: str) -> dict[str, float] | None:
    """`80 % cotton, 20 % polyester` as shares by material; None where shares are not all given, or make no whole."""
    shares: dict[str, float] = {}
    for number, material, first_material, second_number in SHARE.findall(text[:500]):
        words = frozenset(without_fillers(material or first_material).split())
        known = sorted({MEANING_OF[word] for word in words if word in MEANING_OF} - TREATMENTS)
        if len(known) != 1:
            return None
        shares[known[0]] = shares.get(known[0], 0.0) + float((number or second_number).replace(",", "."))
    return shares if shares and abs(sum(shares.values()) - 100) <= 1 else None


def color_words(text: str) -> frozenset[str]:
    return frozenset(COLOR_OF.get(word, word) for word in plain(text.replace("ß", "ss")).split() if word not in FILLERS)


def brand_key(text: str) -> tuple[str, frozenset[str]] | None:
    """A brand as one run of letters, and as words, without the form of the company; None when it names no brand."""
    words = plain(re.sub(r"[&+]", " and ", re.sub(r"(?<=\b\w)\.(?=\w\b|\s|$)", "", text)))
    if words in NO_BRAND:
        return None
    kept = [word for word in words.split() if word not in COMPANY_FORMS and word not in {"and", "y", "und"}]
    kept = kept or words.split()
    return ("".join(kept), frozenset(kept)) if kept else None
