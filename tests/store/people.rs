//! Staff: accounts, sessions, invitations, tokens.

use crate::rig::{Rig, key};
use std::time::Duration;
use tawasul::{
    domain::{Address, Bilingual, Key, Language, PersonId, Role, Status},
    store::people::{Account, Origin},
};

async fn hired(rig: &Rig, name: &'static str, mail: Option<&str>, origin: Origin) -> PersonId {
    let (key, mail, now): (Key, _, _) = (key(name), mail.map(|mail| Address::mail(mail).unwrap()), rig.now());
    let name = Bilingual::new(name, name);
    save!(rig, tx => {
        let account = Account { key: &key, role: Role::Officer, name: &name, email: mail.as_ref(), site: None, origin };
        tx.save_person(account, now).await
    })
}

both!(a_person_is_saved_found_and_brought_up_to_date);
async fn a_person_is_saved_found_and_brought_up_to_date(rig: &Rig) {
    let (now, mail) = (rig.now(), Address::mail("Sara@example.sa").unwrap());
    let (name, to_save) = (Bilingual::new("سارة", "Sara"), mail.clone());
    let id = save!(rig, tx => tx.save_person(Account { key: &key("sara"), role: Role::Officer, name: &name, email: Some(&to_save), site: Some(&key("riyadh")), origin: Origin::File }, now).await);
    let person = rig.read().await.person(id).await.unwrap().unwrap();
    assert_eq!((person.key.as_str(), person.role, person.name.en.as_str()), ("sara", Role::Officer, "Sara"));
    assert_eq!((person.email, person.site, person.language), (Some(mail.clone()), Some(key("riyadh")), Language::Ar));
    assert_eq!((person.active, person.absent_until, person.last_assigned_at, person.password_hash), (true, None, None, None));

    let renamed = Bilingual::new("سارة العتيبي", "Sara A.");
    let same = save!(rig, tx => {
        tx.set_active(id, false).await?;
        tx.save_person(Account { key: &key("sara"), role: Role::Supervisor, name: &renamed, email: None, site: None, origin: Origin::File }, now).await
    });
    assert_eq!(same, id);
    let mut read = rig.read().await;
    for found in [read.person_by_key(&key("sara")).await.unwrap(), read.person_by_email(&mail).await.unwrap()] {
        let found = found.unwrap();
        assert_eq!(
            (found.id, found.role, found.name.ar.as_str(), found.site, found.active),
            (id, Role::Supervisor, "سارة العتيبي", None, false)
        );
        assert_eq!(found.email.as_ref(), Some(&mail));
    }
    assert!(read.person_by_key(&key("nobody")).await.unwrap().is_none());
    assert!(read.person_by_email(&Address::mail("x@y.sa").unwrap()).await.unwrap().is_none());
}

both!(people_come_by_key_with_what_was_set_for_them);
async fn people_come_by_key_with_what_was_set_for_them(rig: &Rig) {
    let (omar, ali) = (rig.officer("omar").await, rig.officer("ali").await);
    let (now, until) = (rig.now(), rig.now().plus(Duration::from_secs(60)));
    save!(rig, tx => {
        tx.set_absence(omar, Some(until)).await?;
        tx.assigned_now(omar, now).await?;
        tx.set_language(omar, Language::En).await?;
        tx.set_absence(ali, Some(until)).await?;
        tx.set_absence(ali, None).await
    });
    let people = rig.read().await.people().await.unwrap();
    assert_eq!(people.iter().map(|p| p.id).collect::<Vec<_>>(), [ali, omar]);
    assert_eq!((people[1].absent_until, people[1].last_assigned_at, people[1].language), (Some(until), Some(now), Language::En));
    assert!(people[0].present(now) && !people[1].present(now) && people[1].present(until));
}

both!(the_open_tickets_of_an_officer_are_counted);
async fn the_open_tickets_of_an_officer_are_counted(rig: &Rig) {
    let (owner, sender) = (rig.officer("sara").await, rig.sender("أ", "a@example.sa").await);
    for status in Status::ALL {
        let mut draft = rig.drafted(owner, &sender).await;
        draft.status = *status;
        rig.saved(draft).await;
    }
    let open = Status::ALL.iter().filter(|status| status.is_open()).count();
    let mut read = rig.read().await;
    let nobody = tawasul::domain::PersonId::new(rig.store.world());
    let counts = read.open_counts(&[owner, nobody]).await.unwrap();
    assert_eq!((counts[&owner], counts[&nobody]), (open as i64, 0));
    assert_eq!(read.open_tickets_of(owner, 100).await.unwrap().len(), open);
    assert_eq!(read.open_tickets_of(owner, 2).await.unwrap().len(), 2);
}

both!(an_invitation_is_good_once_until_its_end_for_an_active_person);
async fn an_invitation_is_good_once_until_its_end_for_an_active_person(rig: &Rig) {
    let (id, now) = (rig.officer("sara").await, rig.now());
    let end = now.plus(Duration::from_secs(10));
    assert!(!rig.read().await.has_password().await.unwrap());
    save!(rig, tx => {
        tx.set_invitation(id, "first", end).await?;
        tx.set_invitation(id, "second", end).await
    });
    let mut read = rig.read().await;
    assert!(read.invited("first", now).await.unwrap().is_none());
    assert!(read.invited("second", end).await.unwrap().is_none());
    assert_eq!(read.invited("second", now).await.unwrap().map(|p| p.id), Some(id));
    drop(read);
    save!(rig, tx => tx.set_password(id, "$argon2id$…").await);
    let mut read = rig.read().await;
    assert!(read.invited("second", now).await.unwrap().is_none());
    assert!(read.has_password().await.unwrap());
    assert_eq!(read.person(id).await.unwrap().unwrap().password_hash.as_deref(), Some("$argon2id$…"));
    drop(read);
    save!(rig, tx => {
        tx.set_invitation(id, "third", end).await?;
        tx.set_active(id, false).await
    });
    assert!(rig.read().await.invited("third", now).await.unwrap().is_none());
    assert!(!rig.read().await.has_password().await.unwrap());
}

both!(a_session_lasts_until_its_end_a_new_password_or_a_sign_out);
async fn a_session_lasts_until_its_end_a_new_password_or_a_sign_out(rig: &Rig) {
    let (id, now) = (rig.officer("sara").await, rig.now());
    let after = move |seconds| now.plus(Duration::from_secs(seconds));
    let (end, longer) = (after(10), after(20));
    save!(rig, tx => {
        tx.insert_session("one", id, now, end).await?;
        tx.insert_session("two", id, now, longer).await?;
        tx.insert_session("three", id, now, end).await
    });
    assert_eq!(rig.read().await.session("one", now).await.unwrap().map(|(p, seen)| (p.id, seen)), Some((id, now)));
    assert!(rig.read().await.session("one", end).await.unwrap().is_none());
    assert!(rig.read().await.session("none", now).await.unwrap().is_none());
    save!(rig, tx => {
        tx.touch_session("one", after(5), longer).await?;
        tx.delete_session("two").await?;
        tx.sweep_sessions(end).await
    });
    let mut read = rig.read().await;
    assert_eq!(read.session("one", end).await.unwrap().map(|(_, seen)| seen), Some(after(5)));
    assert!(read.session("two", now).await.unwrap().is_none());
    assert!(read.session("three", now).await.unwrap().is_none(), "it was swept");
    drop(read);
    save!(rig, tx => tx.set_active(id, false).await);
    assert!(rig.read().await.session("one", now).await.unwrap().is_none());
    save!(rig, tx => {
        tx.set_active(id, true).await?;
        tx.set_password(id, "x").await
    });
    assert!(rig.read().await.session("one", now).await.unwrap().is_none());
}

both!(a_token_of_the_interface_is_good_until_it_is_revoked);
async fn a_token_of_the_interface_is_good_until_it_is_revoked(rig: &Rig) {
    let (first, second, now) = (rig.store.world().uuid(), rig.store.world().uuid(), rig.now());
    save!(rig, tx => {
        tx.insert_api_token(first, "dashboard", "secret one", "read", now).await?;
        tx.insert_api_token(second, "crm", "secret two", "read write", now.plus(Duration::from_secs(1))).await
    });
    let found = rig.read().await.api_token("secret two").await.unwrap().unwrap();
    assert_eq!((found.id, found.name.as_str(), found.scopes.as_str(), found.used_at), (second, "crm", "read write", None));
    assert_eq!(save!(rig, tx => tx.revoke_api_token("crm", now).await), 1);
    assert_eq!(save!(rig, tx => tx.revoke_api_token("crm", now).await), 0);
    let mut read = rig.read().await;
    assert!(read.api_token("secret two").await.unwrap().is_none());
    assert!(read.api_token("secret").await.unwrap().is_none());
    let all = read.api_tokens().await.unwrap();
    assert_eq!(all.iter().map(|t| (t.id, t.revoked_at)).collect::<Vec<_>>(), [(first, None), (second, Some(now))]);
}

both!(whoever_departs_is_shut_out_and_leaves_their_address_to_another);
async fn whoever_departs_is_shut_out_and_leaves_their_address_to_another(rig: &Rig) {
    let (left, stays) = (hired(rig, "left", Some("care@example.sa"), Origin::File).await, hired(rig, "stays", None, Origin::Hand).await);
    let (now, mail) = (rig.now(), Address::mail("care@example.sa").unwrap());
    let end = rig.now().plus(Duration::from_secs(3600));
    save!(rig, tx => {
        tx.insert_session("session", left, now, end).await?;
        tx.set_invitation(left, "invitation", end).await
    });
    assert_eq!(rig.read().await.people_of_the_file().await.unwrap(), [left], "who was added by hand is not the file's");
    save!(rig, tx => tx.depart(left).await);
    let mut read = rig.read().await;
    assert!(read.session("session", now).await.unwrap().is_none() && read.invited("invitation", now).await.unwrap().is_none());
    assert!(read.person_by_email(&mail).await.unwrap().is_none());
    let person = read.person(left).await.unwrap().unwrap();
    assert!(!person.active && person.email.is_none());
    assert_eq!((read.people_of_the_file().await.unwrap(), read.departed().await.unwrap()), (vec![], vec![left]));
    drop(read);

    let next = hired(rig, "next", Some("care@example.sa"), Origin::File).await;
    assert_eq!(rig.read().await.person_by_email(&mail).await.unwrap().unwrap().id, next);
    // Named by the file again, somebody works here again when the service says so; let in by hand, the file has no say any more.
    hired(rig, "left", None, Origin::File).await;
    assert!(!rig.read().await.person(left).await.unwrap().unwrap().active);
    let named = [key("left"), key("next"), key("nobody")];
    assert_eq!(save!(rig, tx => tx.claim_people(&named).await), [key("left")]);
    assert!(rig.read().await.person(left).await.unwrap().unwrap().active);
    save!(rig, tx => {
        tx.depart(left).await?;
        tx.set_active(left, true).await?;
        tx.depart(next).await?;
        tx.set_active(next, false).await
    });
    let mut read = rig.read().await;
    assert_eq!((read.people_of_the_file().await.unwrap(), read.departed().await.unwrap()), (vec![], vec![next]));
    assert!(read.person(stays).await.unwrap().unwrap().active);
    drop(read);
    hired(rig, "next", None, Origin::Hand).await;
    assert!(rig.read().await.person(next).await.unwrap().unwrap().active, "added by hand they are here again");
    assert!(rig.read().await.departed().await.unwrap().is_empty());
    // What the file names becomes its own; who was disabled by hand stays out.
    save!(rig, tx => {
        tx.set_active(stays, false).await?;
        tx.claim_people(&[key("stays"), key("next")]).await.map(drop)
    });
    assert_eq!(rig.read().await.people_of_the_file().await.unwrap(), [next]);
}

both!(an_address_is_taken_from_whom_the_file_names_or_who_left_and_from_nobody_else);
async fn an_address_is_taken_from_whom_the_file_names_or_who_left_and_from_nobody_else(rig: &Rig) {
    let addresses = ["file@example.sa", "hand@example.sa", "disabled@example.sa"];
    let of_file = hired(rig, "of-file", Some(addresses[0]), Origin::File).await;
    let by_hand = hired(rig, "by-hand", Some(addresses[1]), Origin::Hand).await;
    let disabled = hired(rig, "disabled", Some(addresses[2]), Origin::Hand).await;
    save!(rig, tx => {
        tx.set_active(disabled, false).await?;
        for address in addresses {
            tx.release_email(&Address::mail(address).unwrap(), &key("next")).await?;
        }
        Ok(())
    });
    let mut read = rig.read().await;
    let mut has = Vec::new();
    for person in [of_file, by_hand, disabled] {
        has.push(read.person(person).await.unwrap().unwrap().email.is_some());
    }
    assert_eq!(has, [false, true, false]);
}

both!(people_are_found_many_at_once);
async fn people_are_found_many_at_once(rig: &Rig) {
    let (omar, ali, sara) = (rig.officer("omar").await, rig.officer("ali").await, rig.officer("sara").await);
    let mut read = rig.read().await;
    let found = read.people_by_keys(&[key("sara"), key("nobody"), key("omar")]).await.unwrap();
    assert_eq!(found.iter().map(|person| person.id).collect::<Vec<_>>(), [sara, omar], "in the order of the keys");
    let mut found: Vec<PersonId> = read.people_by_ids(&[ali, omar]).await.unwrap().into_iter().map(|person| person.id).collect();
    found.sort();
    let mut both = [ali, omar];
    both.sort();
    assert_eq!(found, both);
    assert!(read.people_by_keys(&[]).await.unwrap().is_empty() && read.people_by_ids(&[]).await.unwrap().is_empty());
}
