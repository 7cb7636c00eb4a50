//! Dates and times as people here say them: Gregorian first, then Hijri by the Umm al-Qura calendar, in Latin digits.
//!
//! Umm al-Qura data cover the years 1300 to 1600 of the Hijra; outside them the tabular calendar stands in.

use super::{Value, text, text_with};
use crate::domain::{At, Language};
use icu_calendar::{Date as CalendarDate, cal::Hijri};
use jiff::{ZonedDateTime, civil, tz::TimeZone};

/// «الاثنين 23 نوفمبر 2026 (13 جمادى الآخرة 1448 هـ)».
pub fn date(language: Language, at: At, zone: &TimeZone) -> String {
    day(language, local(at, zone).date())
}

/// «الاثنين 23 نوفمبر 2026 (13 جمادى الآخرة 1448 هـ)، الساعة 10:30 صباحًا».
pub fn date_time(language: Language, at: At, zone: &TimeZone) -> String {
    let local = local(at, zone);
    text_with(language, "date-time", &[("date", Value::own(day(language, local.date()))), ("time", Value::own(time(language, &local)))])
}

/// For lists: «23 نوفمبر 2026، 10:30 صباحًا».
pub fn short(language: Language, at: At, zone: &TimeZone) -> String {
    let local = local(at, zone);
    let date = gregorian(language, local.date(), "date-short");
    text_with(language, "date-time-short", &[("date", Value::own(date)), ("time", Value::own(time(language, &local)))])
}

/// For lists where the hour does not matter: «23 نوفمبر 2026».
pub fn short_date(language: Language, at: At, zone: &TimeZone) -> String {
    gregorian(language, local(at, zone).date(), "date-short")
}

/// A civil date in both calendars.
pub fn day(language: Language, date: civil::Date) -> String {
    let gregorian = gregorian(language, date, "date-gregorian");
    match hijri(language, date) {
        Some(hijri) => text_with(language, "date-both", &[("gregorian", Value::own(gregorian)), ("hijri", Value::own(hijri))]),
        None => gregorian,
    }
}

/// «13 جمادى الآخرة 1448 هـ».
fn hijri(language: Language, date: civil::Date) -> Option<String> {
    let iso = CalendarDate::try_new_iso(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs()).ok()?;
    let hijri = iso.to_calendar(Hijri::new_umm_al_qura());
    let month = text(language, &format!("hijri-month-{}", hijri.month().ordinal));
    let (day, year) = (hijri.day_of_month().0.to_string(), hijri.era_year().year.to_string());
    Some(text_with(language, "date-hijri", &[("day", Value::own(day)), ("month", Value::own(month)), ("year", Value::own(year))]))
}

fn gregorian(language: Language, date: civil::Date, key: &str) -> String {
    let weekday = text(language, &format!("weekday-{}", date.weekday().to_monday_one_offset()));
    let month = text(language, &format!("month-{}", date.month()));
    let (day, year) = (date.day().to_string(), date.year().to_string());
    let values = [("weekday", weekday), ("day", day), ("month", month), ("year", year)];
    text_with(language, key, &values.map(|(name, value)| (name, Value::Own(value))))
}

fn time(language: Language, local: &ZonedDateTime) -> String {
    let hour = match local.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let key = if local.hour() < 12 { "time-morning" } else { "time-evening" };
    text_with(language, key, &[("time", Value::own(format!("{hour}:{:02}", local.minute())))])
}

fn local(at: At, zone: &TimeZone) -> ZonedDateTime {
    at.timestamp().to_zoned_datetime(zone.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn riyadh(text: &str) -> (At, TimeZone) {
        let zone = TimeZone::get("Asia/Riyadh").unwrap();
        (At::from(text.parse::<civil::DateTime>().unwrap().to_zoned_datetime(zone.clone()).unwrap().timestamp()), zone)
    }

    #[test]
    fn a_moment_is_told_in_both_calendars() {
        let (at, zone) = riyadh("2026-11-23T10:30:00");
        assert_eq!(date_time(Language::Ar, at, &zone), "الاثنين 23 نوفمبر 2026 (13 جمادى الآخرة 1448 هـ)، الساعة 10:30 صباحًا");
        assert_eq!(date_time(Language::En, at, &zone), "Monday 23 November 2026 (13 Jumada al-Akhirah 1448 AH), 10:30 am");
        assert_eq!(short(Language::Ar, at, &zone), "23 نوفمبر 2026، 10:30 صباحًا");
        assert_eq!(short_date(Language::En, at, &zone), "23 November 2026");
    }

    #[test]
    fn the_first_of_ramadan_and_of_the_year_are_where_umm_al_qura_has_them() {
        for (day, hijri) in [("2026-02-18T12:00:00", "1 رمضان 1447 هـ"), ("2026-06-16T12:00:00", "1 محرم 1448 هـ")] {
            let (at, zone) = riyadh(day);
            assert!(date(Language::Ar, at, &zone).contains(hijri), "{}", date(Language::Ar, at, &zone));
        }
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        for (moment, told) in [("2026-11-23T00:05:00", "12:05 صباحًا"), ("2026-11-23T12:00:00", "12:00 مساءً")] {
            let (at, zone) = riyadh(moment);
            assert!(short(Language::Ar, at, &zone).ends_with(told));
        }
    }
}
