//! Child processes that never outlive the test, however it ends.
//!
//! Each runs below a small shell that reads a pipe from the test process: a line is the name of a signal to pass on, and the end
//! of the pipe (dropped, or the test process died) ends the child and whatever it started, and removes its folder.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::process::{CommandExt, ExitStatusExt},
    path::Path,
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// `$1`: the folder to remove at the end, or nothing; `$2`: the signal that asks the child to end; the rest: the child.
/// Job control (`set -m`) gives the child a process group of its own and keeps SIGINT and SIGQUIT from being ignored in it.
const WATCH: &str = r#"
set -m
folder=$1 farewell=$2; shift 2
exec 3<&0 </dev/null
"$@" 3<&- & child=$!
exec >/dev/null 2>&1
(
  while read -r signal <&3; do kill -s "$signal" "$child"; done
  kill -s "$farewell" "$child"
  for _ in {1..80}; do kill -0 "$child" || exit; sleep 0.05; done
  kill -s KILL -- "-$child"
) & guard=$!
exec 3<&-
wait "$child"; status=$?
kill -s KILL -- "-$guard" "-$child"
[ -z "$folder" ] || rm -rf -- "$folder"
exit "$status"
"#;

/// How a child is watched.
pub struct Watch<'a> {
    pub command: Command,
    /// The signal that asks it to end, without `SIG`.
    pub farewell: &'a str,
    /// A folder that is removed once it has ended.
    pub folder: Option<&'a Path>,
}

/// A running child and what it has printed.
pub struct Watched {
    shell: Child,
    orders: Option<ChildStdin>,
    pub output: Log,
    pub errors: Log,
}

impl Watched {
    /// Starts `command`; dropping the answer asks it to end with SIGTERM.
    pub fn start(command: Command) -> Self {
        Self::start_with(Watch { command, farewell: "TERM", folder: None })
    }

    pub fn start_with(watch: Watch<'_>) -> Self {
        let mut shell = below_a_shell(&watch).spawn().expect("bash runs");
        let output = Log::of(shell.stdout.take().expect("piped"));
        let errors = Log::of(shell.stderr.take().expect("piped"));
        Self { orders: shell.stdin.take(), shell, output, errors }
    }

    /// Sends the child a signal by its name without `SIG`.
    pub fn signal(&mut self, name: &str) {
        let orders = self.orders.as_mut().expect("open until dropped");
        // An error means that the child has already ended, which the caller learns from `ended_within`.
        let _ = writeln!(orders, "{name}");
    }

    /// How it ended; `None` while it runs. A signal shows as code 128 + its number.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.shell.try_wait().expect("a child of this process")
    }

    /// Waits until it has ended and everything it printed has been read.
    pub fn ended_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let status = waited(patience, || self.ended())?;
        self.output.finished();
        self.errors.finished();
        Some(status)
    }

    /// The first line on standard output for which `wanted` answers; panics with all that was printed when the child ends or
    /// time is up before.
    pub fn line<T>(&mut self, patience: Duration, wanted: impl Fn(&str) -> Option<T>) -> T {
        let deadline = Instant::now() + patience;
        loop {
            let ended = self.ended().is_some();
            if ended {
                self.output.finished();
            }
            if let Some(found) = self.output.lines().iter().find_map(|line| wanted(line)) {
                return found;
            }
            assert!(!ended && Instant::now() < deadline, "the awaited line was not printed\n{}", self.printed());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// All it has printed so far, for messages of failed tests.
    pub fn printed(&self) -> String {
        format!("standard output:\n{}\nstandard error:\n{}", self.output.text(), self.errors.text())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.shell.wait();
    }
}

/// Runs `command` to its end and answers its code and what it printed; panics when it takes longer than `patience`.
pub fn run(command: Command, patience: Duration) -> Finished {
    let mut child = Watched::start(command);
    let status = child.ended_within(patience).unwrap_or_else(|| panic!("still running after {patience:?}\n{}", child.printed()));
    Finished { code: exit_code(status), output: child.output.text(), errors: child.errors.text() }
}

/// How a command ended and what it printed.
#[derive(Debug)]
pub struct Finished {
    /// The exit code; 128 + the signal's number when a signal ended it.
    pub code: i32,
    pub output: String,
    pub errors: String,
}

pub fn exit_code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// Asks again and again until there is an answer or time is up.
pub fn waited<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        match ask() {
            None if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            answer => return answer,
        }
    }
}

/// Where a program lies in `PATH`.
pub fn program(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Says that `what` is missing: fails where `CI` is set, prints a line elsewhere.
pub fn skipped(what: &str) {
    assert!(
        std::env::var_os("CI").is_none(),
        "{what} is not installed, and with CI set nothing is skipped: run scripts/test, which installs it"
    );
    eprintln!("skipped: {what} is not installed; scripts/test installs it");
}

fn below_a_shell(watch: &Watch<'_>) -> Command {
    let mut shell = Command::new("bash");
    shell.args(["-c", WATCH, "watch"]).arg(watch.folder.unwrap_or(Path::new(""))).arg(watch.farewell);
    shell.arg(watch.command.get_program()).args(watch.command.get_args());
    for (name, value) in watch.command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = watch.command.get_current_dir() {
        shell.current_dir(folder);
    }
    // A group of its own, so that Ctrl-C in the terminal ends the test and leaves the shell to clean up after it.
    shell.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    shell
}

/// The lines of a stream, collected by a thread as they come.
#[derive(Clone)]
pub struct Log(Arc<Collected>);

#[derive(Default)]
struct Collected {
    lines: Mutex<Vec<String>>,
    reader: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Log {
    fn of(stream: impl Read + Send + 'static) -> Self {
        let log = Self(Arc::default());
        let collected = Arc::clone(&log.0);
        let reader = std::thread::spawn(move || {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
                collected.lines.lock().unwrap().push(text);
                line.clear();
            }
        });
        *log.0.reader.lock().unwrap() = Some(reader);
        log
    }

    fn finished(&self) {
        if let Some(reader) = self.0.reader.lock().unwrap().take() {
            let _ = reader.join();
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lines.lock().unwrap().clone()
    }

    pub fn text(&self) -> String {
        self.lines().join("\n")
    }
}
