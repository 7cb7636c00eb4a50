//! Finds every SQL statement in the store's source, so that a test can prepare each one on both databases.
//!
//! Reads the invocations `sql!(conn, how [as Type], "…" | lite "…" pg "…" [, binds…])` from the token trees; statements in
//! comments or in the definition of the macro itself do not count.

use super::sources;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use sqlx::{Connection, SqliteConnection, migrate::Migrator};
use std::path::Path;

/// One statement as each database gets it, and how many values are bound to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The file inside the scanned folder, with `/`.
    pub file: String,
    pub line: usize,
    pub lite: String,
    pub pg: String,
    pub binds: usize,
}

/// All statements below `folder`, by file and line. Panics with file and line when an invocation holds no literal statement.
pub fn statements(folder: &Path) -> Vec<Statement> {
    sources::below(folder).iter().flat_map(|source| in_source(&source.path, &source.text)).collect()
}

/// An empty SQLite database in memory with all tables.
pub async fn migrated_sqlite() -> SqliteConnection {
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.expect("a database in memory");
    let migrations = Migrator::new(Path::new("migrations/sqlite")).await.expect("migrations");
    migrations.run_direct(None, &mut connection, false).await.expect("migrated");
    connection
}

/// The statements of one file.
pub fn in_source(file: &str, text: &str) -> Vec<Statement> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{file} cannot be read as Rust: {error}"));
    let mut found = Vec::new();
    scan(file, tokens, &mut found);
    found
}

fn scan(file: &str, tokens: TokenStream, found: &mut Vec<Statement>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(&tokens, at, "macro_rules") && is_mark(tokens.get(at + 1), '!') {
            at += 4;
            continue;
        }
        if is_word(&tokens, at, "sql")
            && is_mark(tokens.get(at + 1), '!')
            && let Some(TokenTree::Group(arguments)) = tokens.get(at + 2)
        {
            found.push(statement(file, tokens[at].span().start().line, arguments.stream()));
        }
        if let TokenTree::Group(group) = &tokens[at] {
            scan(file, group.stream(), found);
        }
        at += 1;
    }
}

fn is_word(tokens: &[TokenTree], at: usize, wanted: &str) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Ident(ident)) if ident == wanted)
}

fn is_mark(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(mark)) if mark.as_char() == wanted)
}

fn statement(file: &str, line: usize, arguments: TokenStream) -> Statement {
    let arguments = arguments_of(arguments);
    let texts = arguments.iter().enumerate().skip(2).find_map(|(at, argument)| Some((at, texts(argument)?)));
    let Some((at, (lite, pg))) = texts else {
        panic!("{file}:{line}: this sql! holds no literal statement after `conn, how`: write \"…\" or lite \"…\" pg \"…\" there")
    };
    Statement { file: file.into(), line, lite, pg, binds: arguments.len() - at - 1 }
}

/// The arguments between commas. A comma inside `::<A, B>` or `as Name<A, B>` separates none.
fn arguments_of(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut arguments = vec![Vec::new()];
    let mut angles = 0_usize;
    for token in tokens {
        let current: &mut Vec<TokenTree> = arguments.last_mut().expect("never empty");
        if is_mark(Some(&token), '<') && (angles > 0 || opens_generics(current)) {
            angles += 1;
        } else if is_mark(Some(&token), '>') && angles > 0 && !ends_an_arrow(current) {
            angles -= 1;
        } else if is_mark(Some(&token), ',') && angles == 0 {
            arguments.push(Vec::new());
            continue;
        }
        current.push(token);
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}

/// Whether a `<` after these tokens opens generic arguments rather than compares: after `::`, or in `how as Type<…>`.
fn opens_generics(before: &[TokenTree]) -> bool {
    let after_colons = before.len() >= 2 && before[before.len() - 2..].iter().all(|token| is_mark(Some(token), ':'));
    after_colons || is_word(before, 1, "as")
}

fn ends_an_arrow(before: &[TokenTree]) -> bool {
    matches!(before.last(), Some(TokenTree::Punct(mark)) if mark.as_char() == '-' && mark.spacing() == Spacing::Joint)
}

/// `"both"` or `lite "…" pg "…"` (in either order).
fn texts(argument: &[TokenTree]) -> Option<(String, String)> {
    let text = |at: usize| argument.get(at).and_then(literal);
    match argument.len() {
        1 => text(0).map(|both| (both.clone(), both)),
        4 if is_word(argument, 0, "lite") && is_word(argument, 2, "pg") => Some((text(1)?, text(3)?)),
        4 if is_word(argument, 0, "pg") && is_word(argument, 2, "lite") => Some((text(3)?, text(1)?)),
        _ => None,
    }
}

/// What a string literal means; `None` for everything else, byte and C strings included. A literal that came through another
/// macro may stand in an invisible group.
fn literal(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Literal(literal) => meaning(&literal.to_string()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => literal(&group.stream().into_iter().next()?),
        _ => None,
    }
}

fn meaning(written: &str) -> Option<String> {
    match written.strip_prefix('r') {
        Some(raw) => raw.trim_matches('#').strip_prefix('"')?.strip_suffix('"').map(str::to_owned),
        None => written.strip_prefix('"')?.strip_suffix('"').map(unescaped),
    }
}

/// The text behind the escapes of a Rust string literal (Reference, "Tokens": string literals). The compiler has already
/// refused what is malformed.
fn unescaped(written: &str) -> String {
    let mut text = String::new();
    let mut rest = written.chars().peekable();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('\n' | '\r') => while rest.next_if(|next| matches!(next, ' ' | '\n' | '\r' | '\t')).is_some() {},
            Some('x') => text.extend(code_point(&rest.by_ref().take(2).collect::<String>())),
            Some('u') => text.extend(code_point(&rest.by_ref().take_while(|next| *next != '}').collect::<String>())),
            Some(escape) => text.push(plain_escape(escape)),
            None => {}
        }
    }
    text
}

fn code_point(hexadecimal: &str) -> Option<char> {
    let digits: String = hexadecimal.chars().filter(char::is_ascii_hexdigit).collect();
    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
}

fn plain_escape(escape: char) -> char {
    match escape {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        '0' => '\0',
        other => other,
    }
}
