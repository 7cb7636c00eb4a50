//! A real Dovecot for one test: in a folder of its own, on a free port, stopped when dropped.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

pub struct Dovecot {
    pub port: u16,
    /// TLS from the first byte; the plain port offers STARTTLS. The certificate is for `localhost`.
    pub tls_port: u16,
    child: Option<Child>,
    folder: tempfile::TempDir,
    mail_uid: u32,
    delivered: AtomicU32,
}

/// The password of every user.
pub const PASSWORD: &str = "gehe!m \"42\"";

impl Dovecot {
    /// Starts a server with these users. `None` when this machine has no Dovecot; that is an error where `CI=true`.
    pub fn start(users: &[&str]) -> Option<Self> {
        Self::start_as(users, None, "")
    }

    /// The same with more lines of configuration.
    pub fn start_with(users: &[&str], more: &str) -> Option<Self> {
        Self::start_as(users, None, more)
    }

    /// The same without passwords: whose token it was shown, it asks at `introspection` (RFC 7662).
    pub fn start_with_tokens(users: &[&str], introspection: &str) -> Option<Self> {
        Self::start_as(users, Some(introspection), "")
    }

    fn start_as(users: &[&str], introspection: Option<&str>, more: &str) -> Option<Self> {
        let installed = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot"].into_iter().find(|path| Path::new(path).exists());
        let Some(program) = installed else {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "Dovecot is missing: install dovecot-imapd");
            eprintln!("skipped: Dovecot is not installed (Debian: dovecot-imapd)");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let own_uid = fs::metadata(folder.path()).unwrap().uid();
        // Dovecot never reads mail as root.
        let mail_uid = if own_uid == 0 { 65_534 } else { own_uid };
        let (port, tls_port) = (free_port(), free_port());
        let mut dovecot = Self { port, tls_port, child: None, folder, mail_uid, delivered: AtomicU32::new(0) };
        dovecot.make_certificates();
        dovecot.write_files(users, introspection, own_uid == 0, more);
        dovecot.child = Some(dovecot.run(program));
        dovecot.wait_until_ready();
        Some(dovecot)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_files(&self, users: &[&str], introspection: Option<&str>, is_root: bool, more: &str) {
        let root = self.folder.path().display();
        let (internal, login) = if is_root { ("dovecot".to_owned(), "dovenull".to_owned()) } else { (own_name(), own_name()) };
        let lines: String = users.iter().map(|user| format!("{user}:{{PLAIN}}{PASSWORD}\n")).collect();
        fs::write(self.path("users"), lines).unwrap();
        fs::set_permissions(self.path("users"), fs::Permissions::from_mode(0o644)).unwrap();
        let signing_in = match introspection {
            None => format!("auth_mechanisms = plain login\npassdb {{\n driver = passwd-file\n args = username_format=%u {root}/users\n}}"),
            Some(url) => {
                let asked = format!(
                    "introspection_url = {url}\nintrospection_mode = post\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n"
                );
                fs::write(self.path("oauth2.conf"), asked).unwrap();
                fs::set_permissions(self.path("oauth2.conf"), fs::Permissions::from_mode(0o644)).unwrap();
                format!(
                    "auth_mechanisms = xoauth2 oauthbearer\npassdb {{\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n args = {root}/oauth2.conf\n}}"
                )
            }
        };
        let config = format!(
            "base_dir = {root}/base\nstate_dir = {root}/state\nlog_path = {root}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             {tls}\ndisable_plaintext_auth = no\nfirst_valid_uid = 1\nfirst_valid_gid = 1\nmail_fsync = never\n\
             default_internal_user = {internal}\ndefault_internal_group = {group}\ndefault_login_user = {login}\n\
             mail_location = maildir:{root}/mail/%u/Maildir\n{signing_in}\n\
             userdb {{\n driver = static\n args = uid={uid} gid={gid} home={root}/mail/%u\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {port}\n }}\n inet_listener imaps {{\n port = {tls_port}\n }}\n}}\n\
             service anvil {{\n chroot =\n}}\n{more}\n",
            group = if is_root { "dovecot".to_owned() } else { own_group() },
            uid = self.mail_uid,
            gid = if is_root { 65_534 } else { fs::metadata(self.folder.path()).unwrap().gid() },
            port = self.port,
            // Without openssl there is no certificate: the tests of TLS are then skipped.
            tls_port = if self.has_tls() { self.tls_port } else { 0 },
            tls = if self.has_tls() {
                format!("ssl = yes\nssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem")
            } else {
                "ssl = no".into()
            },
        );
        fs::write(self.path("dovecot.conf"), config).unwrap();
        fs::create_dir_all(self.path("mail")).unwrap();
        for user in users {
            for part in ["", "Maildir", "Maildir/tmp", "Maildir/new", "Maildir/cur"] {
                self.make(&self.path("mail").join(user).join(part));
            }
        }
    }

    fn make(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        self.give_away(folder);
    }

    /// Makes a folder beside the inbox.
    pub fn make_folder(&self, user: &str, name: &str) {
        let maildir = self.path("mail").join(user).join("Maildir").join(format!(".{name}"));
        ["", "tmp", "new", "cur"].iter().for_each(|part| self.make(&maildir.join(part)));
    }

    /// How many mails lie in a folder beside the inbox.
    pub fn count_in(&self, user: &str, name: &str) -> usize {
        let maildir = self.path("mail").join(user).join("Maildir").join(format!(".{name}"));
        ["new", "cur"].iter().map(|part| fs::read_dir(maildir.join(part)).unwrap().count()).sum()
    }

    /// An authority of our own, and a certificate from it.
    fn make_certificates(&self) {
        let openssl = |args: &str| {
            let mut command = Command::new("openssl");
            command
                .args(args.split(' '))
                .current_dir(self.folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|s| s.success())
        };
        let curve = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        fs::write(self.path("leaf.ext"), "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n").unwrap();
        let _ = openssl(&format!("req -x509 {curve} -keyout ca.key -out ca.pem -days 30 -subj /CN=Test"))
            && openssl(&format!("req {curve} -keyout key.pem -out leaf.csr -subj /CN=localhost"))
            && openssl("x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile leaf.ext -out cert.pem");
    }

    pub fn has_tls(&self) -> bool {
        self.path("cert.pem").exists()
    }

    /// The certificate that a client has to trust.
    pub fn authority(&self) -> PathBuf {
        self.path("ca.pem")
    }

    fn give_away(&self, path: &Path) {
        if fs::metadata(path).unwrap().uid() != self.mail_uid {
            chown(path, Some(self.mail_uid), Some(65_534)).unwrap();
        }
    }

    fn run(&self, program: &str) -> Child {
        Command::new(program)
            .args(["-F", "-c"])
            .arg(self.path("dovecot.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap()
    }

    fn wait_until_ready(&self) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Ok(stream) = TcpStream::connect(("127.0.0.1", self.port)) {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if line.contains("CAPABILITY") {
                        let _ = reader.get_mut().write_all(b"a LOGOUT\r\n");
                        return;
                    }
                    line.clear();
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("Dovecot did not start:\n{}", fs::read_to_string(self.path("log")).unwrap_or_default());
    }

    /// Stops the server; the mail stays.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
            // Its children serve a busy client to the end; they share the group that was made for them.
            let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).stderr(Stdio::null()).status();
        }
    }

    /// Starts it again on the same port.
    pub fn start_again(&mut self) {
        self.child = Some(self.run("/usr/sbin/dovecot"));
        self.wait_until_ready();
    }

    /// Puts a mail into the inbox, as a mail server would.
    pub fn deliver_mail(&self, user: &str, raw: &[u8]) {
        let number = self.delivered.fetch_add(1, Ordering::SeqCst);
        let name = format!("{:010}.M{number}P1.test", 1_700_000_000 + number);
        let maildir = self.path("mail").join(user).join("Maildir");
        let written = maildir.join("tmp").join(&name);
        fs::write(&written, raw).unwrap();
        self.give_away(&written);
        fs::rename(written, maildir.join("new").join(name)).unwrap();
    }

    /// The flags of each mail in the inbox, in order of delivery: `""` for an unread one, `"S"` for one that was read.
    pub fn flags(&self, user: &str) -> Vec<String> {
        let maildir = self.path("mail").join(user).join("Maildir");
        let mut names: Vec<String> = ["new", "cur"]
            .iter()
            .flat_map(|part| fs::read_dir(maildir.join(part)).unwrap())
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names.into_iter().map(|name| name.split_once(":2,").map(|(_, flags)| flags.to_owned()).unwrap_or_default()).collect()
    }

    /// Marks every mail as read, as a phone would.
    pub fn mark_all_seen(&self, user: &str) {
        let maildir = self.path("mail").join(user).join("Maildir");
        for entry in fs::read_dir(maildir.join("new")).unwrap() {
            let entry = entry.unwrap();
            fs::rename(entry.path(), maildir.join("cur").join(format!("{}:2,S", entry.file_name().to_string_lossy()))).unwrap();
        }
    }

    /// Lets the server number the inbox anew, under another UIDVALIDITY. Only while it is stopped.
    pub fn forget_uids(&self, user: &str) {
        assert!(self.child.is_none(), "stop the server first");
        std::thread::sleep(Duration::from_millis(1100));
        for entry in fs::read_dir(self.path("mail").join(user).join("Maildir")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with("dovecot") {
                fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn own_name() -> String {
    String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned()
}

fn own_group() -> String {
    String::from_utf8(Command::new("id").arg("-gn").output().unwrap().stdout).unwrap().trim().to_owned()
}
