-- The first form of everything. Times are microseconds since 1970 UTC. Columns named *_sealed hold what the vault sealed,
-- those named *_blind its keyed hashes; nothing personal lies in any other column.

-- Which key of the vault seals now.
CREATE TABLE vault_state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    primary_key INTEGER NOT NULL,
    -- a sealed word that must open, so that a wrong key file is noticed at the start
    proof_sealed BLOB NOT NULL,
    -- names this database, so that a folder of attachments is known to be its own
    database_id BLOB NOT NULL
) STRICT;

-- The next serial number of the references of a year.
CREATE TABLE serial (
    year INTEGER PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT;

CREATE TABLE person (
    id BLOB PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    name_sealed BLOB NOT NULL,
    email_sealed BLOB,
    email_blind BLOB UNIQUE,
    site TEXT,
    language TEXT NOT NULL,
    password_hash TEXT,
    invitation_hash BLOB,
    invitation_until INTEGER,
    active INTEGER NOT NULL,
    -- file (organization.toml names them), hand (added on the command line), departed (the file named them and does no more)
    origin TEXT NOT NULL,
    absent_until INTEGER,
    last_assigned_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,
    person_id BLOB NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_person ON session (person_id);

-- Bearer tokens of the REST interface.
CREATE TABLE api_token (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE contact (
    id BLOB PRIMARY KEY,
    name_sealed BLOB,
    stakeholder TEXT,
    language TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE address (
    id BLOB PRIMARY KEY,
    contact_id BLOB NOT NULL REFERENCES contact (id),
    scheme TEXT NOT NULL,
    value_sealed BLOB NOT NULL,
    value_blind BLOB NOT NULL UNIQUE,
    -- lower is tried first
    rank INTEGER NOT NULL,
    -- ok, stopped (does not want our messages), bounced
    state TEXT NOT NULL,
    -- whether its owner wrote from it, or staff entered it; otherwise it is only what somebody said of themselves
    proven INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX address_contact ON address (contact_id, rank);

CREATE TABLE ticket (
    id BLOB PRIMARY KEY,
    -- year * 100000000 + serial
    reference INTEGER NOT NULL UNIQUE,
    pin_sealed BLOB NOT NULL,
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    priority TEXT NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    site TEXT,
    department TEXT NOT NULL,
    owner_id BLOB NOT NULL REFERENCES person (id),
    contact_id BLOB NOT NULL REFERENCES contact (id),
    -- where the sender is answered
    address_id BLOB NOT NULL REFERENCES address (id),
    confidential INTEGER NOT NULL,
    -- plain, or sealed when confidential
    subject TEXT,
    subject_sealed BLOB,
    -- answers to the kind's form, JSON
    fields_sealed BLOB,
    conversation_blind BLOB,
    conversation_sealed BLOB,
    -- why it is where it is: JSON list of {name, ar, en}
    reasons TEXT NOT NULL,
    opened_by BLOB REFERENCES person (id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    answered_at INTEGER,
    resolved_at INTEGER,
    closed_at INTEGER
) STRICT;
-- Lists show the newest first, and most of them only what is open: a handful among all that ever came.
CREATE INDEX ticket_created ON ticket (created_at, id);
CREATE INDEX ticket_owner ON ticket (owner_id, created_at, id);
CREATE INDEX ticket_opener ON ticket (opened_by, created_at, id) WHERE opened_by IS NOT NULL;
CREATE INDEX ticket_department ON ticket (department, created_at, id);
CREATE INDEX ticket_confidential ON ticket (confidential, status) WHERE confidential = TRUE;
CREATE INDEX ticket_contact ON ticket (contact_id, created_at, id);
CREATE INDEX ticket_status ON ticket (status, created_at, id, owner_id);
CREATE INDEX ticket_open ON ticket (created_at, id) WHERE status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam');
CREATE INDEX ticket_open_owner ON ticket (owner_id, created_at, id) WHERE status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam');
CREATE INDEX ticket_open_department ON ticket (department, created_at, id) WHERE status NOT IN ('resolved', 'closed', 'rejected', 'duplicate', 'spam');
CREATE INDEX ticket_conversation ON ticket (conversation_blind, created_at, id) WHERE conversation_blind IS NOT NULL;

CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    ticket_id BLOB NOT NULL REFERENCES ticket (id),
    direction TEXT NOT NULL,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    -- the member of staff who wrote it
    person_id BLOB REFERENCES person (id),
    -- the address it came from, where that is not the ticket's
    address_id BLOB REFERENCES address (id),
    external_id TEXT,
    -- plain, or sealed when the ticket is confidential
    body TEXT,
    body_sealed BLOB,
    -- what is newly written, where that differs from the body
    fresh TEXT,
    fresh_sealed BLOB,
    sent_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX message_ticket ON message (ticket_id, seq);
CREATE INDEX message_external ON message (external_id) WHERE external_id IS NOT NULL;

-- Folded words of each message; `rowid` is `message.seq`. The text itself is not kept twice.
CREATE VIRTUAL TABLE message_search USING fts5 (words, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0");

-- A file's content, stored once.
CREATE TABLE blob (
    id BLOB PRIMARY KEY,
    fingerprint_blind BLOB NOT NULL UNIQUE,
    sha256_sealed BLOB NOT NULL,
    -- the key that the content in the blob store is sealed with
    key_sealed BLOB NOT NULL,
    size INTEGER NOT NULL,
    -- when somebody last asked for it to be kept: what was asked for lately is about to be referred to
    kept_at INTEGER NOT NULL
) STRICT;
CREATE INDEX blob_kept ON blob (kept_at, id);

CREATE TABLE attachment (
    id BLOB PRIMARY KEY,
    message_id BLOB NOT NULL REFERENCES message (id),
    position INTEGER NOT NULL,
    blob_id BLOB REFERENCES blob (id),
    name_sealed BLOB NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    inline INTEGER NOT NULL,
    -- why the content could not be had
    missing TEXT
) STRICT;
CREATE INDEX attachment_message ON attachment (message_id, position);
CREATE INDEX attachment_blob ON attachment (blob_id);

-- A file uploaded with a form that had a mistake, kept while the sender mends it.
CREATE TABLE upload (
    id BLOB PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    blob_id BLOB NOT NULL REFERENCES blob (id),
    name_sealed BLOB NOT NULL,
    content_type TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_created ON upload (created_at);
CREATE INDEX upload_blob ON upload (blob_id);

CREATE TABLE inbox (
    id BLOB PRIMARY KEY,
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    -- processed, quarantined
    state TEXT NOT NULL,
    ticket_id BLOB REFERENCES ticket (id),
    message_id BLOB REFERENCES message (id),
    opened INTEGER NOT NULL,
    -- why it is in quarantine, without anything personal
    trouble TEXT,
    received_at INTEGER NOT NULL,
    processed_at INTEGER
) STRICT;
CREATE INDEX inbox_received ON inbox (received_at, id);
CREATE INDEX inbox_state ON inbox (state, received_at, id);
CREATE INDEX inbox_channel ON inbox (channel, received_at);
CREATE INDEX inbox_ticket ON inbox (ticket_id);

-- The raw bytes: compressed, then sealed.
CREATE TABLE inbox_raw (
    inbox_id BLOB PRIMARY KEY REFERENCES inbox (id),
    bytes_sealed BLOB NOT NULL
) STRICT;

-- Names under which a second copy is recognised.
CREATE TABLE inbox_key (
    key_blind BLOB PRIMARY KEY,
    inbox_id BLOB NOT NULL REFERENCES inbox (id),
    position INTEGER NOT NULL,
    key_sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX inbox_key_inbox ON inbox_key (inbox_id, position);

-- Contents that were stored before their message was taken in, and that it needs when it is processed again.
CREATE TABLE inbox_blob (
    inbox_id BLOB NOT NULL REFERENCES inbox (id),
    blob_id BLOB NOT NULL REFERENCES blob (id),
    PRIMARY KEY (inbox_id, blob_id)
) STRICT;
CREATE INDEX inbox_blob_blob ON inbox_blob (blob_id);

CREATE TABLE event (
    seq INTEGER PRIMARY KEY,
    ticket_id BLOB NOT NULL REFERENCES ticket (id),
    at INTEGER NOT NULL,
    -- sender, person, system
    actor TEXT NOT NULL,
    person_id BLOB REFERENCES person (id),
    kind TEXT NOT NULL,
    data TEXT NOT NULL,
    -- names the form or request that asked for it, so that it is done once
    nonce TEXT
) STRICT;
CREATE INDEX event_ticket ON event (ticket_id, seq);
CREATE UNIQUE INDEX event_nonce ON event (ticket_id, nonce) WHERE nonce IS NOT NULL;

CREATE TABLE notice (
    -- the order of the promises, also within one instant
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    ticket_id BLOB REFERENCES ticket (id),
    message_id BLOB REFERENCES message (id),
    kind TEXT NOT NULL,
    -- sender, staff, system
    audience TEXT NOT NULL,
    person_id BLOB REFERENCES person (id),
    address_id BLOB REFERENCES address (id),
    to_sealed BLOB,
    to_blind BLOB,
    -- of a sender's mail address, for as long as its rate counts
    domain_blind BLOB,
    scheme TEXT,
    channel TEXT,
    account TEXT,
    language TEXT NOT NULL,
    -- subject, text and thread as rendered, JSON
    content_sealed BLOB NOT NULL,
    personal INTEGER NOT NULL,
    -- pending, sent, dead, withheld
    state TEXT NOT NULL,
    reason TEXT,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    lease_until INTEGER,
    lease_holder TEXT,
    external_id TEXT,
    fallback_of BLOB REFERENCES notice (id),
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE INDEX notice_due ON notice (next_at) WHERE state = 'pending';
CREATE INDEX notice_ticket ON notice (ticket_id, seq);
CREATE INDEX notice_state ON notice (state, seq);
CREATE INDEX notice_external ON notice (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX notice_to ON notice (to_blind, created_at);
CREATE INDEX notice_domain ON notice (domain_blind, created_at) WHERE domain_blind IS NOT NULL;

CREATE TABLE attempt (
    id BLOB PRIMARY KEY,
    notice_id BLOB NOT NULL REFERENCES notice (id),
    at INTEGER NOT NULL,
    -- sent, or the code of the error
    outcome TEXT NOT NULL,
    detail TEXT
) STRICT;
CREATE INDEX attempt_notice ON attempt (notice_id, at);

-- How far a polled account has been read.
CREATE TABLE bookmark (
    channel TEXT NOT NULL,
    account TEXT NOT NULL,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (channel, account)
) STRICT;

-- Who may do a thing that only one replica may do.
CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT;

-- How much wrong guesses have taken from the budget of a secret that was guessed at lately.
CREATE TABLE guess_budget (
    -- where it is asked for, and by whom: track, track-known, sign-in, sign-in-known
    budget TEXT NOT NULL,
    -- the ticket or person; what does not exist shares a few
    whose BLOB NOT NULL,
    -- when nothing is owed any more
    owes_until INTEGER NOT NULL,
    PRIMARY KEY (budget, whose)
) STRICT;
CREATE INDEX guess_budget_full ON guess_budget (owes_until);

-- Receivers of outgoing webhooks that answered 410 Gone.
CREATE TABLE target_disabled (
    target TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

-- With what each mailbox signs in that wants OAuth 2.0. The generation rises with each new pair of tokens.
CREATE TABLE mailbox_token (
    id BLOB PRIMARY KEY,
    account TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL,
    access_sealed BLOB NOT NULL,
    access_expires_at INTEGER NOT NULL,
    refresh_sealed BLOB NOT NULL,
    refresh_expires_at INTEGER,
    obtained_at INTEGER NOT NULL,
    refreshed_at INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    trouble TEXT,
    trouble_since INTEGER
) STRICT;
