"""What two sources say of one thing, as found in shops: one meaning, a contradiction, or two things side by side."""

import pytest

from app.facts.merge import SourcedFact, merge_facts
from backend.tests.facts.test_merge import fact

Said = tuple[str, str]

AGREE: list[tuple[Said, Said]] = [
    # Volumes, in units, languages and packs
    (("Capacity", "0,5 l"), ("Capacidad", "500 ml")),
    (("Capacity", "50 cl"), ("Inhalt", "0.5 Liter")),
    (("Volume", "330 ml"), ("Contenido neto", "0,33 litros")),
    (("Capacity", "330 ml"), ("Net content", "330 ml (11.2 fl oz)")),
    (("Capacity", "ca. 330 ml"), ("Capacity", "330 ml")),
    (("Capacity", "1 gal"), ("Capacity", "3.785 l")),
    (("Capacity", "500 cc"), ("Capacity", "500 cm³")),
    (("Net content", "12 x 33 cl"), ("Inhalt", "12 × 0,33 l")),
    (("Net content", "6 x 1.5 L"), ("Contenido", "6x1,5 litros")),
    (("Net content", "33 cl x 12"), ("Net content", "12 x 330 ml")),
    (("Capacity (ml)", "330"), ("Capacity", "0.33 l")),
    (("Fassungsvermögen in l", "1,7"), ("Capacidad (L)", "1.7")),
    # Weights
    (("Weight", "2 kg"), ("Peso", "2000 g")),
    (("Weight", "1,5 kg"), ("Gewicht", "1500 Gramm")),
    (("Weight", "1.500 kg"), ("Weight", "1.5 kg")),
    (("Weight", "1.500 g"), ("Gewicht", "1,5 kg")),
    (("Weight", "1 lb"), ("Weight", "454 g")),
    (("Weight (kg)", "0.98"), ("Peso", "980 g")),
    (("Net weight", "250 g"), ("Peso neto", "0,25 kg")),
    (("Weight", "2 kilos"), ("Weight", "2 kilograms")),
    # Lengths and sides
    (("Height", '1/2"'), ("Height", "12.7 mm")),
    (("Diameter", "1½ in"), ("Diameter", "38 mm")),
    (("Diameter", '1 1/4"'), ("Durchmesser", "31,75 mm")),
    (("Diameter", "Ø 28 cm"), ("Diameter", "280 mm")),
    (("Screen size", '15.6″'), ("Screen size", "15.6 inches")),
    (("Screen size", "27 Zoll"), ("Screen size", "68,58 cm")),
    (("Dimensions", "30x20x10 cm"), ("Medidas", "300 × 200 × 100 mm")),
    (("Dimensions", "30 cm x 20 cm x 10 cm"), ("Maße", "10 x 20 x 30 cm")),
    (("Dimensions", "(L x W x H) 30 x 20 x 10 cm"), ("Dimensions", "30 x 20 x 10 cm")),
    (("Dimensions", "L 30 x W 20 x H 10 cm"), ("Dimensions", "30 cm (L) x 20 cm (W) x 10 cm (H)")),
    (("Dimensions (cm)", "30 x 20 cm"), ("Dimensions", "0,3 x 0,2 m")),
    (("Thickness", "500 µm"), ("Thickness", "0.5 mm")),
    (("Altura (cm)", "8"), ("Height", "80 mm")),
    (("Area", "2 m²"), ("Area", "20000 cm2")),
    # Ranges, limits, ages, times
    (("Age", "10-12 years"), ("Edad", "10 a 12 años")),
    (("Age", "10–12 years"), ("Alter", "10 bis 12 Jahre")),
    (("Recommended age", "3+ years"), ("Altersempfehlung", "ab 3 Jahren")),
    (("Age", "from 3 years"), ("Edad", "a partir de 3 años")),
    (("Age", "36 months"), ("Age", "3 years")),
    (("Battery life", "up to 10 h"), ("Battery life", "bis zu 10 Stunden")),
    (("Operating temperature", "-5 to 40 °C"), ("Operating temperature", "-5 °C – 40 °C")),
    (("Warranty", "2 years"), ("Garantía", "24 meses")),
    (("Warranty", "2 Jahre"), ("Warranty", "24 Monate")),
    # Temperatures, power, data, shares, counts
    (("Max temperature", "212 °F"), ("Max temperature", "100 °C")),
    (("Washing temperature", "40ºC"), ("Washing temperature", "104 °F")),
    (("Washing temperature", "40 ℃"), ("Washing temperature", "40 °C")),
    (("Power", "1,2 kW"), ("Potencia", "1200 vatios")),
    (("Voltage", "220-240 V"), ("Spannung", "220–240 V")),
    (("Storage", "1 TB"), ("Storage", "1000 GB")),
    (("Fabric weight", "180 g/m²"), ("Fabric weight", "180 gsm")),
    (("Cocoa", "70 %"), ("Cocoa", "70%")),
    (("Cocoa", "70 percent"), ("Cocoa", "70 Prozent")),
    (("Pieces", "24"), ("Anzahl der Teile", "24 Stück")),
    (("Piezas", "1000 piezas"), ("Pieces", "1000 pcs")),
    (("Dishes", "1,000"), ("Dishes", "1000")),
    # Materials
    (("Material", "stainless steel 18/10"), ("Material", "steel")),
    (("Material", "Stainless steel"), ("Material", "Edelstahl")),
    (("Material", "acero inoxidable"), ("Werkstoff", "Edelstahl rostfrei")),
    (("Material", "Stahl"), ("Material", "Edelstahl")),
    (("Material", "oak"), ("Material", "Holz")),
    (("Material", "Madera de roble"), ("Material", "solid oak wood")),
    (("Material", "porcelain"), ("Material", "cerámica")),
    (("Material", "100% cotton"), ("Composición", "algodón 100 %")),
    (("Material", "80% cotton, 20% polyester"), ("Material", "20 % Polyester, 80 % Baumwolle")),
    (("Material", "Polyester"), ("Material", "fabric")),
    (("Material", "metal"), ("Material", "aluminum")),
    (("Material", "Plastic (PP)"), ("Material", "Polypropylen")),
    # Colours
    (("Color", "Black/Negro"), ("Farbe", "Schwarz")),
    (("Colour", "grey"), ("Color", "gray")),
    (("Color", "azul oscuro"), ("Color", "dark blue")),
    (("Farbe", "weiß"), ("Color", "Blanco")),
    # Brands and countries
    (("Brand", "BOSCH"), ("Marke", "Bosch GmbH")),
    (("Brand", "Black+Decker"), ("Marca", "Black & Decker")),
    (("Brand", "Le Creuset"), ("Brand", "LeCreuset")),
    (("Brand", "Café Olé S.L."), ("Brand", "CAFE OLE")),
    (("Country of origin", "DE"), ("Country of origin", "Germany")),
    (("Country of origin", "German"), ("Herkunftsland", "Deutschland")),
    (("Made in", "China"), ("Country of origin", "PRC")),
    (("Country of origin", "Made in the USA"), ("Country of origin", "United States of America")),
    (("País de origen", "Hecho en España"), ("Origin", "ESP")),
    (("Origin", "Holland"), ("Origin", "Países Bajos")),
    # Identifiers, grades, dates, sizes
    (("EAN", "4006381333931"), ("GTIN", "04006381333931")),
    (("EAN", "400-6381-333931"), ("Barcode", "4006381333931")),
    (("Energy class", "A++"), ("Clase energética", "Clase A++")),
    (("Release date", "2026-03-01"), ("Release date", "01.03.2026")),
    (("Release date", "1 March 2026"), ("Release date", "1 de marzo de 2026")),
    (("Release date", "March 1, 2026"), ("Release date", "01/03/2026")),
    (("Release date", "1. März 2026"), ("Release date", "2026-03-01")),
    (("Size", "EU 42"), ("Size", "42 EU")),
    # Yes and no
    (("Dishwasher safe", "yes"), ("Apto para lavavajillas", "Sí")),
    (("Dishwasher safe", "dishwasher safe"), ("Spülmaschinenfest", "ja")),
    (("Dishwasher safe", "not suitable for dishwashers"), ("Dishwasher-safe", "No")),
    (("Features", "Dishwasher safe"), ("Dishwasher safe", "yes")),
    (("BPA free", "true"), ("BPA", "sin BPA")),
    (("Rechargeable", "✓"), ("Recargable", "sí")),
]  # fmt: skip

CONFLICT: list[tuple[Said, Said]] = [
    (("Capacity", "330 ml"), ("Capacity", "350 ml")),
    (("Capacity", "0,5 l"), ("Capacity", "5 l")),
    (("Capacity", "500 ml"), ("Capacidad", "50 ml")),
    (("Net content", "6 x 33 cl"), ("Net content", "12 x 33 cl")),
    (("Net content", "12 x 33 cl"), ("Net content", "12 x 50 cl")),
    (("Capacity (ml)", "330"), ("Capacity", "350 ml")),
    (("Weight", "1.2 kg"), ("Weight", "12 kg")),
    (("Weight", "1.500 kg"), ("Weight", "1.6 kg")),
    (("Net weight", "250 g"), ("Peso neto", "300 g")),
    (("Height", '1/2"'), ("Height", '1,2"')),
    (("Dimensions", "30x20x10 cm"), ("Dimensions", "30x20x12 cm")),
    (("Age", "10-12 years"), ("Age", "8-12 years")),
    (("Age", "3+"), ("Age", "6+")),
    (("Age", "from 3 years"), ("Alter", "ab 6 Jahren")),
    (("Battery life", "up to 10 h"), ("Battery life", "up to 8 h")),
    (("Battery life", "10 h"), ("Battery life", "8 h")),
    (("Warranty", "2 years"), ("Warranty", "36 months")),
    (("Washing temperature", "60 °C"), ("Washing temperature", "61 °C")),
    (("Washing temperature", "30 °C"), ("Washing temperature", "104 °F")),
    (("Minimum temperature", "-5 °C"), ("Minimum temperature", "5 °C")),
    (("Pieces", "1000"), ("Pieces", "1001")),
    (("Piezas", "24"), ("Pieces", "25 pcs")),
    (("Cocoa", "70 %"), ("Cocoa", "75 %")),
    (("Power", "1200 W"), ("Power", "2 kW")),
    (("Material", "cotton"), ("Material", "Wolle")),
    (("Material", "stainless steel"), ("Material", "aluminio")),
    (("Material", "100 % cotton"), ("Material", "80 % cotton, 20 % polyester")),
    (("Material", "oak"), ("Material", "Kiefer")),
    (("Material", "genuine leather"), ("Material", "polyester")),
    (("Brand", "Bosch"), ("Brand", "Siemens")),
    (("Country of origin", "Germany"), ("Country of origin", "Made in China")),
    (("Country of origin", "DE"), ("Country of origin", "española")),
    (("EAN", "4006381333931"), ("EAN", "4006381333948")),
    (("Energy class", "A"), ("Energy class", "A++")),
    (("Energy class", "Class C"), ("Clase energética", "D")),
    (("Release date", "2026-03-01"), ("Release date", "2 March 2026")),
    (("Release date", "2026-05-20"), ("Release date", "20/06/2026")),
    (("Dishwasher safe", "yes"), ("Dishwasher safe", "no")),
    (("Dishwasher safe", "ja"), ("Apto para lavavajillas", "No apto")),
    (("Dishwasher safe", "dishwasher safe"), ("Dishwasher safe", "not dishwasher safe")),
    (("Spülmaschinengeeignet", "nicht spülmaschinengeeignet"), ("Dishwasher safe", "true")),
    (("Care", "Not suitable for dishwashers"), ("Dishwasher safe", "yes")),
    (("Features", "Apto para microondas"), ("Microwave safe", "not for use in the microwave")),
    (("BPA free", "yes"), ("BPA", "contains BPA")),
    (("Gluten free", "gluten-free"), ("Gluten", "contains gluten")),
    (("Waterproof", "waterproof"), ("Waterproof", "not waterproof")),
    (("Rechargeable", "yes"), ("Recargable", "no")),
    (("Batteries included", "Yes, 2 x AA"), ("Batteries included", "Not included")),
    (("Foldable", "yes"), ("Foldable", "no")),
]  # fmt: skip

SIDE_BY_SIDE: list[tuple[Said, Said]] = [
    (("Size", "EU 42"), ("Size", "UK 8")),
    (("Size", "42"), ("Size", "44")),
    (("Size", "M"), ("Size", "L")),
    (("Size", "M"), ("Talla", "40")),
    (("Net weight", "250 g"), ("Gross weight", "300 g")),
    (("Weight", "300 g"), ("Peso neto", "250 g")),
    (("Weight", "2 kg"), ("Weight", "2000")),
    (("Net content", "340 g"), ("Net content", "355 ml")),
    (("Net content", "12 x 33 cl"), ("Net content", "33 cl")),
    (("Age", "10-12 years"), ("Age", "11 years")),
    (("Age", "3+"), ("Age", "3-6 years")),
    (("Battery life", "up to 10 h"), ("Battery life", "8 h")),
    (("Voltage", "220-240 V"), ("Voltage", "230 V")),
    (("Dimensions", "30 x 20 cm"), ("Dimensions", "30 x 20 x 10 cm")),
    (("Dimensions", "30 x 20 cm"), ("Dimensions", "30 cm")),
    (("Color", "black"), ("Color", "white")),
    (("Color", "blue"), ("Color", "dark blue")),
    (("Price", "12.90 EUR"), ("Price", "14.90 EUR")),
    (("Model", "X100"), ("Model", "X200")),
    (("Name", "Mug"), ("Title", "Enamel mug 330 ml")),
    (("SKU", "1001"), ("Referencia", "1002")),
    (("Brand", "Bosch"), ("Manufacturer", "BSH Hausgeräte GmbH")),
    (("Brand", "Bosch"), ("Brand", "unbranded")),
    (("Country of origin", "EU"), ("Country of origin", "Germany")),
    (("Country of origin", "Designed in Italy, made in China"), ("Country of origin", "China")),
    (("Material", "steel and wood"), ("Material", "steel, silicone")),
    (("Material", "Steelite"), ("Material", "porcelain")),
    (("Material", "enamelled steel"), ("Material", "powder-coated steel")),
    (("Dishwasher safe", "yes"), ("Dishwasher safe", "limited")),
    (("Dishwasher safe", "yes"), ("Spülmaschinenfest", "bedingt spülmaschinenfest")),
    (("Dishwasher safe", "yes"), ("Dishwasher safe", "up to 60 °C")),
    (("Dishwasher safe", "no"), ("Microwave safe", "yes")),
    (("Care", "hand wash"), ("Care", "30 °C")),
    (("Care", "do not bleach"), ("Care", "dishwasher safe")),
    (("Features", "24 pieces"), ("Features", "3 speeds")),
    (("Release date", "03/04/2026"), ("Release date", "spring 2026")),
    (("Energy class", "A"), ("Energy class", "see label")),
    (("EAN", "4006381333931"), ("EAN", "does not apply")),
    (("Steel grade", "18/10"), ("Steel grade", "18/8")),
    (("Availability", "in stock"), ("Availability", "sold out")),
    (("Rating", "4.5"), ("Rating", "4.7")),
    (("Thread", "M8"), ("Thread", "M10")),
    (("Protection class", "IP67"), ("Protection class", "IP68")),
    (("Ingredients", "water, salt"), ("Ingredients", "agua, sal")),
]  # fmt: skip


def outcome(one: Said, other: Said) -> str:
    result = merge_facts([SourcedFact(fact("web", *one)), SourcedFact(fact("image", *other))])
    if result.conflicts:
        return "conflict"
    return "agree" if len(result.facts) == 1 else "side by side"


def title(pair: tuple[Said, Said]) -> str:
    (label, value), (other_label, other_value) = pair
    return f"{label}: {value} | {other_label}: {other_value}"


class TestPairs:
    @pytest.mark.parametrize("pair", AGREE, ids=title)
    def test_agree(self, pair: tuple[Said, Said]) -> None:
        assert [outcome(*pair), outcome(*reversed(pair))] == ["agree", "agree"]

    @pytest.mark.parametrize("pair", CONFLICT, ids=title)
    def test_contradict_each_other(self, pair: tuple[Said, Said]) -> None:
        assert [outcome(*pair), outcome(*reversed(pair))] == ["conflict", "conflict"]

    @pytest.mark.parametrize("pair", SIDE_BY_SIDE, ids=title)
    def test_stand_side_by_side(self, pair: tuple[Said, Said]) -> None:
        assert [outcome(*pair), outcome(*reversed(pair))] == ["side by side", "side by side"]
