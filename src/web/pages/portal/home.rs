//! `GET /`: what can we do for you?

use crate::{
    domain::{Kind, Language},
    web::pages::Frame,
};
use askama::Template;

#[derive(Clone, Template)]
#[template(path = "portal/home.html")]
pub struct Home {
    pub frame: Frame,
    /// The kinds that the portal offers, in the charity's order.
    pub kinds: Vec<KindCard>,
    pub contact: Contact,
}

/// A kind as a big card.
#[derive(Clone)]
pub struct KindCard {
    pub key: String,
    pub name: String,
    /// One plain sentence.
    pub about: String,
}

impl KindCard {
    pub fn of(kind: &Kind, language: Language) -> Self {
        Self { key: kind.key.to_string(), name: kind.name.get(language).to_owned(), about: kind.about.get(language).to_owned() }
    }

    /// The picture in `icons.svg`; an envelope for a kind that has none.
    pub fn icon(&self) -> &'static str {
        const PICTURES: [(&str, &str); 12] = [
            ("complain", "complaint"),
            ("shak", "complaint"),
            ("inquir", "inquiry"),
            ("question", "inquiry"),
            ("aid", "aid"),
            ("help", "aid"),
            ("volunteer", "volunteer"),
            ("need", "search"),
            ("suggest", "suggestion"),
            ("thank", "suggestion"),
            ("appointment", "appointment"),
            ("data", "data"),
        ];
        PICTURES.iter().find(|(part, _)| self.key.contains(part)).map_or("letter", |(_, picture)| picture)
    }
}

/// How else the charity is reached; what is empty is not shown.
#[derive(Clone, Default)]
pub struct Contact {
    /// As people dial them.
    pub phones: Vec<String>,
    pub email: Option<String>,
    /// Office hours in words.
    pub hours: Option<String>,
}

impl Home {
    /// For the browser's tab.
    pub fn heading(&self) -> String {
        self.frame.t("home-title")
    }

    pub fn sample(language: Language) -> Self {
        let card = |key: &str, ar: (&str, &str), en: (&str, &str)| {
            let (name, about) = if language == Language::Ar { ar } else { en };
            KindCard { key: key.to_owned(), name: name.to_owned(), about: about.to_owned() }
        };
        Self {
            frame: Frame::sample(language, "/"),
            kinds: vec![
                card("complaint", ("شكوى", "أمر لم يرضكم من خدماتنا"), ("Complaint", "Something in our service was not right")),
                card("inquiry", ("استفسار", "سؤال عن خدماتنا أو عن معاملتكم"), ("Question", "About our services or your file")),
                card("aid-request", ("طلب مساعدة", "لكم أو لأسرتكم"), ("Request for help", "For you or your family")),
                card("person-in-need", ("البحث عن محتاج", "دلّونا على أسرة محتاجة"), ("Somebody in need", "Tell us of a family in need")),
                card("volunteer", ("التطوع", "شاركونا بوقتكم وخبرتكم"), ("Volunteer", "Give of your time and skill")),
                card("suggestion", ("اقتراح أو شكر", "رأيكم يحسّن عملنا"), ("Suggestion or thanks", "Your view makes us better")),
                card("compensation", ("طلب تعويض", "عن ضرر تسببنا فيه"), ("Compensation", "For harm that we caused")),
            ],
            contact: Contact {
                phones: vec!["0137660069".to_owned(), "0137661515".to_owned()],
                email: Some("info@example.org".to_owned()),
                hours: Some(
                    if language == Language::Ar {
                        "الأحد إلى الخميس، 8 صباحًا إلى 4 مساءً"
                    } else {
                        "Sunday to Thursday, 8 am to 4 pm"
                    }
                    .to_owned(),
                ),
            },
        }
    }
}
