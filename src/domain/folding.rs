//! Arabic folding: one spelling for what people write in many, for search and for routing by words.
//!
//! Folded alike: alef and hamza forms, ya and alef maqsura, ta marbuta and ha, the Persian and Urdu letters of the
//! same look, presentation forms and ligatures (NFKD), Arabic-Indic and Persian digits. Dropped: diacritics, tatweel,
//! invisible direction marks. Latin letters are lower-cased and lose their accents.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The value of a decimal digit in Latin, Arabic-Indic (٠–٩) or Extended Arabic-Indic (۰–۹) script.
pub fn digit_value(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8 - b'0'),
        '\u{0660}'..='\u{0669}' => Some((c as u32 - 0x0660) as u8),
        '\u{06F0}'..='\u{06F9}' => Some((c as u32 - 0x06F0) as u8),
        _ => None,
    }
}

/// The same text with every Arabic-script digit as a Latin one.
pub fn latin_digits(text: &str) -> String {
    text.chars().map(|c| digit_value(c).map_or(c, |d| char::from(b'0' + d))).collect()
}

/// The folded form of `text`. Folding twice changes nothing; runs of white space become one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space = false;
    for c in text.nfkd() {
        if c.is_whitespace() {
            space = true;
            continue;
        }
        let Some(c) = fold_char(c) else { continue };
        if space && !folded.is_empty() {
            folded.push(' ');
        }
        space = false;
        match c {
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            c => folded.extend(c.to_lowercase().filter(|c| !is_combining_mark(*c))),
        }
    }
    folded
}

fn fold_char(c: char) -> Option<char> {
    Some(match c {
        '\u{0640}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{061C}' | '\u{FEFF}' | '\u{00AD}' => {
            return None;
        }
        '\u{0621}' | '\u{0674}' => return None,
        '\u{0622}' | '\u{0623}' | '\u{0625}' | '\u{0671}'..='\u{0673}' | '\u{0675}' => '\u{0627}',
        '\u{0624}' | '\u{0676}' | '\u{0677}' | '\u{06C4}'..='\u{06CB}' | '\u{06CF}' => '\u{0648}',
        '\u{0626}' | '\u{0649}' | '\u{06CC}' | '\u{06CD}' | '\u{06D0}'..='\u{06D3}' | '\u{0678}' | '\u{063D}'..='\u{063F}' | '\u{06CE}' => {
            '\u{064A}'
        }
        '\u{0629}' | '\u{06C0}'..='\u{06C3}' | '\u{06BE}' | '\u{06D5}' | '\u{06FF}' => '\u{0647}',
        '\u{06A9}'..='\u{06AE}' | '\u{063B}' | '\u{063C}' => '\u{0643}',
        c => match digit_value(c) {
            Some(d) => char::from(b'0' + d),
            None if is_combining_mark(c) || matches!(c, '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06ED}') => return None,
            None => c,
        },
    })
}

/// The folded words of a text: runs of letters and digits.
pub fn words(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A folded word without the particles that Arabic writes onto it: و, ف, ب, ك, ل before ال, and ال, لل itself.
/// At least two letters are always left.
pub fn bare(word: &str) -> &str {
    let strip = |word: &'static [&'static str], from: &mut &str| {
        for prefix in word {
            if let Some(rest) = from.strip_prefix(prefix)
                && rest.chars().count() >= 3
            {
                *from = rest;
                return;
            }
        }
    };
    let mut rest = word;
    strip(&["وال", "فال", "بال", "كال", "ولل", "فلل", "ال", "لل"], &mut rest);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_that_look_alike_fold_alike() {
        for (left, right) in [
            ("أُسْرَة", "اسره"),
            ("إلى", "الي"),
            ("الشکوی", "الشكوى"),
            ("مسؤول", "مسوول"),
            ("عائلة", "عايله"),
            ("طلـــب", "طلب"),
            ("١٢٣", "۱۲۳"),
            ("ﻻ", "لا"),
            ("آمنة", "امنه"),
            ("مـُـسـَـاعَدَةٌ", "مساعده"),
            ("یتیم", "يتيم"),
            ("Café  NOIR", "cafe noir"),
            ("شيء", "شي"),
        ] {
            assert_eq!(fold(left), fold(right), "{left} {right}");
        }
        assert_eq!(fold("رقم ٢٦"), "رقم 26");
    }

    #[test]
    fn particles_come_off_and_stems_stay() {
        for (word, stem) in
            [("والمدارس", "مدارس"), ("للاسره", "اسره"), ("المساعده", "مساعده"), ("الم", "الم"), ("بيت", "بيت"), ("وليد", "وليد")]
        {
            assert_eq!(bare(word), stem);
        }
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC*") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn arabic_text_keeps_no_diacritic_and_no_variant(text in "[\u{0600}-\u{06FF} ]*") {
            for c in fold(&text).chars() {
                prop_assert!(!matches!(c, 'أ' | 'إ' | 'آ' | 'ى' | 'ة' | 'ؤ' | 'ئ' | 'ـ' | '\u{064B}'..='\u{0652}'), "{:?}", c);
            }
        }
    }
}
