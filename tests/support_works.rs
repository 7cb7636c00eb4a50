//! What the other tests stand on, tested by itself.

#![allow(clippy::disallowed_methods, reason = "tests stand outside the program and may read its surroundings")]

mod support;

use serde_json::json;
use std::{path::Path, process::Command, time::Duration};
use support::{
    binary::{Home, Served},
    browser::Browser,
    http::{Visitor, signature},
    postgres, process,
    process::{Watch, Watched},
    statements,
    webhook_receiver::{Reply, WebhookReceiver},
};

const SOON: Duration = Duration::from_secs(20);

fn bash(script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]);
    command
}

fn is_running(pid: u32) -> bool {
    // A zombie is no running process: in a container without an init nobody collects the orphans.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    !state.is_empty() && !state.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z')
}

fn gone(pid: u32) -> bool {
    process::waited(SOON, || (!is_running(pid)).then_some(())).is_some()
}

mod processes {
    use super::*;

    #[test]
    fn a_finished_command_tells_its_code_and_what_it_printed() {
        let finished = process::run(bash("echo مرحبا; echo trouble >&2; exit 3"), SOON);
        assert_eq!((finished.code, finished.output.as_str(), finished.errors.as_str()), (3, "مرحبا", "trouble"));
    }

    #[test]
    fn a_signal_reaches_the_child_and_its_answer_comes_back() {
        let mut child = Watched::start(bash("trap 'echo asked; exit 7' TERM; echo ready; while :; do sleep 0.05; done"));
        child.line(SOON, |line| (line == "ready").then_some(()));
        child.signal("TERM");
        assert_eq!(child.ended_within(SOON).map(process::exit_code), Some(7));
        assert_eq!(child.output.lines(), ["ready", "asked"]);
    }

    #[test]
    fn a_dropped_child_is_gone_with_its_children_and_its_folder_even_when_it_ignores_the_request() {
        let folder = tempfile::tempdir().unwrap().keep();
        let script = "trap '' TERM; sleep 1000 & echo $!; echo $$; wait; sleep 1000";
        let child = Watched::start_with(Watch { command: bash(script), farewell: "TERM", folder: Some(&folder) });
        let pids: Vec<u32> = process::waited(SOON, || (child.output.lines().len() == 2).then(|| child.output.lines()))
            .unwrap()
            .iter()
            .map(|line| line.parse().unwrap())
            .collect();
        assert!(pids.iter().all(|pid| is_running(*pid)));
        drop(child);
        assert!(pids.iter().all(|pid| gone(*pid)), "{pids:?}");
        assert!(!folder.exists());
    }

    /// Runs itself once more as a test that has started a child, and kills that.
    #[test]
    fn a_child_is_gone_even_when_the_test_process_is_killed() {
        const TO_BE_KILLED: &str = "SUPPORT_WORKS_TO_BE_KILLED";
        if std::env::var_os(TO_BE_KILLED).is_some() {
            let mut child = Watched::start(bash("echo $$; exec sleep 1000"));
            println!("\nchild={}", child.line(SOON, |line| line.parse::<u32>().ok()));
            std::thread::sleep(Duration::from_secs(600));
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "processes::a_child_is_gone_even_when_the_test_process_is_killed", "--nocapture"]).env(TO_BE_KILLED, "1");
        let mut test = Watched::start(command);
        let pid = test.line(SOON, |line| line.split_once("child=")?.1.trim().parse::<u32>().ok());
        assert!(is_running(pid));
        test.signal("KILL");
        assert_eq!(test.ended_within(SOON).map(process::exit_code), Some(137));
        assert!(gone(pid));
    }
}

mod databases {
    use super::*;
    use sqlx::{Connection, PgConnection, Row};

    #[tokio::test]
    async fn each_test_gets_an_empty_database_of_its_own() {
        let (Some(first), Some(second)) = (postgres::fresh_database(), postgres::fresh_database()) else { return };
        assert_ne!(first, second);
        for url in [first, second] {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            sqlx::query("create table word (arabic text not null)").execute(&mut connection).await.unwrap();
            sqlx::query("insert into word values ($1)").bind("شكوى").execute(&mut connection).await.unwrap();
            let row =
                sqlx::query("select count(*) as words, min(length(arabic)) as length from word").fetch_one(&mut connection).await.unwrap();
            assert_eq!((row.get::<i64, _>("words"), row.get::<i32, _>("length")), (1, 4));
        }
    }
}

mod browsers {
    use super::*;
    use fantoccini::Locator;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const PAGE: &str = "<!doctype html><html lang=ar dir=rtl><title>تواصل</title><h1>مرحبا</h1>";

    async fn serve_one_page() -> String {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = stream.read(&mut [0; 4096]).await;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    PAGE.len()
                );
                let _ = stream.write_all(format!("{head}{PAGE}").as_bytes()).await;
            }
        });
        url
    }

    #[tokio::test]
    async fn chromium_opens_an_arabic_page_and_takes_its_picture() {
        let Some(browser) = Browser::start().await else { return };
        browser.goto(&serve_one_page().await).await.unwrap();
        assert_eq!(browser.title().await.unwrap(), "تواصل");
        assert_eq!(browser.find(Locator::Css("h1")).await.unwrap().text().await.unwrap(), "مرحبا");
        assert_eq!(browser.execute("return navigator.language", vec![]).await.unwrap(), json!("ar"));
        let picture = std::fs::read(browser.picture("support-works").await).unwrap();
        assert!(picture.starts_with(b"\x89PNG"));
    }
}

mod the_program {
    use super::*;

    const STAND_IN: &str = "trap 'echo bye >&2; exit 0' TERM; echo 'portal and desk: http://127.0.0.1:4321/'; while :; do sleep 0.05; done";

    #[test]
    fn a_command_runs_in_its_home() {
        let home = Home::new("");
        assert_eq!(home.run(&["--help"]).code, 0);
        assert!(home.path().join("config/tawasul.toml").is_file());
    }

    #[test]
    fn a_server_is_known_by_the_address_it_prints_and_stops_when_asked() {
        let served = Served::start(bash(STAND_IN));
        assert_eq!(served.url, "http://127.0.0.1:4321");
        assert_eq!(served.stop().errors, "bye");
    }

    #[test]
    fn a_server_can_be_killed() {
        let finished = Served::start(bash(STAND_IN)).kill();
        assert_eq!((finished.code, finished.errors.as_str()), (137, ""));
    }

    #[test]
    #[should_panic(expected = "ended with a failure")]
    fn a_server_that_stops_with_a_failure_fails_the_test() {
        Served::start(bash(&STAND_IN.replace("exit 0", "exit 4"))).stop();
    }

    #[test]
    #[should_panic(expected = "no configuration here")]
    fn a_server_that_does_not_start_shows_what_it_said() {
        Served::start(bash("echo 'no configuration here' >&2; exit 1"));
    }
}

mod webhooks {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_signature_is_that_of_the_published_example() {
        let signed = signature(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[tokio::test]
    async fn the_receiver_records_what_comes_and_answers_as_it_was_told() {
        let receiver = WebhookReceiver::start().await;
        receiver.answer_with([Reply::Status(410), Reply::Status(500), Reply::Hang]);
        let sender = Visitor::of(&receiver.url(""));
        sender.post_signed("/hook", SECRET, "msg_1", 1_700_000_000, b"{\"n\":1}").await.expect(410);
        sender.post_json("/hook?x=1", &json!({ "n": 2 })).await.expect(500);
        let hanging = tokio::time::timeout(Duration::from_millis(300), sender.get("/hook")).await;
        assert!(hanging.is_err());
        sender.post_form("/form", &[("name", "سارة")]).await.expect(204);
        let received = receiver.wait_for(4, SOON).await;
        assert!(received[0].is_signed_by(SECRET) && !received[1].is_signed_by(SECRET));
        assert_eq!((received[1].path.as_str(), received[1].json()), ("/hook?x=1", json!({ "n": 2 })));
        assert_eq!(received[3].body, b"name=%D8%B3%D8%A7%D8%B1%D8%A9");
    }

    #[tokio::test]
    async fn a_visitor_keeps_cookies_and_follows_no_redirect() {
        use axum::{Router, http::HeaderMap, routing::get};
        let said =
            |headers: HeaderMap| async move { headers.get("cookie").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default() };
        let router = Router::new()
            .route(
                "/in",
                get(|| async {
                    (axum::http::StatusCode::SEE_OTHER, [("set-cookie", "session=abc; HttpOnly; Path=/"), ("location", "/said")])
                }),
            )
            .route("/out", get(|| async { [("set-cookie", "session=; Max-Age=0")] }))
            .route("/said", get(said));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let visitor = Visitor::of(&format!("http://{}/", listener.local_addr().unwrap()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        assert_eq!(visitor.get("/in").await.expect(303).header("location"), Some("/said"));
        assert_eq!(visitor.get("/said").await.text(), "session=abc");
        visitor.get("/out").await.expect(200);
        assert_eq!(visitor.get("/said").await.text(), "");
    }
}

mod sql {
    use super::*;
    use statements::{Statement, in_source};

    fn only(text: &str) -> Statement {
        let found = in_source("tickets.rs", text);
        assert_eq!(found.len(), 1, "{found:#?}");
        found.into_iter().next().unwrap()
    }

    fn parts(text: &str) -> (String, String, usize) {
        let statement = only(text);
        (statement.lite, statement.pg, statement.binds)
    }

    fn both(sql: &str, binds: usize) -> (String, String, usize) {
        (sql.into(), sql.into(), binds)
    }

    #[test]
    fn one_text_serves_both_databases() {
        let statement = only("async fn f() {\n    sql!(tx, one, \"select id from ticket where id = $1\", id).await\n}");
        assert_eq!((statement.file.as_str(), statement.line, statement.binds), ("tickets.rs", 2, 1));
        assert_eq!((statement.lite.as_str(), &statement.lite), ("select id from ticket where id = $1", &statement.pg));
    }

    #[test]
    fn two_texts_stand_side_by_side_in_either_order() {
        let expected = ("a $1".to_owned(), "b $1".to_owned(), 1);
        assert_eq!(parts(r#"fn f() { sql!(c, all, lite "a $1" pg "b $1", x) }"#), expected);
        assert_eq!(parts(r#"fn f() { sql!(c, all, pg "b $1" lite "a $1", x,) }"#), expected);
    }

    #[test]
    fn binds_are_counted_whatever_they_are() {
        assert_eq!(parts(r#"fn f() { sql!(&mut *c.get(a, b), exec, "x"); }"#), both("x", 0));
        assert_eq!(parts(r#"fn f() { sql!(c, exec, "x",); }"#), both("x", 0));
        assert_eq!(parts(r#"fn f() { sql!(c, exec, "x", f(a, b), [1, 2], "text", t.parse::<HashMap<A, B>>()?, a < b,); }"#), both("x", 5));
        assert_eq!(parts(r#"fn f() { sql!(c, exec, "x", g::<fn(A) -> B, C>(1), a > b) }"#), both("x", 2));
        assert_eq!(parts(r#"fn f() { sql!(c::<A, B>(), all as Row<A, B>, "x", y) }"#), both("x", 1));
        assert_eq!(parts(r#"fn f() { sql!(c, optional as (String, i64), "x", y) }"#), both("x", 1));
        assert_eq!(parts(r#"fn f() { sql![c, all as Ticket, "x", y] }"#), both("x", 1));
    }

    #[test]
    fn a_literal_is_read_as_the_compiler_reads_it() {
        assert_eq!(parts("fn f() { sql!(c, exec, r#\"select \"order\" \\n\"#) }"), both("select \"order\" \\n", 0));
        assert_eq!(parts("fn f() { sql!(c, exec, \"select 1 \\\n            from t\") }"), both("select 1 from t", 0));
        assert_eq!(parts("fn f() { sql!(c, exec, \"select 1\n  from t\") }"), both("select 1\n  from t", 0));
        assert_eq!(parts(r#"fn f() { sql!(c, exec, "a \"b\" '\u{2068}' \x41 \t\\ شكوى") }"#), both("a \"b\" '\u{2068}' A \t\\ شكوى", 0));
    }

    #[test]
    fn only_invocations_count_and_those_inside_others_too() {
        let text = r#"
            //! sql!(c, exec, "in words")
            macro_rules! sql { ($c:expr, $how:ident, $text:literal) => { sql!($c, $how, $text) }; }
            fn f() { /* sql!(c, exec, "in a comment") */ vec![sql!(c, one, "a", sql!(c, one, "b"))]; let sql = "sql!"; }
        "#;
        let found: Vec<String> = in_source("x.rs", text).into_iter().map(|statement| statement.lite).collect();
        assert_eq!(found, ["a", "b"]);
    }

    #[test]
    #[should_panic(expected = "tickets.rs:2: this sql! holds no literal statement")]
    fn a_statement_that_is_not_written_there_is_refused() {
        in_source("tickets.rs", "fn f() {\n sql!(c, exec, STATEMENT, x) }");
    }

    #[test]
    fn a_folder_is_read_with_all_below_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("inner")).unwrap();
        std::fs::write(folder.path().join("inner/b.rs"), "fn f() { sql!(c, exec, \"b\") }").unwrap();
        std::fs::write(folder.path().join("a.rs"), "fn f() { sql!(c, exec, \"a\") }").unwrap();
        std::fs::write(folder.path().join("a.sql"), "not Rust").unwrap();
        let files: Vec<String> = statements::statements(folder.path()).into_iter().map(|statement| statement.file).collect();
        assert_eq!(files, ["a.rs", "inner/b.rs"]);
        assert!(statements::statements(Path::new("/nonexistent")).is_empty());
    }
}
