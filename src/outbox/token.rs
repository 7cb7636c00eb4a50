//! The secret token of a reply address: proves that an answer belongs to a ticket, and, for staff, who answers.
//!
//! `s` (sender) or `o` (officer), then 17 bytes in lower-case base32 (RFC 4648 §6, no padding; mail programs change the
//! case of addresses): 5 bytes of reference and 12 bytes (96 bits) of HMAC. Only who was sent it can know it.

use crate::{
    domain::{PersonId, Reference},
    vault::{Vault, VaultError},
};

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 29;

/// A token that was read but not yet proven.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Claim {
    pub reference: Reference,
    pub officer: bool,
    proof: [u8; 12],
}

pub fn for_sender(vault: &Vault, reference: Reference) -> Result<String, VaultError> {
    Ok(write('s', reference, vault.token("sender reply", &number(reference))?))
}

pub fn for_officer(vault: &Vault, reference: Reference, person: PersonId) -> Result<String, VaultError> {
    Ok(write('o', reference, vault.token("officer reply", &officer_value(reference, person))?))
}

/// Reads a token; `None` for anything that is not shaped like one.
pub fn read(text: &str) -> Option<Claim> {
    let text = text.to_ascii_lowercase();
    let (tag, rest) = text.split_at_checked(1)?;
    if text.len() != LENGTH || !matches!(tag, "s" | "o") {
        return None;
    }
    let bytes = decode(rest)?;
    let (number, proof) = bytes.split_first_chunk::<5>()?;
    let number = number.iter().fold(0u64, |n, byte| n << 8 | u64::from(*byte));
    let reference = Reference::new(i32::try_from(number >> 32).ok()?, u32::try_from(number & 0xFFFF_FFFF).ok()?)?;
    Some(Claim { reference, officer: tag == "o", proof: proof.try_into().ok()? })
}

impl Claim {
    /// Whether it was given to the sender of the ticket.
    pub fn proves_sender(&self, vault: &Vault) -> bool {
        !self.officer && vault.proves("sender reply", &number(self.reference), &self.proof)
    }

    /// Whether it was given to this member of staff for the ticket.
    pub fn proves_officer(&self, vault: &Vault, person: PersonId) -> bool {
        self.officer && vault.proves("officer reply", &officer_value(self.reference, person), &self.proof)
    }
}

fn number(reference: Reference) -> [u8; 5] {
    let serial = reference.serial().to_be_bytes();
    [reference.year(), serial[0], serial[1], serial[2], serial[3]]
}

fn officer_value(reference: Reference, person: PersonId) -> Vec<u8> {
    [number(reference).as_slice(), person.0.as_bytes()].concat()
}

fn write(tag: char, reference: Reference, proof: [u8; 12]) -> String {
    let bytes = [number(reference).as_slice(), &proof].concat();
    let mut text = String::with_capacity(LENGTH);
    text.push(tag);
    let (mut buffer, mut bits) = (0u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|a| *a == letter)?;
        buffer = buffer << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 255).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{At, World, world::fixed};
    use proptest::prelude::*;

    fn vault() -> Vault {
        Vault::generate(World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(9) })
    }

    #[test]
    fn it_fits_a_mail_address_and_proves_only_its_own_ticket_and_person() {
        let (vault, person) = (vault(), PersonId(uuid::Uuid::from_u128(5)));
        let (one, two) = (Reference::new(26, 4183).unwrap(), Reference::new(26, 4184).unwrap());
        let sender = for_sender(&vault, one).unwrap();
        assert_eq!(sender.len(), LENGTH);
        let claim = read(&sender.to_ascii_uppercase()).unwrap();
        assert!(claim.reference == one && claim.proves_sender(&vault) && !claim.proves_officer(&vault, person));
        let forged = Claim { reference: two, ..claim };
        assert!(!forged.proves_sender(&vault));
        let officer = read(&for_officer(&vault, one, person).unwrap()).unwrap();
        assert!(
            officer.proves_officer(&vault, person)
                && !officer.proves_officer(&vault, PersonId(uuid::Uuid::from_u128(6)))
                && !officer.proves_sender(&vault)
        );
        let pretender = Claim { officer: true, ..claim };
        assert!(!pretender.proves_officer(&vault, person));
    }

    proptest! {
        #[test]
        fn every_token_reads_back(serial in 1u32..=99_999_999, year in 0i32..100) {
            let reference = Reference::new(year, serial).unwrap();
            prop_assert_eq!(read(&for_sender(&vault(), reference).unwrap()).unwrap().reference, reference);
        }

        #[test]
        fn nothing_makes_it_panic(text in "\\PC{0,60}", shaped in "[so][a-z2-7]{28}") {
            let _ = read(&text);
            let _ = read(&shaped);
        }
    }
}
