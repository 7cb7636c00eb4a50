//! Hands out the access token of one mailbox, and has it renewed in time.
//!
//! A refresh goes: take the right (a lease, with what is kept at that moment), ask the provider, store, hand out. When storing
//! fails, the new tokens are kept in memory and stored before anything else is tried; after a crash in between the
//! old refresh token is tried again, which Microsoft and Google take, and a provider that does not asks for a new sign-in.

use super::{
    Grant, TokenStore, Tokens,
    provider::{Provider, ProviderError},
};
use crate::{
    channel::NotTaken,
    domain::{At, World},
};
use secrecy::SecretString;
use std::{
    sync::{Arc, Mutex as Slot, PoisonError},
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// A token that is handed out holds at least so long, or half its life where that is shorter.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// While it can't be renewed, a token is used until so long before its end.
const LAST_MOMENT: Duration = Duration::from_secs(20);
/// Renewed at least so often, used or not: Microsoft forgets a refresh token after 90 days without use, Google after six
/// months.
const IDLE: Duration = Duration::from_secs(20 * 3600);
/// How often it is looked whether something has to be done or said.
const LOOK: Duration = Duration::from_secs(60);
/// A sign-in that ends by itself is told of so long before, or from the half of its life on where that is shorter.
const NEAR: Duration = Duration::from_secs(7 * 86_400);
/// Refreshing that fails so long is told of, even while the token still holds.
const LASTING: Duration = Duration::from_secs(6 * 3600);
/// A warning is logged so often.
const DAILY: Duration = Duration::from_secs(86_400);
/// A new token that is refused too is not renewed once more before this.
const FORCED: Duration = Duration::from_secs(3600);
/// The pauses after failed refreshes: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(600));
/// How long is waited while another replica refreshes.
const OTHERS: Duration = Duration::from_secs(40);
/// The pauses before attempts to store new tokens.
const STORING: [Duration; 3] = [Duration::ZERO, Duration::from_millis(300), Duration::from_secs(2)];

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenTrouble {
    #[error("mailbox `{0}` was never signed in: run `tawasul mail login {0}`")]
    NeverSignedIn(String),
    #[error("the sign-in of mailbox `{0}` has expired or was withdrawn: run `tawasul mail login {0}`")]
    Ended(String),
    #[error("the sign-in of mailbox `{0}` cannot be renewed: {1}; check its oauth settings")]
    Refused(String, ProviderError),
    #[error("the sign-in of mailbox `{0}` cannot be renewed now: {1}; it is tried again")]
    Away(String, ProviderError),
    #[error("the tokens of mailbox `{0}` cannot be read or stored now; it is tried again")]
    NotStored(String),
    #[error("the sign-in of mailbox `{0}` is being renewed elsewhere; it is tried again")]
    Busy(String),
}

impl TokenTrouble {
    /// Whether only a person can mend it.
    pub fn wants_a_person(&self) -> bool {
        matches!(self, Self::NeverSignedIn(_) | Self::Ended(_) | Self::Refused(..))
    }
}

/// A token to sign in with.
#[derive(Clone, Debug)]
pub struct Access {
    pub token: SecretString,
    /// Of the pair that it belongs to.
    pub generation: i64,
}

/// What is asked of a token.
#[derive(Clone, Copy, Debug)]
enum Wish {
    /// It holds for a while.
    Lasting,
    /// It is not the one of this generation, which a server refused.
    After(i64),
    /// It was renewed not long ago.
    Recent,
}

/// What is remembered between refreshes.
#[derive(Default)]
struct Memory {
    /// Tokens that followed from a generation and could not be stored.
    unsaved: Option<(i64, Tokens)>,
    /// The last failure: of which generation, when to try again, why.
    failed: Option<(i64, At, TokenTrouble)>,
    failures: u32,
    /// The generation that a refused one was renewed to, and when.
    forced: Option<(i64, At)>,
}

/// What health shows.
#[derive(Default)]
struct Shown {
    trouble: Option<String>,
    warning: Option<String>,
    logged: Option<At>,
}

pub struct Keeper {
    mailbox: String,
    holder: String,
    provider: Provider,
    store: Arc<dyn TokenStore>,
    world: World,
    memory: Mutex<Memory>,
    shown: Slot<Shown>,
}

impl Keeper {
    pub fn new(mailbox: &str, provider: Provider, store: Arc<dyn TokenStore>) -> Arc<Self> {
        let world = provider.world.clone();
        Arc::new(Self {
            mailbox: mailbox.to_owned(),
            holder: world.uuid().to_string(),
            provider,
            store,
            world,
            memory: Mutex::default(),
            shown: Slot::default(),
        })
    }

    /// A token that holds for a while.
    ///
    /// # Errors
    /// [`TokenTrouble`].
    pub async fn access(self: &Arc<Self>) -> Result<Access, TokenTrouble> {
        self.wished(Wish::Lasting).await
    }

    /// Another token than that of `refused`, which a mail server did not take; `None` when that one is itself such another:
    /// then it is not for its age that it was refused.
    ///
    /// # Errors
    /// [`TokenTrouble`].
    pub async fn after(self: &Arc<Self>, refused: i64) -> Result<Option<Access>, TokenTrouble> {
        let now = self.world.now();
        let forced = self.memory.lock().await.forced;
        if forced.is_some_and(|(generation, at)| generation == refused && now.since(at) < FORCED) {
            return Ok(None);
        }
        let access = self.wished(Wish::After(refused)).await?;
        self.memory.lock().await.forced = Some((access.generation, now));
        Ok(Some(access))
    }

    /// What is wrong, or will be.
    pub fn trouble(&self) -> Option<String> {
        let shown = self.shown();
        shown.trouble.clone().or_else(|| shown.warning.clone())
    }

    /// Renews what is not used, and warns, until `stop`; then waits for a refresh that is under way.
    pub async fn tend(self: &Arc<Self>, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            self.look().await;
            tokio::select! { () = stop.cancelled() => {}, () = sleep(LOOK) => {} }
        }
        let _ = timeout(Duration::from_secs(5), self.memory.lock()).await;
    }

    async fn look(self: &Arc<Self>) {
        let ailing = self.shown().trouble.is_some();
        let _ = self.wished(if ailing { Wish::Lasting } else { Wish::Recent }).await;
        let grant = self.stored().await.ok();
        let now = self.world.now();
        let mut shown = self.shown();
        shown.warning = grant.and_then(|grant| warning(&self.mailbox, &grant, now));
        let due = shown.logged.is_none_or(|at| now.since(at) >= DAILY);
        if let Some(words) = shown.trouble.as_ref().or(shown.warning.as_ref()).filter(|_| due) {
            tracing::warn!(mailbox = %self.mailbox, "{words}");
            shown.logged = Some(now);
        }
    }

    /// In a task of its own: a caller that is cancelled in the middle must not lose tokens that are on their way.
    async fn wished(self: &Arc<Self>, wish: Wish) -> Result<Access, TokenTrouble> {
        let keeper = self.clone();
        let task = tokio::spawn(async move {
            let grant = keeper.stored().await?;
            if keeper.suits(&grant, wish) {
                return Ok(Access::of(grant));
            }
            let mut memory = keeper.memory.lock().await;
            keeper.refresh(&mut memory, wish).await
        });
        let outcome = task.await.unwrap_or_else(|_| Err(TokenTrouble::NotStored(self.mailbox.clone())));
        self.shown().trouble = outcome.as_ref().err().map(ToString::to_string);
        outcome
    }

    async fn refresh(&self, memory: &mut Memory, wish: Wish) -> Result<Access, TokenTrouble> {
        let grant = self.stored().await?;
        if self.suits(&grant, wish) {
            return Ok(Access::of(grant));
        }
        if let Some((_, until, trouble)) = memory.failed.as_ref().filter(|(generation, ..)| *generation == grant.generation)
            && self.world.now() < *until
        {
            return self.meanwhile(grant, wish, trouble.clone());
        }
        let grant = match self.claim(wish).await? {
            Claimed::Mine(grant) => grant,
            Claimed::Done(access) => return Ok(access),
        };
        let unsaved = memory.unsaved.take().filter(|(generation, _)| *generation == grant.generation);
        let renewed = match unsaved {
            Some((_, tokens)) => Ok(tokens),
            None => self.provider.refresh(&grant.tokens).await,
        };
        match renewed {
            Ok(tokens) => self.keep(memory, &grant, tokens).await,
            Err(error) => {
                let trouble = self.note(memory, &grant, error).await;
                self.meanwhile(grant, wish, trouble)
            }
        }
    }

    /// Takes the right to refresh, waiting for others; whoever had it may have done what is wished for.
    async fn claim(&self, wish: Wish) -> Result<Claimed, TokenTrouble> {
        let end = Instant::now() + OTHERS;
        loop {
            match self.store.claim(&self.mailbox, &self.holder).await.map_err(|error| self.not_stored(&error))? {
                Some(Some(grant)) if !grant.refused && !self.suits(&grant, wish) => return Ok(Claimed::Mine(grant)),
                Some(grant) => {
                    self.store.release(&self.mailbox, &self.holder).await;
                    let grant = self.usable(grant)?;
                    return Ok(Claimed::Done(Access::of(grant)));
                }
                None if Instant::now() >= end => return Err(TokenTrouble::Busy(self.mailbox.clone())),
                None => sleep(Duration::from_millis(200 + self.world.below(200))).await,
            }
            let grant = self.stored().await?;
            if self.suits(&grant, wish) {
                return Ok(Claimed::Done(Access::of(grant)));
            }
        }
    }

    /// Stores new tokens, and only then hands out the access token.
    async fn keep(&self, memory: &mut Memory, grant: &Grant, tokens: Tokens) -> Result<Access, TokenTrouble> {
        for pause in STORING {
            sleep(pause).await;
            match self.store.refreshed(&self.mailbox, &self.holder, grant.generation, &tokens).await {
                Ok(true) => {
                    (memory.failed, memory.failures) = (None, 0);
                    tracing::debug!(mailbox = %self.mailbox, "the sign-in was renewed");
                    return Ok(Access { token: tokens.access, generation: grant.generation + 1 });
                }
                // An attempt that seemed to fail was stored, or somebody signed in anew meanwhile: what is there counts.
                Ok(false) => return self.stored().await.map(Access::of),
                Err(error) => tracing::warn!(mailbox = %self.mailbox, "renewed tokens were not stored: {error}"),
            }
        }
        // The right is kept, so that nobody else uses up the old refresh token.
        memory.unsaved = Some((grant.generation, tokens));
        Err(TokenTrouble::NotStored(self.mailbox.clone()))
    }

    async fn note(&self, memory: &mut Memory, grant: &Grant, error: ProviderError) -> TokenTrouble {
        let (mailbox, refused) = (self.mailbox.clone(), error.is_end_of_grant());
        let trouble = match &error {
            _ if refused => TokenTrouble::Ended(mailbox),
            ProviderError::Refused(_) | ProviderError::Settings(_) => TokenTrouble::Refused(mailbox, error.clone()),
            _ => TokenTrouble::Away(mailbox, error.clone()),
        };
        let pause = PAUSES.0.saturating_mul(1 << memory.failures.min(10)).min(PAUSES.1);
        let pause = pause + Duration::from_millis(self.world.below(pause.as_millis() as u64 / 2 + 1));
        memory.failures = memory.failures.saturating_add(1);
        memory.failed = Some((grant.generation, self.world.now().plus(pause), trouble.clone()));
        tracing::warn!(mailbox = %self.mailbox, pause_ms = pause.as_millis() as u64, "the sign-in was not renewed: {error}");
        let noted = self.store.failed(&self.mailbox, &self.holder, grant.generation, &error.to_string(), refused).await;
        if noted.is_err() {
            self.store.release(&self.mailbox, &self.holder).await;
        }
        trouble
    }

    /// While it can't be renewed, the present token serves as long as it holds.
    fn meanwhile(&self, grant: Grant, wish: Wish, trouble: TokenTrouble) -> Result<Access, TokenTrouble> {
        let holds = self.world.now().plus(LAST_MOMENT) < grant.tokens.access_expires_at;
        let serves = holds && !matches!(trouble, TokenTrouble::Ended(_)) && !matches!(wish, Wish::After(_));
        if serves { Ok(Access::of(grant)) } else { Err(trouble) }
    }

    async fn stored(&self) -> Result<Grant, TokenTrouble> {
        let grant = self.store.load(&self.mailbox).await.map_err(|error| self.not_stored(&error))?;
        self.usable(grant)
    }

    fn usable(&self, grant: Option<Grant>) -> Result<Grant, TokenTrouble> {
        match grant {
            None => Err(TokenTrouble::NeverSignedIn(self.mailbox.clone())),
            Some(grant) if grant.refused => Err(TokenTrouble::Ended(self.mailbox.clone())),
            Some(grant) => Ok(grant),
        }
    }

    fn not_stored(&self, error: &NotTaken) -> TokenTrouble {
        tracing::warn!(mailbox = %self.mailbox, "the tokens cannot be had: {error}");
        TokenTrouble::NotStored(self.mailbox.clone())
    }

    fn suits(&self, grant: &Grant, wish: Wish) -> bool {
        let now = self.world.now();
        let life = grant.tokens.access_expires_at.since(grant.refreshed_at);
        let lasting = now.plus(MARGIN.min(life / 2)) <= grant.tokens.access_expires_at;
        match wish {
            Wish::Lasting => lasting,
            Wish::After(refused) => lasting && grant.generation != refused,
            Wish::Recent => now.since(grant.refreshed_at) < IDLE,
        }
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Access {
    fn of(grant: Grant) -> Self {
        Self { token: grant.tokens.access, generation: grant.generation }
    }
}

/// What became of asking for the right to refresh.
enum Claimed {
    Mine(Grant),
    /// Not needed any more.
    Done(Access),
}

/// What has to be told before the sign-in ends.
fn warning(mailbox: &str, grant: &Grant, now: At) -> Option<String> {
    let day = |at: At| at.rfc3339().chars().take(10).collect::<String>();
    if let Some(end) = grant.tokens.refresh_expires_at {
        let near = NEAR.min(end.since(grant.obtained_at) / 2);
        if end <= now.plus(near) {
            return Some(format!("the sign-in of mailbox `{mailbox}` ends on {}: run `tawasul mail login {mailbox}` before", day(end)));
        }
    }
    let (reason, since) = grant.trouble.as_ref().filter(|(_, since)| now.since(*since) >= LASTING)?;
    Some(format!("the sign-in of mailbox `{mailbox}` could not be renewed since {}, and will be lost if that lasts: {reason}", day(*since)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400;

    fn day(number: u64) -> At {
        At(1_770_000_000_000_000).plus(Duration::from_secs(number * DAY))
    }

    fn grant(ends: Option<At>, trouble: Option<(&str, At)>) -> Grant {
        let tokens =
            Tokens { access: "a".to_owned().into(), access_expires_at: day(0), refresh: "r".to_owned().into(), refresh_expires_at: ends };
        let trouble = trouble.map(|(words, since)| (words.to_owned(), since));
        Grant { generation: 1, tokens, obtained_at: day(0), refreshed_at: day(0), refused: false, trouble }
    }

    #[test]
    fn an_end_is_told_a_week_before_or_from_the_half_of_a_short_life_on() {
        let told = |ends: u64, now: u64| warning("care", &grant(Some(day(ends)), None), day(now));
        assert_eq!((told(90, 0), told(90, 82)), (None, None));
        let words = "the sign-in of mailbox `care` ends on 2026-05-03: run `tawasul mail login care` before";
        assert_eq!(told(90, 83).as_deref(), Some(words));
        assert!(told(90, 99).is_some());
        // As Google's applications in testing have it.
        assert!(told(6, 2).is_none() && told(6, 3).is_some());
        assert_eq!(warning("care", &grant(None, None), day(999)), None);
    }

    #[test]
    fn a_failure_is_told_when_it_lasts() {
        let failing = grant(None, Some(("no answer", day(1))));
        assert_eq!(warning("care", &failing, day(1).plus(Duration::from_secs(3600))), None);
        let words = warning("care", &failing, day(2)).unwrap();
        assert!(words.contains("could not be renewed since 2026-02-03") && words.ends_with("no answer"), "{words}");
    }
}
