//! What the sender is told: received, who has it, a question, an answer, how it was settled.

use super::{Letter, Notice};
use crate::{
    domain::{At, Bilingual, Language, Pin, Reference},
    i18n::{Value, dates, text_with},
};
use jiff::tz::TimeZone;

fn subject(language: Language, key: &str, reference: Reference) -> String {
    text_with(language, key, &[("reference", reference.into())])
}

/// The acknowledgement.
#[derive(Clone)]
pub struct Received {
    pub reference: Reference,
    /// Left out where the sender already has it.
    pub pin: Option<Pin>,
    pub kind: Bilingual,
    pub department: Bilingual,
    pub due: At,
    pub zone: TimeZone,
    pub track_url: Option<String>,
    pub charity: Bilingual,
}

impl Notice for Received {
    fn name(&self) -> &'static str {
        "received"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-received-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        let department = self.department.get(language);
        let due = dates::date_time(language, self.due, &self.zone);
        Letter::new(language)
            .say("notice-greeting", &[])
            .say("notice-received-thanks", &[])
            .facts(&[
                ("notice-fact-reference", Some(self.reference.into())),
                ("notice-fact-pin", self.pin.as_ref().map(|pin| pin.as_str().into())),
                ("notice-fact-kind", Some(self.kind.get(language).into())),
            ])
            .say("notice-received-next", &[("department", department.into()), ("due", Value::own(due))])
            .link("notice-track", self.track_url.as_deref())
            .say("notice-received-add", &[])
            .close("notice-close", &self.charity)
    }
}

/// An officer has it now.
#[derive(Clone)]
pub struct Assigned {
    pub reference: Reference,
    pub department: Bilingual,
    pub officer: Option<Bilingual>,
    pub charity: Bilingual,
}

impl Notice for Assigned {
    fn name(&self) -> &'static str {
        "assigned"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-assigned-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        let (reference, department) = (("reference", self.reference.into()), ("department", self.department.get(language).into()));
        let letter = Letter::new(language).say("notice-greeting", &[]);
        let letter = match &self.officer {
            Some(officer) => letter.say("notice-assigned-officer", &[reference, department, ("officer", officer.get(language).into())]),
            None => letter.say("notice-assigned-department", &[reference, department]),
        };
        letter.say("notice-assigned-next", &[]).close("notice-close", &self.charity)
    }
}

/// Something has to be known before work can go on.
#[derive(Clone)]
pub struct Question {
    pub reference: Reference,
    /// In the officer's own words.
    pub question: String,
    pub officer: Option<Bilingual>,
    pub track_url: Option<String>,
    pub charity: Bilingual,
}

impl Notice for Question {
    fn name(&self) -> &'static str {
        "question"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-question-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        Letter::new(language)
            .say("notice-greeting", &[])
            .quote("notice-question-intro", &self.question)
            .say("notice-question-next", &[])
            .link("notice-track", self.track_url.as_deref())
            .facts(&from(language, self.reference, self.officer.as_ref()))
            .close("notice-close", &self.charity)
    }
}

/// An officer wrote back.
#[derive(Clone)]
pub struct Answer {
    pub reference: Reference,
    /// In the officer's own words.
    pub answer: String,
    pub officer: Option<Bilingual>,
    pub track_url: Option<String>,
    pub charity: Bilingual,
}

impl Notice for Answer {
    fn name(&self) -> &'static str {
        "answer"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-answer-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        Letter::new(language)
            .say("notice-greeting", &[])
            .quote("notice-answer-intro", &self.answer)
            .say("notice-answer-next", &[])
            .link("notice-track", self.track_url.as_deref())
            .facts(&from(language, self.reference, self.officer.as_ref()))
            .close("notice-close", &self.charity)
    }
}

/// It is settled, and how; the sender can say that it is not.
#[derive(Clone)]
pub struct Resolved {
    pub reference: Reference,
    /// How it was settled, in the officer's own words.
    pub outcome: String,
    pub track_url: Option<String>,
    pub charity: Bilingual,
}

impl Notice for Resolved {
    fn name(&self) -> &'static str {
        "resolved"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-resolved-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        Letter::new(language)
            .say("notice-greeting", &[])
            .quote("notice-resolved-intro", &self.outcome)
            .say("notice-resolved-next", &[])
            .link("notice-resolved-link", self.track_url.as_deref())
            .facts(&from(language, self.reference, None))
            .close("notice-close", &self.charity)
    }
}

/// The charity cannot do what was asked, and why.
#[derive(Clone)]
pub struct Rejected {
    pub reference: Reference,
    /// In the officer's own words.
    pub reason: String,
    pub track_url: Option<String>,
    pub charity: Bilingual,
}

impl Notice for Rejected {
    fn name(&self) -> &'static str {
        "rejected"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-rejected-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        Letter::new(language)
            .say("notice-greeting", &[])
            .quote("notice-rejected-intro", &self.reason)
            .say("notice-rejected-next", &[])
            .link("notice-track", self.track_url.as_deref())
            .facts(&from(language, self.reference, None))
            .close("notice-close", &self.charity)
    }
}

/// The sender said that it is not settled, or wrote after the end: work goes on.
#[derive(Clone)]
pub struct Reopened {
    pub reference: Reference,
    pub due: At,
    pub zone: TimeZone,
    pub charity: Bilingual,
}

impl Notice for Reopened {
    fn name(&self) -> &'static str {
        "reopened"
    }

    fn subject(&self, language: Language) -> String {
        subject(language, "notice-reopened-subject", self.reference)
    }

    fn text(&self, language: Language) -> String {
        let due = dates::date_time(language, self.due, &self.zone);
        Letter::new(language)
            .say("notice-greeting", &[])
            .say("notice-reopened-next", &[("reference", self.reference.into()), ("due", Value::own(due))])
            .say("notice-received-add", &[])
            .close("notice-close", &self.charity)
    }
}

/// Whose words they are, and about what.
fn from(language: Language, reference: Reference, officer: Option<&Bilingual>) -> [(&'static str, Option<Value>); 2] {
    [("notice-fact-officer", officer.map(|officer| officer.get(language).into())), ("notice-fact-reference", Some(reference.into()))]
}

/// What the samples are made of.
pub(super) mod sample {
    use super::*;
    use crate::domain::{World, world::fixed};

    pub fn reference() -> Reference {
        Reference::new(2026, 4183).unwrap_or_else(|| unreachable!("4183 is a serial number"))
    }

    /// 26 November 2026, 16:00 in Riyadh.
    pub fn due() -> At {
        At(1_795_698_000_000_000)
    }

    pub fn pin() -> Pin {
        Pin::new(&World { clock: fixed::FixedClock::at(due()), chance: fixed::Seeded::new(1) })
    }

    pub fn zone() -> TimeZone {
        crate::domain::calendar::Calendar::riyadh().zone
    }

    pub fn charity() -> Bilingual {
        Bilingual::new("جمعية البر الخيرية بالخفجي", "Al-Birr Charitable Society in Khafji")
    }

    pub fn department() -> Bilingual {
        Bilingual::new("إدارة المساعدات", "the Aid Department")
    }

    pub fn officer() -> Bilingual {
        Bilingual::new("أحمد العتيبي", "Ahmad Al-Otaibi")
    }

    pub fn kind() -> Bilingual {
        Bilingual::new("شكوى", "Complaint")
    }

    pub fn track_url() -> Option<String> {
        Some("https://tawasul.example.org/track".to_owned())
    }
}

impl Received {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            pin: Some(sample::pin()),
            kind: sample::kind(),
            department: sample::department(),
            due: sample::due(),
            zone: sample::zone(),
            track_url: sample::track_url(),
            charity: sample::charity(),
        }
    }
}

impl Assigned {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            department: sample::department(),
            officer: Some(sample::officer()),
            charity: sample::charity(),
        }
    }
}

impl Question {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            question: "هل وصلتكم السلة في شهر رجب؟\nوما رقم الشارع؟".to_owned(),
            officer: Some(sample::officer()),
            track_url: sample::track_url(),
            charity: sample::charity(),
        }
    }
}

impl Answer {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            answer: "تصلكم السلة يوم الخميس القادم بإذن الله، واسم المندوب Khalid.".to_owned(),
            officer: Some(sample::officer()),
            track_url: sample::track_url(),
            charity: sample::charity(),
        }
    }
}

impl Resolved {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            outcome: "سُلّمت السلة إلى المنزل يوم الخميس، ونعتذر عن التأخير.".to_owned(),
            track_url: sample::track_url(),
            charity: sample::charity(),
        }
    }
}

impl Rejected {
    pub fn sample() -> Self {
        Self {
            reference: sample::reference(),
            reason: "العنوان خارج نطاق خدمة الجمعية، ويمكنكم مراجعة جمعية البر في مدينتكم.".to_owned(),
            track_url: sample::track_url(),
            charity: sample::charity(),
        }
    }
}

impl Reopened {
    pub fn sample() -> Self {
        Self { reference: sample::reference(), due: sample::due(), zone: sample::zone(), charity: sample::charity() }
    }
}
