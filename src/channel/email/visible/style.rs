//! What an element's attributes say about how it is shown, and about whose words it holds.

use super::{Part, entities::resolved, tokens::Attributes};
use std::borrow::Cow;

/// The attributes of an element that matter here.
#[derive(Default)]
pub struct Look<'a> {
    pub href: Option<Cow<'a, str>>,
    pub alt: Option<Cow<'a, str>>,
    /// The first number of an ordered list.
    pub start: Option<u32>,
    /// `hidden`, `display:none` and their like.
    pub hidden: bool,
    /// Whether letters have no height; `None` when nothing is said.
    pub tiny: Option<bool>,
    /// Whether white space counts; `None` when nothing is said.
    pub preformatted: Option<bool>,
    /// No space above and below.
    pub tight: bool,
    /// Drawn without a border, as for what is moved in rather than quoted.
    pub indented: bool,
    pub part: Option<Extent>,
}

/// How far a mark of a mail program reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// This element.
    Element(Part),
    /// Everything from here on.
    Rest(Part),
}

impl<'a> Look<'a> {
    pub fn of(attributes: &'a str) -> Self {
        let mut look = Look::default();
        if attributes.len() < 4 {
            return look;
        }
        for (name, value) in Attributes(attributes) {
            look.attribute(name, value);
        }
        look
    }

    fn attribute(&mut self, name: &str, value: &'a str) {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match name.len() {
            5 if is("style") => self.style(value),
            5 if is("class") => self.class(value),
            5 if is("start") => self.start = value.trim().parse().ok(),
            2 if is("id") => self.part = self.part.or_else(|| by_id(value)),
            4 if is("href") => self.href = Some(resolved(value)),
            4 if is("name") => self.part = self.part.or_else(|| find(&NAMES, value)),
            3 if is("alt") => self.alt = Some(resolved(value)),
            6 if is("hidden") => self.hidden = true,
            11 if is("data-marker") => self.part = self.part.or_else(|| find(&MARKERS, value)),
            _ => {}
        }
    }

    fn class(&mut self, value: &str) {
        for class in value.split_ascii_whitespace() {
            self.tight |= class.starts_with("Mso");
            self.hidden |= ["preheader", "preview-text", "mcnPreviewText"].contains(&class);
            self.part = self.part.or_else(|| find(&CLASSES, class)).or_else(|| by_ending(class));
        }
    }

    fn style(&mut self, value: &str) {
        let (mut flat, mut clipped) = (false, false);
        for (name, value) in value.split(';').filter_map(|rule| rule.split_once(':')) {
            let (name, value) = (name.trim(), value.trim());
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            match name.len() {
                7 if is("display") => self.hidden |= begins(value, "none"),
                7 if is("opacity") => self.hidden |= is_zero(value),
                10 if is("visibility") => self.hidden |= begins(value, "hidden") || begins(value, "collapse"),
                10 if is("max-height") => flat |= is_zero(value),
                8 if is("overflow") => clipped |= begins(value, "hidden"),
                9 if is("font-size") => self.tiny = Some(is_zero(value)),
                11 if is("white-space") => self.preformatted = Some(begins(value, "pre")),
                6 if is("margin") => self.tight |= is_zero(value),
                13 if is("margin-bottom") => self.tight |= is_zero(value),
                6 if is("border") => self.indented |= begins(value, "none"),
                10 if is("border-top") && is_outlooks(value) => self.part = self.part.or(Some(Extent::Rest(Part::History))),
                _ => {}
            }
        }
        self.hidden |= flat && clipped;
    }
}

/// The line that Outlook draws above the header of what is answered.
fn is_outlooks(border: &str) -> bool {
    ["solid #E1E1E1", "solid #B5C4DF"].iter().any(|line| begins(border, line))
}

fn begins(value: &str, with: &str) -> bool {
    value.get(..with.len()).is_some_and(|value| value.eq_ignore_ascii_case(with))
}

/// `0`, `0px`, `0.0pt` and so on.
fn is_zero(value: &str) -> bool {
    value.starts_with(['0', '.']) && !value.bytes().take_while(|byte| *byte != b' ').any(|byte| matches!(byte, b'1'..=b'9'))
}

fn by_id(id: &str) -> Option<Extent> {
    find(&IDS, id).or_else(|| by_ending(id))
}

fn find(known: &[(&str, Extent)], value: &str) -> Option<Extent> {
    known.iter().find(|(name, _)| name.eq_ignore_ascii_case(value)).map(|(_, extent)| *extent)
}

/// Some programs put something of their own before the word, or behind it.
fn by_ending(name: &str) -> Option<Extent> {
    (name.starts_with("AppleMailSignature") || name.ends_with("yahoo-signature") || name.ends_with("yahoo_signature"))
        .then_some(Extent::Element(Part::Signature))
        .or_else(|| name.ends_with("yahoo_quoted").then_some(Extent::Element(Part::History)))
}

/// Classes that mail programs give to what is quoted and to signatures.
const CLASSES: [(&str, Extent); 25] = [
    // Gmail. What surrounds the quotation holds the line above it, and may hold answers below.
    ("gmail_quote", Extent::Element(Part::Attribution)),
    ("gmail_attr", Extent::Element(Part::Attribution)),
    ("gmail_signature", Extent::Element(Part::Signature)),
    // Thunderbird.
    ("moz-cite-prefix", Extent::Element(Part::Attribution)),
    ("moz-email-headers-table", Extent::Element(Part::Forwarded)),
    ("moz-forward-container", Extent::Rest(Part::Forwarded)),
    ("moz-signature", Extent::Element(Part::Signature)),
    ("moz-txt-sig", Extent::Element(Part::Signature)),
    // Outlook, in a frame of its own.
    ("OutlookMessageHeader", Extent::Rest(Part::History)),
    // Proton, Tuta, Zoho, Airmail, Superhuman.
    ("protonmail_quote", Extent::Element(Part::History)),
    ("protonmail_signature_block", Extent::Element(Part::Signature)),
    ("tutanota_quote", Extent::Element(Part::History)),
    ("zmail_extra", Extent::Element(Part::History)),
    ("zmail_extra_hr", Extent::Rest(Part::History)),
    ("airmail_ext_on", Extent::Element(Part::Attribution)),
    ("bloop_sign", Extent::Element(Part::Signature)),
    ("sh-signature", Extent::Element(Part::Signature)),
    // Ticket systems.
    ("freshdesk_quote", Extent::Element(Part::History)),
    ("zendesk_quote", Extent::Element(Part::History)),
    ("intercom-quote", Extent::Element(Part::History)),
    ("zd-comment-history", Extent::Element(Part::History)),
    // Mail.ru, Yandex, GMX.
    ("mail-quote-collapse", Extent::Element(Part::History)),
    ("mail_quote", Extent::Element(Part::History)),
    ("x_signature", Extent::Element(Part::Signature)),
    ("signature", Extent::Element(Part::Signature)),
];

const IDS: [(&str, Extent); 18] = [
    // Outlook on the web, desktop and phone.
    ("divRplyFwdMsg", Extent::Rest(Part::History)),
    ("appendonsend", Extent::Rest(Part::History)),
    ("mail-editor-reference-message-container", Extent::Element(Part::History)),
    ("OLK_SRC_BODY_SECTION", Extent::Element(Part::History)),
    ("ms-outlook-mobile-signature", Extent::Element(Part::Signature)),
    ("Signature", Extent::Element(Part::Signature)),
    ("MAC_OUTLOOK_SIGNATURE", Extent::Element(Part::Signature)),
    // Hotmail and Live.
    ("stopSpelling", Extent::Rest(Part::History)),
    ("SkyDrivePlaceholder", Extent::Rest(Part::History)),
    // Samsung.
    ("quoted_header", Extent::Rest(Part::History)),
    ("composer_signature", Extent::Element(Part::Signature)),
    // Zimbra, QQ, 163.
    ("zwchr", Extent::Rest(Part::History)),
    ("origbody", Extent::Element(Part::History)),
    ("isReplyContent", Extent::Element(Part::History)),
    ("ntes-pcmac-signature", Extent::Element(Part::Signature)),
    ("spnEditorSign", Extent::Element(Part::Signature)),
    ("yahoo_quoted", Extent::Element(Part::History)),
    ("bloop_sign", Extent::Element(Part::Signature)),
];

const NAMES: [(&str, Extent); 3] = [
    // GMX and web.de, Spark.
    ("quote", Extent::Element(Part::History)),
    ("messageReplySection", Extent::Element(Part::History)),
    ("messageSignatureSection", Extent::Element(Part::Signature)),
];

/// Zimbra's.
const MARKERS: [(&str, Extent); 5] = [
    ("__DIVIDER__", Extent::Rest(Part::History)),
    ("__HEADERS__", Extent::Element(Part::History)),
    ("__QUOTED_TEXT__", Extent::Element(Part::History)),
    ("__SIG_PRE__", Extent::Element(Part::Signature)),
    ("__SIG_POST__", Extent::Element(Part::Signature)),
];
