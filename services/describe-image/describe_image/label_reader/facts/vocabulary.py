"""Words on packs, English and Spanish: captions, materials, countries. All in lower case, without accents."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache


def plain(text: str) -> str:
    """Lower case without accents, of the same length, so that positions in one are positions in the other."""
    kept = []
    for sign in text:
        base = unicodedata.normalize("NFD", sign)[0].lower()
        kept.append(base if len(base) == 1 else sign)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Label:
    """A caption. `unit_names`: names of the quantities that it may carry; `code`: an article number follows."""

    name: str
    unit_names: tuple[str, ...] = ()
    code: bool = False
    short: bool = False

    @property
    def needs_value(self) -> bool:
        """Whether the bare word on a line of its own surely is a caption."""
        return bool(self.unit_names) or self.code


LENGTH = ("length",)

CAPTIONS: dict[Label, tuple[str, ...]] = {
    Label("volume", ("volume",)): ("capacity", "volume", "net volume", "capacidad", "volumen", "contenido",
        "net contents", "contents", "contenido neto", "cont. neto", "cont. net."),
    Label("weight", ("weight",)): ("weight", "net weight", "net wt", "net wt.", "nett weight", "net", "peso",
        "peso neto", "peso net", "item weight"),
    Label("gross_weight", ("weight",)): ("gross weight", "peso bruto"),
    Label("drained_weight", ("weight",)): ("drained weight", "peso escurrido"),
    Label("maximum_load", ("weight",)): ("max load", "max. load", "maximum load", "carga maxima"),
    Label("water_tank", ("volume",)): ("water tank", "tank", "deposito", "deposito de agua"),
    Label("height", LENGTH): ("height", "alto", "altura"),
    Label("width", LENGTH): ("width", "ancho", "anchura"),
    Label("depth", LENGTH): ("depth", "fondo", "profundidad"),
    Label("length", LENGTH): ("length", "largo", "longitud"),
    Label("diameter", LENGTH): ("diameter", "diametro"),
    Label("thickness", LENGTH): ("thickness", "grosor", "espesor"),
    Label("back_length", LENGTH): ("back length", "largo de espalda"),
    Label("cable_length", LENGTH): ("cable", "cable length", "cord length", "longitud del cable"),
    Label("altitude", LENGTH): ("altitude", "altitud"),
    Label("dimensions", ("dimensions", "length")): ("dimensions", "dimension", "size (w x d x h)", "measurements",
        "dimensiones", "medidas", "product size"),
    Label("power", ("power",)): ("power", "wattage", "rated power", "potencia", "power consumption"),
    Label("voltage", ("voltage",)): ("voltage", "rated voltage", "tension", "voltaje", "input", "entrada"),
    Label("current", ("current",)): ("current", "corriente"),
    Label("frequency", ("frequency",)): ("frequency", "frecuencia"),
    Label("brightness", ("brightness",)): ("brightness", "luminous flux", "brillo", "flujo luminoso"),
    Label("color_temperature", ("color_temperature",)): ("color temperature", "colour temperature",
        "temperatura de color"),
    Label("battery_capacity", ("battery_capacity",)): ("battery", "battery capacity", "bateria"),
    Label("pressure", ("pressure",)): ("pressure", "pump", "pump pressure", "presion", "bomba"),
    Label("torque", ("torque",)): ("torque", "max torque", "max. torque", "par", "par maximo"),
    Label("noise_level", ("noise_level",)): ("noise", "noise level", "nivel de ruido"),
    Label("alcohol", ("percentage",)): ("alcohol", "abv"),
    Label("acidity", ("percentage",)): ("acidity", "acidez"),
    Label("material"): ("material", "materials", "materiales", "made of", "fabric", "composition", "composicion",
        "tejido"),
    Label("color", short=True): ("colour", "color"),
    Label("size", short=True): ("size", "talla", "tamano", "talle"),
    Label("country_of_origin"): ("country of origin", "pais de origen"),
    Label("origin"): ("origin", "origen"),
    Label("brand"): ("brand", "marca"),
    Label("model", code=True): ("model", "model no", "model no.", "model number", "modelo", "mod.", "type no"),
    Label("article_number", code=True): ("item", "item no", "item no.", "item number", "article", "art.", "art. no.",
        "art. no", "article no", "article number", "articulo", "art. n.o", "ref", "ref.", "reference", "referencia"),
    Label("sku", code=True): ("sku",),
    Label("mpn", code=True): ("mpn", "part no", "part no.", "part number", "p/n"),
    Label("serial_number", code=True): ("serial no", "serial no.", "serial number", "s/n", "n.o de serie"),
    Label("lot", code=True): ("lot", "lot no", "lot no.", "batch", "batch no", "lote"),
    Label("best_before"): ("best before", "best before end", "consumir preferentemente antes de", "use by"),
    Label("ingredients"): ("ingredients", "ingredientes"),
    Label("care"): ("care", "care instructions", "cuidados", "cuidado"),
    Label("pieces", ("pieces",)): ("pieces", "piezas", "quantity", "cantidad", "number of pieces"),
    Label("recommended_age"): ("age", "ages", "recommended age", "edad", "edad recomendada"),
    Label("warranty"): ("warranty", "guarantee", "garantia"),
}  # fmt: skip

LABELS = {plain(caption): label for label, captions in CAPTIONS.items() for caption in captions}
NUMBER_SIGN = re.compile(r"\bn[º°o]\b\.?|\bnr\b\.?|#")


def find_label(text: str) -> Label | None:
    """The caption that `text` as a whole is."""
    words = " ".join(plain(text).strip(" .:：-*•").split())
    words = re.sub(r"\s*\([^)]*\)$", "", words)
    return LABELS.get(words) or LABELS.get(words + ".") or LABELS.get(NUMBER_SIGN.sub("no", words).strip())


@lru_cache(maxsize=1)
def label_pattern() -> re.Pattern[str]:
    """Any caption that a value follows without a colon: those with quantities and codes, and sizes."""
    captions = sorted(
        (caption for caption, label in LABELS.items() if label.needs_value or label.name == "size"),
        key=len,
        reverse=True,
    )
    return re.compile(r"(?<!\w)(" + "|".join(map(re.escape, captions)) + r")(?!\w)")


MATERIAL_NOUNS = (
    "stainless steel|carbon steel|enamelled steel|enameled steel|steel|cast iron|wrought iron|iron|aluminium|aluminum|"
    "brass|copper|bronze|titanium|zinc|tin|sterling silver|plastic|polypropylene|polyethylene|polycarbonate|abs|pvc|"
    "pet|silicone|rubber|natural rubber|latex|glass|borosilicate glass|crystal|ceramic|porcelain|bone china|stoneware|"
    "earthenware|terracotta|clay|marble|granite|slate|concrete|wood|beech|oak|walnut|pine|ash|birch|bamboo|acacia|teak|"
    "mdf|plywood|cork|"
    "rattan|wicker|leather|suede|faux leather|cotton|wool|linen|silk|cashmere|hemp|jute|denim|polyester|"
    "polyamide|nylon|elastane|spandex|lycra|viscose|modal|lyocell|tencel|acrylic|fleece|felt|velvet|canvas|neoprene|"
    "down|paper|cardboard|beeswax|soy wax|"
    "acero inoxidable|acero esmaltado|acero al carbono|acero|hierro fundido|hierro|aluminio|laton|cobre|bronce|titanio|"
    "plastico|polipropileno|polietileno|policarbonato|silicona|goma|caucho|caucho natural|vidrio|vidrio borosilicato|"
    "cristal|ceramica|porcelana|gres|barro|arcilla|marmol|granito|pizarra|madera|haya|roble|nogal|pino|fresno|abedul|"
    "bambu|teca|contrachapado|corcho|ratan|mimbre|cuero|piel|ante|polipiel|algodon|lana|lino|seda|cachemira|canamo|yute|"
    "poliester|poliamida|nailon|elastano|viscosa|acrilico|fieltro|terciopelo|lona|neopreno|plumon|papel|carton"
)
MATERIAL_QUALIFIERS = (
    "recycled|organic|vegan|merino|virgin|solid|natural|genuine|real|full grain|full-grain|pure|ripstop|brushed|"
    "hardened|tempered|enamelled|enameled|galvanised|galvanized|anodised|anodized|food grade|food-grade|"
    "die cast|die-cast|beech|oak|walnut|pine|ash|birch|acacia|teak|olive|mango|rubber|lambs|lamb's|"
    "combed|mulberry|"
    "borosilicate|18/8|18/10|304|316"
)
SPANISH_QUALIFIERS = (
    "reciclado|reciclada|organico|organica|ecologico|ecologica|merino|macizo|maciza|virgen|natural|genuino|genuina|puro|"
    "pura|cepillado|templado|esmaltado|galvanizado|anodizado|borosilicato|peinado|oscuro|18/8|18/10|304|316"
)
MATERIAL = (
    rf"(?:(?:{MATERIAL_QUALIFIERS})\s+){{0,2}}(?:{MATERIAL_NOUNS})"
    rf"(?:\s+(?:wood|{SPANISH_QUALIFIERS}|de\s+(?:{MATERIAL_NOUNS})))?"
)

# Alone on a line these are as often something else: a direction, a chore, a scent, a tint.
NO_MATERIAL_ALONE = frozenset(
    """
    abs acrylic ante ash barro birch canvas clay cork cristal crystal down felt fleece fresno goma haya hierro iron lino
    lona modal nogal oak papel paper pet piel pine pino roble slate tin walnut zinc
    """.split()  # noqa: SIM905 (a list of words, not of code)
)

COUNTRIES = frozenset(
    """
    albania|alemania|argelia|argentina|armenia|australia|austria|bangladesh|belarus|belgica|belgium|bolivia|bosnia and
    herzegovina|brasil|brazil|bulgaria|cambodia|camboya|canada|chile|china|p.r.c|prc|p.r. china|people's republic of
    china|colombia|corea|corea del sur|costa rica|cote d'ivoire|croacia|croatia|cuba|czech republic|czechia|chequia|
    republica checa|denmark|dinamarca|dominican republic|republica dominicana|ecuador|ee.uu|eeuu|egypt|egipto|el
    salvador|england|inglaterra|eslovaquia|eslovenia|espana|spain|estados unidos|estonia|eu|e.u|ue|european union|union
    europea|ethiopia|etiopia|finland|finlandia|france|francia|georgia|germany|great britain|greece|grecia|guatemala|
    holanda|holland|honduras|hong kong|hungary|hungria|iceland|islandia|india|indonesia|ireland|irlanda|israel|italia|
    italy|jamaica|japan|japon|jordan|kenya|korea|south korea|laos|latvia|letonia|lebanon|libano|lithuania|lituania|
    luxembourg|madagascar|malaysia|malasia|malta|marruecos|morocco|mauritius|mexico|moldova|mongolia|myanmar|nepal|
    netherlands|the netherlands|paises bajos|new zealand|nueva zelanda|nicaragua|north macedonia|norway|noruega|
    pakistan|panama|paraguay|peru|philippines|filipinas|poland|polonia|portugal|puerto rico|reino unido|romania|
    rumania|russia|rusia|rwanda|ruanda|scotland|escocia|senegal|serbia|singapore|singapur|slovakia|slovenia|south
    africa|sudafrica|sri lanka|suecia|sweden|suiza|switzerland|taiwan|tanzania|thailand|tailandia|tunisia|tunez|turkey|
    turkiye|turquia|uganda|uk|u.k|ukraine|ucrania|united kingdom|united states|united states of america|uruguay|us|usa|
    u.s.a|u.s|uzbekistan|venezuela|vietnam|wales|gales
    """.replace("\n", " ").split("|")
)
COUNTRY_NAMES = frozenset(" ".join(country.split()) for country in COUNTRIES)
