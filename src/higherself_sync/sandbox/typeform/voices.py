"""What made-up people write into forms, in the language of where they are from."""

from collections.abc import Mapping

GLAD, MIXED, CROSS = range(3)

VOICES: Mapping[str, tuple[str, str, str]] = {
    "DE": (
        "Ich bin als andere abgereist, als ich gekommen bin. Danke für alles! 🌿",
        "Die Übungen waren wunderbar, das Zimmer leider sehr hellhörig.",
        "Zu viele Leute, zu wenig Zeit. Für den Preis hätte ich mehr erwartet.",
    ),
    "US": (
        "Best weekend I've had in years. I finally slept.\nThank you, all of you!",
        'Loved the practice; the "quiet" hours weren\'t all that quiet.',
        "Honestly disappointed. The schedule changed twice and nobody told us.",
    ),
    "FR": (
        "Un séjour hors du temps, l’équipe est d’une gentillesse rare.",
        "Très beau lieu, mais les journées étaient un peu trop chargées.",
        "Déçue : le cours annoncé n’a pas eu lieu et personne n’a répondu à mes messages.",
    ),
    "GB": (
        "Absolutely lovely from start to finish. I'd come back tomorrow.",
        "Good teachers, rather cold hall. Bring a second blanket!",
        "Not what was described & the parking was a shambles.",
    ),
    "PL": (
        "Cudowny czas, wróciłam spokojniejsza i z nowymi przyjaciółmi.",
        "Zajęcia świetne, ale jedzenia było trochę za mało.",
        "Niestety chaos organizacyjny. Nie polecam.",
    ),
    "SE": (
        "Helt underbart! Jag längtar redan tillbaka.",
        "Fin plats, men för få pauser mellan övningarna.",
        "Tyvärr inte värt pengarna.",
    ),
    "TR": (
        "Harika bir deneyimdi, içim huzurla doldu. Teşekkürler!",
        "Eğitmenler çok iyiydi ama program biraz yoğundu.",
        "Beklediğim gibi değildi, iletişim çok zayıftı.",
    ),
    "VN": (
        "Một trải nghiệm tuyệt vời, tôi thấy lòng nhẹ nhõm hẳn.",
        "Khoá học hay nhưng phòng hơi nhỏ.",
        "Tôi khá thất vọng vì lịch bị đổi vào phút chót.",
    ),
    "UA": (
        "Неймовірні вихідні, дякую за тепло й турботу!",
        "Практики чудові, але бракувало вільного часу.",
        "На жаль, організація дуже слабка.",
    ),
    "GR": (
        "Υπέροχη εμπειρία, έφυγα με γαλήνη.",
        "Καλό πρόγραμμα, αλλά λίγο κουραστικό.",
        "Δυστυχώς δεν άξιζε τα χρήματα.",
    ),
    "EG": (
        "تجربة رائعة، شكرًا لكم من القلب.",
        "المكان جميل لكن البرنامج كان مزدحمًا.",
        "للأسف لم تكن كما توقعت.",
    ),
    "IL": (
        "סוף שבוע מדהים, תודה רבה לכולם!",
        "המדריכים מצוינים, אבל היה קצת צפוף.",
        "מאכזב, לא קיבלתי מענה לשאלות שלי.",
    ),
    "IN": (
        "बहुत सुंदर अनुभव रहा, मन शांत हो गया। धन्यवाद 🙏",
        "अभ्यास अच्छे थे, पर समय कम पड़ गया।",
        "उम्मीद से कम निकला, पैसे वसूल नहीं हुए।",
    ),
    "TH": (
        "ประทับใจมาก รู้สึกผ่อนคลายจริง ๆ ขอบคุณค่ะ",
        "กิจกรรมดีแต่ตารางแน่นไปหน่อย",
        "ผิดหวัง ไม่เหมือนที่โฆษณาไว้",
    ),
    "CN": (
        "非常棒的体验，内心平静了许多，谢谢你们！",
        "课程很好，但是房间有点小。",
        "有点失望，安排比较混乱。",
    ),
    "JP": (
        "とても心が軽くなりました。ありがとうございました。",
        "内容は良かったのですが、休憩が少なかったです。",
        "説明と違っていて残念でした。",
    ),
    "KR": (
        "정말 편안한 시간이었습니다. 감사합니다!",
        "프로그램은 좋았지만 방이 조금 추웠어요.",
        "기대에 못 미쳐서 아쉬웠습니다.",
    ),
    "BR": (
        "Experiência maravilhosa, voltei renovada. Obrigada, gente! ❤️",
        "Gostei muito, só achei os dias muito cheios.",
        "Infelizmente não valeu o preço – atendimento fraco.",
    ),
    "ID": (
        "Pengalaman yang indah, hati saya jadi tenang. Terima kasih!",
        "Latihannya bagus, tetapi jadwalnya agak padat.",
        "Sayang sekali, tidak sesuai harapan.",
    ),
    "AU": (
        "Pure magic. My shoulders dropped about ten centimetres.",
        "Great crew, but the road in is rough – warn people!",
        "Bit of a let-down, to be honest.",
    ),
}

QUESTIONS: Mapping[str, str] = {
    "DE": "Gibt es noch einen freien Platz im Mai, und ist das Haus barrierefrei?",
    "FR": "Bonjour, proposez-vous des séances pour deux ?",
    "BR": "Vocês aceitam grupos de empresas? Somos 12 pessoas.",
    "JP": "英語が苦手ですが、参加できますか？",
    "EG": "هل يمكن الدفع عند الوصول؟",
    "UA": "Чи є знижка для студентів?",
    "IN": "क्या ऑनलाइन सत्र भी होते हैं?",
    "PL": "Czy można przyjechać z psem?",
    "CN": "请问可以预约周日的按摩吗？",
    "GR": "Υπάρχουν θέσεις για τον Ιούνιο;",
}
QUESTION = "Hi! Do you have a place left in May? I'd need a quiet room & a vegan menu."
