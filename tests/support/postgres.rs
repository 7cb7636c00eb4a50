//! A private PostgreSQL for one test binary: started at first use, a fresh database for each test, gone when the binary ends.

use super::process::{self, Finished, Watch, Watched};
use std::{
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// The database user; there is no password, the server listens on loopback only and lives for minutes.
const USER: &str = "tawasul";

/// Durability is not what these tests prove, and each `create database` would wait for the disk.
const SETTINGS: [&str; 8] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_connections=300",
    "shared_buffers=64MB",
    "timezone=UTC",
];

struct Server {
    programs: PathBuf,
    port: u16,
    process: Watched,
}

/// The URL of a new, empty database; `None`, after saying so, where PostgreSQL is not installed.
pub fn fresh_database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static COUNTER: AtomicUsize = AtomicUsize::new(1);
    let server = SERVER.get_or_init(|| installed().map(Server::start)).as_ref()?;
    let name = format!("test_{}", COUNTER.fetch_add(1, Ordering::Relaxed));
    let created = server.client("createdb", &["--template=template0", &name]);
    assert_eq!(created.code, 0, "createdb failed: {created:?}\n{}", server.process.printed());
    Some(format!("postgres://{USER}@127.0.0.1:{}/{name}", server.port))
}

/// The folder of the newest server programs, as Debian lays them out.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|version| Some((version.file_name().to_str()?.parse::<u32>().ok()?, version.path().join("bin"))))
        .filter(|(_, programs)| programs.join("initdb").is_file())
        .max();
    if newest.is_none() {
        process::skipped("PostgreSQL");
    }
    newest.map(|(_, programs)| programs)
}

/// Makes the cluster and becomes the server, so that one watched process covers both.
const MAKE_AND_SERVE: &str = r#"
programs=$1 folder=$2 user=$3; shift 3
"$programs/initdb" --pgdata="$folder/data" --username="$user" --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null &&
exec "$programs/postgres" -D "$folder/data" -k "$folder" "$@"
"#;

impl Server {
    fn start(programs: PathBuf) -> Self {
        // Another process may take the free port between our look and the start.
        (0..3).find_map(|_| Self::attempt(&programs)).expect("PostgreSQL starts; what it said is above")
    }

    fn attempt(programs: &Path) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("tawasul-postgres-").tempdir().expect("a temporary folder").keep();
        let mut command = as_an_owner_of(&folder);
        let port = super::free_port();
        command.args(["sh", "-c", MAKE_AND_SERVE, "postgres"]).arg(programs).arg(&folder).arg(USER);
        command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let process = Watched::start_with(Watch { command, farewell: "INT", folder: Some(&folder) });
        let mut server = Self { programs: programs.to_owned(), port, process };
        server.is_ready().then_some(server)
    }

    fn is_ready(&mut self) -> bool {
        let ready = process::waited(Duration::from_secs(60), || match self.process.ended() {
            Some(_) => Some(false),
            None => (self.client("pg_isready", &["--quiet"]).code == 0).then_some(true),
        });
        if ready != Some(true) {
            eprintln!("PostgreSQL does not serve on port {}:\n{}", self.port, self.process.printed());
        }
        ready == Some(true)
    }

    fn client(&self, program: &str, arguments: &[&str]) -> Finished {
        let mut command = Command::new(self.programs.join(program));
        command.args(["--host=127.0.0.1", &format!("--port={}", self.port), &format!("--username={USER}")]).args(arguments);
        process::run(command, Duration::from_secs(30))
    }
}

/// A command that runs the rest of its arguments as a user whom the server accepts, to whom `folder` now belongs: PostgreSQL
/// refuses to run as root.
fn as_an_owner_of(folder: &Path) -> Command {
    let root = std::fs::metadata("/proc/self").expect("Linux").uid() == 0;
    if !root {
        return Command::new("env");
    }
    let users = std::fs::read_to_string("/etc/passwd").expect("the list of users");
    let postgres = users.lines().find_map(|line| line.strip_prefix("postgres:")).expect("Debian's package makes the user postgres");
    let id = |field: usize| postgres.split(':').nth(field).and_then(|id| id.parse().ok()).expect("a number in /etc/passwd");
    let (user, group) = (id(1), id(2));
    std::os::unix::fs::chown(folder, Some(user), Some(group)).expect("root may give a folder away");
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={user}"), format!("--regid={group}"), "--clear-groups".into()]);
    command.current_dir(folder);
    command
}
