//! Seals and opens personal data, and makes the keyed hashes by which it is found again.
//!
//! XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with keys derived by HKDF-SHA256 (RFC 5869) from the keys of the key
//! file; a sealed value is `key id (1) | nonce (24) | ciphertext and tag`, bound to its table, column and row as
//! associated data, so that no value can be moved to another place.
//!
//! Architecture invariant: pure; the key file is read and written by `app`. `store` uses the vault at its edge, and
//! nothing above ever sees a sealed value.

pub mod settings;

use crate::domain::World;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::{collections::BTreeMap, fmt, fmt::Write};
use zeroize::Zeroizing;

/// Where a sealed value lies: bound into it, so that it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// `table.column`.
    pub column: &'static str,
    pub row: uuid::Uuid,
}

impl Place {
    fn bytes(self) -> Vec<u8> {
        [self.column.as_bytes(), b":", self.row.as_bytes()].concat()
    }
}

/// A keyed hash of a normalised value: the same value always has the same one, and nobody without the key can tell which.
pub type Blind = [u8; 16];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("the key file has no usable line; a line is a number from 1 to 255, a space, and 32 bytes in base64")]
    NoKey,
    #[error("line {0} of the key file is not a number from 1 to 255, a space, and 32 bytes in base64")]
    BadLine(usize),
    #[error("the key file names key {0} twice")]
    Twice(u8),
    #[error("key {0} is missing from the key file; restore the copy that was kept of it")]
    MissingKey(u8),
    #[error("a sealed value does not open: it was altered, moved, or sealed with another key")]
    Altered,
    #[error("all 255 key numbers are used")]
    Full,
}

struct Keys {
    secret: Zeroizing<[u8; 32]>,
    cipher: XChaCha20Poly1305,
    index: Hmac<Sha256>,
    token: Hmac<Sha256>,
}

impl Keys {
    fn derive(secret: [u8; 32]) -> Self {
        let expand = |label: &[u8]| {
            let mut key = Zeroizing::new([0u8; 32]);
            // 32 bytes are within HKDF's limit of 255 hashes; the result can't be an error.
            let _ = hkdf::Hkdf::<Sha256>::new(None, &secret).expand(label, key.as_mut());
            key
        };
        let mac = |label: &[u8]| {
            // A key shorter than the block is padded with zeros (RFC 2104 §2).
            let mut block = Zeroizing::new([0u8; 64]);
            block[..32].copy_from_slice(expand(label).as_ref());
            Hmac::<Sha256>::new(&(*block).into())
        };
        Self {
            cipher: XChaCha20Poly1305::new(&(*expand(b"tawasul seal v1")).into()),
            index: mac(b"tawasul index v1"),
            token: mac(b"tawasul token v1"),
            secret: Zeroizing::new(secret),
        }
    }
}

/// All keys, one of which seals.
pub struct Vault {
    keys: BTreeMap<u8, Keys>,
    primary: u8,
    world: World,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys, sealing with {})", self.keys.len(), self.primary)
    }
}

impl Vault {
    /// A vault with one new key.
    pub fn generate(world: World) -> Self {
        let secret = world.bytes::<32>();
        Self { keys: BTreeMap::from([(1, Keys::derive(secret))]), primary: 1, world }
    }

    /// A vault of one given key, such as the key of one file's content.
    pub fn of_key(secret: [u8; 32], world: World) -> Self {
        Self { keys: BTreeMap::from([(1, Keys::derive(secret))]), primary: 1, world }
    }

    /// From the text of a key file. Seals with the highest-numbered key until [`Vault::seal_with`] says otherwise.
    ///
    /// # Errors
    /// When a line can't be read or there is none; empty lines and lines beginning with `#` are passed over.
    pub fn parse(text: &str, world: World) -> Result<Self, VaultError> {
        let mut keys = BTreeMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty() && !l.trim_start().starts_with('#')) {
            let bad = || VaultError::BadLine(number + 1);
            let (id, secret) = line.trim().split_once(char::is_whitespace).ok_or_else(bad)?;
            let id: u8 = id.parse().ok().filter(|id| *id > 0).ok_or_else(bad)?;
            let secret = Zeroizing::new(BASE64.decode(secret.trim()).map_err(|_| bad())?);
            let secret: [u8; 32] = secret.as_slice().try_into().map_err(|_| bad())?;
            if keys.insert(id, Keys::derive(secret)).is_some() {
                return Err(VaultError::Twice(id));
            }
        }
        let primary = *keys.keys().next_back().ok_or(VaultError::NoKey)?;
        Ok(Self { keys, primary, world })
    }

    /// The text of a key file with all keys. Secret.
    pub fn key_file(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::from(
            "# Keys of the Tawasul vault. Without this file the personal data in the database cannot be read:\n# keep a copy in a safe place, apart from the database.\n",
        ));
        for (id, keys) in &self.keys {
            let _ = writeln!(text, "{id} {}", BASE64.encode(keys.secret.as_ref()));
        }
        text
    }

    /// A vault with one key more than this one; it seals with the new key.
    pub fn with_new_key(&self) -> Result<Self, VaultError> {
        let next = self.keys.keys().next_back().copied().unwrap_or(0).checked_add(1).ok_or(VaultError::Full)?;
        let mut keys: BTreeMap<u8, Keys> = self.keys.iter().map(|(id, keys)| (*id, Keys::derive(*keys.secret))).collect();
        keys.insert(next, Keys::derive(self.world.bytes()));
        Ok(Self { keys, primary: next, world: self.world.clone() })
    }

    /// The id of the key that seals.
    pub fn primary(&self) -> u8 {
        self.primary
    }

    /// Seals with key `id` from now on.
    pub fn seal_with(&mut self, id: u8) -> Result<(), VaultError> {
        if !self.keys.contains_key(&id) {
            return Err(VaultError::MissingKey(id));
        }
        self.primary = id;
        Ok(())
    }

    fn current(&self) -> Result<&Keys, VaultError> {
        self.keys.get(&self.primary).ok_or(VaultError::MissingKey(self.primary))
    }

    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let nonce = self.world.bytes::<24>();
        let body = self
            .current()?
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &place.bytes() })
            .map_err(|_| VaultError::Altered)?;
        let mut sealed = Vec::with_capacity(25 + body.len());
        sealed.push(self.primary);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (id, rest) = sealed.split_first().ok_or(VaultError::Altered)?;
        let (nonce, body) = rest.split_first_chunk::<24>().ok_or(VaultError::Altered)?;
        let keys = self.keys.get(id).ok_or(VaultError::MissingKey(*id))?;
        keys.cipher.decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: &place.bytes() }).map_err(|_| VaultError::Altered)
    }

    pub fn open_text(&self, place: Place, sealed: &[u8]) -> Result<String, VaultError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| VaultError::Altered)
    }

    /// The keyed hash of a value; `what` keeps hashes of different things apart.
    pub fn blind(&self, what: &str, value: &str) -> Result<Blind, VaultError> {
        Ok(first_half(self.current()?.index.clone(), what, value.as_bytes()))
    }

    /// The keyed hash of a file's content.
    pub fn blind_bytes(&self, what: &str, value: &[u8]) -> Result<Blind, VaultError> {
        Ok(first_half(self.current()?.index.clone(), what, value))
    }

    /// A token that proves `value` was given out by us: the first `N` bytes (at least 10, at most 16) of HMAC-SHA256.
    pub fn token<const N: usize>(&self, what: &str, value: &[u8]) -> Result<[u8; N], VaultError> {
        const { assert!(N >= 10 && N <= 16) };
        let half = first_half(self.current()?.token.clone(), what, value);
        let mut token = [0; N];
        token.copy_from_slice(&half[..N]);
        Ok(token)
    }

    /// Whether `token` is one that any key of the vault gave out for `value`, so that it stays good after a rotation as long as
    /// the old key is kept; takes the same time for every wrong one.
    pub fn proves(&self, what: &str, value: &[u8], token: &[u8]) -> bool {
        use subtle::ConstantTimeEq;
        (10..=16).contains(&token.len())
            && self
                .keys
                .values()
                .fold(false, |found, keys| found | bool::from(first_half(keys.token.clone(), what, value)[..token.len()].ct_eq(token)))
    }
}

fn first_half(mut mac: Hmac<Sha256>, what: &str, value: &[u8]) -> Blind {
    mac.update(what.as_bytes());
    mac.update(&[0]);
    mac.update(value);
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut half = [0; 16];
    half.copy_from_slice(&whole[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{At, world::fixed};
    use proptest::prelude::*;

    fn world() -> World {
        World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(1) }
    }

    const PLACE: Place = Place { column: "contact.name", row: uuid::Uuid::from_u128(7) };

    #[test]
    fn a_value_opens_only_in_its_own_place() {
        let vault = Vault::generate(world());
        let sealed = vault.seal(PLACE, "فاطمة".as_bytes()).unwrap();
        assert_eq!(vault.open_text(PLACE, &sealed).unwrap(), "فاطمة");
        for elsewhere in [Place { column: "contact.phone", ..PLACE }, Place { row: uuid::Uuid::from_u128(8), ..PLACE }] {
            assert_eq!(vault.open(elsewhere, &sealed), Err(VaultError::Altered));
        }
    }

    #[test]
    fn the_key_file_reads_back_and_old_values_stay_readable_after_a_new_key() {
        let old = Vault::generate(world());
        let sealed = old.seal(PLACE, b"x").unwrap();
        let token = old.token::<16>("reply", b"t").unwrap();
        let new = Vault::parse(&old.with_new_key().unwrap().key_file(), world()).unwrap();
        assert_eq!(new.primary(), 2);
        assert_eq!(new.open(PLACE, &sealed).unwrap(), b"x");
        assert_ne!(new.blind("mail", "a@b.sa").unwrap(), old.blind("mail", "a@b.sa").unwrap());
        assert!(new.proves("reply", b"t", &token));
        assert!(!new.proves("reply", b"u", &token));
        assert_eq!(old.open(PLACE, &new.seal(PLACE, b"y").unwrap()), Err(VaultError::MissingKey(2)));
    }

    #[test]
    fn a_bad_key_file_is_refused_by_line() {
        assert_eq!(Vault::parse("", world()).unwrap_err(), VaultError::NoKey);
        assert_eq!(Vault::parse("# x\n1 short\n", world()).unwrap_err(), VaultError::BadLine(2));
        let line = Vault::generate(world()).key_file().lines().last().unwrap().to_owned();
        assert_eq!(Vault::parse(&format!("{line}\n{line}"), world()).unwrap_err(), VaultError::Twice(1));
    }

    proptest! {
        #[test]
        fn altered_bytes_never_open(at in 0usize..60, bit in 0u8..8) {
            let vault = Vault::generate(world());
            let mut sealed = vault.seal(PLACE, &[42; 19]).unwrap();
            let at = at % sealed.len();
            sealed[at] ^= 1 << bit;
            prop_assert!(vault.open(PLACE, &sealed).is_err());
        }

        #[test]
        fn whatever_is_sealed_opens_and_is_not_to_be_seen(plain in proptest::collection::vec(any::<u8>(), 8..200)) {
            let vault = Vault::generate(world());
            let sealed = vault.seal(PLACE, &plain).unwrap();
            prop_assert_eq!(vault.open(PLACE, &sealed).unwrap(), plain.clone());
            prop_assert!(!sealed.windows(8).any(|window| window == &plain[..8]));
            prop_assert_ne!(vault.seal(PLACE, &plain).unwrap(), sealed);
        }

        #[test]
        fn equal_values_of_one_thing_and_only_they_have_one_hash(one in "\\PC{0,20}", two in "\\PC{0,20}", what in "[a-z]{1,5}") {
            let vault = Vault::generate(world());
            let again = Vault::parse(&vault.key_file(), world()).unwrap();
            let hash = vault.blind(&what, &one).unwrap();
            prop_assert_eq!(again.blind(&what, &one).unwrap(), hash);
            prop_assert_eq!(vault.blind_bytes(&what, one.as_bytes()).unwrap(), hash);
            prop_assert_eq!(vault.blind(&what, &two).unwrap() == hash, one == two);
            prop_assert_ne!(vault.blind(&format!("{what}x"), &one).unwrap(), hash);
            prop_assert_ne!(vault.with_new_key().unwrap().blind(&what, &one).unwrap(), hash);
        }

        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), text in "\\PC*") {
            let _ = Vault::generate(world()).open(PLACE, &bytes);
            let _ = Vault::parse(&text, world());
        }
    }
}
