//! What is built in is a whole office, and gives way file by file.

use super::{loaded, service};
use crate::{
    domain::{ChannelKind, Key, Language, Role},
    routing::rule::{Facts, Rules},
};
use jiff::civil::date;

#[test]
fn with_nothing_at_all_there_is_a_whole_arabic_office() {
    let config = service("").unwrap();
    let kinds: Vec<&str> = config.office.kinds.iter().map(|kind| kind.key.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "complaint",
            "inquiry",
            "aid-request",
            "report-of-need",
            "volunteer",
            "suggestion",
            "dispute",
            "compensation",
            "appointment",
            "personal-data"
        ]
    );
    assert!(config.office.department(&config.office.fallback_department).is_some());
    assert!(config.office.departments.iter().all(|department| !department.officers.is_empty()));
    for role in Role::ALL {
        assert!(config.office.staff.iter().any(|officer| officer.role == *role), "no {role}");
    }
    for kind in &config.office.kinds {
        assert!(config.rules.iter().any(|rule| rule.kind.contains(&kind.key)), "no rule for {}", kind.key);
    }
}

#[test]
fn every_built_in_text_stands_in_both_languages() {
    let config = service("").unwrap();
    let office = &config.office;
    let mut names = vec![&office.name];
    names.extend(office.sites.iter().map(|site| &site.name));
    names.extend(office.departments.iter().map(|department| &department.name));
    names.extend(office.staff.iter().map(|officer| &officer.name));
    names.extend(config.rules.iter().map(|rule| &rule.name));
    for kind in &office.kinds {
        names.extend([&kind.name, &kind.about]);
        names.extend(kind.fields.iter().map(|field| &field.label));
        names.extend(kind.fields.iter().flat_map(|field| &field.options).map(|option| &option.label));
    }
    for name in names {
        assert_eq!(Language::of_text(&name.ar), Some(Language::Ar), "{name:?}");
        assert_eq!(Language::of_text(&name.en), Some(Language::En), "{name:?}");
    }
}

#[test]
fn the_built_in_week_is_that_of_riyadh_and_ramadan_has_its_own_hours() {
    let calendar = service("").unwrap().calendar;
    assert_eq!(calendar.zone.iana_name(), Some("Asia/Riyadh"));
    assert_eq!(calendar.week, crate::domain::calendar::Calendar::riyadh().week);
    assert!(calendar.hours_on(date(2027, 9, 23)).is_empty());
    assert_eq!(calendar.hours_on(date(2027, 2, 9))[0].opens.hour(), 10);
    assert_eq!(calendar.hours_on(date(2027, 4, 4))[0].opens.hour(), 8);
}

#[test]
fn ramadan_and_the_feasts_stand_where_umm_al_qura_has_them() {
    let calendar = service("").unwrap().calendar;
    let shut = |year, month, day| calendar.hours_on(gregorian(year, month, day)).is_empty();
    for year in [1447, 1448] {
        assert!((1..=3).all(|day| shut(year, 10, day)), "Eid al-Fitr {year}");
        assert!((9..=12).all(|day| shut(year, 12, day)), "Eid al-Adha {year}");
    }
    assert_eq!(calendar.seasons[0].from, gregorian(1448, 9, 1));
    let after = gregorian(1448, 10, 1);
    assert_eq!(calendar.seasons[0].until.tomorrow().unwrap(), after);
}

fn gregorian(year: i32, month: u8, day: u8) -> jiff::civil::Date {
    let hijri = icu_calendar::Date::try_new_hijri_with_calendar(year, month, day, icu_calendar::cal::Hijri::new_umm_al_qura()).unwrap();
    let iso = hijri.to_calendar(icu_calendar::Iso);
    date(
        i16::try_from(iso.year().extended_year()).unwrap(),
        i8::try_from(iso.month().ordinal).unwrap(),
        i8::try_from(iso.day_of_month().0).unwrap(),
    )
}

#[test]
fn an_office_of_ones_own_takes_the_built_in_rules_that_fit_it() {
    let organization = r#"
name = { ar = "جمعية" }
fallback_owner = "boss"
fallback_department = "aid"
kinds = ["zakat", "complaint"]
[[department]]
key = "aid"
name = { ar = "المساعدات" }
officers = ["boss"]
[[officer]]
key = "boss"
name = { ar = "المشرف" }
role = "supervisor"
email = "boss@example.org"
"#;
    let zakat = "key = \"zakat\"\nname = { ar = \"زكاة\" }\nanswer_within_hours = 8\n";
    let config = loaded(&[("organization.toml", organization), ("kinds/z.toml", zakat)], &[]).unwrap();
    let kinds: Vec<&str> = config.office.kinds.iter().map(|kind| kind.key.as_str()).collect();
    assert_eq!(kinds, ["zakat", "complaint"]);
    assert!(!config.rules.is_empty() && config.rules.iter().all(|rule| rule.department.as_str() == "aid"));
}

#[test]
fn a_file_of_a_kind_takes_the_built_in_ones_place_by_name_or_by_key() {
    let complaint = "key = \"complaint\"\nname = { ar = \"شكوى\" }\nanswer_within_hours = 7\n";
    for file in ["kinds/complaint.toml", "kinds/my-complaint.toml"] {
        let config = loaded(&[(file, complaint)], &[]).unwrap();
        assert_eq!(config.office.kinds.len(), 10);
        assert_eq!(config.office.kind("complaint").unwrap().answer_within_hours, 7);
    }
}

#[test]
fn what_people_write_reaches_the_department_that_can_answer() {
    let config = service("").unwrap();
    let rules = Rules::new(config.rules);
    for (kind, text, department) in [
        ("complaint", "السلام عليكم، تأخرت المساعدات هذا الشهر ولم تصلني السلة الغذائية", "aid"),
        ("inquiry", "متى يزورنا الباحث الاجتماعي؟", "social-research"),
        ("inquiry", "أرغب في التطوّع معكم في رمضان", "volunteers"),
        ("inquiry", "I would like to make a donation, can I get a receipt?", "administration"),
        ("complaint", "Our food basket has not arrived", "aid"),
        ("complaint", "الموظف لم يستقبلني بلباقة", "beneficiary-relations"),
        ("aid-request", "نحتاج إلى مكيف", "social-research"),
        ("volunteer", "مهندس ولدي وقت", "volunteers"),
        ("compensation", "ضرر", "administration"),
        ("suggestion", "شكراً لكم", "beneficiary-relations"),
    ] {
        let kind = Key::parse(kind).unwrap();
        let facts =
            Facts { kind: &kind, site: None, channel: ChannelKind::Email, account: "care", group: None, language: Language::Ar, text };
        let route = rules.route(&config.office, facts);
        assert_eq!((route.department.as_str(), route.fallback), (department, false), "{text}: {:?}", route.reasons);
    }
}
