//! What a charity edits: the shapes of `organization.toml`, `kinds/*.toml`, `routing.toml` and `calendar.toml`, and what is made
//! of them.

use super::{
    Service, checks,
    files::{Folder, Parsed},
    mending::read_all,
    source::Sources,
    tree::Node,
};
use crate::{
    domain::{
        Bilingual, Department, Key, Kind, Office, Site,
        calendar::{Calendar, Hours, Season},
        office::{ContactPoint, Officer},
    },
    routing::rule::Rule,
};
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer, de::Error};

/// `organization.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Organization {
    pub name: Bilingual,
    pub fallback_owner: Key,
    pub fallback_department: Key,
    /// Keys of the kinds on offer, in order; all there are when left out.
    #[serde(default)]
    pub kinds: Option<Vec<Key>>,
    #[serde(default)]
    pub contact: ContactPoint,
    #[serde(default)]
    pub site: Vec<Site>,
    #[serde(default)]
    pub department: Vec<Department>,
    #[serde(default)]
    pub officer: Vec<Officer>,
}

/// `routing.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Routing {
    #[serde(default)]
    rule: Vec<Rule>,
}

/// `calendar.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub zone: Zone,
    pub week: Week,
    #[serde(default)]
    pub holiday: Vec<HolidayShape>,
    #[serde(default)]
    pub season: Vec<SeasonShape>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct Week {
    pub monday: Vec<Stretch>,
    pub tuesday: Vec<Stretch>,
    pub wednesday: Vec<Stretch>,
    pub thursday: Vec<Stretch>,
    pub friday: Vec<Stretch>,
    pub saturday: Vec<Stretch>,
    pub sunday: Vec<Stretch>,
}

impl Week {
    /// With the days' names, Monday first.
    pub fn days(&self) -> [(&'static str, &[Stretch]); 7] {
        [
            ("monday", &self.monday),
            ("tuesday", &self.tuesday),
            ("wednesday", &self.wednesday),
            ("thursday", &self.thursday),
            ("friday", &self.friday),
            ("saturday", &self.saturday),
            ("sunday", &self.sunday),
        ]
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HolidayShape {
    pub from: Day,
    /// The last day; the first when left out.
    #[serde(default)]
    pub until: Option<Day>,
    /// For those who read the file.
    #[serde(default)]
    #[expect(dead_code, reason = "checked when the file is read, shown nowhere yet")]
    name: Bilingual,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeasonShape {
    pub from: Day,
    pub until: Day,
    pub hours: Vec<Stretch>,
    #[serde(default)]
    #[expect(dead_code, reason = "checked when the file is read, shown nowhere yet")]
    name: Bilingual,
}

macro_rules! read_from_text {
    ($($name:ident($inner:ty) $read:expr;)*) => {$(
        #[derive(Clone, Debug)]
        pub(super) struct $name(pub $inner);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let read: fn(&str) -> Result<$inner, String> = $read;
                read(&String::deserialize(from)?).map($name).map_err(D::Error::custom)
            }
        }
    )*};
}

read_from_text! {
    Zone(TimeZone) |text| TimeZone::get(text).map_err(|_| format!("`{text}` is not a time zone"));
    Day(Date) |text| text.trim().parse().map_err(|_| format!("`{text}` is not a day: write it like 2027-03-10"));
    Stretch(Hours) stretch;
}

/// `08:00-16:00`; the end of the day is `24:00`.
fn stretch(text: &str) -> Result<Hours, String> {
    let wrong = || format!("`{text}` is not a stretch of hours: write it like 08:00-16:00");
    let (opens, closes) = text.split_once(['-', '–']).ok_or_else(wrong)?;
    let (opens, closes) = (time(opens).ok_or_else(wrong)?, time(closes).ok_or_else(wrong)?);
    if opens >= closes {
        return Err(format!("`{text}` closes before it opens"));
    }
    Ok(Hours { opens, closes })
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    match (hour.parse().ok()?, minute.parse().ok()?) {
        (24, 0) => Some(Time::MAX),
        (hour, minute) => Time::new(hour, minute, 0, 0).ok(),
    }
}

/// The office, and how far its kinds can be relied on when other files name them.
pub(super) struct Gathered {
    pub office: Office,
    /// Whether every file of a kind was right: only then is a kind that is not there a mistake of whoever names it.
    kinds_are_whole: bool,
}

impl Gathered {
    fn kinds(&self) -> Option<Vec<&str>> {
        self.kinds_are_whole.then(|| self.office.kinds.iter().map(|kind| kind.key.as_str()).collect())
    }
}

/// The office from `organization.toml` and the kinds. What comes back may hold stand-ins when mistakes were noted.
pub(super) fn gather(folder: &Folder, sources: &mut Sources) -> Option<Gathered> {
    let noted = sources.mistakes.len();
    let kinds = read_kinds(folder, sources);
    let kinds_are_whole = sources.mistakes.len() == noted;
    let mut file = folder.parse("organization.toml", sources)?;
    let organization: Organization = read_all("organization", &mut file.tree, sources)?;
    let known: Vec<&str> = kinds.iter().map(|kind| kind.key.as_str()).collect();
    checks::office::organization(&organization, kinds_are_whole.then_some(&known), &file.tree, sources);
    let kinds = offered(kinds, organization.kinds.as_deref());
    let office = Office {
        name: organization.name,
        contact: organization.contact,
        sites: organization.site,
        departments: organization.department,
        staff: organization.officer,
        kinds,
        fallback_owner: organization.fallback_owner,
        fallback_department: organization.fallback_department,
    };
    Some(Gathered { office, kinds_are_whole })
}

/// Every kind. A built-in kind gives way to a file of the same key, whatever the file is called.
fn read_kinds(folder: &Folder, sources: &mut Sources) -> Vec<Kind> {
    let mut kinds: Vec<(Kind, Parsed)> = Vec::new();
    for mut file in folder.kinds(sources) {
        let Some(kind) = read_all::<Kind>("kinds", &mut file.tree, sources) else { continue };
        kinds.push((kind, file));
    }
    let own: Vec<Key> = kinds.iter().filter(|(_, file)| !file.built_in).map(|(kind, _)| kind.key.clone()).collect();
    kinds.retain(|(kind, file)| !file.built_in || !own.contains(&kind.key));
    let kinds: Vec<(Kind, Node)> = kinds.into_iter().map(|(kind, file)| (kind, file.tree)).collect();
    checks::office::kinds(&kinds, sources);
    kinds.into_iter().map(|(kind, _)| kind).collect()
}

fn offered(mut all: Vec<Kind>, chosen: Option<&[Key]>) -> Vec<Kind> {
    if let Some(chosen) = chosen {
        let place = |kind: &Kind| chosen.iter().position(|key| *key == kind.key);
        all.retain(|kind| place(kind).is_some());
        all.sort_by_key(place);
    }
    all
}

/// The rules of `routing.toml`. Of the built-in rules, those that speak of what this office does not have are left out.
pub(super) fn rules(folder: &Folder, gathered: Option<&Gathered>, service: Option<&Service>, sources: &mut Sources) -> Option<Vec<Rule>> {
    let mut file = folder.parse("routing.toml", sources)?;
    let routing: Routing = read_all("routing", &mut file.tree, sources)?;
    let Some(gathered) = gathered else { return Some(routing.rule) };
    if file.built_in {
        return Some(routing.rule.into_iter().filter_map(|rule| fitting(rule, &gathered.office)).collect());
    }
    checks::office::rules(&routing.rule, &gathered.office, gathered.kinds().as_deref(), service, &file.tree, sources);
    Some(routing.rule)
}

fn fitting(mut rule: Rule, office: &Office) -> Option<Rule> {
    office.department(&rule.department)?;
    let had_kinds = !rule.kind.is_empty();
    rule.kind.retain(|key| office.kind(key.as_str()).is_some());
    (!had_kinds || !rule.kind.is_empty()).then_some(rule)
}

/// The working calendar of `calendar.toml`.
pub(super) fn calendar(folder: &Folder, sources: &mut Sources) -> Option<Calendar> {
    let mut file = folder.parse("calendar.toml", sources)?;
    let shape: CalendarFile = read_all("calendar", &mut file.tree, sources)?;
    checks::calendar::check(&shape, &file.tree, sources);
    let hours = |stretches: &[Stretch]| stretches.iter().map(|stretch| stretch.0).collect::<Vec<_>>();
    Some(Calendar {
        week: shape.week.days().map(|(_, stretches)| hours(stretches)),
        holidays: shape.holiday.iter().map(|h| (h.from.0, h.until.as_ref().map_or(h.from.0, |day| day.0))).collect(),
        seasons: shape.season.iter().map(|s| Season { from: s.from.0, until: s.until.0, hours: hours(&s.hours) }).collect(),
        zone: shape.zone.0,
    })
}
