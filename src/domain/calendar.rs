//! Working time: which hours of which days the office works, and when so many working hours have passed.

use super::At;
use jiff::{
    ToSpan,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

/// One stretch of office hours; `opens < closes`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    pub opens: Time,
    pub closes: Time,
}

/// The office's week, holidays and special seasons (such as Ramadan hours).
#[derive(Clone, PartialEq, Debug)]
pub struct Calendar {
    pub zone: TimeZone,
    /// Office hours by weekday, Monday first; a day may have several stretches, in order and apart.
    pub week: [Vec<Hours>; 7],
    /// Days on which the office is shut, both ends included.
    pub holidays: Vec<(Date, Date)>,
    /// Other hours for working days in a range of days, both ends included; the first that fits counts.
    pub seasons: Vec<Season>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Season {
    pub from: Date,
    pub until: Date,
    pub hours: Vec<Hours>,
}

/// How far ahead a deadline is looked for, in days; past it the answer is plain elapsed time.
const HORIZON_DAYS: usize = 1000;

impl Calendar {
    /// Sunday to Thursday, 08:00–16:00, Asia/Riyadh.
    pub fn riyadh() -> Self {
        let day = vec![Hours { opens: Time::constant(8, 0, 0, 0), closes: Time::constant(16, 0, 0, 0) }];
        let mut week: [Vec<Hours>; 7] = Default::default();
        for weekday in [Weekday::Sunday, Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday] {
            week[index(weekday)] = day.clone();
        }
        Self { zone: TimeZone::get("Asia/Riyadh").unwrap_or(TimeZone::UTC), week, holidays: Vec::new(), seasons: Vec::new() }
    }

    /// The office hours of one day.
    pub fn hours_on(&self, day: Date) -> &[Hours] {
        if self.holidays.iter().any(|(from, until)| *from <= day && day <= *until) {
            return &[];
        }
        let usual = &self.week[index(day.weekday())];
        match self.seasons.iter().find(|s| s.from <= day && day <= s.until) {
            Some(season) if !usual.is_empty() => &season.hours,
            _ => usual,
        }
    }

    /// The moment at which `minutes` of working time have passed since `from`. With no office hours in the next
    /// thousand days, the plain elapsed time.
    pub fn after_working(&self, from: At, minutes: u32) -> At {
        let mut left = i64::from(minutes) * 60_000_000;
        let mut day = from.timestamp().to_zoned_datetime(self.zone.clone()).date();
        for _ in 0..HORIZON_DAYS {
            for hours in self.hours_on(day) {
                let (Some(opens), Some(closes)) = (self.moment(day, hours.opens), self.moment(day, hours.closes)) else { continue };
                let start = opens.max(from.micros());
                let available = closes - start;
                if available <= 0 {
                    continue;
                }
                if left <= available {
                    return At(start + left);
                }
                left -= available;
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        from.plus(std::time::Duration::from_secs(u64::from(minutes) * 60))
    }

    fn moment(&self, day: Date, time: Time) -> Option<i64> {
        day.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok().map(|z| z.timestamp().as_microsecond())
    }
}

fn index(weekday: Weekday) -> usize {
    weekday.to_monday_zero_offset() as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn riyadh(text: &str) -> At {
        At::from(
            text.parse::<jiff::civil::DateTime>().unwrap().to_zoned_datetime(TimeZone::get("Asia/Riyadh").unwrap()).unwrap().timestamp(),
        )
    }

    #[test]
    fn working_time_skips_nights_and_the_weekend_of_friday_and_saturday() {
        let calendar = Calendar::riyadh();
        for (from, minutes, until) in [
            ("2026-11-23T09:00:00", 60, "2026-11-23T10:00:00"),
            ("2026-11-23T15:30:00", 60, "2026-11-24T08:30:00"),
            ("2026-11-26T15:00:00", 120, "2026-11-29T09:00:00"), // Thursday to Sunday
            ("2026-11-27T12:00:00", 480, "2026-11-29T16:00:00"), // from Friday, one whole day
            ("2026-11-23T03:00:00", 0, "2026-11-23T08:00:00"),
        ] {
            assert_eq!(calendar.after_working(riyadh(from), minutes), riyadh(until), "{from} + {minutes}");
        }
    }

    #[test]
    fn holidays_are_skipped_and_ramadan_has_its_own_hours() {
        let mut calendar = Calendar::riyadh();
        calendar.holidays.push((Date::constant(2026, 11, 24), Date::constant(2026, 11, 25)));
        assert_eq!(calendar.after_working(riyadh("2026-11-23T15:00:00"), 120), riyadh("2026-11-26T09:00:00"));
        let short = Hours { opens: Time::constant(10, 0, 0, 0), closes: Time::constant(15, 0, 0, 0) };
        calendar.seasons.push(Season { from: Date::constant(2027, 2, 8), until: Date::constant(2027, 3, 9), hours: vec![short] });
        assert_eq!(calendar.after_working(riyadh("2027-02-09T08:00:00"), 300), riyadh("2027-02-09T15:00:00"));
        assert!(calendar.hours_on(Date::constant(2027, 2, 12)).is_empty(), "a Friday in Ramadan stays free");
    }

    proptest! {
        #[test]
        fn more_work_is_never_done_earlier(from in 1_700_000_000i64..1_900_000_000, a in 0u32..20_000, b in 0u32..20_000) {
            let calendar = Calendar::riyadh();
            let from = At(from * 1_000_000);
            prop_assert!(calendar.after_working(from, a.min(b)) <= calendar.after_working(from, a.max(b)));
            prop_assert!(from <= calendar.after_working(from, a));
        }
    }
}
