//! The two languages of the service, and texts that exist in both.

use serde::{Deserialize, Serialize};

/// Arabic is the source language and the default; English is complete.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    Ar,
    En,
}

impl Language {
    /// The BCP 47 primary subtag.
    pub fn code(self) -> &'static str {
        match self {
            Language::Ar => "ar",
            Language::En => "en",
        }
    }

    /// The value of HTML's `dir` attribute.
    pub fn direction(self) -> &'static str {
        match self {
            Language::Ar => "rtl",
            Language::En => "ltr",
        }
    }

    pub fn other(self) -> Language {
        match self {
            Language::Ar => Language::En,
            Language::En => Language::Ar,
        }
    }

    /// From a language tag such as `ar`, `ar-SA` or `en_GB`; `None` for a language we do not speak.
    pub fn from_tag(tag: &str) -> Option<Language> {
        match tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase().as_str() {
            "ar" => Some(Language::Ar),
            "en" => Some(Language::En),
            _ => None,
        }
    }

    /// The language a text is written in, judged by its script: Arabic when at least a third of its letters are
    /// Arabic, English when there are Latin letters and fewer Arabic ones, `None` when there are neither.
    pub fn of_text(text: &str) -> Option<Language> {
        let (mut arabic, mut latin) = (0u32, 0u32);
        for c in text.chars().take(4000) {
            match c {
                '\u{0600}'..='\u{06FF}'
                | '\u{0750}'..='\u{077F}'
                | '\u{08A0}'..='\u{08FF}'
                | '\u{FB50}'..='\u{FDFF}'
                | '\u{FE70}'..='\u{FEFC}'
                    if c.is_alphabetic() =>
                {
                    arabic += 1
                }
                c if c.is_ascii_alphabetic() => latin += 1,
                _ => {}
            }
        }
        match (arabic, latin) {
            (0, 0) => None,
            (a, l) if a * 2 >= l => Some(Language::Ar),
            _ => Some(Language::En),
        }
    }
}

impl std::str::FromStr for Language {
    type Err = ();
    fn from_str(tag: &str) -> Result<Self, ()> {
        Language::from_tag(tag).ok_or(())
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// A text that a charity wrote in both languages. English may be left out; the Arabic is then shown.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    pub ar: String,
    #[serde(default)]
    pub en: String,
}

impl Bilingual {
    pub fn new(ar: &str, en: &str) -> Self {
        Self { ar: ar.to_owned(), en: en.to_owned() }
    }

    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En if !self.en.is_empty() => &self.en,
            _ => &self.ar,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_judged_by_its_letters() {
        assert_eq!(Language::of_text("السلام عليكم، رقم الطلب 12 iPhone"), Some(Language::Ar));
        assert_eq!(Language::of_text("Hello, my name is علي"), Some(Language::En));
        assert_eq!(Language::of_text("123 … 👍"), None);
    }
}
