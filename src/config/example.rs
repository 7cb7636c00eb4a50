//! `config/tawasul.example.toml`, made from the table of keys.

use super::keys::{KeyDoc, SERVICE, Shown, TableDoc};
use std::fmt::Write;

const TOP: &str = "\
## Tawasul: example of tawasul.toml, with every key. Made by the program: `config::example()`.
##
## Copy it to tawasul.toml and take the leading `# ` off the lines you need. With no file at all Tawasul runs with the
## defaults. Sites, departments, staff, kinds, rules and office hours stand in files of their own beside it.
## Every key can be given in the environment too: server.listen is TAWASUL_SERVER__LISTEN, and
## TAWASUL_WEBHOOKS__SOURCES__0__SECRET_FILE names a file that holds the secret of the first webhook source.
## `tawasul check` reports every mistake with its line and what to do.
##
## ملف الإعدادات: انسخوه باسم tawasul.toml وأزيلوا العلامة # من أول السطر الذي تحتاجونه. كل ما لا يُكتب يأخذ القيمة الافتراضية.
";

/// The example of `tawasul.toml`: lines of explanation begin with `##`, lines to be taken into use with `# `.
pub fn example() -> String {
    let mut text = TOP.to_owned();
    for table in SERVICE {
        write_table(&mut text, table);
    }
    text
}

fn write_table(text: &mut String, table: &TableDoc) {
    let _ = write!(text, "\n## {}.\n## {}.\n", table.about, table.arabic);
    // A list's element is only complete with its required keys, so its header is taken into use with them.
    let mark = if table.header.starts_with("[[") || table.keys.iter().any(|key| key.shown == Shown::Required) { "# " } else { "" };
    let _ = writeln!(text, "{mark}{}", table.header);
    for KeyDoc { path, sample, shown, about } in table.keys {
        let name = path.rsplit('.').next().unwrap_or(path);
        let need = match shown {
            Shown::Default => "",
            Shown::Optional => " (optional; nothing unless given)",
            Shown::Required => " (required)",
        };
        let _ = write!(text, "## {about}{need}\n# {name} = {sample}\n");
    }
}
