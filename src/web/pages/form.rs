//! The lines of a form: label, hint, what was typed, what is wrong with it and what to do. `line.html` draws them all.

use std::collections::BTreeMap;

/// What is wrong, by the name of the input: the key of a text such as `fault-phone`.
pub type Faults = BTreeMap<String, &'static str>;

/// Something to choose: its value in the form and its label in the reader's language.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A file that was uploaded with a form that came back for a fault; it need not be chosen again. The form sends its token
/// back as `kept`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptFile {
    pub token: String,
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// How a line is filled in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Entry {
    Text,
    /// So many rows high.
    Paragraph(u8),
    /// A whole number in digits of any script.
    Number,
    Date,
    Phone,
    Mail,
    /// Who signs in: an e-mail address or the name of an account.
    Account,
    /// The password in use.
    Password,
    /// A password to be set.
    NewPassword,
    /// A reference or PIN: digits, large, left to right.
    Digits,
    /// One of the options, from a list.
    List,
    /// One of the options, all in sight.
    Buttons,
}

/// One line of a form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Unique on the page.
    pub id: String,
    /// As it is sent.
    pub name: String,
    pub label: String,
    pub hint: String,
    pub value: String,
    /// The key of what is wrong.
    pub fault: Option<&'static str>,
    pub entry: Entry,
    pub required: bool,
    pub options: Vec<Choice>,
    /// Longest text in UTF-16 units (HTML's `maxlength`).
    pub limit: usize,
}

impl Line {
    pub fn new(name: &str, label: impl Into<String>, entry: Entry) -> Self {
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            label: label.into(),
            hint: String::new(),
            value: String::new(),
            fault: None,
            entry,
            required: false,
            options: Vec::new(),
            limit: if matches!(entry, Entry::Paragraph(_)) { 20_000 } else { 200 },
        }
    }

    /// For a page on which another form has an input of the same name.
    pub fn within(mut self, form: &str) -> Self {
        self.id = format!("{form}-{}", self.name);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub fn fault_of(mut self, faults: &Faults) -> Self {
        self.fault = faults.get(&self.name).copied();
        self
    }

    pub fn required(mut self, required: bool) -> Self {
        self.required = required;
        self
    }

    pub fn options(mut self, options: Vec<Choice>) -> Self {
        self.options = options;
        self
    }

    /// The value of HTML's `type`.
    pub fn html_type(&self) -> &'static str {
        match self.entry {
            Entry::Date => "date",
            Entry::Phone => "tel",
            Entry::Mail => "email",
            Entry::Password | Entry::NewPassword => "password",
            _ => "text",
        }
    }

    /// The value of HTML's `autocomplete`.
    pub fn autocomplete(&self) -> &'static str {
        match (self.entry, self.name.as_str()) {
            (Entry::Phone, _) => "tel",
            (Entry::Mail, _) => "email",
            (Entry::Account, _) => "username",
            (Entry::Password, _) => "current-password",
            (Entry::NewPassword, _) => "new-password",
            (Entry::Text, "name") => "name",
            _ => "off",
        }
    }

    /// The value of HTML's `inputmode`.
    pub fn inputmode(&self) -> &'static str {
        match self.entry {
            Entry::Number | Entry::Digits => "numeric",
            Entry::Phone => "tel",
            Entry::Mail | Entry::Account => "email",
            _ => "text",
        }
    }

    /// The value of HTML's `dir`: numbers and addresses run left to right, words as they come.
    pub fn direction(&self) -> &'static str {
        match self.entry {
            Entry::Text | Entry::Paragraph(_) => "auto",
            _ => "ltr",
        }
    }

    pub fn is_buttons(&self) -> bool {
        self.entry == Entry::Buttons
    }

    pub fn is_list(&self) -> bool {
        self.entry == Entry::List
    }

    pub fn is_paragraph(&self) -> bool {
        matches!(self.entry, Entry::Paragraph(_))
    }

    pub fn is_digits(&self) -> bool {
        self.entry == Entry::Digits
    }

    /// The height of a paragraph.
    pub fn rows(&self) -> u8 {
        if let Entry::Paragraph(rows) = self.entry { rows } else { 1 }
    }

    /// The ids of what describes the input, for `aria-describedby`.
    pub fn described_by(&self) -> String {
        let fault = self.fault.map(|_| format!("{}-fault", self.id));
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.id));
        fault.into_iter().chain(hint).collect::<Vec<_>>().join(" ")
    }
}
