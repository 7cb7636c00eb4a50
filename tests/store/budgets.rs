//! Budgets of wrong guesses.

use crate::rig::Rig;
use std::time::Duration;
use tawasul::domain::At;
use uuid::Uuid;

const HOUR: Duration = Duration::from_secs(3600);

fn whose(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// One hour from a budget of three.
async fn charge(rig: &Rig, number: u128, now: At) -> bool {
    save!(rig, tx => tx.charge("track", whose(number), now, HOUR, 3 * HOUR).await)
}

both!(a_budget_is_spent_and_comes_back_with_time);
async fn a_budget_is_spent_and_comes_back_with_time(rig: &Rig) {
    let now = rig.now();
    for left in [true, true, true, false, false] {
        assert_eq!(charge(rig, 1, now).await, left);
    }
    assert!(charge(rig, 2, now).await, "another's is untouched");
    assert!(save!(rig, tx => tx.charge("sign-in", whose(1), now, HOUR, HOUR).await), "and so is another door's");
    assert!(!charge(rig, 1, now.plus(HOUR / 2)).await);
    assert!(charge(rig, 1, now.plus(HOUR)).await && !charge(rig, 1, now.plus(HOUR)).await);
    let later = now.plus(100 * HOUR);
    for left in [true, true, true, false] {
        assert_eq!(charge(rig, 1, later).await, left, "it is never more than whole");
    }
    save!(rig, tx => tx.refund("track", whose(1), HOUR).await);
    assert!(charge(rig, 1, later).await && !charge(rig, 1, later).await);
}

both!(of_many_guesses_at_once_only_the_budget_counts);
async fn of_many_guesses_at_once_only_the_budget_counts(rig: &Rig) {
    let now = rig.now();
    let counted = futures_util::future::join_all((0..12).map(|_| charge(rig, 1, now))).await;
    assert_eq!(counted.into_iter().filter(|counted| *counted).count(), 3);
}

both!(what_is_full_again_is_swept_away);
async fn what_is_full_again_is_swept_away(rig: &Rig) {
    let now = rig.now();
    charge(rig, 1, now).await;
    charge(rig, 2, now.plus(HOUR)).await;
    let ahead = now.plus(1000 * HOUR);
    charge(rig, 3, ahead).await;
    assert_eq!(save!(rig, tx => tx.sweep_budgets(now.plus(HOUR), 3 * HOUR).await), 2, "the first, and one from a clock that was ahead");
    assert_eq!(save!(rig, tx => tx.sweep_budgets(now.plus(2 * HOUR), 3 * HOUR).await), 1);
}
