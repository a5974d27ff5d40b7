//! What is said in made-up conversations: a few talks in many scripts. All of it is written for this.
//! `#` stands for a number.

/// Talks in one language.
pub(super) struct Language {
    pub(super) code: &'static str,
    pub(super) country: &'static str,
    pub(super) talks: &'static [Talk],
    /// What is asked when a talk goes on, and answered.
    pub(super) more: (&'static str, &'static str),
}

/// One talk: what it is called, and questions with their answers.
pub(super) struct Talk {
    pub(super) title: &'static str,
    pub(super) turns: &'static [(&'static str, &'static str)],
}

const fn talk(title: &'static str, turns: &'static [(&'static str, &'static str)]) -> Talk {
    Talk { title, turns }
}

/// Every language that is spoken, the commonest first.
pub(super) const LANGUAGES: &[Language] = &[
    Language {
        code: "en",
        country: "GB",
        talks: &[
            talk(
                "Where is order #?",
                &[
                    (
                        "Hello! My order # has not come yet. Can you see where it is?",
                        "It left our warehouse yesterday. You should have it by tomorrow evening.",
                    ),
                    (
                        "Can it be brought to a neighbour if I am out?",
                        "Yes. I have put a note on parcel #: “leave with the neighbour on the left”.",
                    ),
                ],
            ),
            talk(
                "A formula goes wrong",
                &[
                    (
                        "=SUM(A1:A#) shows #REF! since I deleted a row, why?",
                        "One of the cells it names is gone. Three ways out:\n\n1. undo the deletion,\n2. write the range \
                  anew, or\n3. use a table: its columns have names, and names survive.\n\n| cell | value |\n\
                  |------|-------|\n| A1 | 4 |\n| A2 | \"five\", as text |",
                    ),
                    (
                        "Thanks, \"names\" it is; the total is +#, not -#.",
                        "Good choice. Mind that text such as \"five\" counts as nothing in a sum.",
                    ),
                ],
            ),
            talk(
                "Rename many files at once",
                &[
                    (
                        "How do I rename # files from .jpeg to .jpg in a terminal?",
                        "```sh\nfor file in *.jpeg; do\n    mv -- \"$file\" \"${file%.jpeg}.jpg\"\ndone\n```\nTry it with \
                  `echo` before `mv` first: it prints what it would do.",
                    ),
                    (
                        "And what does <b>--</b> mean?",
                        "Nothing after it is an option, so a file called `-i.jpeg` is safe & sound.",
                    ),
                ],
            ),
            talk(
                "Change my plan",
                &[
                    (
                        "Which plan is right for # people?",
                        "The team plan: it has no limit on people, only on storage.",
                    ),
                    (
                        "Please change it from the 1st on.",
                        "Done. You pay the difference for the days of this month only.",
                    ),
                ],
            ),
        ],
        more: (
            "One more thing: can I have that in writing?",
            "Of course, it is on its way to your inbox. Reference: #.",
        ),
    },
    Language {
        code: "de",
        country: "DE",
        talks: &[
            talk(
                "Rechnung # noch einmal",
                &[
                    (
                        "Guten Tag, ich brauche die Rechnung # noch einmal, diesmal mit Umsatzsteuer-Nummer.",
                        "Gern. Sie liegt jetzt unter „Rechnungen“ – die Nummer steht unten links.",
                    ),
                    (
                        "Und für das ganze Geschäftsjahr?",
                        "Dafür gibt es den Jahresauszug; er enthält alle # Belege.",
                    ),
                ],
            ),
            talk(
                "Größe umtauschen",
                &[
                    (
                        "Die Schuhe sind zu groß. Geht das eine Nummer kleiner?",
                        "Ja, Größe # ist vorrätig. Den Rücksendeschein habe ich Ihnen geschickt.",
                    ),
                    ("Super, danke schön!", "Sehr gern. Schöne Grüße!"),
                ],
            ),
        ],
        more: ("Wie lange dauert das ungefähr?", "Höchstens # Werktage."),
    },
    Language {
        code: "fr",
        country: "FR",
        talks: &[
            talk(
                "Réservation n° #",
                &[
                    (
                        "Bonjour, puis-je décaler ma réservation n° # d’une semaine ?",
                        "Bien sûr : il reste une chambre, au même prix, à partir de lundi.",
                    ),
                    ("Parfait. Et le petit déjeuner ?", "Il est compris, de 7 h à 10 h 30."),
                ],
            ),
            talk(
                "Mot de passe oublié",
                &[
                    (
                        "J’ai oublié mon mot de passe et l’e-mail n’arrive pas.",
                        "Il est parti il y a # minutes ; regardez aussi parmi les indésirables.",
                    ),
                    ("Je l’ai trouvé, merci !", "Avec plaisir. Bonne journée à vous !"),
                ],
            ),
        ],
        more: ("Une dernière question : est-ce gratuit ?", "Oui, entièrement, jusqu’à # demandes par mois."),
    },
    Language {
        code: "ja",
        country: "JP",
        talks: &[
            talk(
                "注文番号 # の配送",
                &[
                    (
                        "注文番号 # はいつ届きますか？",
                        "明日の午前中にお届けする予定です。時間帯の変更もできます。",
                    ),
                    (
                        "では、十八時以降でお願いします。",
                        "承知しました。十八時から二十時の間にお届けします。",
                    ),
                ],
            ),
            talk(
                "領収書をください",
                &[
                    (
                        "領収書の宛名を「株式会社サンプル」にできますか？",
                        "はい、宛名を変更して再発行しました（第#号）。",
                    ),
                    ("ありがとうございます🙇", "どういたしまして。ほかにご不明な点はございますか。"),
                ],
            ),
        ],
        more: ("もう一つ質問してもいいですか？", "もちろんです。何でもお尋ねください。受付番号は # です。"),
    },
    Language {
        code: "zh",
        country: "CN",
        talks: &[
            talk(
                "订单 # 的退款",
                &[
                    (
                        "你好，订单 # 的退款什么时候到账？",
                        "退款已经提交，一般三个工作日内到账，请您留意短信。",
                    ),
                    ("可以退到另一张银行卡吗？", "抱歉，只能原路退回；到账后您可以自行转出。"),
                ],
            ),
            talk(
                "表格导出",
                &[
                    (
                        "怎样把 # 行数据导出成表格？",
                        "请选择“导出”，再选 CSV 或 XLSX；超过一百万行会分成几个工作表。",
                    ),
                    ("用 Excel 打开是乱码。", "请勾选“带 BOM 的 UTF-8”，𠮷这样的罕见字也能正确显示。"),
                ],
            ),
        ],
        more: ("还有别的办法吗？", "有的，也可以联系人工客服，分机号是 #。"),
    },
    Language {
        code: "ko",
        country: "KR",
        talks: &[talk(
            "회원 탈퇴 문의",
            &[
                (
                    "회원 탈퇴 전에 제 데이터를 모두 받을 수 있나요?",
                    "네, ‘내 데이터’에서 내보내기를 누르시면 됩니다.",
                ),
                ("파일은 언제까지 받을 수 있어요?", "완성된 날부터 #일 동안 받으실 수 있습니다."),
            ],
        )],
        more: ("감사합니다!", "도움이 되어 기쁩니다. 접수 번호는 #입니다."),
    },
    Language {
        code: "he",
        country: "IL",
        talks: &[
            talk(
                "הזמנה מספר #",
                &[
                    (
                        "שלום, איפה ההזמנה שלי? מספר ההזמנה הוא #.",
                        "ההזמנה יצאה אתמול ותגיע עד יום חמישי בשעה 18:00.",
                    ),
                    ("אפשר לשנות את הכתובת ל־Main Street 12?", "בהחלט, הכתובת עודכנה. שליחה נעימה!"),
                ],
            ),
            talk(
                "שינוי סיסמה",
                &[
                    ("איך משנים סיסמה?", "נכנסים ל„הגדרות”, בוחרים „אבטחה” ולוחצים על „שינוי סיסמה”."),
                    ("תודה רבה!", "בשמחה. יום טוב!"),
                ],
            ),
        ],
        more: ("ועוד שאלה קטנה: כמה זה עולה?", "המחיר הוא # ש״ח, כולל משלוח."),
    },
    Language {
        code: "ar",
        country: "EG",
        talks: &[
            talk(
                "موعد التسليم للطلب #",
                &[
                    ("مرحبًا، متى يصل الطلب رقم #؟", "سيصل الطلب غدًا بين الساعة 10 والساعة 14 إن شاء الله."),
                    ("هل يمكن الدفع عند الاستلام؟", "نعم، نقدًا أو بالبطاقة (Visa)."),
                ],
            ),
            talk(
                "فاتورة ضريبية",
                &[
                    ("أحتاج إلى فاتورة ضريبية باسم الشركة.", "تم إصدار الفاتورة رقم # وإرسالها إلى بريدك."),
                    ("شكرًا جزيلًا", "على الرحب والسعة."),
                ],
            ),
        ],
        more: ("هل هناك طريقة أسرع؟", "نعم، التوصيل السريع خلال # ساعة."),
    },
    Language {
        code: "ru",
        country: "KZ",
        talks: &[talk(
            "Не открывается файл №#",
            &[
                (
                    "Здравствуйте! Файл №# не открывается, пишет «повреждён».",
                    "Проверьте, пожалуйста, размер: возможно, загрузка прервалась. Её можно продолжить с того же места.",
                ),
                ("Да, теперь всё получилось.", "Отлично! Обращайтесь, если что-то понадобится."),
            ],
        )],
        more: ("А можно подробнее?", "Конечно: подробности — в справке, раздел #."),
    },
    Language {
        code: "hi",
        country: "IN",
        talks: &[talk(
            "टिकट # की स्थिति",
            &[
                ("नमस्ते, मेरे टिकट # का क्या हुआ?", "आपका टिकट पक्का हो गया है। सीट संख्या संदेश में भेज दी गई है।"),
                ("धन्यवाद 🙏", "आपका स्वागत है। शुभ यात्रा!"),
            ],
        )],
        more: ("क्या इसे रद्द किया जा सकता है?", "हाँ, यात्रा से # घंटे पहले तक।"),
    },
    Language {
        code: "es",
        country: "MX",
        talks: &[talk(
            "¡Quiero cancelar la cita #!",
            &[
                (
                    "¿Puedo cancelar la cita #? Mañana no estaré. 😕",
                    "Sí, ya está cancelada. ¿Le busco otra fecha? 📅",
                ),
                ("El jueves, por favor 👨‍👩‍👧‍👦 seremos cuatro 🇲🇽", "¡Hecho! Jueves a las 17:00, para cuatro 🎉👍🏽"),
            ],
        )],
        more: ("¿Y si llueve? ☔", "Entonces será dentro; el salón # está libre."),
    },
];

/// What people say about answers, when they say something.
pub(super) const COMMENTS: &[(i64, &str)] = &[
    (1, "That was no answer to my question, and I had asked three times."),
    (1, "Völlig falsch: „Größe“ heißt hier nicht die Farbe."),
    (2, "Too slow; I had found it myself by then."),
    (2, "答非所问。"),
    (3, "Fine, but rather long."),
    (3, "Correct, though I'd have liked a link, \"please\"."),
    (4, "تمام، شكرًا"),
    (4, "Helped at once."),
    (5, "מצוין! בדיוק מה שחיפשתי"),
    (5, "完璧です！🎉"),
    (5, "Best support I have had, truly."),
];
