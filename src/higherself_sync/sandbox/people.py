"""Invented people from many places. Nobody here is real: mail goes to example.com, and where a country keeps
telephone numbers for films and novels, those are used.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

Name: TypeAlias = tuple[str, str]
"""As it is written, and in the letters that an e-mail address may have."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where people come from. `#` in a phone number stands for any digit; `towns` are (town, postcode, state)."""

    country: str
    given: Sequence[Name]
    family: Sequence[Name]
    streets: Sequence[str]
    towns: Sequence[tuple[str, str, str]]
    phones: Sequence[str]


def _same(*names: str) -> tuple[Name, ...]:
    return tuple((name, name.lower()) for name in names)


PLACES = (
    Place(
        "DE",
        (*_same("Anna", "Moritz"), ("Jörg", "joerg"), ("Käthe", "kaethe"), ("Žarko", "zarko")),
        (*_same("Lindner", "Vogel"), ("Weiß", "weiss"), ("Müller-Lüdenscheidt", "mueller"), ("Öztürk", "oeztuerk")),
        ("Kastanienallee 12", "Große Straße 4a", "Am Köllnischen Park 7"),
        (("Berlin", "10435", "DE-BE"), ("Görlitz", "02826", "DE-SN"), ("München", "80331", "DE-BY")),
        ("+49 30 23125 ###", "030 23125###", "0049 40 66969 ###"),
    ),
    Place(
        "US",
        _same("Grace", "Tyrone", "Mary-Jo", "Dakota", "Hollis"),
        (*_same("Whitfield", "Okafor", "Begay"), ("O’Brien", "obrien"), ("St. John", "stjohn")),
        ("18 Willow Ln Apt #5", "4407 Mission St", "PO Box 99"),
        (("Portland", "97204", "OR"), ("San Francisco", "94110", "CA"), ("Honolulu", "96815", "HI")),
        ("(415) 555-01##", "+1 503 555 01##", "808-555-01##"),
    ),
    Place(
        "FR",
        (*_same("Camille"), ("Inès", "ines"), ("Zoé", "zoe"), ("Jean-Noël", "jean-noel"), ("Maëlys", "maelys")),
        (*_same("Marchand"), ("D’Angelo", "dangelo"), ("Lefèvre", "lefevre"), ("de la Croix", "delacroix")),
        ("12 Rue de l’Église", "3 bis, quai des Brumes"),
        (("Paris", "75011", ""), ("Besançon", "25000", "")),
        ("01 99 00 ## ##", "+33 6 39 98 ## ##"),
    ),
    Place(
        "GB",
        _same("Imogen", "Rhys", "Priya", "Callum"),
        (*_same("Hartley", "Featherstone"), ("O'Neil", "oneil"), ("ap Gwilym", "apgwilym")),
        ("Flat 2, 9 Dock Road", "Rose Cottage"),
        (("London", "SE1 9PX", ""), ("Caerdydd", "CF10 1EP", "")),
        ("020 7946 0###", "+44 7700 900###"),
    ),
    Place(
        "PL",
        (("Łukasz", "lukasz"), ("Małgorzata", "malgorzata"), ("Żaneta", "zaneta"), ("Jadwiga", "jadwiga")),
        (("Wiśniewska", "wisniewska"), ("Dąbrowski", "dabrowski"), ("Zając", "zajac"), ("Ćwik", "cwik")),
        ("ul. Świętojańska 3/14", "al. Niepodległości 120"),
        (("Łódź", "90-001", ""), ("Gdańsk", "80-831", "")),
        ("+48 22 555 ## ##", "22 555 ####"),
    ),
    Place(
        "SE",
        (("Åsa", "asa"), ("Björn", "bjorn"), ("Saga", "saga"), ("Nils", "nils")),
        (("Ångström", "angstrom"), ("Sjögren", "sjogren"), ("Lindqvist", "lindqvist")),
        ("Götgatan 21", "Strandvägen 1"),
        (("Malmö", "211 34", ""), ("Östersund", "831 30", "")),
        ("08-465 004 ##", "+46 8 465 004 ##"),
    ),
    Place(
        "TR",
        (("Işıl", "isil"), ("Çağla", "cagla"), ("İbrahim", "ibrahim"), ("Gökçe", "gokce")),
        (("Yılmaz", "yilmaz"), ("Şahin", "sahin"), ("Doğan", "dogan")),
        ("Bağdat Caddesi No: 44", "İnönü Mah. 7. Sk."),
        (("İstanbul", "34728", "TR34"), ("İzmir", "35220", "TR35")),
        ("+90 212 555 ## ##", "0232 555 ## ##"),
    ),
    Place(
        "VN",
        (("Thị Hồng", "hong"), ("Quốc Đạt", "dat"), ("Ngọc Ánh", "anh")),
        (("Nguyễn", "nguyen"), ("Trần", "tran"), ("Đặng", "dang")),
        ("25 Phố Hàng Bạc", "102/7 Lê Lợi"),
        (("Hà Nội", "100000", ""), ("Đà Nẵng", "550000", "")),
        ("+84 24 5555 ####", "024 5555 ####"),
    ),
    Place(
        "UA",
        (("Олена", "olena"), ("Дмитро", "dmytro"), ("Соломія", "solomiia"), ("Ґжегож", "gzhegozh")),
        (("Шевчук", "shevchuk"), ("Ковальчук", "kovalchuk"), ("Їжакевич", "yizhakevych")),
        ("вул. Хрещатик, 22", "пров. Тихий, 5"),
        (("Київ", "01001", ""), ("Львів", "79000", "")),
        ("+380 44 555 ## ##", "044 555-##-##"),
    ),
    Place(
        "GR",
        (("Ελένη", "eleni"), ("Γιώργος", "giorgos"), ("Δήμητρα", "dimitra")),
        (("Παπαδόπουλος", "papadopoulos"), ("Οικονόμου", "oikonomou"), ("Αγγελίδη", "angelidi")),
        ("Οδός Ερμού 18", "Λεωφ. Αμαλίας 4"),
        (("Αθήνα", "105 63", ""), ("Θεσσαλονίκη", "546 24", "")),
        ("+30 21 0555 ####", "210 555 ####"),
    ),
    Place(
        "EG",
        (("ليلى", "layla"), ("يوسف", "youssef"), ("أمينة", "amina")),
        (("حدّاد", "haddad"), ("المصري", "elmasry"), ("منصور", "mansour")),
        ("١٥ شارع النيل", "شارع طلعت حرب ٧"),
        (("القاهرة", "11511", "EGC"), ("الإسكندرية", "21500", "EGALX")),
        ("+20 2 5555 ####", "٠٢ ٥٥٥٥ ####"),
    ),
    Place(
        "IL",
        (("נועה", "noa"), ("אלון", "alon"), ("שירה", "shira")),
        (("לוי", "levi"), ("בן־דוד", "ben-david"), ("רוזן", "rosen")),
        ("רחוב דיזנגוף 99", "שדרות רוטשילד 10"),
        (("תל אביב־יפו", "6433222", ""), ("חיפה", "3303219", "")),
        ("+972 3 555 ####", "03-555-####"),
    ),
    Place(
        "IN",
        (("आरती", "aarti"), ("रवि", "ravi"), ("मीरा", "meera")),
        (("शर्मा", "sharma"), ("कुलकर्णी", "kulkarni"), ("चौधरी", "chaudhary")),
        ("१२, महात्मा गांधी मार्ग", "Flat 4B, Lake View"),
        (("मुंबई", "400001", "MH"), ("नई दिल्ली", "110001", "DL")),
        ("+91 22 5550 ####", "022-5550-####"),
    ),
    Place(
        "TH",
        (("สมชาย", "somchai"), ("กัญญา", "kanya"), ("พิมพ์ชนก", "pimchanok")),
        (("ใจดี", "jaidee"), ("ศรีสุข", "srisuk"), ("รัตนกุล", "rattanakul")),
        ("99/1 ถนนสุขุมวิท", "12 ซอยอารีย์ 4"),
        (("กรุงเทพมหานคร", "10110", "TH-10"), ("เชียงใหม่", "50200", "TH-50")),
        ("+66 2 555 ####", "02 555 ####"),
    ),
    Place(
        "CN",
        (("小明", "xiaoming"), ("丽华", "lihua"), ("子涵", "zihan")),
        (("王", "wang"), ("欧阳", "ouyang"), ("赵", "zhao")),
        ("北京路 8号", "人民东路 120 弄 3 号"),
        (("上海", "200001", "CN9"), ("成都", "610000", "CN22")),
        ("+86 21 5555 ####", "021-5555####"),
    ),
    Place(
        "JP",
        (("さくら", "sakura"), ("ケンジ", "kenji"), ("美咲", "misaki")),
        (("山田", "yamada"), ("髙橋", "takahashi"), ("小鳥遊", "takanashi")),
        ("桜丘町1-2-3", "道玄坂 4丁目5番"),
        (("渋谷区", "150-0031", "JP13"), ("京都市", "600-8001", "JP26")),
        ("+81 3 5550 ####", "03-5550-####"),
    ),
    Place(
        "KR",
        (("민준", "minjun"), ("서연", "seoyeon"), ("하늘", "haneul")),
        (("김", "kim"), ("황보", "hwangbo"), ("박", "park")),
        ("세종대로 110", "한강로2가 15"),
        (("서울", "04524", ""), ("부산", "48058", "")),
        ("+82 2 555 ####", "02-555-####"),
    ),
    Place(
        "BR",
        (
            ("João", "joao"),
            ("Conceição", "conceicao"),
            ("Jose\u0301", "jose"),
        ),  # the last as macOS types it: e + accent
        (("da Conceição", "conceicao"), ("Gonçalves", "goncalves"), ("Araújo", "araujo")),
        ("Rua das Flores, 45 – Apto 301", "Av. São João 1200"),
        (("São Paulo", "01310-100", "SP"), ("Belém", "66010-000", "PA")),
        ("+55 11 5555-####", "(91) 5555-####"),
    ),
    Place(
        "ID",
        (("Suparman", "suparman"), ("Wulandari", "wulandari")),
        (("", ""),),  # people with one name
        ("Jl. Merdeka No. 17",),
        (("Yogyakarta", "55271", "YO"),),
        ("+62 274 555 ####",),
    ),
    Place(
        "AU",
        (*_same("Matilda", "Lachlan", "Koa"), ("Siobhán", "siobhan")),
        (*_same("Nguyen", "McAllister"), ("van der Berg", "vanderberg")),
        ("Unit 3, 77 Beach Rd",),
        (("Byron Bay", "2481", "NSW"), ("Perth", "6000", "WA")),
        ("02 5550 ####", "+61 8 5550 ####"),
    ),
)


@dataclass(frozen=True, slots=True)
class Person:
    first_name: str
    last_name: str
    email: str
    phone: str
    street: str
    town: str
    postcode: str
    state: str
    country: str

    def address(self) -> dict[str, str]:
        """In the form of a shop's billing address."""
        return {
            "first_name": self.first_name,
            "last_name": self.last_name,
            "address_1": self.street,
            "city": self.town,
            "postcode": self.postcode,
            "state": self.state,
            "country": self.country,
            "phone": self.phone,
            "email": self.email,
        }


def people(chance: random.Random) -> Iterator[Person]:
    """As many as are wanted, from all places in turn, no two with the same address."""
    taken: set[str] = set()
    places = list(PLACES)
    chance.shuffle(places)
    for n in count():
        place = places[n % len(places)]
        given, family = chance.choice(place.given), chance.choice(place.family)
        town, postcode, state = chance.choice(place.towns)
        yield Person(
            given[0],
            family[0],
            _address(given[1], family[1], taken),
            _number(chance, place.phones),
            chance.choice(place.streets),
            town,
            postcode,
            state,
            place.country,
        )


def _address(given: str, family: str, taken: set[str]) -> str:
    name = ".".join(part for part in (given, family) if part)
    wanted = name
    for n in count(2):
        if wanted not in taken:
            break
        wanted = f"{name}+{n}"
    taken.add(wanted)
    return f"{wanted}@example.com"


def _number(chance: random.Random, phones: Sequence[str]) -> str:
    return "".join(str(chance.randrange(10)) if mark == "#" else mark for mark in chance.choice(phones))
