//! `mail inspect`: what we read in mails. Needs neither configuration nor database.

use crate::channel::email::inspect;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// The largest mail that is read, in bytes. From a mailbox the service takes smaller ones only.
const LARGEST: u64 = 100 << 20;

/// The exit code tells whether every file could be read.
pub(super) fn inspect(files: &[PathBuf]) -> ExitCode {
    describe_all(files, &mut io::stdout().lock())
}

/// One JSON object a line for each file, in the order given, each written as soon as it is read.
fn describe_all(files: &[PathBuf], out: &mut impl Write) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    for path in files {
        let described = describe(path);
        if described.get("error").is_some() {
            code = ExitCode::FAILURE;
        }
        match writeln!(out, "{described}").and_then(|()| out.flush()) {
            Ok(()) => {}
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return code,
            Err(error) => {
                eprintln!("error: the output can't be written: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    code
}

fn describe(path: &Path) -> Value {
    let file = path.to_string_lossy();
    match contents(path) {
        Ok(raw) => inspect::describe(&file, &raw),
        Err(error) => json!({ "file": file, "error": error }),
    }
}

/// The bytes of a file, or of standard input for `-`.
fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let read = if path == Path::new("-") { all_of(io::stdin().lock()) } else { File::open(path).and_then(all_of) };
    let raw = read.map_err(|error| format!("the file can't be read: {error}"))?;
    if u64::try_from(raw.len()).is_ok_and(|length| length <= LARGEST) {
        Ok(raw)
    } else {
        Err(format!("the file has more than {} MiB; no mail is that large", LARGEST >> 20))
    }
}

/// One byte more than allowed at most, so that too much is seen as such.
fn all_of(source: impl Read) -> io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    source.take(LARGEST + 1).read_to_end(&mut raw)?;
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_read_is_said_on_its_line() {
        for (path, error) in [("/no/such/file.eml", "can't be read"), ("/", "can't be read"), ("/dev/zero", "more than 100 MiB")] {
            let said = describe(Path::new(path));
            assert_eq!(said["file"], path);
            assert!(said["error"].as_str().is_some_and(|said| said.contains(error)), "{said}");
        }
    }

    #[test]
    fn a_reader_that_went_away_ends_it_without_noise() {
        struct Gone;
        impl Write for Gone {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut seen = Vec::new();
        let mail = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/email/html_only.eml"));
        assert_eq!(describe_all(&[mail.clone(), mail.clone()], &mut seen), ExitCode::SUCCESS);
        assert_eq!(String::from_utf8(seen).map(|text| text.lines().count()), Ok(2));
        assert_eq!(describe_all(&[mail], &mut Gone), ExitCode::SUCCESS);
        assert_eq!(describe_all(&["/no/such/file".into()], &mut Vec::new()), ExitCode::FAILURE);
    }
}
