//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tawasul (تواصل): messages from many channels become tickets that somebody answers.
#[derive(Parser, Debug)]
#[command(name = "tawasul", version, about, max_term_width = 100)]
pub struct Cli {
    /// Folder of the configuration; by default `config` in the working folder, if there is one.
    #[arg(long, global = true, env = "TAWASUL_CONFIG", value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// What is logged, such as `info` or `tawasul=debug`.
    #[arg(long, global = true, env = "TAWASUL_LOG", value_name = "FILTER", default_value = "info")]
    pub log: String,
    /// How it is logged.
    #[arg(long, global = true, env = "TAWASUL_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Start the service: portal, desk, interface, channels.
    Serve,
    /// Start the service with an invented charity in it, to play with: nothing leaves this machine.
    Demo(Demo),
    /// Read the whole configuration and say everything that is wrong with it.
    Check,
    /// Bring the database up to date and end.
    Migrate,
    /// Ask a running service whether it is well (for container health checks).
    Health,
    /// Raw messages as they were received.
    #[command(subcommand)]
    Inbox(Inbox),
    /// Mails as files, and mailboxes.
    #[command(subcommand)]
    Mail(Mail),
    /// Notices that are owed, sent or given up.
    #[command(subcommand)]
    Outbox(Outbox),
    /// How messages are routed.
    #[command(subcommand)]
    Route(Route),
    /// Tickets.
    #[command(subcommand)]
    Ticket(Ticket),
    /// Staff accounts.
    #[command(subcommand)]
    User(User),
    /// Bearer tokens of the REST interface.
    #[command(subcommand)]
    Token(Token),
    /// The keys that seal personal data.
    #[command(subcommand)]
    Vault(Vault),
    /// Print the description of the REST interface (OpenAPI 3.1).
    Openapi,
}

#[derive(Args, Debug, Clone, Copy)]
pub struct Output {
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

#[derive(Args, Debug)]
pub struct Demo {
    /// Folder to keep the demo in, to go on with it another time; by default a temporary one, removed at the end.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address and port; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: std::net::SocketAddr,
    /// Make the charity, print what is in it as JSON, and end.
    #[arg(long, hide = true)]
    pub once: bool,
}

#[derive(Subcommand, Debug)]
pub enum Inbox {
    /// The newest messages; with `--quarantined` those that wait for a person.
    List {
        #[arg(long)]
        quarantined: bool,
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        output: Output,
    },
    /// One message with its raw bytes.
    Show {
        id: String,
        /// Only the raw bytes, as received.
        #[arg(long)]
        raw: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Process quarantined messages again.
    Replay {
        /// The messages; with `--all` every one in quarantine.
        ids: Vec<String>,
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand, Debug)]
pub enum Mail {
    /// Print what is read in mails, one JSON object a line for each file.
    Inspect {
        /// The files; `-` is standard input.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The output is JSON in any case.
        #[command(flatten)]
        output: Output,
    },
    /// Sign a mailbox in with its provider, in a browser (OAuth 2.0). A running service takes the new sign-in up by itself.
    Login {
        /// The mailbox's name in the configuration.
        mailbox: String,
    },
}

#[derive(Subcommand, Debug)]
pub enum Outbox {
    /// Notices in a state; by default those given up.
    List {
        /// pending, sent, dead, withheld or all.
        #[arg(long, default_value = "dead")]
        state: String,
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        output: Output,
    },
    /// Make given-up or waiting notices due now.
    Retry {
        ids: Vec<String>,
        /// Every one that was given up.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand, Debug)]
pub enum Route {
    /// Where a message with this text would go, and why. Nothing is stored.
    Explain {
        text: String,
        #[arg(long, default_value = "inquiry")]
        kind: String,
        #[arg(long, default_value = "portal")]
        channel: String,
        /// Our own mailbox or source it would come in by.
        #[arg(long, default_value = "")]
        mailbox: String,
        #[arg(long)]
        site: Option<String>,
        #[arg(long)]
        group: Option<String>,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand, Debug)]
pub enum Ticket {
    /// The newest tickets.
    List {
        /// Reference, address or words.
        #[arg(long, default_value = "")]
        search: String,
        #[arg(long)]
        status: Option<String>,
        #[arg(long, default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        output: Output,
    },
    /// One ticket with its conversation.
    Show {
        reference: String,
        #[command(flatten)]
        output: Output,
    },
}

#[derive(Subcommand, Debug)]
pub enum User {
    /// All accounts.
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Add an account, or bring one up to date.
    Add {
        key: String,
        /// The name in Arabic.
        #[arg(long)]
        name: String,
        #[arg(long, default_value = "")]
        name_en: String,
        #[arg(long)]
        email: Option<String>,
        /// officer, clerk, supervisor, manager or admin.
        #[arg(long, default_value = "officer")]
        role: String,
        #[command(flatten)]
        output: Output,
    },
    /// Print a one-time link with which the person sets a password.
    Invite {
        key: String,
        #[command(flatten)]
        output: Output,
    },
    /// Set a password, read from standard input.
    Password { key: String },
    /// Let the account sign in no more and get no more tickets.
    Disable { key: String },
    /// Undo `disable`.
    Enable { key: String },
}

#[derive(Subcommand, Debug)]
pub enum Token {
    List {
        #[command(flatten)]
        output: Output,
    },
    /// Make a token; it is shown this once.
    Create {
        name: String,
        /// tickets:read, tickets:write; both by default.
        #[arg(long = "scope")]
        scopes: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    Revoke {
        name: String,
    },
}

#[derive(Subcommand, Debug)]
pub enum Vault {
    /// Make a new key and seal everything with it. The service must be stopped.
    RotateKey,
}
