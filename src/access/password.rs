//! Passwords as Argon2id (RFC 9106) PHC strings, hashed away from the threads that serve.

use crate::{domain::World, store::StoreError};
use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("password: {error}"))
}

/// Argon2id with the crate's recommended cost (19 MiB, two passes) and a salt of 16 bytes.
pub(super) async fn hash(password: &str, world: &World) -> Result<String, StoreError> {
    let (password, salt) = (zeroize::Zeroizing::new(password.to_owned()), world.bytes::<16>());
    let work = move || Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string());
    tokio::task::spawn_blocking(work).await.map_err(failed)?.map_err(failed)
}

/// Whether the password has this hash. Without a hash as much is computed, so that time does not tell whether the account exists.
pub(super) async fn verify(password: &str, hash: Option<String>) -> bool {
    let password = zeroize::Zeroizing::new(password.chars().take(super::PASSWORD_MAX + 1).collect::<String>());
    let work = move || match hash.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => {
            let _ = Argon2::default().hash_password_with_salt(password.as_bytes(), &[0u8; 16]);
            false
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{At, world::fixed};

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let world = World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(4) };
        let hash = hash("كلمة مرور طويلة", &world).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify("كلمة مرور طويلة", Some(hash.clone())).await);
        assert!(!verify("كلمة مرور طويله", Some(hash)).await);
        assert!(!verify("x", None).await && !verify("x", Some("not a hash".into())).await);
    }
}
