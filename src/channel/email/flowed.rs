//! Paragraphs that were broken into lines on the way, put together again (RFC 3676, `format=flowed`).

/// The text with its paragraphs on one line each; `del_sp` says that the blank before a soft break is none of the
/// text's. Quotation marks stay in front of each paragraph, `-- ` is a line of its own.
pub fn unfold(text: &str, del_sp: bool) -> String {
    let mut unfolded = String::with_capacity(text.len());
    // The quotation depth of the paragraph that goes on.
    let mut open: Option<usize> = None;
    for line in text.split('\n') {
        let (depth, line) = quoted(line.strip_suffix('\r').unwrap_or(line));
        // Quotations of programs that know no flowing text have their marks in the line itself.
        let is_marked = line.starts_with('>');
        let is_fixed = line == "-- " || is_marked || line.trim_ascii().is_empty();
        if open != Some(depth) || is_fixed {
            if open.is_some() {
                unfolded.push('\n');
            }
            unfolded.extend(std::iter::repeat_n('>', depth));
            if depth > 0 && !line.is_empty() {
                unfolded.push(' ');
            }
        }
        let flowing = if is_fixed { None } else { line.strip_suffix(' ') };
        open = flowing.map(|_| depth);
        unfolded.push_str(flowing.filter(|_| del_sp).unwrap_or(line));
        if flowing.is_none() {
            unfolded.push('\n');
        }
    }
    // Splitting sees one more, empty line after the last line end.
    if unfolded.ends_with('\n') {
        unfolded.pop();
    }
    unfolded
}

/// The quotation depth (§4.5), and the line without the marks and without the blank that was stuffed in (§4.4).
fn quoted(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches('>');
    (line.len() - rest.len(), rest.strip_prefix(' ').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_put_together_and_nothing_else() {
        for (folded, text) in [
            ("one \r\ntwo\r\nthree\r\n", "one two\nthree\n"),
            ("نص \nطويل \nهنا", "نص طويل هنا"),
            (" From here\n>> a \n>> b\n> c \nd", "From here\n>> a b\n> c \nd"),
            ("one \n-- \nAli \nOmar", "one \n-- \nAli Omar"),
            ("> \n>\n", ">\n>\n"),
            (">> > \n>> > one \n>> > two", ">> > \n>> > one \n>> > two"),
            ("one \n \ntwo", "one \n\ntwo"),
            ("", ""),
            ("one\n\n\ntwo", "one\n\n\ntwo"),
        ] {
            assert_eq!(unfold(folded, false), text, "{folded:?}");
        }
        assert_eq!(unfold("你 \n好 \n-- \nx", true), "你好\n-- \nx");
    }
}
