//! `calendar.toml`: hours in order, days in order.

use super::Checker;
use crate::config::{
    office::{CalendarFile, Stretch},
    source::Sources,
    tree::{Node, Step, at},
};

pub(in crate::config) fn check(calendar: &CalendarFile, tree: &Node, sources: &mut Sources) {
    let mut checker = Checker { tree, sources };
    for (day, stretches) in calendar.week.days() {
        in_order(&mut checker, stretches, at!["week", day]);
    }
    if calendar.week.days().iter().all(|(day, stretches)| stretches.is_empty() && checker.is_written(at!["week", *day])) {
        checker.wrong(at!["week"], "the office works on no day", "write the hours of at least one day: `sunday = [\"08:00-16:00\"]`");
    }
    for (index, holiday) in calendar.holiday.iter().enumerate() {
        if holiday.until.as_ref().is_some_and(|until| until.0 < holiday.from.0) {
            checker.wrong(at!["holiday", index, "until"], "the holiday ends before it begins", "`until` is its last day");
        }
    }
    for (index, season) in calendar.season.iter().enumerate() {
        if season.until.0 < season.from.0 {
            checker.wrong(at!["season", index, "until"], "the season ends before it begins", "`until` is its last day");
        }
        in_order(&mut checker, &season.hours, at!["season", index, "hours"]);
    }
}

fn in_order(checker: &mut Checker<'_>, stretches: &[Stretch], at: &[Step]) {
    for (index, pair) in stretches.windows(2).enumerate() {
        if let [first, second] = pair
            && second.0.opens < first.0.closes
        {
            let path: Vec<Step> = at.iter().cloned().chain([Step::Index(index + 1)]).collect();
            checker.wrong(&path, "it begins before the stretch before it ends", "write a day's hours in order, one after the other");
        }
    }
}
