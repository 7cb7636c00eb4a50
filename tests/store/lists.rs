//! Lists of tickets: the same answers on both databases.

use crate::rig::{Rig, key};
use tawasul::{
    domain::{ChannelKind, PersonId, Status, Ticket},
    store::desk::{Filter, Scope, View},
};

fn everything() -> Scope {
    Scope { all: true, ..Scope::default() }
}

async fn listed(rig: &Rig, scope: &Scope, filter: &Filter) -> Vec<u32> {
    let listed = rig.read().await.list_tickets(scope, filter, 100).await.unwrap();
    listed.iter().map(|ticket| ticket.reference.serial()).collect()
}

/// Twelve tickets, three to an instant: every state, two departments, two owners.
async fn office(rig: &Rig) -> (Vec<Ticket>, PersonId, PersonId) {
    let (sara, omar) = (rig.officer("sara").await, rig.officer("omar").await);
    let (one, two) = (rig.sender("فاطمة", "a@example.sa").await, rig.sender("نورة", "b@example.sa").await);
    let mut tickets = Vec::new();
    for number in 0..12 {
        if number % 3 == 0 {
            rig.pass(60);
        }
        let mut ticket = rig.drafted(if number % 2 == 0 { sara } else { omar }, if number < 6 { &one } else { &two }).await;
        ticket.status = Status::ALL[number % Status::ALL.len()];
        ticket.department = key(["care", "finance", "care-2"][number % 3]);
        ticket.kind = key(["complaint", "aid"][number / 6]);
        ticket.channel = [ChannelKind::Email, ChannelKind::Telegram][number / 3 % 2];
        ticket.opened_by = (number == 11).then_some(sara);
        ticket.confidential = number == 1;
        ticket.subject = Some(format!("رقم {number}"));
        let ticket = rig.saved(ticket).await;
        rig.said(&ticket, if number % 4 == 0 { "إيجار البيت" } else { "كهرباء" }, Some("فاطمة")).await;
        tickets.push(ticket);
    }
    (tickets, sara, omar)
}

/// What a list must answer, from the tickets themselves.
fn expected(tickets: &[Ticket], wanted: impl Fn(&Ticket) -> bool) -> Vec<u32> {
    let mut wanted: Vec<&Ticket> = tickets.iter().filter(|ticket| wanted(ticket)).collect();
    wanted.sort_by_key(|ticket| std::cmp::Reverse((ticket.created_at, ticket.id)));
    wanted.iter().map(|ticket| ticket.reference.serial()).collect()
}

both!(each_filter_picks_what_it_says);
async fn each_filter_picks_what_it_says(rig: &Rig) {
    let (tickets, sara, _) = office(rig).await;
    let since = tickets[6].created_at;
    let contact = tickets[7].contact;
    let open = |t: &Ticket| t.status.is_open();
    let waiting = |t: &Ticket| matches!(t.status, Status::WaitingSender | Status::WaitingThirdParty);
    let none = Filter::default;
    type Wanted<'a> = Box<dyn Fn(&Ticket) -> bool + 'a>;
    let cases: Vec<(Filter, Wanted<'_>)> = vec![
        (none(), Box::new(|_| true)),
        (Filter { view: Some(View::Open), ..none() }, Box::new(open)),
        (Filter { view: Some(View::Waiting), ..none() }, Box::new(waiting)),
        (Filter { view: Some(View::Done), ..none() }, Box::new(move |t| !open(t))),
        (Filter { status: Some(Status::Assigned), ..none() }, Box::new(|t| t.status == Status::Assigned)),
        (Filter { status: Some(Status::New), view: Some(View::Done), ..none() }, Box::new(|_| false)),
        (Filter { channel: Some(ChannelKind::Telegram), ..none() }, Box::new(|t| t.channel == ChannelKind::Telegram)),
        (Filter { kind: Some(key("aid")), ..none() }, Box::new(|t| t.kind == key("aid"))),
        (Filter { department: Some(key("care")), ..none() }, Box::new(|t| t.department == key("care"))),
        (Filter { owner: Some(sara), ..none() }, Box::new(|t| t.owner == sara)),
        (Filter { contact: Some(contact), ..none() }, Box::new(|t| t.contact == contact)),
        (Filter { since: Some(since), ..none() }, Box::new(|t| t.created_at >= since)),
        (Filter { words: Some("الايجار".into()), ..none() }, Box::new(|t| t.reference.serial() % 4 == 1)),
        (
            Filter { words: Some("ايجار فاطمه".into()), view: Some(View::Open), owner: Some(sara), since: Some(since), ..none() },
            Box::new(|t| t.reference.serial() % 4 == 1 && open(t) && t.owner == sara && t.created_at >= since),
        ),
    ];
    for (number, (filter, wanted)) in cases.into_iter().enumerate() {
        assert_eq!(listed(rig, &everything(), &filter).await, expected(&tickets, wanted), "filter {number}");
    }
}

both!(a_scope_shows_what_one_owns_or_logged_and_ones_departments);
async fn a_scope_shows_what_one_owns_or_logged_and_ones_departments(rig: &Rig) {
    let (tickets, sara, omar) = office(rig).await;
    let scope = |person, departments: &[&str]| Scope {
        all: false,
        veiled: false,
        person,
        departments: departments.iter().map(|d| key(d)).collect(),
    };
    let owned = |person: PersonId| move |t: &Ticket| t.owner == person || (t.opened_by == Some(person) && !t.confidential);
    for filter in [
        Filter::default(),
        Filter { words: Some("كهرباء".into()), ..Filter::default() },
        Filter { view: Some(View::Open), ..Filter::default() },
    ] {
        let asked = |t: &Ticket| {
            (filter.words.is_none() || (t.reference.serial() % 4 != 1 && !t.confidential)) && (filter.view.is_none() || t.status.is_open())
        };
        let seen = |t: &Ticket| owned(sara)(t) && asked(t);
        assert_eq!(listed(rig, &scope(Some(sara), &[]), &filter).await, expected(&tickets, seen));
        let seen = |t: &Ticket| (owned(omar)(t) || t.department == key("care")) && asked(t);
        assert_eq!(listed(rig, &scope(Some(omar), &["care"]), &filter).await, expected(&tickets, seen));
        let seen = |t: &Ticket| t.department != key("care") && asked(t);
        assert_eq!(listed(rig, &scope(None, &["care-2", "finance"]), &filter).await, expected(&tickets, seen));
        assert!(listed(rig, &scope(None, &[]), &filter).await.is_empty());
    }
    let mine = Filter { owner: Some(omar), ..Filter::default() };
    assert_eq!(listed(rig, &scope(Some(omar), &["care"]), &mine).await, expected(&tickets, |t| t.owner == omar));
    let theirs = expected(&tickets, |t| t.owner == omar && ((t.opened_by == Some(sara) && !t.confidential) || t.department == key("care")));
    assert_eq!(listed(rig, &scope(Some(sara), &["care"]), &mine).await, theirs);
    let finance = Filter { department: Some(key("finance")), ..Filter::default() };
    assert_eq!(
        listed(rig, &scope(Some(sara), &["care"]), &finance).await,
        expected(&tickets, |t| t.department == key("finance") && owned(sara)(t))
    );
    assert_eq!(listed(rig, &scope(None, &["finance"]), &finance).await, expected(&tickets, |t| t.department == key("finance")));
}

both!(a_veiled_scope_shows_no_foreign_confidential_ticket_and_counts_none);
async fn a_veiled_scope_shows_no_foreign_confidential_ticket_and_counts_none(rig: &Rig) {
    let (tickets, ..) = office(rig).await;
    let manager = Scope { all: true, veiled: true, person: None, departments: vec![key("care-2")] };
    let seen = |t: &Ticket| !t.confidential || t.department == key("care-2");
    assert!(tickets.iter().any(|t| !seen(t)), "the office has a confidential ticket elsewhere");
    assert_eq!(listed(rig, &manager, &Filter::default()).await, expected(&tickets, seen));
    let counted: i64 = rig.read().await.count_tickets(&manager).await.unwrap().iter().map(|(_, n, _)| n).sum();
    assert_eq!(counted, tickets.iter().filter(|t| seen(t)).count() as i64);
}

both!(page_after_page_shows_every_ticket_once);
async fn page_after_page_shows_every_ticket_once(rig: &Rig) {
    let (tickets, sara, _) = office(rig).await;
    let mine = Scope { all: false, veiled: false, person: Some(sara), departments: vec![key("finance")] };
    let seen = |t: &Ticket| t.owner == sara || (t.opened_by == Some(sara) && !t.confidential) || t.department == key("finance");
    for (scope, all) in [(everything(), expected(&tickets, |_| true)), (mine, expected(&tickets, seen))] {
        let (mut shown, mut filter) = (Vec::new(), Filter::default());
        loop {
            let page = rig.read().await.list_tickets(&scope, &filter, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            filter.after = Some((last.created_at, last.id));
            shown.extend(page.iter().map(|ticket| ticket.reference.serial()));
        }
        assert_eq!(shown, all);
    }
}

both!(a_line_of_the_list_says_what_the_ticket_is_and_hides_what_is_confidential);
async fn a_line_of_the_list_says_what_the_ticket_is_and_hides_what_is_confidential(rig: &Rig) {
    let (tickets, ..) = office(rig).await;
    let lines = rig.read().await.list_tickets(&everything(), &Filter::default(), 100).await.unwrap();
    for ticket in &tickets {
        let line = lines.iter().find(|line| line.id == ticket.id).unwrap();
        let said = (line.reference, line.status, &line.kind, line.priority, line.channel, &line.department, line.owner, line.contact);
        let is = (
            ticket.reference,
            ticket.status,
            &ticket.kind,
            ticket.priority,
            ticket.channel,
            &ticket.department,
            ticket.owner,
            ticket.contact,
        );
        assert_eq!(said, is);
        assert_eq!((line.created_at, line.updated_at, line.due_at), (ticket.created_at, ticket.updated_at, ticket.due_at));
        assert_eq!((line.confidential, &line.subject), (ticket.confidential, if ticket.confidential { &None } else { &ticket.subject }));
        assert!(line.contact_name.is_some());
    }
}

both!(tickets_are_counted_by_state_and_owner);
async fn tickets_are_counted_by_state_and_owner(rig: &Rig) {
    let (tickets, sara, _) = office(rig).await;
    let count = |seen: &dyn Fn(&Ticket) -> bool| {
        let of = |status| tickets.iter().filter(move |t| t.status == status && seen(t));
        let mut counts: Vec<_> = Status::ALL
            .iter()
            .map(|status| (*status, of(*status).count() as i64, of(*status).filter(|t| t.owner == sara).count() as i64))
            .filter(|(_, count, _)| *count > 0)
            .collect();
        counts.sort_by_key(|(status, ..)| status.as_str());
        counts
    };
    let mine = Scope { all: false, veiled: false, person: Some(sara), departments: vec![key("finance"), key("care-2")] };
    let nobody = Scope { all: true, veiled: false, person: None, departments: Vec::new() };
    let mut cases = vec![(Scope { all: true, veiled: false, person: Some(sara), ..Scope::default() }, count(&|_| true))];
    cases.push((mine, count(&|t| t.owner == sara || (t.opened_by == Some(sara) && !t.confidential) || t.department != key("care"))));
    cases.push((nobody, count(&|_| true).into_iter().map(|(status, all, _)| (status, all, 0)).collect()));
    cases.push((Scope::default(), Vec::new()));
    for (scope, expected) in cases {
        let mut counts = rig.read().await.count_tickets(&scope).await.unwrap();
        counts.sort_by_key(|(status, ..)| status.as_str());
        assert_eq!(counts, expected);
    }
}
