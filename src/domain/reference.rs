//! The reference of a ticket (`26-004183-7`) and the PIN that goes with it.
//!
//! Digits only, so that an old person can read it out on the phone: two digits of the year, at least six of a
//! serial number, and a check digit (Damm's quasigroup of order 10, H. M. Damm 2004: finds every single wrong
//! digit and every swap of two neighbours). Accepted with any digits of Arabic script, with or without dashes.

use super::folding::digit_value;
use std::{fmt, str::FromStr};

/// Year (0–99) and serial (1–99,999,999) of a ticket.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Reference {
    year: u8,
    serial: u32,
}

pub const SERIAL_MAX: u32 = 99_999_999;

#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum ReferenceError {
    #[error("a reference is made of digits, like 26-004183-7")]
    Shape,
    #[error("a digit of the reference is wrong or two digits are swapped")]
    CheckDigit,
}

impl Reference {
    /// `year` is taken modulo 100; `None` when the serial is 0 or above [`SERIAL_MAX`].
    pub fn new(year: i32, serial: u32) -> Option<Self> {
        (1..=SERIAL_MAX).contains(&serial).then(|| Self { year: year.rem_euclid(100) as u8, serial })
    }

    pub fn year(self) -> u8 {
        self.year
    }

    pub fn serial(self) -> u32 {
        self.serial
    }

    fn body(self) -> String {
        format!("{:02}{:06}", self.year, self.serial)
    }

    fn check_digit(self) -> u8 {
        damm(self.body().bytes().map(|b| b - b'0'))
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}-{:06}-{}", self.year, self.serial, self.check_digit()))
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let mut digits = Vec::with_capacity(12);
        for c in text.chars() {
            match digit_value(c) {
                Some(d) if digits.len() < 11 => digits.push(d),
                Some(_) => return Err(ReferenceError::Shape),
                None if c.is_whitespace() || is_separator(c) => {}
                None => return Err(ReferenceError::Shape),
            }
        }
        if digits.len() < 9 {
            return Err(ReferenceError::Shape);
        }
        if damm(digits.iter().copied()) != 0 {
            return Err(ReferenceError::CheckDigit);
        }
        let number = |range: &[u8]| range.iter().fold(0u32, |n, d| n * 10 + u32::from(*d));
        let (year, serial) = (number(&digits[..2]), &digits[2..digits.len() - 1]);
        if serial.len() > 6 && serial[0] == 0 {
            return Err(ReferenceError::Shape);
        }
        Reference::new(year as i32, number(serial)).ok_or(ReferenceError::Shape)
    }
}

/// Dashes of every kind, slashes, dots, and the invisible marks that come with right-to-left text.
fn is_separator(c: char) -> bool {
    matches!(c, '-' | '/' | '.' | '\\' | '#' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{0640}' | '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{2066}'..='\u{2069}' | '\u{202A}'..='\u{202E}')
}

const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

fn damm(digits: impl Iterator<Item = u8>) -> u8 {
    digits.fold(0, |state, digit| DAMM[usize::from(state)][usize::from(digit)])
}

/// Six digits that, with the reference, let a sender follow their ticket.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    pub fn new(world: &super::World) -> Self {
        Self(format!("{:06}", world.below(1_000_000)))
    }

    /// From what a person typed: exactly six digits of any script, spaces and dashes ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Option<String> = text
            .chars()
            .filter(|c| !c.is_whitespace() && !is_separator(*c))
            .map(|c| digit_value(c).map(|d| char::from(b'0' + d)))
            .collect();
        digits.filter(|d| d.len() == 6).map(Self)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_reads_in_every_script_and_spelling() {
        let reference = Reference::new(2026, 4183).unwrap();
        let shown = reference.to_string();
        assert_eq!(&shown[..9], "26-004183");
        let arabic: String = shown.chars().map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0x660 + d).unwrap())).collect();
        let persian: String = shown.chars().map(|c| c.to_digit(10).map_or(c, |d| char::from_u32(0x6F0 + d).unwrap())).collect();
        for spelling in [
            shown.clone(),
            shown.replace('-', ""),
            shown.replace('-', " "),
            arabic.clone(),
            arabic.replace('-', "–"),
            persian,
            format!("\u{200F}{arabic}\u{2069}"),
        ] {
            assert_eq!(spelling.parse::<Reference>(), Ok(reference), "{spelling}");
        }
        for bad in ["", "26", "26-004183-x", "2600418312345", "26-004183"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_reference_reads_back(year in 0..100i32, serial in 1..=SERIAL_MAX) {
            let reference = Reference::new(year, serial).unwrap();
            prop_assert_eq!(reference.to_string().parse::<Reference>(), Ok(reference));
        }

        #[test]
        fn a_wrong_digit_or_a_swap_is_found(serial in 1..=999_999u32, at in 0..9usize, by in 1..10u8) {
            let digits: Vec<u8> = Reference::new(26, serial).unwrap().to_string().bytes().filter(u8::is_ascii_digit).collect();
            let mut wrong = digits.clone();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            prop_assert_eq!(String::from_utf8(wrong).unwrap().parse::<Reference>(), Err(ReferenceError::CheckDigit));
            if at < 8 && digits[at] != digits[at + 1] {
                let mut swapped = digits;
                swapped.swap(at, at + 1);
                prop_assert_eq!(String::from_utf8(swapped).unwrap().parse::<Reference>(), Err(ReferenceError::CheckDigit));
            }
        }

        #[test]
        fn nothing_typed_makes_it_panic(text in "\\PC*") {
            let _ = text.parse::<Reference>();
            let _ = Pin::parse(&text);
        }
    }
}
