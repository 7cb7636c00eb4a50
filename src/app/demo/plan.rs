//! What happens in the three months before the demo: who writes when about what, and what becomes of it.
//!
//! Pure: the same seed and moment give the same plan. Not here: how it is told to the service (`telling.rs`).

use super::{
    dice::Dice,
    people::{Person, Way},
    texts::{Circumstances, Hand, Texts, Topic, letter},
};
use crate::domain::{At, StakeholderGroup, calendar::Calendar};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// How one matter goes on after it was written.
pub(super) struct Story {
    pub person: Person,
    pub kind: String,
    pub group: Option<StakeholderGroup>,
    pub fields: BTreeMap<String, String>,
    pub subject: String,
    pub opening: String,
    /// The name of a file that comes with it.
    pub paper: Option<String>,
    /// Their mail address was mistyped: nothing reaches them.
    pub mistyped: bool,
    pub begin: At,
    pub beats: VecDeque<Beat>,
    /// The earlier story that it repeats.
    pub of: Option<usize>,
}

/// The next thing that happens.
pub(super) struct Beat {
    pub after: After,
    pub deed: Deed,
}

/// How long after the last one, in minutes.
#[derive(Clone, Copy)]
pub(super) enum After {
    /// Of office hours.
    Working(u64),
    /// By the clock, and not at night.
    Elapsed(u64),
}

/// Who does what.
pub(super) enum Deed {
    Start,
    Ask(String),
    Reply(String),
    Note(String),
    /// To another department, for this reason.
    HandOver(String),
    Wait(String),
    Resolve(String),
    Reject(String),
    Close,
    MarkSpam,
    MarkDuplicate,
    /// By the supervisor.
    Reopen(String),
    /// The sender writes, perhaps with a file.
    Write(String, Option<String>),
    /// The sender says whether it is solved.
    Solved(bool),
    /// The sender's mail program answers by itself.
    Away(String),
}

/// What becomes of a matter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Fresh,
    Mistyped,
    Overdue,
    Started,
    Asked,
    Answered,
    Waiting,
    Resolved,
    Away,
    ClosedBySender,
    ClosedByUs,
    Unsolved,
    UnsolvedThenClosed,
    Rejected,
    RejectedClosed,
    HandedOver,
    ReopenedByUs,
    Spam,
}

/// How many of each there are, and how many hours ago they begin.
const COURSES: [(Course, usize, (u64, u64)); 18] = [
    (Course::Fresh, 15, (1, 30)),
    (Course::Mistyped, 2, (5, 60)),
    (Course::Overdue, 7, (220, 580)),
    (Course::Started, 15, (8, 40)),
    (Course::Asked, 15, (22, 90)),
    (Course::Answered, 10, (60, 110)),
    (Course::Waiting, 12, (100, 280)),
    (Course::Resolved, 24, (150, 400)),
    (Course::Away, 1, (200, 300)),
    (Course::ClosedBySender, 50, (340, 2180)),
    (Course::ClosedByUs, 26, (620, 2180)),
    (Course::Unsolved, 9, (330, 760)),
    (Course::UnsolvedThenClosed, 10, (800, 2100)),
    (Course::Rejected, 10, (200, 1300)),
    (Course::RejectedClosed, 4, (700, 2000)),
    (Course::HandedOver, 14, (200, 1900)),
    (Course::ReopenedByUs, 3, (420, 800)),
    (Course::Spam, 9, (80, 2000)),
];
/// So many write a second time about the same.
const DUPLICATES: usize = 8;
/// The first of these courses are had by people with a demo phone, so that one can play on with them.
const PLAYED: [(Course, usize); 4] = [(Course::Fresh, 2), (Course::Asked, 4), (Course::Resolved, 4), (Course::Started, 1)];
/// One in so many writes again about something else, in percent.
const KNOWN_BEFORE: u64 = 24;

/// The stories of the three months before `now`.
pub(super) fn stories(texts: &Texts, calendar: &Calendar, now: At, dice: &Dice) -> Vec<Story> {
    let mut plan = Plan { texts, calendar, now, dice, people: Vec::new(), openings: BTreeMap::new() };
    let mut stories = Vec::new();
    for (course, count, ago) in COURSES {
        let played = PLAYED.iter().find(|(played, _)| *played == course).map_or(0, |(_, count)| *count);
        stories.extend((0..count).map(|number| plan.story(course, ago, number < played)));
    }
    let repeated: Vec<usize> = (0..stories.len()).filter(|at| plan.may_be_repeated(&stories[*at])).collect();
    for number in 0..DUPLICATES {
        if let Some(of) = repeated.get(number * repeated.len() / DUPLICATES) {
            let again = plan.again(*of, &stories[*of]);
            stories.push(again);
        }
    }
    stories
}

struct Plan<'a> {
    texts: &'a Texts,
    calendar: &'a Calendar,
    now: At,
    dice: &'a Dice,
    people: Vec<Person>,
    /// How often each opening was used: every one once before any is used again.
    openings: BTreeMap<String, u32>,
}

/// The words of one story, filled in.
struct Words<'a> {
    topic: &'a Topic,
    circumstances: Circumstances,
    hand: Hand,
    dice: &'a Dice,
}

impl Words<'_> {
    /// Of an officer.
    fn ours(&self, of: &[String]) -> String {
        self.circumstances.fill(&self.dice.text(of))
    }

    /// Of the sender.
    fn theirs(&self, text: &str) -> String {
        self.hand.write(&self.circumstances.fill(text))
    }
}

fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

fn working(dice: &Dice, from: u64, to: u64, deed: Deed) -> Beat {
    Beat { after: After::Working(dice.roll(from, to)), deed }
}

fn elapsed(dice: &Dice, from: u64, to: u64, deed: Deed) -> Beat {
    Beat { after: After::Elapsed(dice.roll(from, to)), deed }
}

impl<'a> Plan<'a> {
    fn story(&mut self, course: Course, (from, to): (u64, u64), played: bool) -> Story {
        let topic = self.topic(course);
        let mut person = self.person(topic);
        match course {
            _ if played => person = self.newcomer(topic, Way::Sandbox),
            Course::Mistyped => person = self.newcomer(topic, Way::Call),
            Course::Away | Course::Spam => person = self.newcomer(topic, Way::Email),
            _ => {}
        }
        let words =
            Words { topic, circumstances: Circumstances::new(&self.texts.shared, self.dice), hand: Hand::of(self.dice), dice: self.dice };
        let ago = Duration::from_secs(self.dice.roll(from * 3600, to * 3600));
        let begin = self.begin(self.now.minus(ago), person.way);
        let opening = self.opening(topic);
        let plain = course == Course::Spam;
        let opening =
            if plain { opening } else { letter(&self.texts.shared, self.dice, &words.theirs(&opening), person.way == Way::Sandbox) };
        Story {
            kind: self.dice.text(&topic.kinds),
            group: topic.group,
            fields: topic.fields.iter().map(|(field, answer)| (field.clone(), words.circumstances.fill(answer))).collect(),
            subject: words.theirs(&self.dice.text(&topic.subjects)),
            opening,
            paper: (!plain && self.dice.percent(22)).then(|| self.dice.text(&self.texts.shared.papers)),
            mistyped: course == Course::Mistyped,
            begin,
            beats: self.beats(course, &words).into(),
            of: None,
            person,
        }
    }

    fn topic(&self, course: Course) -> &'a Topic {
        let fits = |topic: &&Topic| match course {
            Course::Spam => topic.people == "stranger",
            Course::Rejected | Course::RejectedClosed => !topic.rejections.is_empty(),
            Course::Asked | Course::Answered => !topic.asks.is_empty(),
            Course::Unsolved | Course::UnsolvedThenClosed => !topic.unsolved.is_empty(),
            Course::Waiting => !topic.waits.is_empty(),
            Course::Mistyped | Course::Away => topic.people.is_empty() && topic.channels.is_empty(),
            _ => topic.people != "stranger",
        };
        let fitting: Vec<&Topic> = self.texts.topics.iter().filter(fits).collect();
        let all: u64 = fitting.iter().map(|topic| topic.weight).sum();
        let mut left = self.dice.roll(0, all.saturating_sub(1));
        let chosen = fitting.iter().find(|topic| {
            let here = left < topic.weight;
            left = left.saturating_sub(topic.weight);
            here
        });
        chosen.or(fitting.first()).copied().unwrap_or(&self.texts.topics[0])
    }

    /// Somebody who wrote before, or somebody new.
    fn person(&mut self, topic: &Topic) -> Person {
        let fits = |person: &&Person| {
            person.sort == topic.people && (topic.channels.is_empty() || topic.channels.iter().any(|c| c == person.way.channel()))
        };
        let known: Vec<Person> = self.people.iter().filter(fits).cloned().collect();
        if let Some(person) = self.dice.one(&known).filter(|_| self.dice.percent(KNOWN_BEFORE)) {
            return person.clone();
        }
        let person = Person::new(self.people.len() as u64 + 1, topic, &self.texts.shared, self.dice);
        self.people.push(person.clone());
        person
    }

    fn newcomer(&mut self, topic: &Topic, way: Way) -> Person {
        let number = self.people.len() as u64 + 1;
        let person = Person { way, ..Person::new(number, topic, &self.texts.shared, self.dice) };
        self.people.push(person.clone());
        person
    }

    /// One of the least used openings of the topic.
    fn opening(&mut self, topic: &Topic) -> String {
        let used = |opening: &String| self.openings.get(opening).copied().unwrap_or(0);
        let least = topic.openings.iter().map(used).min().unwrap_or(0);
        let candidates: Vec<String> = topic.openings.iter().filter(|opening| used(opening) == least).cloned().collect();
        let chosen = self.dice.text(&candidates);
        *self.openings.entry(chosen.clone()).or_default() += 1;
        chosen
    }

    /// A moment at which somebody would come this way: the desk in office hours, everything else not at night.
    fn begin(&self, wish: At, way: Way) -> At {
        if way.channel() != "desk" {
            return daytime(wish, self.calendar, true);
        }
        let latest = self.now.minus(Duration::from_secs(600));
        let days = (0..8)
            .map(|days| self.calendar.after_working(wish.minus(hours(24 * days)), 1 + u32::try_from(self.dice.roll(0, 40)).unwrap_or(0)));
        days.into_iter().find(|moment| *moment < latest).unwrap_or(wish)
    }

    fn beats(&self, course: Course, words: &Words<'_>) -> Vec<Beat> {
        let (dice, topic, shared) = (self.dice, words.topic, &self.texts.shared);
        let mut beats = match course {
            Course::Fresh | Course::Mistyped | Course::Overdue | Course::Spam => Vec::new(),
            Course::Asked | Course::Answered => self.begun(words, true),
            Course::Rejected | Course::RejectedClosed | Course::Waiting | Course::Started => self.begun(words, false),
            Course::HandedOver => {
                let mut beats = vec![working(dice, 10, 200, Deed::HandOver(dice.text(&shared.hand_over)))];
                beats.extend(self.begun(words, dice.percent(30)));
                beats
            }
            _ => self.begun(words, dice.percent(40)),
        };
        match course {
            Course::Asked => drop(beats.pop()),
            Course::Waiting => beats.push(working(dice, 20, 300, Deed::Wait(words.ours(&topic.waits)))),
            Course::Rejected | Course::RejectedClosed => beats.push(working(dice, 200, 900, Deed::Reject(words.ours(&topic.rejections)))),
            Course::Spam => beats.push(working(dice, 5, 200, Deed::MarkSpam)),
            Course::Fresh | Course::Mistyped | Course::Overdue | Course::Started | Course::Answered => {}
            _ => beats.push(self.settled(words)),
        }
        beats.extend(self.aftermath(course, words));
        beats
    }

    /// The officer takes it up, perhaps asks and is answered.
    fn begun(&self, words: &Words<'_>, asks: bool) -> Vec<Beat> {
        let (dice, topic) = (self.dice, words.topic);
        let mut beats = vec![working(dice, 8, 260, Deed::Start)];
        if dice.percent(35) && !topic.notes.is_empty() {
            beats.push(working(dice, 3, 90, Deed::Note(words.ours(&topic.notes))));
        }
        if dice.percent(30) && !topic.replies.is_empty() {
            beats.push(working(dice, 5, 120, Deed::Reply(words.ours(&topic.replies))));
        }
        if let Some((question, answer)) = dice.one(&topic.asks).filter(|_| asks) {
            let paper = dice.percent(35).then(|| dice.text(&self.texts.shared.papers));
            beats.push(working(dice, 5, 200, Deed::Ask(words.circumstances.fill(question))));
            beats.push(elapsed(dice, 25, 1700, Deed::Write(words.theirs(answer), paper)));
        }
        beats
    }

    fn settled(&self, words: &Words<'_>) -> Beat {
        working(self.dice, 120, 760, Deed::Resolve(words.ours(&words.topic.outcomes)))
    }

    /// What happens after it was settled or refused.
    fn aftermath(&self, course: Course, words: &Words<'_>) -> Vec<Beat> {
        let (dice, shared) = (self.dice, &self.texts.shared);
        let unsolved = || {
            let words = words.theirs(&dice.text(&words.topic.unsolved));
            elapsed(dice, 900, 4000, if dice.percent(30) { Deed::Solved(false) } else { Deed::Write(words, None) })
        };
        match course {
            Course::ClosedBySender => vec![elapsed(dice, 20, 3500, Deed::Solved(true))],
            Course::HandedOver if dice.percent(60) => vec![elapsed(dice, 20, 3500, Deed::Solved(true))],
            Course::ClosedByUs | Course::RejectedClosed => vec![working(dice, 2400, 3400, Deed::Close)],
            Course::Unsolved => vec![unsolved()],
            Course::UnsolvedThenClosed => {
                let mut beats = vec![unsolved()];
                if !words.topic.notes.is_empty() {
                    beats.push(working(dice, 30, 400, Deed::Note(words.ours(&words.topic.notes))));
                }
                beats.extend([self.settled(words), elapsed(dice, 60, 4000, Deed::Solved(true))]);
                beats
            }
            Course::ReopenedByUs => vec![working(dice, 600, 1500, Deed::Reopen(dice.text(&shared.reopened_by_us)))],
            Course::Away => vec![elapsed(dice, 1, 2, Deed::Away(shared.away.clone()))],
            _ => Vec::new(),
        }
    }

    fn may_be_repeated(&self, story: &Story) -> bool {
        let sort = &story.person.sort;
        sort.is_empty() && !story.mistyped && !story.beats.is_empty() && self.now.since(story.begin) > hours(150)
    }

    /// The same person about the same, a little later.
    fn again(&mut self, of: usize, first: &Story) -> Story {
        let begin = self.begin(first.begin.plus(Duration::from_secs(self.dice.roll(20, 80) * 3600)), first.person.way);
        let begin = begin.max(first.begin.plus(Duration::from_secs(3600)));
        Story {
            person: first.person.clone(),
            kind: first.kind.clone(),
            group: first.group,
            fields: first.fields.clone(),
            subject: first.subject.clone(),
            opening: format!("{}\n{}", self.dice.text(&self.texts.shared.again), first.opening),
            paper: None,
            mistyped: false,
            begin,
            beats: VecDeque::from([working(self.dice, 15, 300, Deed::MarkDuplicate)]),
            of: Some(of),
        }
    }
}

/// Between seven in the morning and eleven at night: a moment at night is moved to the evening before, or the morning after.
pub(super) fn daytime(moment: At, calendar: &Calendar, back: bool) -> At {
    let hour = u64::try_from(moment.timestamp().to_zoned_datetime(calendar.zone.clone()).hour()).unwrap_or(12);
    match (hour, back) {
        (0..7, true) => moment.minus(hours(hour + 2)),
        (0..7, false) => moment.plus(hours(8 - hour.min(7))),
        (23, true) => moment.minus(hours(2)),
        (23, false) => moment.plus(hours(9)),
        _ => moment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_opening_is_told_too_often_and_everything_begins_in_the_past() {
        let (texts, now) = (Texts::read().unwrap(), At(1_790_000_000_000_000));
        let stories = stories(&texts, &Calendar::riyadh(), now, &Dice::new(11));
        assert!(stories.len() >= 230, "{}", stories.len());
        let mut told = BTreeMap::<&str, u32>::new();
        for story in &stories {
            *told.entry(&story.opening).or_default() += 1;
            assert!(story.begin < now && now.since(story.begin) < hours(24 * 110));
            assert!(!story.opening.contains('{'), "{}", story.opening);
            assert!(story.of.is_none_or(|of| stories[of].begin < story.begin));
        }
        assert!(told.values().all(|times| *times <= 4), "{told:?}");
    }
}
