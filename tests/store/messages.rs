//! Messages and the search in their words.

use crate::rig::{Rig, key};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use tawasul::{
    domain::{ChannelKind, Direction, Ticket},
    store::{
        desk::{Filter, Scope},
        messages::Message,
    },
};

async fn ticket(rig: &Rig, mail: &str) -> Ticket {
    rig.ticket(rig.officer("sara").await, &rig.sender("فاطمة", mail).await).await
}

/// The references of the tickets that these words find.
async fn found(rig: &Rig, words: &str) -> Vec<u32> {
    let filter = Filter { words: Some(words.to_owned()), ..Filter::default() };
    let scope = Scope { all: true, ..Scope::default() };
    let mut serials: Vec<u32> =
        rig.read().await.list_tickets(&scope, &filter, 50).await.unwrap().iter().map(|t| t.reference.serial()).collect();
    serials.sort_unstable();
    serials
}

both!(messages_come_back_as_saved_in_their_order);
async fn messages_come_back_as_saved_in_their_order(rig: &Rig) {
    for (confidential, mail) in [(false, "a@example.sa"), (true, "b@example.sa")] {
        let mut draft = rig.drafted(rig.officer("sara").await, &rig.sender("أ", mail).await).await;
        draft.confidential = confidential;
        let ticket = rig.saved(draft).await;
        let mut whole = rig.message(&ticket, "النص الكامل\n> منقول");
        whole.fresh = Some("النص الكامل".into());
        whole.external_id = Some("<1@example.sa>".into());
        whole.address = Some(ticket.address);
        whole.sent_at = Some(rig.now());
        let mut note = rig.message(&ticket, "ملاحظة");
        (note.direction, note.person) = (Direction::Note, Some(ticket.owner));
        let saved = [whole, note];
        let to_save = saved.clone();
        save!(rig, tx => {
            for message in &to_save {
                tx.insert_message(message, confidential, None, None).await?;
            }
            Ok(())
        });
        let read = rig.read().await.messages(ticket.id).await.unwrap();
        let told = |m: &Message| {
            let who = (m.id, m.ticket, m.direction, m.channel, m.account.clone(), m.person, m.address);
            format!("{:?}", (who, m.external_id.clone(), m.body.clone(), m.fresh.clone(), m.sent_at, m.created_at))
        };
        assert_eq!(read.iter().map(told).collect::<Vec<_>>(), saved.iter().map(told).collect::<Vec<_>>());
    }
}

both!(arabic_is_found_however_it_is_written);
async fn arabic_is_found_however_it_is_written(rig: &Rig) {
    let one = ticket(rig, "a@example.sa").await;
    rig.said(&one, "أُرِيدُ المُسَاعَدَة في إيجار البيت ٢٠٢٦", Some("فاطمة الزهراني")).await;
    let other = ticket(rig, "b@example.sa").await;
    rig.said(&other, "Broken air conditioner", Some("Omar")).await;
    let (one, other) = (one.reference.serial(), other.reference.serial());
    for words in ["مساعدة", "المساعده", "والمساعدة", "مساع", "ايجار", "الإيجار بيت", "2026", "٢٠٢٦", "اريد", "فاطمه", "الزهراني مساعدة"]
    {
        assert_eq!(found(rig, words).await, [one], "{words}");
    }
    for words in ["CONDITION", "broken air", "omar"] {
        assert_eq!(found(rig, words).await, [other], "{words}");
    }
    // A name is found by its whole words only, and every word must be there.
    for words in ["فاط", "ساعدة", "مساعدة broken", "oma", "", "!؟"] {
        assert_eq!(found(rig, words).await, [0u32; 0], "{words}");
    }
}

both!(the_subject_is_found_too);
async fn the_subject_is_found_too(rig: &Rig) {
    let mut draft = rig.drafted(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    draft.subject = Some("انقطاع الكهرباء".into());
    let ticket = rig.saved(draft).await;
    rig.said(&ticket, "نص", None).await;
    assert_eq!(found(rig, "كهرباء").await, [ticket.reference.serial()]);
}

both!(a_confidential_ticket_is_not_found_by_its_words);
async fn a_confidential_ticket_is_not_found_by_its_words(rig: &Rig) {
    let mut draft = rig.drafted(rig.officer("sara").await, &rig.sender("أ", "a@example.sa").await).await;
    (draft.confidential, draft.subject) = (true, Some("سري".into()));
    let ticket = rig.saved(draft).await;
    rig.said(&ticket, "تحرش", Some("نورة")).await;
    for words in ["تحرش", "سري", "نورة"] {
        assert_eq!(found(rig, words).await, [0u32; 0], "{words}");
    }
}

both!(no_text_makes_the_search_fail);
async fn no_text_makes_the_search_fail(rig: &Rig) {
    let ticket = ticket(rig, "a@example.sa").await;
    rig.said(&ticket, "OR NEAR() 'x':* | & ! <-> \" \\ ½ ² café naïve ١/٢ a_b ﷺ ǅ ก็ 𞤀𞤁", None).await;
    let hostile = [
        "'",
        "\"",
        "\\",
        "a'b",
        "x:*",
        "NEAR(a b)",
        "a AND",
        "OR",
        "NOT a",
        "^a",
        "{words}:a",
        "a <-> b",
        "!a",
        "(",
        ")))",
        "\0",
        "a\0b",
        "½",
        "²",
        "ǅ",
        "ก็",
        "𞤀𞤁",
        "ﷺ",
        "%",
        "_",
        "--",
        ";",
        "'; DROP TABLE ticket; --",
        "\u{202e}abc",
    ];
    for words in hostile {
        found(rig, words).await;
    }
    for words in ["½", "cafe", "𞤀", "ǆ", "² near"] {
        assert_eq!(found(rig, words).await, [ticket.reference.serial()], "{words}");
    }
    let mut runner = TestRunner::deterministic();
    for strategy in ["\\PC{0,60}", "[\\x00-\\x7f\u{600}-\u{6ff}]{0,60}", ".{0,300}"] {
        for _ in 0..60 {
            let words = strategy.new_tree(&mut runner).unwrap().current();
            found(rig, &words).await;
        }
    }
}

both!(any_text_can_be_a_message);
async fn any_text_can_be_a_message(rig: &Rig) {
    let ticket = ticket(rig, "a@example.sa").await;
    let long: String = (0u32..60_000).map(|n| format!("كلمةطويلةجداجداجداجداجداجداجداجداجدا{n} ")).collect();
    for body in ["", " ", "nul\0inside", "\u{feff}\u{200f}", &"ا".repeat(300_000), &long] {
        rig.said(&ticket, body, Some("ا\0ب")).await;
    }
    let messages = rig.read().await.messages(ticket.id).await.unwrap();
    assert_eq!(messages.len(), 6);
    assert_eq!(messages[2].body, "nul\u{fffd}inside");
    assert_eq!(messages[5].body, long);
    assert_eq!(found(rig, "كلمة").await, [ticket.reference.serial()]);

    let mut odd = rig.message(&ticket, "x");
    (odd.external_id, odd.fresh) = (Some("a\0b".into()), Some("\0".into()));
    save!(rig, tx => tx.insert_message(&odd, false, Some("\0"), None).await);
    assert!(rig.read().await.answered("a\0b").await.unwrap().is_some());
}

both!(an_answer_finds_its_ticket_by_the_id_it_answers_to_and_ours_come_first);
async fn an_answer_finds_its_ticket_by_the_id_it_answers_to_and_ours_come_first(rig: &Rig) {
    let (theirs, ours) = (ticket(rig, "a@example.sa").await, ticket(rig, "b@example.sa").await);
    let mut message = rig.message(&theirs, "x");
    message.external_id = Some("<same@id>".into());
    let mut notice = rig.notice(Some(ours.id), "b@example.sa");
    notice.external_id = Some("<same@id>".into());
    save!(rig, tx => tx.insert_message(&message, false, None, None).await);
    let answered = rig.read().await.answered("<same@id>").await.unwrap().unwrap();
    assert_eq!((answered.ticket_id, answered.contact_id, answered.ours), (theirs.id, theirs.contact, false));
    rig.promised(&notice).await;
    let answered = rig.read().await.answered("<same@id>").await.unwrap().unwrap();
    assert_eq!((answered.ticket_id, answered.ours), (ours.id, true));
    assert_eq!(rig.read().await.answered("<other@id>").await.unwrap(), None);
}

both!(the_ids_of_a_conversation_come_in_the_order_of_time);
async fn the_ids_of_a_conversation_come_in_the_order_of_time(rig: &Rig) {
    let ticket = ticket(rig, "a@example.sa").await;
    for (number, ours) in [false, true, false].into_iter().enumerate() {
        rig.pass(1);
        let id = Some(format!("<{number}>"));
        if ours {
            let mut notice = rig.notice(Some(ticket.id), "a@example.sa");
            notice.external_id = id;
            rig.promised(&notice).await;
        } else {
            let mut message = rig.message(&ticket, "x");
            message.external_id = id;
            save!(rig, tx => tx.insert_message(&message, false, None, None).await);
        }
    }
    let mut read = rig.read().await;
    assert_eq!(read.thread_ids(ticket.id, ChannelKind::Email).await.unwrap(), ["<0>", "<1>", "<2>"]);
    assert_eq!(read.thread_ids(ticket.id, ChannelKind::Telegram).await.unwrap(), [""; 0]);
    assert_eq!(ticket.department, key("care"));
}

both!(a_list_learns_at_once_how_its_tickets_begin_and_who_wrote_last);
async fn a_list_learns_at_once_how_its_tickets_begin_and_who_wrote_last(rig: &Rig) {
    let (owner, sender) = (rig.officer("sara").await, rig.sender("أ", "a@example.sa").await);
    let (answered, waiting, empty) = (rig.ticket(owner, &sender).await, rig.ticket(owner, &sender).await, rig.ticket(owner, &sender).await);
    let mut draft = rig.drafted(owner, &sender).await;
    draft.confidential = true;
    let secret = rig.saved(draft).await;
    rig.said(&answered, "السلام عليكم ورحمة الله", None).await;
    rig.said(&waiting, "first", None).await;
    rig.said(&secret, "سر", None).await;
    let (mut reply, mut note) = (rig.message(&answered, "وعليكم السلام"), rig.message(&waiting, "note"));
    (reply.direction, note.direction) = (Direction::Outbound, Direction::Note);
    save!(rig, tx => {
        tx.insert_message(&reply, false, None, None).await?;
        tx.insert_message(&note, false, None, None).await
    });
    let ids = [answered.id, waiting.id, empty.id, secret.id];
    let found = rig.read().await.glances(&ids, 6).await.unwrap();
    let of = |id| found.iter().find(|(ticket, ..)| *ticket == id).map(|(_, opening, last)| (opening.as_deref(), *last)).unwrap();
    assert_eq!(of(answered.id), (Some("السلام"), Some(Direction::Outbound)), "characters, not bytes");
    assert_eq!(of(waiting.id), (Some("first"), Some(Direction::Inbound)), "a note is nobody's turn");
    assert_eq!(of(empty.id), (None, None));
    assert_eq!(of(secret.id), (None, Some(Direction::Inbound)));
    assert!(rig.read().await.glances(&[], 6).await.unwrap().is_empty());
}
