//! Tells the stories to the service: each thing goes through intake or casework at its own moment of the clock, in the order of
//! time over all stories, and the notices of it are sent before the next thing happens.
//!
//! One after the other, on purpose: there is one clock, and owners, numbers and deadlines follow from what was before.

use super::{
    clock::DemoClock,
    letters::{Answering, Letter, Post},
    papers,
    people::Way,
    plan::{After, Beat, Deed, Story, daytime},
};
use crate::{
    access::Viewer,
    app::compose::Service,
    casework::{NewFile, Verb},
    channel::{Accepted, ChannelKind, InboundSink, Taken},
    domain::{At, Key, PersonId, Reference, Role, Ticket},
    store::{
        notices::{Audience, NoticeState},
        people::Person,
    },
};
use anyhow::{Context, bail};
use std::{cmp::Reverse, collections::BinaryHeap, sync::Arc, time::Duration};

/// Things that happen within so long of each other are one bustle: their notices are sent after it.
const BUSTLE: Duration = Duration::from_secs(150);
/// Nothing of a story happens later than so long before the end.
const MARGIN: Duration = Duration::from_secs(90);
/// In percent of outcomes.
const WITH_PAPER: u64 = 12;

pub(super) struct Telling<'a> {
    pub service: &'a Service,
    pub clock: Arc<DemoClock>,
    pub post: Post,
    pub staff: Vec<Person>,
    pub stories: Vec<Story>,
    /// The reference of each story's ticket, once it was written.
    pub references: Vec<Option<Reference>>,
    pub serial: u32,
}

impl Telling<'_> {
    /// Tells everything that happens before `end`.
    pub async fn tell(&mut self, end: At) -> anyhow::Result<()> {
        let latest = end.minus(MARGIN);
        let mut next: BinaryHeap<_> = self.stories.iter().enumerate().map(|(number, story)| Reverse((story.begin, number))).collect();
        while let Some(Reverse((moment, number))) = next.pop() {
            if moment > latest {
                continue;
            }
            self.clock.go_on_to(moment);
            self.happen(number).await.with_context(|| format!("story {number}"))?;
            if let Some(after) = self.stories[number].beats.front().map(|beat| beat.after) {
                next.push(Reverse((self.later(moment, after), number)));
            }
            if next.peek().is_none_or(|Reverse((coming, _))| coming.since(moment) > BUSTLE) {
                self.send(moment).await?;
            }
        }
        Ok(())
    }

    /// Sends the notices of what just happened, a few seconds after it.
    pub async fn send(&self, moment: At) -> anyhow::Result<()> {
        self.clock.go_on_to(moment.plus(Duration::from_secs(self.post.dice.roll(2, 40))));
        while self.service.outbox.send_due().await? > 0 {}
        Ok(())
    }

    /// A message arrives that nobody can make a ticket of, for the page of those that wait for a person.
    pub async fn poison(&mut self, end: At) -> anyhow::Result<()> {
        self.clock.go_on_to(end.minus(MARGIN / 2));
        self.serial += 1;
        let mail = self.post.nameless_mail(self.service.store.world().now(), self.serial);
        self.service.intake.deliver(mail).await?;
        self.send(end.minus(MARGIN / 2)).await
    }

    fn later(&self, moment: At, after: After) -> At {
        let calendar = self.service.casework.calendar();
        match after {
            After::Working(minutes) => calendar.after_working(moment, u32::try_from(minutes).unwrap_or(u32::MAX)),
            After::Elapsed(minutes) => daytime(moment.plus(Duration::from_secs(minutes * 60)), calendar, false),
        }
    }

    /// The next thing of a story: the first is that it is written.
    async fn happen(&mut self, number: usize) -> anyhow::Result<()> {
        let Some(reference) = self.references[number] else {
            let (text, paper) = (self.stories[number].opening.clone(), self.stories[number].paper.clone());
            let accepted = self.deliver(number, &text, paper.as_deref(), None, false).await?;
            self.references[number] = Some(accepted.reference);
            return Ok(());
        };
        let Some(Beat { deed, .. }) = self.stories[number].beats.pop_front() else { return Ok(()) };
        let ticket = self.service.store.read().await?.ticket(reference).await?.context("the ticket of a story")?;
        match deed {
            Deed::Write(text, paper) => {
                let answering = self.answering(ticket).await?;
                self.deliver(number, &text, paper.as_deref(), Some(answering), false).await.map(drop)
            }
            Deed::Away(text) => {
                let answering = self.answering(ticket).await?;
                self.deliver(number, &text, None, Some(answering), true).await.map(drop)
            }
            Deed::Solved(solved) => Ok(self.service.casework.sender_answers_solved(&ticket, solved).await?),
            deed => self.perform(number, &ticket, deed).await,
        }
    }

    async fn deliver(
        &mut self,
        number: usize,
        text: &str,
        paper: Option<&str>,
        answering: Option<Answering>,
        automatic: bool,
    ) -> anyhow::Result<Accepted> {
        self.serial += 1;
        let (service, story) = (self.service, &self.stories[number]);
        let by_form = matches!(story.person.way, Way::Portal | Way::Visit | Way::Call | Way::Letter);
        let mut files = Vec::new();
        if let Some(name) = paper.filter(|_| by_form) {
            files.push(service.intake.keep_file(name, papers::media_type(name), papers::paper(name, &self.post.dice)).await?);
        }
        let clerk = (story.person.way.channel() == "desk").then(|| self.clerk(story)).flatten();
        let at = service.store.world().now();
        let letter = Letter { story, number, text, automatic, answering, clerk, files, paper, at, serial: self.serial };
        match service.intake.deliver(self.post.bring(letter)?).await? {
            Taken::Accepted(accepted) => Ok(accepted),
            other => bail!("a message of the story became {other:?}"),
        }
    }

    /// The clerk of one of the two sites, always the same one for the same person.
    fn clerk(&self, story: &Story) -> Option<(PersonId, Option<Key>)> {
        let clerks: Vec<&Person> = self.staff.iter().filter(|person| person.role == Role::Clerk).collect();
        let chosen = clerks.get(usize::try_from(story.person.number).unwrap_or(0) % clerks.len().max(1))?;
        Some((chosen.id, chosen.site.clone()))
    }

    /// What the sender last got about their ticket.
    async fn answering(&self, ticket: Ticket) -> anyhow::Result<Answering> {
        let notices = self.service.store.read().await?.ticket_notices(ticket.id).await?;
        let last = notices.into_iter().rev().find(|notice| notice.audience == Audience::Sender && notice.state == NoticeState::Sent);
        let (external_id, content) = last.map(|notice| (notice.external_id, notice.content)).unzip();
        let (said, token) = content.map(|content| (content.text, content.token)).unzip();
        Ok(Answering { ticket, external_id: external_id.flatten(), token: token.flatten(), said: said.unwrap_or_default() })
    }

    async fn perform(&self, number: usize, ticket: &Ticket, deed: Deed) -> anyhow::Result<()> {
        let office = self.service.casework.office();
        let supervises = matches!(deed, Deed::Reopen(_));
        let by = self.staff.iter().find(|person| if supervises { person.role == Role::Supervisor } else { person.id == ticket.owner });
        let viewer = Viewer::new(by.context("nobody owns the ticket of a story")?.clone(), office);
        let files = Vec::new();
        let verb = match deed {
            Deed::Start => Verb::Start,
            Deed::Ask(text) => Verb::Ask { text, files },
            Deed::Reply(text) => Verb::Reply { text, files },
            Deed::Note(text) => Verb::Note { text, files },
            Deed::HandOver(reason) => Verb::HandOver { department: self.elsewhere(ticket)?, officer: None, reason },
            Deed::Wait(reason) => Verb::Wait { reason },
            Deed::Resolve(outcome) => Verb::Resolve { outcome, files: self.paper_of_ours() },
            Deed::Reject(reason) => Verb::Reject { reason },
            Deed::Close => Verb::Close,
            Deed::MarkSpam => Verb::MarkSpam,
            Deed::MarkDuplicate => {
                let of = self.stories[number].of.and_then(|of| self.references.get(of).copied().flatten());
                Verb::MarkDuplicate { of }
            }
            Deed::Reopen(reason) => Verb::Reopen { reason },
            Deed::Write(..) | Deed::Solved(_) | Deed::Away(_) => return Ok(()),
        };
        Ok(self.service.casework.perform(&viewer, ticket.reference, verb, ChannelKind::Desk).await?)
    }

    fn paper_of_ours(&self) -> Vec<NewFile> {
        let dice = &self.post.dice;
        if !dice.percent(WITH_PAPER) {
            return Vec::new();
        }
        let name = "محضر التسليم.pdf".to_owned();
        vec![NewFile { content_type: papers::media_type(&name).to_owned(), bytes: papers::paper(&name, dice), name }]
    }

    /// Another department that might have to do with it.
    fn elsewhere(&self, ticket: &Ticket) -> anyhow::Result<Key> {
        let to = match ticket.department.as_str() {
            "aid" => "social-research",
            "social-research" => "aid",
            "beneficiary-relations" => {
                ["aid", "social-research", "administration"][usize::try_from(self.post.dice.roll(0, 2)).unwrap_or(0)]
            }
            _ => "beneficiary-relations",
        };
        Ok(Key::parse(to)?)
    }
}
