//! What a Rust file names: every path in it, `use` trees taken apart and `super` resolved, each with its line.
//!
//! Read from the token trees, so comments, strings and documentation never count. Not here: macros are not expanded, and a
//! renamed import (`use a::B as C`) is seen where it is imported only.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// One path as written, such as `sqlx::query`, or, when it starts at `crate`, `self`, `super` or this crate's own name, its
/// segments counted from the crate's root (`internal`). A glob is the segment `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub segments: Vec<String>,
    pub internal: bool,
    pub line: usize,
    pub in_test: bool,
}

/// What the file at `path` (inside `src`) names; an error is a file that is not Rust.
pub fn read(path: &str, text: &str) -> Result<Vec<Named>, String> {
    let tokens: TokenStream = text.parse().map_err(|error| format!("src/{path} cannot be read as Rust: {error}"))?;
    let mut reader = Reader { found: Vec::new() };
    reader.scan(tokens, &module_of(path), is_test_file(path));
    Ok(reader.found)
}

/// `channel/email/mod.rs` is `[channel, email]`; `lib.rs` and `main.rs` are the root.
pub fn module_of(path: &str) -> Vec<String> {
    let mut segments: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if segments.last().is_some_and(|last| last == "mod") || path == "lib.rs" || path == "main.rs" {
        segments.pop();
    }
    segments
}

fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests.rs" | "tests"))
}

struct Reader {
    found: Vec<Named>,
}

impl Reader {
    fn scan(&mut self, tokens: TokenStream, module: &[String], inherited: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut whole = inherited;
        let mut item = false;
        let mut at = 0;
        while at < tokens.len() {
            let in_test = whole || item;
            if let Some((attribute, inner, next)) = attribute_at(&tokens, at) {
                whole |= inner && is_for_tests(attribute);
                item |= !inner && is_for_tests(attribute);
                self.scan(attribute.stream(), module, whole || item);
                at = next;
                continue;
            }
            if let Some((name, body)) = inline_module_at(&tokens, at) {
                let inside: Vec<String> = module.iter().cloned().chain([name]).collect();
                self.scan(body.stream(), &inside, in_test);
                item = false;
                at += 3;
                continue;
            }
            match &tokens[at] {
                TokenTree::Ident(_) if !follows_a_dot(&tokens, at) => {
                    at = self.path(&tokens, at, &[], module, in_test);
                    continue;
                }
                TokenTree::Group(group) => {
                    self.scan(group.stream(), module, in_test);
                    item &= group.delimiter() != Delimiter::Brace;
                }
                TokenTree::Punct(mark) if mark.as_char() == ';' => item = false,
                _ => {}
            }
            at += 1;
        }
    }

    /// Reads the path that starts at `at`, after `before`, and answers where reading goes on.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, before: &[String], module: &[String], in_test: bool) -> usize {
        let mut segments = before.to_vec();
        let line = tokens[at].span().start().line;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(ident)) => segments.push(ident.to_string().trim_start_matches("r#").to_owned()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => segments.push("*".into()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.branches(group, &segments, module, in_test);
                    return at + 1;
                }
                _ => break,
            }
            at += 1;
            if !is_path_separator(tokens, at) {
                break;
            }
            at += 2;
        }
        self.keep(segments, line, module, in_test);
        at
    }

    /// The branches of `use a::{b, c::d}`.
    fn branches(&mut self, group: &Group, before: &[String], module: &[String], in_test: bool) {
        let tokens: Vec<TokenTree> = group.stream().into_iter().collect();
        for branch in tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')) {
            if !branch.is_empty() {
                self.path(branch, 0, before, module, in_test);
            }
        }
    }

    fn keep(&mut self, segments: Vec<String>, line: usize, module: &[String], in_test: bool) {
        let (segments, internal) = resolve(segments, module);
        self.found.push(Named { segments, internal, line, in_test });
    }
}

fn resolve(segments: Vec<String>, module: &[String]) -> (Vec<String>, bool) {
    let mut base = match segments.first().map(String::as_str) {
        Some("crate" | "tawasul") => Vec::new(),
        Some("self") => module.to_vec(),
        Some("super") => module[..module.len().saturating_sub(1)].to_vec(),
        _ => return (segments, false),
    };
    for segment in &segments[1..] {
        match segment.as_str() {
            "super" => drop(base.pop()),
            "self" => {}
            other => base.push(other.to_owned()),
        }
    }
    (base, true)
}

fn is_path_separator(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    colon(at) && colon(at + 1)
}

fn follows_a_dot(tokens: &[TokenTree], at: usize) -> bool {
    let dot = |back: usize| at >= back && matches!(&tokens[at - back], TokenTree::Punct(mark) if mark.as_char() == '.');
    dot(1) && !dot(2)
}

fn attribute_at(tokens: &[TokenTree], at: usize) -> Option<(&Group, bool, usize)> {
    let mark = |at: usize, wanted: char| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == wanted);
    if !mark(at, '#') {
        return None;
    }
    let inner = mark(at + 1, '!');
    let at = at + 1 + usize::from(inner);
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => Some((group, inner, at + 1)),
        _ => None,
    }
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]`; not `#[cfg(not(test))]`.
fn is_for_tests(attribute: &Group) -> bool {
    let tokens: Vec<TokenTree> = attribute.stream().into_iter().collect();
    let words: Vec<String> = tokens.iter().take_while(|token| !matches!(token, TokenTree::Group(_))).map(ToString::to_string).collect();
    match (words.as_slice(), tokens.last()) {
        ([cfg], Some(TokenTree::Group(condition))) if cfg == "cfg" => asks_for_test(condition.stream()),
        (words, _) => words.last().is_some_and(|last| last == "test"),
    }
}

fn asks_for_test(condition: TokenStream) -> bool {
    let mut negated = false;
    for token in condition {
        match token {
            TokenTree::Ident(ident) if ident == "test" => return true,
            TokenTree::Ident(ident) => negated = ident == "not",
            TokenTree::Group(group) if !negated && asks_for_test(group.stream()) => return true,
            _ => {}
        }
    }
    false
}

fn inline_module_at(tokens: &[TokenTree], at: usize) -> Option<(String, &Group)> {
    match tokens.get(at..at + 3)? {
        [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(body)]
            if word == "mod" && body.delimiter() == Delimiter::Brace =>
        {
            Some((name.to_string(), body))
        }
        _ => None,
    }
}
