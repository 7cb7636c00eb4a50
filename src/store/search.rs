//! Full-text search over folded words.
//!
//! What is indexed of a message: its words, folded and without the Arabic article, and each word of the sender's name as a
//! keyed hash, so that the index gives no name away. A query matches a ticket when each of its words begins a word of one of
//! the ticket's messages, or is a whole word of the name.

use super::{StoreError, Tx, conn::sql};
use crate::{domain::folding, vault::Vault};
use std::{collections::BTreeSet, fmt::Write};

/// About so many bytes of a message's different words are indexed; a `tsvector` holds less than 1 MiB (PostgreSQL manual,
/// "Limitations" of text search).
const DOCUMENT_BYTES: usize = 256 << 10;
/// At most so many words of a query count.
const QUERY_WORDS: usize = 8;
/// Longer words are cut, in characters.
const WORD: usize = 40;

fn cut(word: &str) -> &str {
    word.char_indices().nth(WORD).map_or(word, |(at, _)| &word[..at])
}

fn hidden(vault: &Vault, word: &str) -> Result<String, StoreError> {
    let mut token = String::from("n");
    for byte in &vault.blind("name word", word)?[..8] {
        let _ = write!(token, "{byte:02x}");
    }
    Ok(token)
}

/// The words to index, each once, separated by spaces.
pub(super) fn document(vault: &Vault, text: &str, subject: Option<&str>, name: Option<&str>) -> Result<String, StoreError> {
    let folded = format!("{} {}", folding::fold(subject.unwrap_or_default()), folding::fold(text));
    let mut words = BTreeSet::new();
    let mut bytes = 0;
    for word in folding::words(&folded).map(|word| cut(folding::bare(word))) {
        if words.insert(word.to_owned()) {
            bytes += word.len();
        }
        if bytes > DOCUMENT_BYTES {
            break;
        }
    }
    for word in folding::words(&folding::fold(name.unwrap_or_default())).take(20) {
        words.insert(hidden(vault, cut(folding::bare(word)))?);
    }
    Ok(words.into_iter().collect::<Vec<_>>().join(" "))
}

/// A query for FTS5 (SQLite) and one as a `tsquery` is written (PostgreSQL); `None` when there is no word in it.
pub struct Query {
    pub lite: String,
    pub pg: String,
}

pub fn query(vault: &Vault, text: &str) -> Result<Option<Query>, StoreError> {
    let folded = folding::fold(text);
    let (mut lite, mut pg) = (Vec::new(), Vec::new());
    for word in folding::words(&folded).take(QUERY_WORDS) {
        let word = cut(folding::bare(word));
        let hidden = hidden(vault, word)?;
        // Words are letters and digits only, so nothing in them is an operator.
        lite.push(format!("(\"{word}\" * OR \"{hidden}\")"));
        pg.push(format!("('{word}':* | '{hidden}')"));
    }
    Ok((!lite.is_empty()).then(|| Query { lite: lite.join(" AND "), pg: pg.join(" & ") }))
}

impl Tx {
    pub(super) async fn index_words(&mut self, seq: i64, words: &str) -> Result<(), StoreError> {
        sql!(self, execute,
            lite "INSERT INTO message_search (rowid, words) VALUES ($1, $2)"
            pg "INSERT INTO message_search (seq, words) VALUES ($1, array_to_tsvector(ARRAY(SELECT word FROM unnest(string_to_array($2, ' ')) AS word WHERE word <> '')))",
            seq, words)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{At, World, world::fixed};

    #[test]
    fn a_query_carries_no_operator_of_its_own() {
        let vault = Vault::generate(World { clock: fixed::FixedClock::at(At(0)), chance: fixed::Seeded::new(3) });
        let query = query(&vault, "والمساعدة\" OR 'x' | NEAR(").unwrap().unwrap();
        assert!(query.lite.starts_with("(\"مساعده\" * OR \"n"), "{}", query.lite);
        assert_eq!(query.lite.matches('"').count() % 4, 0);
        assert_eq!(super::query(&vault, " '\"… ").unwrap().map(|q| q.pg), None);
    }
}
