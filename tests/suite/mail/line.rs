//! One connection: encryption, logging in, both steps, and mails as another reader sees them.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use borgerpanel::mail::settings::Smtp;
use borgerpanel::mail::{Failure, Server, Session};

use super::{message, server, smtp};
use crate::postbox::{Cut, Manners, Postbox, ROOT, Step};

fn encrypting() -> Manners {
    Manners {
        encrypts: true,
        login: Some(("panel".to_owned(), "hemmeligt æ".to_owned())),
        ..Manners::default()
    }
}

/// The settings of somebody who may log in at an [`encrypting`] server.
fn encrypted(postbox: &Postbox, folder: &tempfile::TempDir) -> Smtp {
    use std::os::unix::fs::PermissionsExt;

    let password = folder.path().join("password");
    std::fs::write(&password, "hemmeligt æ\n").expect("written");
    let mode = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(&password, mode).expect("changed");
    Smtp {
        security: "starttls".to_owned(),
        user: Some("panel".to_owned()),
        password_file: Some(password),
        ca_file: Some(PathBuf::from(ROOT)),
        ..smtp(postbox)
    }
}

/// Hands one mail over on a fresh connection.
fn send_one(server: &Server) -> Result<(), Failure> {
    let mut session = Session::open(server)?;
    session.prepare(&message(1))?.hand_over()?;
    session.close();
    Ok(())
}

fn settings_failure(result: Result<(), Failure>) -> String {
    match result {
        Err(failure @ Failure::Settings { .. }) => failure.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_mail_arrives_as_it_was_written() {
    let postbox = Postbox::open();
    assert_eq!(send_one(&server(&smtp(&postbox))), Ok(()));
    let [mail] = &postbox.mails()[..] else { panic!("{:?}", postbox.mails()) };
    assert_eq!(mail.to, "borger1@example.dk");
    assert_eq!(mail.from, "retur@panel.example.dk");
    assert_eq!(mail.subject(), message(1).subject);
    assert_eq!(mail.text(), message(1).text);
    assert_eq!(mail.html().trim_end(), message(1).html);
    assert_eq!(mail.header("From"), "Københavns Borgerpanel <panel@example.dk>");
    assert_eq!(mail.header("Message-ID"), "<inv.7.1@example.dk>");
    assert_eq!(mail.links(), ["https://panel.example.dk/i/1"]);
}

/// Prints what Python's own reader of mails makes of one.
const READER: &str = r"
import email, email.policy, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
print(json.dumps([
    mail['subject'], mail['from'].addresses[0].display_name, mail['to'].addresses[0].addr_spec,
    mail['list-unsubscribe'], mail['list-unsubscribe-post'], mail['date'].datetime.isoformat(),
    *[mail.get_body((kind,)).get_content().replace('\r\n', '\n') for kind in ('plain', 'html')],
    [str(defect) for part in mail.walk() for defect in part.defects], len(list(mail.iter_parts())),
]))";

#[test]
fn another_reader_of_mails_finds_the_same_in_it() {
    let python = Command::new("python3")
        .args(["-c", READER])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        let is_required = std::env::var("MAIL_TESTS").is_ok_and(|value| value == "required");
        assert!(!is_required, "python3 is missing");
        eprintln!("skipped: python3 is missing");
        return;
    };
    let postbox = Postbox::open();
    assert_eq!(send_one(&server(&smtp(&postbox))), Ok(()));
    let raw = &postbox.mails()[0].raw;
    python.stdin.take().expect("piped").write_all(raw.as_bytes()).expect("written");
    let output = python.wait_with_output().expect("it ends");
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let sent = message(1);
    let expected = serde_json::json!([
        sent.subject,
        "Københavns Borgerpanel",
        "borger1@example.dk",
        "<https://panel.example.dk/panel/leave/1>",
        "List-Unsubscribe=One-Click",
        "2026-11-27T11:05:09+00:00",
        sent.text,
        format!("{}\n", sent.html),
        [],
        2
    ]);
    assert_eq!(read, expected);
}

#[test]
fn mail_goes_encrypted_and_logged_in() {
    let postbox = Postbox::with(encrypting());
    let folder = tempfile::tempdir().expect("a folder");
    let settings = encrypted(&postbox, &folder);
    assert_eq!(send_one(&server(&settings)), Ok(()));
    assert_eq!(postbox.mails().len(), 1);
    assert_eq!(postbox.encrypted(), 1);
    assert!(postbox.logins().contains("panel"));
}

#[test]
fn mail_goes_to_servers_that_are_encrypted_at_once_and_ask_in_turn() {
    let manners = Manners { at_once: true, asks_in_turn: true, encrypts: false, ..encrypting() };
    let postbox = Postbox::with(manners);
    let folder = tempfile::tempdir().expect("a folder");
    let settings = Smtp { security: "tls".to_owned(), ..encrypted(&postbox, &folder) };
    assert_eq!(send_one(&server(&settings)), Ok(()));
    assert_eq!((postbox.mails().len(), postbox.encrypted(), postbox.logins().len()), (1, 1, 1));
}

#[test]
fn nothing_is_sent_where_encryption_fails() {
    let postbox = Postbox::with(encrypting());
    let folder = tempfile::tempdir().expect("a folder");
    let settings = encrypted(&postbox, &folder);
    // A certificate that nobody here trusts.
    let stranger = Smtp { ca_file: None, ..settings.clone() };
    let told = settings_failure(send_one(&server(&stranger)));
    assert!(told.contains("smtp.ca_file"), "{told}");
    // Another name than the certificate's.
    let other = Server { host: "127.0.0.1".to_owned(), ..server(&settings) };
    let told = settings_failure(send_one(&other));
    assert!(told.contains("cannot be encrypted"), "{told}");
    // STARTTLS was taken out of what the server offers.
    postbox.behave(Manners { encrypts: false, ..encrypting() });
    let told = settings_failure(send_one(&server(&settings)));
    assert!(told.contains("offers no encryption"), "{told}");
    // Somebody slips a reply in before encryption begins.
    postbox.behave(Manners { slips_in: true, ..encrypting() });
    let told = settings_failure(send_one(&server(&settings)));
    assert!(told.contains("more before encryption"), "{told}");
    // A server that speaks plainly where it should be encrypted at once.
    postbox.behave(Manners::default());
    let at_once = Smtp { security: "tls".to_owned(), ..settings };
    assert!(send_one(&server(&at_once)).is_err());
    assert_eq!((postbox.mails().len(), postbox.logins().len()), (0, 0));
}

#[test]
fn a_wrong_password_is_a_matter_of_settings() {
    let postbox = Postbox::with(encrypting());
    let folder = tempfile::tempdir().expect("a folder");
    let settings = encrypted(&postbox, &folder);
    let path = settings.password_file.clone().expect("set");
    std::fs::write(path, "forkert").expect("written");
    let told = settings_failure(send_one(&server(&settings)));
    assert!(told.contains("smtp.password_file") && told.contains("535"), "{told}");
    assert!(!told.contains("forkert"), "{told}");
}

#[test]
fn plain_text_is_for_this_machine_alone() {
    let far = Smtp {
        host: Some("192.0.2.1".to_owned()),
        security: "none".to_owned(),
        from: Some("panel@example.dk".to_owned()),
        ..Smtp::default()
    };
    let told = settings_failure(send_one(&server(&far)));
    assert!(told.contains("another machine") && told.contains("starttls"), "{told}");
}

#[test]
fn refusals_are_told_apart_and_leave_the_line_open() {
    let mut manners = Manners::default();
    for (number, answer) in [
        (2, "550 5.1.1 no such user"),
        (3, "452 4.2.2 mailbox full"),
        (4, "554 5.7.1 relay access denied"),
    ] {
        manners.answers.insert(format!("borger{number}@example.dk"), answer.to_owned());
    }
    let postbox = Postbox::with(manners);
    let mut session = Session::open(&server(&smtp(&postbox))).expect("a line");
    assert!(matches!(session.prepare(&message(2)), Err(Failure::Refused { .. })));
    assert!(matches!(session.prepare(&message(3)), Err(Failure::Later { .. })));
    assert!(matches!(session.prepare(&message(4)), Err(Failure::Blocked { .. })));
    assert_eq!(session.prepare(&message(5)).expect("go ahead").hand_over(), Ok(()));
    assert_eq!((postbox.mails().len(), postbox.connections()), (1, 1));
}

#[test]
fn what_was_prepared_and_not_handed_over_was_not_sent() {
    let postbox = Postbox::open();
    let mut session = Session::open(&server(&smtp(&postbox))).expect("a line");
    drop(session.prepare(&message(1)).expect("go ahead"));
    assert!(!session.is_usable());
    assert!(matches!(session.prepare(&message(2)), Err(Failure::Away { .. })));
    drop(session);
    assert_eq!(send_one(&server(&smtp(&postbox))), Ok(()));
    assert_eq!(postbox.mails().len(), 1);
}

#[test]
fn a_server_that_does_not_answer_is_given_up() {
    let slow = |step| Manners { slow: Some((step, Duration::from_secs(2))), ..Manners::default() };
    let postbox = Postbox::with(slow(Step::Rcpt));
    let hasty = Server { patience: Duration::from_millis(300), ..server(&smtp(&postbox)) };
    assert!(matches!(send_one(&hasty), Err(Failure::Away { .. })));
    postbox.behave(slow(Step::Kept));
    assert!(matches!(send_one(&hasty), Err(Failure::Unsure { .. })));
    // One that accepts the connection and never says a word.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = mute.local_addr().expect("its address").port();
    assert!(matches!(send_one(&Server { port, ..hasty }), Err(Failure::Away { .. })));
}

#[test]
fn what_is_not_smtp_is_no_mail_server() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("its address").port();
    let talker = std::thread::spawn(move || {
        let (mut tcp, _) = listener.accept().expect("a visitor");
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").expect("written");
    });
    let postbox = Postbox::open();
    let told = settings_failure(send_one(&Server { port, ..server(&smtp(&postbox)) }));
    assert!(told.contains("does not speak SMTP"), "{told}");
    talker.join().expect("no panic");
}

#[test]
fn addresses_with_other_letters_go_where_the_server_can_write_them() {
    let postbox = Postbox::open();
    let mut session = Session::open(&server(&smtp(&postbox))).expect("a line");
    let mut to = |to: &str| {
        let mail = borgerpanel::mail::Message { to: to.to_owned(), ..message(1) };
        session.prepare(&mail)?.hand_over()
    };
    assert_eq!(to("anna@bær.dk"), Ok(()));
    assert!(matches!(to("åse@bær.dk"), Err(Failure::Refused { .. })));
    assert!(matches!(to("a@b.dk>\r\nRCPT TO:<c@d.dk"), Err(Failure::Refused { .. })));
    assert_eq!(to("bo@example.dk"), Ok(()));
    let to: Vec<String> = postbox.mails().into_iter().map(|mail| mail.to).collect();
    assert_eq!(to, ["anna@xn--br-1ia.dk", "bo@example.dk"]);
}

#[test]
fn a_line_that_is_cut_tells_sent_from_unsure() {
    for (at, is_unsure) in [
        (Step::Mail, false),
        (Step::Rcpt, false),
        (Step::Data, false),
        (Step::Lost, true),
        (Step::Kept, true),
    ] {
        let cut = Some(Cut { at, after: 0, times: 1 });
        let postbox = Postbox::with(Manners { cut, ..Manners::default() });
        match send_one(&server(&smtp(&postbox))) {
            Err(Failure::Away { .. }) => assert!(!is_unsure, "{at:?}"),
            Err(Failure::Unsure { .. }) => assert!(is_unsure, "{at:?}"),
            other => panic!("{at:?}: {other:?}"),
        }
        assert_eq!(postbox.mails().len(), usize::from(at == Step::Kept), "{at:?}");
    }
}
