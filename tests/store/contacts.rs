//! Contacts and their addresses.

use crate::rig::{Rig, sandbox};
use tawasul::{
    domain::{Address, ContactId, Language, StakeholderGroup},
    store::contacts::{AddressState, Contact},
};

both!(a_contact_comes_back_as_it_was_saved);
async fn a_contact_comes_back_as_it_was_saved(rig: &Rig) {
    let known = rig.sender("فاطمة الزهراني", "Fatimah@Example.sa").await;
    let contact = rig.read().await.contact(known.contact).await.unwrap();
    assert_eq!((contact.name.as_deref(), contact.stakeholder, contact.language), (Some("فاطمة الزهراني"), None, Language::Ar));

    let found = rig.read().await.find_address(&Address::mail("fatimah@example.sa").unwrap()).await.unwrap();
    assert_eq!(found.map(|a| (a.id, a.contact, a.state)), Some((known.id, known.contact, AddressState::Ok)));
    let ways = rig.read().await.ways_to(known.id, known.contact).await.unwrap();
    assert_eq!((ways.len(), &ways[0].address), (1, &known.address));
    assert!(rig.read().await.find_address(&Address::mail("other@example.sa").unwrap()).await.unwrap().is_none());
}

both!(what_was_not_known_of_a_contact_is_completed_and_what_was_known_stays);
async fn what_was_not_known_of_a_contact_is_completed_and_what_was_known_stays(rig: &Rig) {
    let (id, now) = (ContactId::new(rig.store.world()), rig.now());
    let bare = Contact { id, name: None, stakeholder: None, language: Language::En };
    save!(rig, tx => {
        tx.insert_contact(&bare, now).await?;
        tx.complete_contact(id, Some("نورة"), None).await?;
        tx.complete_contact(id, Some("somebody else"), Some(StakeholderGroup::Donor)).await
    });
    let contact = rig.read().await.contact(id).await.unwrap();
    assert_eq!((contact.name.as_deref(), contact.stakeholder), (Some("نورة"), Some(StakeholderGroup::Donor)));
}

both!(an_address_stays_with_whom_it_belongs_to);
async fn an_address_stays_with_whom_it_belongs_to(rig: &Rig) {
    let (first, second) = (rig.sender("أ", "first@example.sa").await, rig.sender("ب", "second@example.sa").await);
    let (taken, now) = (first.address.clone(), rig.now());
    let added = save!(rig, tx => tx.insert_address(second.contact, &taken, 1, now).await);
    assert!(added.is_none());
    let found = rig.read().await.find_address(&first.address).await.unwrap().unwrap();
    assert_eq!(found.contact, first.contact);
}

both!(the_addresses_of_a_contact_come_by_rank);
async fn the_addresses_of_a_contact_come_by_rank(rig: &Rig) {
    let (known, now) = (rig.sender("أ", "a@example.sa").await, rig.now());
    save!(rig, tx => {
        tx.insert_address(known.contact, &sandbox("later"), 9, now).await?;
        tx.insert_address(known.contact, &sandbox("first"), -1, now).await?;
        tx.set_address_state(known.id, AddressState::Stopped).await
    });
    let addresses = rig.read().await.addresses(known.contact).await.unwrap();
    let listed: Vec<_> = addresses.iter().map(|a| (a.address.value().to_owned(), a.state)).collect();
    assert_eq!(
        listed,
        [("first".into(), AddressState::Ok), ("a@example.sa".into(), AddressState::Stopped), ("later".into(), AddressState::Ok)]
    );
}

both!(a_locked_address_is_the_one_that_was_saved);
async fn a_locked_address_is_the_one_that_was_saved(rig: &Rig) {
    let known = rig.sender("أ", "a@example.sa").await;
    let address = known.address.clone();
    let locked = save!(rig, tx => tx.lock_sender(&address).await);
    assert_eq!(locked.map(|(a, contact)| (a.id, contact.id, contact.name)), Some((known.id, known.contact, Some("أ".to_owned()))));
    assert!(save!(rig, tx => tx.lock_sender(&sandbox("nobody")).await).is_none());
}
