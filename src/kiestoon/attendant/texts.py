"""What the attendant says, in the four languages there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "number-unreachable": {
        "nl": "Dit nummer is niet bereikbaar.",
        "fr": "Ce numéro n'est pas joignable.",
        "de": "Diese Nummer ist nicht erreichbar.",
        "en": "This number cannot be reached.",
    },
    "location-unknown": {
        "nl": "De hulpdiensten kennen de locatie van dit toestel niet. "
        "Bel 1 1 2 met een mobiele telefoon, of met een ander toestel.",
        "fr": "Les services de secours ne connaissent pas l'emplacement de ce téléphone. "
        "Appelez le 112 avec un téléphone mobile, ou avec un autre appareil.",
        "de": "Die Hilfsdienste kennen den Standort dieses Telefons nicht. "
        "Wählen Sie 1 1 2 mit einem Mobiltelefon, oder mit einem anderen Telefon.",
        "en": "The emergency services do not know the location of this telephone. "
        "Dial 1 1 2 from a mobile phone, or from another telephone.",
    },
    "address-read-back": {
        "nl": "Dit is het adres dat de noodcentrale zou zien:",
        "fr": "Voici l'adresse que verrait la centrale d'urgence :",
        "de": "Diese Adresse würde die Notrufzentrale sehen:",
        "en": "This is the address the emergency centre would see:",
    },
    "address-right-or-wrong": {
        "nl": "Druk 1 als het juist is. Druk 2 als het fout is.",
        "fr": "Appuyez sur 1 si elle est exacte. Appuyez sur 2 si elle est fausse.",
        "de": "Drücken Sie 1, wenn sie stimmt. Drücken Sie 2, wenn sie falsch ist.",
        "en": "Press 1 if it is right. Press 2 if it is wrong.",
    },
    "address-unknown": {
        "nl": "Voor dit toestel is geen adres bekend. Laat het adres invullen.",
        "fr": "Aucune adresse n'est connue pour ce téléphone. Faites compléter l'adresse.",
        "de": "Für dieses Telefon ist keine Adresse bekannt. Lassen Sie die Adresse eintragen.",
        "en": "No address is known for this telephone. Please have the address filled in.",
    },
    "address-wrong": {
        "nl": "Bedankt. Laat het adres verbeteren.",
        "fr": "Merci. Faites corriger l'adresse.",
        "de": "Danke. Lassen Sie die Adresse berichtigen.",
        "en": "Thank you. Please have the address corrected.",
    },
    "thanks": {"nl": "Bedankt.", "fr": "Merci.", "de": "Danke.", "en": "Thank you."},
    "goodbye": {"nl": "Tot ziens.", "fr": "Au revoir.", "de": "Auf Wiederhören.", "en": "Goodbye."},
}
