//! All pages, both languages: what must hold for every one of them.

use super::*;
use std::collections::BTreeSet;

fn rendered() -> Vec<(String, Language, String)> {
    let mut pages = Vec::new();
    for language in [Language::Ar, Language::En] {
        for (name, page) in samples(language) {
            let html = page.dyn_render().unwrap_or_else(|fault| panic!("{name}: {fault}"));
            pages.push((format!("{name}-{language}"), language, html));
        }
    }
    pages
}

/// The tags of a page, without the brackets.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)).filter(|tag| !tag.starts_with(['/', '!']))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let after = tag.split_once(&format!(" {name}=\""))?.1;
    after.split_once('"').map(|(value, _)| value)
}

/// What a reader sees, tags taken out.
fn visible(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<Vec<_>>().join(" ")
}

#[test]
fn every_page_says_its_language_and_direction() {
    for (name, language, html) in rendered() {
        let wanted = format!("<html lang=\"{}\" dir=\"{}\">", language.code(), language.direction());
        assert!(html.contains(&wanted), "{name}");
        assert_eq!(html.matches("<h1").count(), 1, "{name} has one heading of the first order");
    }
}

#[test]
fn no_page_shows_a_key_in_the_place_of_a_text() {
    let source = include_str!("../../i18n/ar.ftl");
    let families: BTreeSet<&str> = source
        .lines()
        .filter_map(|line| line.split_once(" ="))
        .filter_map(|(key, _)| key.split_once('-'))
        .map(|(first, _)| first)
        .collect();
    for (name, _, html) in rendered() {
        for word in visible(&html).split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
            if word == "sign-in" {
                continue; // English
            }
            let family = word.split_once('-').map(|(first, _)| first);
            assert!(family.is_none_or(|family| !families.contains(family)), "{name} shows {word}");
        }
    }
}

#[test]
fn no_page_has_style_or_script_of_its_own() {
    for (name, _, html) in rendered() {
        for tag in tags(&html) {
            let element = tag.split_whitespace().next().unwrap_or_default();
            assert!(!matches!(element, "style" | "script"), "{name}: <{tag}>");
            assert!(attribute(tag, "style").is_none() && !tag.contains(" on"), "{name}: <{tag}>");
            for address in ["src", "href", "action"].into_iter().filter_map(|name| attribute(tag, name)) {
                assert!(["/", "#", "tel:", "mailto:"].iter().any(|start| address.starts_with(start)), "{name} asks elsewhere: <{tag}>");
            }
        }
    }
}

#[test]
fn every_input_has_a_label_and_every_id_is_there_once() {
    for (name, _, html) in rendered() {
        let mut ids = BTreeSet::new();
        for id in tags(&html).filter_map(|tag| attribute(tag, "id")) {
            assert!(ids.insert(id), "{name} has the id {id} twice");
        }
        let labelled: BTreeSet<&str> = tags(&html).filter(|tag| tag.starts_with("label")).filter_map(|tag| attribute(tag, "for")).collect();
        assert!(labelled.iter().all(|id| ids.contains(id)), "{name}: a label for nothing");
        for tag in tags(&html).filter(|tag| ["input", "textarea", "select"].iter().any(|element| tag.starts_with(element))) {
            let kind = attribute(tag, "type").unwrap_or_default();
            let within = matches!(kind, "radio" | "checkbox" | "hidden");
            assert!(within || attribute(tag, "id").is_some_and(|id| labelled.contains(id)), "{name}: no label for <{tag}>");
        }
        for described in tags(&html).filter_map(|tag| attribute(tag, "aria-describedby")) {
            assert!(described.split(' ').all(|id| ids.contains(id)), "{name}: nothing is described by {described}");
        }
    }
}

#[test]
fn what_people_wrote_is_escaped_and_finds_its_own_direction() {
    let mut page = portal::Track::sample(Language::Ar);
    page.conversation.messages[0].text = "<script>alert(1)</script>".to_owned();
    page.typed = "</textarea><b>".to_owned();
    let html = askama::Template::render(&page).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>"));
    assert!(html.contains("<div class=\"words\" dir=\"auto\">"));
}

#[test]
fn what_was_typed_comes_back_with_the_fault_beside_it() {
    let html = askama::Template::render(&portal::Submit::sample_with_faults(Language::Ar)).unwrap();
    for kept in ["value=\"05512\"", "أبو سعد", "تأخر الإيجار", "value=\"rent\" checked", "name=\"kept\" value=\"k1\"", "عقد الإيجار.pdf"]
    {
        assert!(html.contains(kept), "{kept}");
    }
    assert!(html.contains("id=\"phone-fault\"") && html.contains("aria-describedby=\"phone-fault phone-hint\""), "{html}");
}

/// Writes all samples and the static files to the folder in `OUT`; serve it (`python3 -m http.server`) and look at it.
#[test]
#[ignore = "writes files for a person to look at"]
fn pages_to_files() {
    #[allow(clippy::disallowed_methods, reason = "a person says where the pages go")]
    let out = std::path::PathBuf::from(std::env::var("OUT").expect("OUT names a folder"));
    std::fs::create_dir_all(out.join("static")).unwrap();
    for asset in assets::all() {
        std::fs::write(out.join("static").join(&asset.hashed_name), asset.bytes).unwrap();
    }
    for (name, _, html) in rendered() {
        std::fs::write(out.join(format!("{name}.html")), html).unwrap();
    }
}
