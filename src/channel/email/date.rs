//! When a mail was sent, by its sender's clock, in whatever form the date is written (RFC 5322 §3.3, §4.3, and what
//! programs make of it).

use super::{address::Closing, words};
use mail_parser::DateTime;
use std::borrow::Cow;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/// The months as Arabic telephones and web mailers write them, in the Gulf and Egypt, and in the Levant.
const ARABIC: [[&str; 2]; 12] = [
    ["يناير", "كانون الثاني"],
    ["فبراير", "شباط"],
    ["مارس", "آذار"],
    ["أبريل", "نيسان"],
    ["مايو", "أيار"],
    ["يونيو", "حزيران"],
    ["يوليو", "تموز"],
    ["أغسطس", "آب"],
    ["سبتمبر", "أيلول"],
    ["أكتوبر", "تشرين الأول"],
    ["نوفمبر", "تشرين الثاني"],
    ["ديسمبر", "كانون الأول"],
];
/// The longest date that is looked at, in bytes.
const LONGEST: usize = 300;

/// The moment that a `Date` field names. Without a zone, or with one that nobody knows, it is taken for universal time.
pub fn read(value: &[u8]) -> Option<DateTime> {
    let text = words::decode(value.get(..LONGEST).unwrap_or(value), None);
    let text: String = without_comments(&text).chars().map(western_digit).collect();
    let mut parts = Parts { month: arabic_month(&text), ..Parts::default() };
    for token in text.split(|c: char| c.is_whitespace() || c == ',').filter(|token| !token.is_empty()) {
        parts.take(token);
    }
    parts.date()
}

fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut kept = Vec::with_capacity(bytes.len());
    let mut closing = Closing::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let comment = if *byte == b'(' { closing.comment_end(bytes, at) } else { None };
        match comment {
            Some(end) => {
                kept.push(b' ');
                at = end;
            }
            None => {
                kept.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Arabic-Indic and Persian digits as Western ones, marks of direction as blanks.
fn western_digit(c: char) -> char {
    let digit = match c {
        '\u{0660}'..='\u{0669}' => u32::from(c) - 0x0660,
        '\u{06F0}'..='\u{06F9}' => u32::from(c) - 0x06F0,
        '\u{200E}' | '\u{200F}' | '\u{060C}' => return ' ',
        _ => return c,
    };
    char::from_digit(digit, 10).unwrap_or(c)
}

fn arabic_month(text: &str) -> Option<u8> {
    if text.is_ascii() {
        return None;
    }
    let month = ARABIC.iter().position(|names| names.iter().any(|name| text.contains(name)))?;
    u8::try_from(month + 1).ok()
}

/// What the words of a date said so far.
#[derive(Default)]
struct Parts {
    year: Option<u16>,
    month: Option<u8>,
    day: Option<u8>,
    time: Option<(u8, u8, u8)>,
    afternoon: Option<bool>,
    /// Minutes east of Greenwich.
    zone: Option<i32>,
}

impl Parts {
    fn take(&mut self, token: &str) {
        let token = token.trim_end_matches(['.', ';']);
        let dotted = self.time.is_none() && self.day.is_some() && is_dotted_time(token);
        let token = if dotted { Cow::Owned(token.replace('.', ":")) } else { Cow::Borrowed(token) };
        let token = token.as_ref();
        let is_time = self.time.is_none() && token.contains(':');
        if (is_time && self.take_iso(token)) || (!is_time && token.contains(['-', '/']) && self.take_date(token)) {
            return;
        }
        if is_time {
            self.take_time(token);
        } else if self.time.is_some() && token.starts_with(['+', '-']) {
            self.zone = self.zone.or_else(|| offset(token));
        } else if token.bytes().all(|byte| byte.is_ascii_digit()) {
            self.take_number(token);
        } else {
            self.take_word(token);
        }
    }

    /// `2026-02-03T10:15:00+03:00` (RFC 3339).
    fn take_iso(&mut self, token: &str) -> bool {
        let Some((date, time)) = token.split_once(['T', 't']) else { return false };
        if !date.starts_with(|c: char| c.is_ascii_digit()) || !self.take_date(date) {
            return false;
        }
        let end = time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len());
        let (time, zone) = time.split_at(end);
        self.take_time(time);
        self.zone = offset(zone);
        true
    }

    fn take_time(&mut self, token: &str) {
        // A zone may stand right behind it.
        let end = token.find(['+', '-']).filter(|at| *at > 0).unwrap_or(token.len());
        let (clock, zone) = token.split_at(end);
        let letters = clock.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(clock.len());
        let (clock, word) = clock.split_at(letters);
        let mut numbers = clock.split(':').map(|number| number.split('.').next().unwrap_or_default().parse::<u8>());
        let (Some(Ok(hour)), Some(Ok(minute))) = (numbers.next(), numbers.next()) else { return };
        self.time = Some((hour, minute, numbers.next().and_then(Result::ok).unwrap_or(0)));
        self.zone = self.zone.or_else(|| offset(zone));
        if !word.is_empty() {
            self.take_word(word);
        }
    }

    fn take_number(&mut self, token: &str) {
        let Ok(number) = token.parse::<u16>() else { return };
        if self.day.is_none() && token.len() <= 2 && (1..=31).contains(&number) {
            self.day = u8::try_from(number).ok();
        } else if self.year.is_none() && (token.len() <= 4) {
            self.year = Some(year(number, token.len()));
        } else if token.len() == 4 && self.time.is_some() && self.zone.is_none() {
            self.zone = offset(&format!("+{token}"));
        }
    }

    /// `3-Feb-2026`, `2026-02-03`, `2026/02/03`; with the day or the month first nobody can know.
    fn take_date(&mut self, token: &str) -> bool {
        let mut parts = token.split(['-', '/']);
        let (Some(first), Some(second), Some(third), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return false };
        let number = |text: &str| text.parse::<u16>().ok();
        match (number(first), month(second).or_else(|| second.parse().ok()), number(third)) {
            (Some(year), Some(month), Some(day)) if first.len() == 4 => {
                (self.year, self.month, self.day) = (Some(year), Some(month), u8::try_from(day).ok());
            }
            (Some(day), Some(named), Some(number)) if month(second).is_some() => {
                (self.day, self.month, self.year) = (u8::try_from(day).ok(), Some(named), Some(year(number, third.len())));
            }
            _ => return false,
        }
        true
    }

    fn take_word(&mut self, word: &str) {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "am" | "ص" | "صباحا" | "صباحاً" => self.afternoon = Some(false),
            "pm" | "م" | "مساء" | "مساءً" => self.afternoon = Some(true),
            _ if self.month.is_none() && month(word).is_some() => self.month = month(word),
            _ if self.time.is_some() => {
                let name = lower.trim_end_matches(|c: char| !c.is_ascii_alphabetic());
                let (name, rest) = lower.split_at(name.find(['+', '-']).unwrap_or(name.len()));
                self.zone = self.zone.or_else(|| offset(rest)).or_else(|| named_zone(name));
            }
            _ => {}
        }
    }

    fn date(self) -> Option<DateTime> {
        let (hour, minute, second) = self.time.unwrap_or_default();
        let hour = match self.afternoon {
            Some(true) if hour < 12 => hour + 12,
            Some(false) if hour == 12 => 0,
            _ => hour,
        };
        let zone = self.zone.unwrap_or(0);
        let date = DateTime {
            year: self.year?,
            month: self.month?,
            day: self.day?,
            hour,
            minute,
            // A leap second, or a clock that counts from one.
            second: second.min(59),
            tz_before_gmt: zone < 0,
            tz_hour: u8::try_from(zone.abs() / 60).ok()?,
            tz_minute: u8::try_from(zone.abs() % 60).ok()?,
        };
        (date.hour < 24 && date.minute < 60 && (1..=12).contains(&date.month) && (1970..=2200).contains(&date.year)).then_some(date)
    }
}

/// `10.15` and `10.15.30`, as some languages write it.
fn is_dotted_time(token: &str) -> bool {
    let parts = token.split('.').count();
    (2..=3).contains(&parts) && token.split('.').all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A year of two or three digits (RFC 5322 §4.3).
fn year(number: u16, digits: usize) -> u16 {
    match (digits, number) {
        (1 | 2, 0..=49) => 2000 + number,
        (1..=3, _) => 1900 + number,
        _ => number,
    }
}

fn month(word: &str) -> Option<u8> {
    let start = word.get(..3)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| *month == start)?;
    u8::try_from(month + 1).ok()
}

/// `+0300`, `+03:00`, `+3`, `Z`, in minutes.
fn offset(text: &str) -> Option<i32> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.strip_prefix(['+', '-'])?.trim_start_matches(['+', '-']).chars().filter(|c| *c != ':').take(8).collect();
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        3 | 4 => (digits.get(..digits.len() - 2)?.parse::<i32>().ok()?, digits.get(digits.len() - 2..)?.parse::<i32>().ok()?),
        _ => return None,
    };
    (hours <= 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// The zones of RFC 5322 §4.3 and the common ones beside them, in minutes.
fn named_zone(name: &str) -> Option<i32> {
    let hours = match name {
        "ut" | "gmt" | "utc" | "wet" | "z" => 0,
        "edt" => -4,
        "est" | "cdt" => -5,
        "cst" | "mdt" => -6,
        "mst" | "pdt" => -7,
        "pst" => -8,
        "bst" | "cet" | "met" | "west" | "mez" => 1,
        "cest" | "mest" | "eet" | "mesz" | "sast" => 2,
        "eest" | "msk" => 3,
        "jst" | "kst" => 9,
        _ => return None,
    };
    Some(hours * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_whatever_form() {
        for (value, expected) in [
            ("Tue, 03 Feb 2026 10:15:30 +0300", "2026-02-03T10:15:30+03:00"),
            ("3 Feb 26 10:15 +0300 (AST)", "2026-02-03T10:15:00+03:00"),
            ("Tue,3 Feb 2026 10:15:30 -0530", "2026-02-03T10:15:30-05:30"),
            ("Tue, 3 Feb 2026 10:15:30", "2026-02-03T10:15:30Z"),
            ("Tue, 3 Feb 2026 10:15:30 EST", "2026-02-03T10:15:30-05:00"),
            ("Tue, 3 Feb 2026 10:15:30 GMT+3", "2026-02-03T10:15:30+03:00"),
            ("Tue, 3 Feb 2026 10:15:30 +03:00", "2026-02-03T10:15:30+03:00"),
            ("Tue, (a comment (in one)) 3 Feb 2026 10:15:30 +0000", "2026-02-03T10:15:30Z"),
            ("Tue Feb  3 10:15:30 2026", "2026-02-03T10:15:30Z"),
            ("Tue Feb  3 10:15:30 CET 2026", "2026-02-03T10:15:30+01:00"),
            ("Feb 3, 2026 10:15:30 PM", "2026-02-03T22:15:30Z"),
            ("3 Feb 2026 12:15 AM +0300", "2026-02-03T00:15:00+03:00"),
            ("2026-02-03T10:15:30.123+03:00", "2026-02-03T10:15:30+03:00"),
            ("2026-02-03T10:15:30Z", "2026-02-03T10:15:30Z"),
            ("2026-02-03 10:15:30 +0300", "2026-02-03T10:15:30+03:00"),
            ("03 Feb 2026 10.15.30 +0300", "2026-02-03T10:15:30+03:00"),
            ("3-Feb-2026 10:15:30+0300", "2026-02-03T10:15:30+03:00"),
            ("Tue, 3 Feb 99 10:15:30 Z", "1999-02-03T10:15:30Z"),
            ("Tue, 3 Feb 126 10:15:30 Z", "2026-02-03T10:15:30Z"),
            ("الثلاثاء، ٣ فبراير ٢٠٢٦ ١٠:١٥:٣٠ +٠٣٠٠", "2026-02-03T10:15:30+03:00"),
            ("Tue, 3 February 2026 10:15:60 +0300", "2026-02-03T10:15:59+03:00"),
        ] {
            assert_eq!(read(value.as_bytes()).map(|date| date.to_rfc3339()).as_deref(), Some(expected), "{value}");
        }
        for value in ["", "yesterday", "99:99", "Feb 2026", "3 Feb", "31 Foo 2026 10:00", "3 Feb 2026 25:00", "((((", "03/02/2026 10:00"] {
            assert_eq!(read(value.as_bytes()), None, "{value}");
        }
    }
}
