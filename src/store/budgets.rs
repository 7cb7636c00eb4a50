//! How much of their budgets wrong guesses have taken: one row for each secret that was guessed at lately.

use super::{StoreError, Tx, conn::sql};
use crate::domain::At;
use std::time::Duration;

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}

impl Tx {
    /// Takes `cost` from a budget of `whole`, both as the time in which they come back; `false`, and nothing taken, when less
    /// is left (generic cell rate algorithm, ITU-T I.371, annex A).
    pub async fn charge(&mut self, budget: &str, whose: uuid::Uuid, now: At, cost: Duration, whole: Duration) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "INSERT INTO guess_budget (budget, whose, owes_until) VALUES ($1, $2, $3) ON CONFLICT (budget, whose) DO UPDATE SET owes_until = CASE WHEN guess_budget.owes_until + $4 < $3 THEN $3 ELSE guess_budget.owes_until + $4 END WHERE guess_budget.owes_until + $4 <= $5",
            budget,
            whose,
            now.plus(cost),
            micros(cost),
            now.plus(whole)
        )?;
        Ok(changed == 1)
    }

    /// Gives back what was taken.
    pub async fn refund(&mut self, budget: &str, whose: uuid::Uuid, cost: Duration) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE guess_budget SET owes_until = owes_until - $3 WHERE budget = $1 AND whose = $2",
            budget,
            whose,
            micros(cost)
        )?;
        Ok(())
    }

    /// Forgets the budgets that are full again; and those that owe more than there is, by a clock that was wrong once.
    pub async fn sweep_budgets(&mut self, now: At, whole: Duration) -> Result<u64, StoreError> {
        let full = sql!(self, execute, "DELETE FROM guess_budget WHERE owes_until <= $1", now)?;
        Ok(full + sql!(self, execute, "DELETE FROM guess_budget WHERE owes_until > $1", now.plus(whole * 2))?)
    }
}
