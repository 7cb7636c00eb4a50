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
        const PICTURES: [(&str, &str); 18] = [
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
            ("dispute", "dispute"),
            ("appeal", "dispute"),
            ("compensat", "compensation"),
            ("damage", "compensation"),
            ("confidential", "confidential"),
            ("whistle", "confidential"),
        ];
        PICTURES.iter().find(|(part, _)| self.key.contains(part)).map_or("letter", |(_, picture)| picture)
    }
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
                card("dispute", ("اعتراض على قرار", "نعيد النظر فيه"), ("Objection to a decision", "We look at it again")),
                card("compensation", ("طلب تعويض", "عن ضرر تسببنا فيه"), ("Compensation", "For harm that we caused")),
                card("confidential-report", ("بلاغ سري", "عن مخالفة أو إساءة"), ("Confidential report", "Of wrongdoing or abuse")),
                card("letter", ("غير ذلك", "اكتبوا لنا ما شئتم"), ("Something else", "Write whatever you like")),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_ours_has_a_picture_of_its_own_or_shares_it_with_its_like() {
        let kinds: Vec<String> = ["config/kinds", "config/demo/kinds"]
            .iter()
            .filter_map(|folder| std::fs::read_dir(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).ok())
            .flat_map(|files| files.flatten().map(|file| file.file_name().to_string_lossy().replace(".toml", "")))
            .collect();
        assert!(kinds.len() >= 10, "{kinds:?}");
        let icons = include_str!("../../static/icons.svg");
        for key in kinds {
            let icon = KindCard { key: key.clone(), name: String::new(), about: String::new() }.icon();
            assert!(icon != "letter" && icons.contains(&format!("id=\"{icon}\"")), "{key}: {icon}");
        }
    }
}
