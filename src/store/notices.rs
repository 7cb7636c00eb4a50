//! The outbox: what was promised to be sent, and every attempt at it.

use super::{
    StoreError, Tx,
    codec::storable,
    conn::{On, row, sql},
    tickets::json_bytes,
};
use crate::domain::{
    Address, AddressId, At, ChannelKind, Language, MessageId, NoticeId, PersonId, Reference, Scheme, TicketId, ticket::named,
};
use crate::routing::gate::mail_domain;
use serde::{Deserialize, Serialize};

named! {
    /// Whom a notice is for.
    Audience { Sender = "sender", Staff = "staff", System = "system" }
}

named! {
    /// Where a notice stands.
    NoticeState {
        Pending = "pending",
        Sent = "sent",
        /// Given up; a person sees it.
        Dead = "dead",
        /// Not sent, for the reason beside it.
        Withheld = "withheld",
    }
}

/// What the recipient gets, rendered once.
#[derive(Clone, Serialize, Deserialize)]
pub struct NoticeContent {
    pub subject: String,
    pub text: String,
    /// The token that proves an answer to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// One message that we owe somebody.
#[derive(Clone)]
pub struct Notice {
    pub id: NoticeId,
    pub ticket: Option<TicketId>,
    /// The message whose words and files it carries.
    pub message: Option<MessageId>,
    pub kind: String,
    pub audience: Audience,
    pub person: Option<PersonId>,
    pub address: Option<AddressId>,
    pub to: Option<Address>,
    pub channel: Option<ChannelKind>,
    pub account: Option<String>,
    pub language: Language,
    pub content: NoticeContent,
    /// Written by a person for this recipient.
    pub personal: bool,
    pub state: NoticeState,
    pub reason: Option<String>,
    pub attempts: u32,
    pub next_at: At,
    pub external_id: Option<String>,
    pub fallback_of: Option<NoticeId>,
    pub created_at: At,
    pub finished_at: Option<At>,
    /// Of its ticket, where it was read with one.
    pub reference: Option<Reference>,
}

impl Notice {
    /// A notice that is owed from `now` on, to nobody yet: the caller says to whom and by which way.
    pub fn owed(id: NoticeId, kind: &str, audience: Audience, language: Language, content: NoticeContent, now: At) -> Self {
        Self {
            id,
            ticket: None,
            message: None,
            kind: kind.to_owned(),
            audience,
            person: None,
            address: None,
            to: None,
            channel: None,
            account: None,
            language,
            content,
            personal: false,
            state: NoticeState::Pending,
            reason: None,
            attempts: 0,
            next_at: now,
            external_id: None,
            fallback_of: None,
            created_at: now,
            finished_at: None,
            reference: None,
        }
    }
}

/// One try at sending.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub at: At,
    pub outcome: String,
    pub detail: Option<String>,
}

row! {
    struct NoticeRow {
        seq: i64,
        id: NoticeId,
        ticket_id: Option<TicketId>,
        message_id: Option<MessageId>,
        kind: String,
        audience: String,
        person_id: Option<PersonId>,
        address_id: Option<AddressId>,
        to_sealed: Option<Vec<u8>>,
        scheme: Option<Scheme>,
        channel: Option<ChannelKind>,
        account: Option<String>,
        language: Language,
        content_sealed: Vec<u8>,
        personal: bool,
        state: String,
        reason: Option<String>,
        attempts: i32,
        next_at: At,
        external_id: Option<String>,
        fallback_of: Option<NoticeId>,
        created_at: At,
        finished_at: Option<At>,
        reference: Option<Reference>,
    }
}

/// What lies in the row in place of the address and the words.
struct SealedNotice {
    to: Option<Vec<u8>>,
    blind: Option<Vec<u8>>,
    domain: Option<Vec<u8>>,
    content: Vec<u8>,
}

/// Rows of one statement; SQLite and PostgreSQL take 32,766 values and more, and few notices are promised at once.
const AT_ONCE: usize = 16;
/// In the order of the binds.
const COLUMNS: [&str; 24] = [
    "id",
    "ticket_id",
    "message_id",
    "kind",
    "audience",
    "person_id",
    "address_id",
    "to_sealed",
    "to_blind",
    "domain_blind",
    "scheme",
    "channel",
    "account",
    "language",
    "content_sealed",
    "personal",
    "state",
    "reason",
    "attempts",
    "next_at",
    "external_id",
    "fallback_of",
    "created_at",
    "finished_at",
];

fn insert_text(rows: usize) -> String {
    let width = COLUMNS.len();
    let row = |row: usize| format!("({})", (1..=width).map(|place| format!("${}", row * width + place)).collect::<Vec<_>>().join(", "));
    format!("INSERT INTO notice ({}) VALUES {}", COLUMNS.join(", "), (0..rows).map(row).collect::<Vec<_>>().join(", "))
}

/// Binds the values of several notices, for whichever database the query is.
macro_rules! insert {
    ($query:expr, $notices:expr, $sealed:expr) => {{
        let mut query = $query;
        for (notice, sealed) in $notices.iter().zip($sealed) {
            query = query
                .bind(notice.id)
                .bind(notice.ticket)
                .bind(notice.message)
                .bind(&notice.kind)
                .bind(notice.audience.as_str())
                .bind(notice.person)
                .bind(notice.address)
                .bind(sealed.to)
                .bind(sealed.blind)
                .bind(sealed.domain)
                .bind(notice.to.as_ref().map(Address::scheme))
                .bind(notice.channel)
                .bind(notice.account.as_deref())
                .bind(notice.language)
                .bind(sealed.content)
                .bind(notice.personal)
                .bind(notice.state.as_str())
                .bind(notice.reason.as_deref())
                .bind(i32::try_from(notice.attempts).unwrap_or(i32::MAX))
                .bind(notice.next_at)
                .bind(notice.external_id.as_deref().map(storable))
                .bind(notice.fallback_of)
                .bind(notice.created_at)
                .bind(notice.finished_at);
        }
        query
    }};
}

const TO: &str = "notice.to";
const CONTENT: &str = "notice.content";

impl Tx {
    pub async fn insert_notice(&mut self, notice: &Notice) -> Result<(), StoreError> {
        self.insert_notices(std::slice::from_ref(notice)).await
    }

    /// Saves notices in the order of the promises, several with one statement.
    pub async fn insert_notices(&mut self, notices: &[Notice]) -> Result<(), StoreError> {
        for some in notices.chunks(AT_ONCE) {
            let sealed = some.iter().map(|notice| self.seal_notice(notice)).collect::<Result<Vec<_>, _>>()?;
            let text = sqlx::AssertSqlSafe(insert_text(some.len()));
            match self.on() {
                On::Lite(c) => insert!(sqlx::query(text), some, sealed).execute(c).await.map(drop)?,
                On::Pg(c) => insert!(sqlx::query(text), some, sealed).execute(c).await.map(drop)?,
            }
        }
        Ok(())
    }

    fn seal_notice(&self, notice: &Notice) -> Result<SealedNotice, StoreError> {
        let id = notice.id.0;
        let counted = notice.to.as_ref().filter(|_| notice.audience == Audience::Sender && !notice.personal);
        Ok(SealedNotice {
            to: self.seal_some(TO, id, notice.to.as_ref().map(Address::value))?,
            blind: notice.to.as_ref().map(|to| self.blind("address", &to.to_string())).transpose()?,
            domain: counted.and_then(mail_domain).map(|domain| self.blind("domain", &domain)).transpose()?,
            content: self.seal(CONTENT, id, &json_bytes(&notice.content)?)?,
        })
    }

    fn open_notice(&self, row: NoticeRow) -> Result<Notice, StoreError> {
        let id = row.id.0;
        let corrupt = |what: &str| StoreError::Corrupt(what.to_owned());
        let to = match (self.open_some(TO, id, row.to_sealed.as_deref())?, row.scheme) {
            (Some(value), Some(scheme)) => Some(Address::new(scheme, &value).map_err(|_| corrupt("notice.to"))?),
            _ => None,
        };
        Ok(Notice {
            id: row.id,
            ticket: row.ticket_id,
            message: row.message_id,
            kind: row.kind,
            audience: row.audience.parse().map_err(|()| corrupt("notice.audience"))?,
            person: row.person_id,
            address: row.address_id,
            to,
            channel: row.channel,
            account: row.account,
            language: row.language,
            content: serde_json::from_str(&self.open(CONTENT, id, &row.content_sealed)?).map_err(|_| corrupt("notice.content"))?,
            personal: row.personal,
            state: row.state.parse().map_err(|()| corrupt("notice.state"))?,
            reason: row.reason,
            attempts: row.attempts.unsigned_abs(),
            next_at: row.next_at,
            external_id: row.external_id,
            fallback_of: row.fallback_of,
            created_at: row.created_at,
            finished_at: row.finished_at,
            reference: row.reference,
        })
    }

    /// Takes up to `limit` due notices for `holder` until `until`, in the order of the promises. A notice waits while an older one of the same ticket to
    /// the same address is not done, so that nobody gets an answer before its question.
    pub async fn claim_notices(&mut self, holder: &str, now: At, until: At, limit: i64) -> Result<Vec<Notice>, StoreError> {
        let mut rows = sql!(self, fetch_all as NoticeRow,
            lite "UPDATE notice SET lease_until = $1, lease_holder = $2 WHERE id IN (\
                    SELECT n.id FROM notice n WHERE n.state = 'pending' AND n.next_at <= $3 AND (n.lease_until IS NULL OR n.lease_until < $3) \
                    AND NOT EXISTS (SELECT 1 FROM notice o WHERE o.ticket_id = n.ticket_id AND o.to_blind = n.to_blind AND o.state = 'pending' AND o.seq < n.seq) \
                    ORDER BY n.next_at, n.seq LIMIT $4) \
                  RETURNING seq, id, ticket_id, message_id, kind, audience, person_id, address_id, to_sealed, scheme, channel, account, language, content_sealed, personal, state, reason, attempts, next_at, external_id, fallback_of, created_at, finished_at, CAST(NULL AS BIGINT) AS reference"
            pg "WITH due AS (\
                    SELECT n.id FROM notice n WHERE n.state = 'pending' AND n.next_at <= $3 AND (n.lease_until IS NULL OR n.lease_until < $3) \
                    AND NOT EXISTS (SELECT 1 FROM notice o WHERE o.ticket_id = n.ticket_id AND o.to_blind = n.to_blind AND o.state = 'pending' AND o.seq < n.seq) \
                    ORDER BY n.next_at, n.seq LIMIT $4 FOR UPDATE SKIP LOCKED) \
                  UPDATE notice SET lease_until = $1, lease_holder = $2 FROM due WHERE notice.id = due.id \
                  RETURNING notice.seq, notice.id, notice.ticket_id, notice.message_id, notice.kind, notice.audience, notice.person_id, notice.address_id, notice.to_sealed, notice.scheme, notice.channel, notice.account, notice.language, notice.content_sealed, notice.personal, notice.state, notice.reason, notice.attempts, notice.next_at, notice.external_id, notice.fallback_of, notice.created_at, notice.finished_at, CAST(NULL AS BIGINT) AS reference",
            until, holder, now, limit)?;
        rows.sort_by_key(|row| row.seq);
        rows.into_iter().map(|row| self.open_notice(row)).collect()
    }

    /// Records that it was sent. `false` when `holder` no longer has the lease.
    pub async fn notice_sent(&mut self, id: NoticeId, holder: &str, external_id: Option<&str>, now: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET state = 'sent', reason = NULL, external_id = $3, attempts = attempts + 1, finished_at = $4, lease_until = NULL, lease_holder = NULL \
             WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
            id,
            holder,
            external_id.map(storable),
            now
        )?;
        self.insert_attempt(id, now, "sent", None).await?;
        Ok(changed == 1)
    }

    /// Puts it back until `next_at`.
    pub async fn notice_later(
        &mut self,
        id: NoticeId,
        holder: &str,
        code: &str,
        detail: &str,
        now: At,
        next_at: At,
    ) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE notice SET reason = $3, attempts = attempts + 1, next_at = $4, lease_until = NULL, lease_holder = NULL WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
            id,
            holder,
            code,
            next_at
        )?;
        self.insert_attempt(id, now, code, Some(detail)).await
    }

    /// Keeps a claimed notice until `until`. `false` when `holder` no longer has it.
    pub async fn renew_notice(&mut self, id: NoticeId, holder: &str, until: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET lease_until = $3 WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
            id,
            holder,
            until
        )?;
        Ok(changed == 1)
    }

    /// Gives the lease back untried.
    pub async fn release_notice(&mut self, id: NoticeId, holder: &str, now: At) -> Result<(), StoreError> {
        sql!(
            self,
            execute,
            "UPDATE notice SET lease_until = NULL, lease_holder = NULL, next_at = $3 WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
            id,
            holder,
            now
        )?;
        Ok(())
    }

    /// Gives it up.
    pub async fn notice_dead(&mut self, id: NoticeId, holder: &str, code: &str, detail: &str, now: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET state = 'dead', reason = $3, attempts = attempts + 1, finished_at = $4, lease_until = NULL, lease_holder = NULL WHERE id = $1 AND lease_holder = $2 AND state = 'pending'",
            id,
            holder,
            code,
            now
        )?;
        self.insert_attempt(id, now, code, Some(detail)).await?;
        Ok(changed == 1)
    }

    /// Records that the network gave it back after it was sent. `false` when it is not among what was sent: a report that comes
    /// twice changes nothing.
    pub async fn notice_bounced(&mut self, id: NoticeId, code: &str, detail: &str, now: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET state = 'dead', reason = $2, finished_at = $3 WHERE id = $1 AND state = 'sent'",
            id,
            code,
            now
        )?;
        if changed == 1 {
            self.insert_attempt(id, now, code, Some(detail)).await?;
        }
        Ok(changed == 1)
    }

    /// Records that the network is late with it. `false` when that is known already, or it is not among what was sent.
    pub async fn notice_delayed(&mut self, id: NoticeId, detail: &str, now: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET reason = 'delayed' WHERE id = $1 AND state = 'sent' AND (reason IS NULL OR reason <> 'delayed')",
            id
        )?;
        if changed == 1 {
            self.insert_attempt(id, now, "delayed", Some(detail)).await?;
        }
        Ok(changed == 1)
    }

    async fn insert_attempt(&mut self, notice: NoticeId, at: At, outcome: &str, detail: Option<&str>) -> Result<(), StoreError> {
        let detail: Option<String> = detail.map(|d| storable(d).chars().take(500).collect());
        let id = self.world.uuid();
        sql!(
            self,
            execute,
            "INSERT INTO attempt (id, notice_id, at, outcome, detail) VALUES ($1, $2, $3, $4, $5)",
            id,
            notice,
            at,
            outcome,
            detail
        )?;
        Ok(())
    }

    /// Makes a notice due at once that was given up or is put back. `false` when there is none such: also while it is being
    /// sent, so that nobody gets it twice.
    pub async fn revive_notice(&mut self, id: NoticeId, now: At) -> Result<bool, StoreError> {
        let changed = sql!(
            self,
            execute,
            "UPDATE notice SET state = 'pending', next_at = $2, attempts = 0, finished_at = NULL, lease_until = NULL, lease_holder = NULL \
             WHERE id = $1 AND (state = 'dead' OR (state = 'pending' AND (lease_until IS NULL OR lease_until < $2))) AND to_sealed IS NOT NULL",
            id,
            now
        )?;
        Ok(changed == 1)
    }

    /// The notice that a network knows by this id. The newest where several have it.
    pub async fn notice_sent_as(&mut self, channel: ChannelKind, external_id: &str) -> Result<Option<Notice>, StoreError> {
        let row = sql!(
            self,
            fetch_optional as NoticeRow,
            "SELECT seq, id, ticket_id, message_id, kind, audience, person_id, address_id, to_sealed, scheme, channel, account, language, content_sealed, personal, state, reason, attempts, next_at, external_id, fallback_of, created_at, finished_at, CAST(NULL AS BIGINT) AS reference FROM notice WHERE external_id = $1 AND channel = $2 ORDER BY seq DESC LIMIT 1",
            storable(external_id),
            channel
        )?;
        row.map(|row| self.open_notice(row)).transpose()
    }

    /// The notices of a ticket, oldest first.
    pub async fn ticket_notices(&mut self, ticket: TicketId) -> Result<Vec<Notice>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as NoticeRow,
            "SELECT seq, id, ticket_id, message_id, kind, audience, person_id, address_id, to_sealed, scheme, channel, account, language, content_sealed, personal, state, reason, attempts, next_at, external_id, fallback_of, created_at, finished_at, CAST(NULL AS BIGINT) AS reference FROM notice WHERE ticket_id = $1 ORDER BY seq",
            ticket
        )?;
        rows.into_iter().map(|row| self.open_notice(row)).collect()
    }

    /// Notices in a state, the newest first.
    pub async fn list_notices(&mut self, state: Option<NoticeState>, limit: i64) -> Result<Vec<Notice>, StoreError> {
        let rows = match state {
            Some(state) => sql!(
                self,
                fetch_all as NoticeRow,
                "SELECT n.seq, n.id, n.ticket_id, n.message_id, n.kind, n.audience, n.person_id, n.address_id, n.to_sealed, n.scheme, n.channel, n.account, n.language, n.content_sealed, n.personal, n.state, n.reason, n.attempts, n.next_at, n.external_id, n.fallback_of, n.created_at, n.finished_at, t.reference \
                 FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id WHERE n.state = $1 ORDER BY n.seq DESC LIMIT $2",
                state.as_str(),
                limit
            )?,
            None => sql!(
                self,
                fetch_all as NoticeRow,
                "SELECT n.seq, n.id, n.ticket_id, n.message_id, n.kind, n.audience, n.person_id, n.address_id, n.to_sealed, n.scheme, n.channel, n.account, n.language, n.content_sealed, n.personal, n.state, n.reason, n.attempts, n.next_at, n.external_id, n.fallback_of, n.created_at, n.finished_at, t.reference \
                 FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id ORDER BY n.seq DESC LIMIT $1",
                limit
            )?,
        };
        rows.into_iter().map(|row| self.open_notice(row)).collect()
    }

    /// Notices that were given up, the newest first, from below `after` on.
    pub async fn dead_notices(&mut self, after: Option<NoticeId>, limit: i64) -> Result<Vec<Notice>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as NoticeRow,
            "SELECT n.seq, n.id, n.ticket_id, n.message_id, n.kind, n.audience, n.person_id, n.address_id, n.to_sealed, n.scheme, n.channel, n.account, n.language, n.content_sealed, n.personal, n.state, n.reason, n.attempts, n.next_at, n.external_id, n.fallback_of, n.created_at, n.finished_at, t.reference \
             FROM notice n LEFT JOIN ticket t ON t.id = n.ticket_id WHERE n.state = 'dead' AND n.seq < COALESCE((SELECT seq FROM notice WHERE id = $1), 9223372036854775807) ORDER BY n.seq DESC LIMIT $2",
            after,
            limit
        )?;
        rows.into_iter().map(|row| self.open_notice(row)).collect()
    }

    /// How many automatic notices were promised since `since` to an address, and to all senders of a domain.
    pub async fn automatic_since(&mut self, to: &Address, domain: Option<&str>, since: At) -> Result<(i64, i64), StoreError> {
        let blind = self.blind("address", &to.to_string())?;
        let domain = domain.map(|domain| self.blind("domain", domain)).transpose()?;
        Ok(sql!(
            self,
            fetch_one as (i64, i64),
            "SELECT (SELECT COUNT(*) FROM notice WHERE to_blind = $1 AND created_at >= $2 AND personal = FALSE AND state <> 'withheld'), \
             (SELECT COUNT(*) FROM notice WHERE domain_blind = $3 AND created_at >= $2 AND state <> 'withheld')",
            blind,
            since,
            domain
        )?)
    }

    /// Forgets which domains notices went to: their hashes are of another key from now on, and matter for an hour only.
    pub(super) async fn forget_domains(&mut self) -> Result<(), StoreError> {
        sql!(self, execute, "UPDATE notice SET domain_blind = NULL WHERE domain_blind IS NOT NULL")?;
        Ok(())
    }

    /// How many wait, and since when the oldest does.
    pub async fn outbox_depth(&mut self) -> Result<(i64, Option<At>), StoreError> {
        Ok(sql!(self, fetch_one as (i64, Option<At>), "SELECT COUNT(*), MIN(created_at) FROM notice WHERE state = 'pending'")?)
    }

    pub async fn dead_count(&mut self) -> Result<i64, StoreError> {
        let (count,): (i64,) = sql!(self, fetch_one as (i64,), "SELECT COUNT(*) FROM notice WHERE state = 'dead'")?;
        Ok(count)
    }

    /// When the next waiting notice is due.
    pub async fn next_due(&mut self) -> Result<Option<At>, StoreError> {
        let (due,): (Option<At>,) = sql!(self, fetch_one as (Option<At>,), "SELECT MIN(next_at) FROM notice WHERE state = 'pending'")?;
        Ok(due)
    }

    /// The attempts at a notice, oldest first.
    pub async fn attempts(&mut self, notice: NoticeId) -> Result<Vec<Attempt>, StoreError> {
        let rows = sql!(
            self,
            fetch_all as (At, String, Option<String>),
            "SELECT at, outcome, detail FROM attempt WHERE notice_id = $1 ORDER BY at, id",
            notice
        )?;
        Ok(rows.into_iter().map(|(at, outcome, detail)| Attempt { at, outcome, detail }).collect())
    }
}
