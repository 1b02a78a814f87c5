//! A panel over years: who leaves, who is silent, what a crash, a restore and a new version leave of it.

use super::link::Purpose;
use super::member::{Applicant, Fields, Moment};
use super::*;
use crate::panel::email::Email;
use crate::panel::member::MemberId;
use crate::store::central::roll;
use crate::store::members::invitation::Invitee;
use crate::store::record::Uid;

const AT: Moment = Moment { day: "2026-11-28", now: 1_790_000_000 };

fn fields(email: &str) -> Fields {
    Fields {
        email: Email::read(email).expect("an address"),
        birth_year: 1970,
        gender: None,
        district: None,
        education: None,
        lang: "da".to_owned(),
    }
}

fn sign_up(members: &Members, email: &str, panel: &str) {
    let (panel, consent) = (panel.to_owned(), "1".to_owned());
    let applicant = Applicant { uid: Uid::random(), fields: fields(email), panel, consent };
    members.sign_up(&applicant, AT).expect("signed up");
}

/// Sends what is due, and does with each mail what `each` says.
fn send(members: &Members, each: impl Fn(&outgoing::Due)) -> usize {
    let mut count = 0;
    while let Some(mail) = members.next_mail(i64::MAX).expect("read") {
        members.mail_handing_over(mail.id).expect("noted");
        each(&mail);
        count += 1;
    }
    count
}

/// A member of these panels, whose mails have all gone.
fn join(members: &Members, email: &str, panels: &[&str]) -> MemberId {
    panels.iter().for_each(|panel| sign_up(members, email, panel));
    send(members, |mail| {
        members.mail_sent(mail.id, AT.day).expect("noted");
        members.confirm(mail.token.expect("a link"), AT).expect("confirmed");
    });
    let email = Email::read(email).expect("an address");
    members.by_email(&email).expect("read").expect("a member").id
}

fn desk() -> (tempfile::TempDir, Members) {
    let folder = tempfile::tempdir().expect("a folder");
    let members = Members::open(folder.path()).expect("made");
    (folder, members)
}

fn invite(members: &Members, id: MemberId, panel: &str) {
    let invitee = Invitee { member: id, panel: panel.to_owned(), code: None };
    assert_eq!(members.invite("parker", &[invitee], AT).expect("invited").len(), 1);
}

#[test]
fn who_leaves_a_panel_gets_none_of_its_mails_that_wait() {
    let (_folder, members) = desk();
    let anna = join(&members, "anna@example.dk", &["kbh", "valby"]);
    invite(&members, anna, "kbh");
    members.ask_for_page(&fields("anna@example.dk").email, AT).expect("asked");
    assert!(!members.leave(anna, "kbh", AT.day).expect("left"), "she is in another");
    let mail = members.next_mail(i64::MAX).expect("read").expect("her own");
    assert_eq!(mail.name, "me");
    assert_eq!(send(&members, |_| {}), 1);
}

#[test]
fn leaving_the_last_panel_is_done_as_a_whole_or_not_at_all() {
    let (folder, members) = desk();
    let anna = join(&members, "anna@example.dk", &["kbh"]);
    let in_the_way = folder.path().join(roll::FILE);
    std::fs::create_dir(&in_the_way).expect("a folder");
    members.leave(anna, "kbh", AT.day).expect_err("the roll cannot be written");
    let still = members.member(anna).expect("read").expect("not erased");
    assert_eq!(still.memberships.len(), 1, "in no panel, and kept for years");
    assert_eq!(members.standing("kbh", "2026-11").expect("read").left, 0);
    std::fs::remove_dir(&in_the_way).expect("removed");
    assert!(members.leave(anna, "kbh", AT.day).expect("left"));
    assert_eq!(members.member(anna).expect("read"), None);
    assert_eq!(members.standing("kbh", "2026-11").expect("read").left, 1);
    let uids: Vec<Uid> = roll::read(&in_the_way)
        .expect("read")
        .iter()
        .flat_map(|deed| &deed.records)
        .map(|record| record.uid)
        .collect();
    assert_eq!(uids, [Uid(*anna.bytes())]);
}

#[test]
fn a_silent_member_whose_address_is_dead_is_asked_once_and_erased_in_time() {
    let (_folder, members) = desk();
    join(&members, "anna@example.dk", &["kbh"]);
    let late = Moment { day: "2028-12-01", now: AT.now + 64_000_000 };
    let ask = |again: &str| members.ask_inactive("2026-12-01", again, late).expect("asked");
    assert_eq!(ask("2028-11-24"), 1);
    let refuse = |why: &str| {
        send(&members, |mail| members.mail_refused(mail.id, why, late.day).expect("noted"))
    };
    // The server's own doing: not at once again, and nobody counts as asked.
    assert_eq!(refuse("550 5.7.1 relaying denied"), 1);
    assert_eq!(ask("2028-11-24"), 0, "the same question every few seconds");
    assert_eq!(members.erase_overdue("2028-11-17", "2029-06-01", late.day).expect("done"), 0);
    assert_eq!(ask("2028-12-01"), 1, "a week later");
    // The address is dead: no question will ever reach them.
    assert_eq!(refuse("550 5.1.1 no such user"), 1);
    assert_eq!(ask("2029-12-01"), 0);
    assert_eq!(members.erase_overdue("2028-11-17", "2028-12-01", late.day).expect("done"), 0);
    assert_eq!(members.erase_overdue("2028-11-17", "2028-12-02", late.day).expect("done"), 1);
}

#[test]
fn a_question_of_which_nobody_knows_whether_it_went_is_asked_again_after_a_week() {
    let (_folder, members) = desk();
    join(&members, "anna@example.dk", &["kbh"]);
    let late = Moment { day: "2028-12-01", now: AT.now + 64_000_000 };
    let ask = |again: &str| members.ask_inactive("2026-12-01", again, late).expect("asked");
    assert_eq!(ask("2028-11-24"), 1);
    assert_eq!(ask("2028-12-01"), 0, "it waits still");
    assert_eq!(send(&members, |_| {}), 1, "and the power went");
    assert_eq!(ask("2028-11-30"), 0);
    assert_eq!(ask("2028-12-01"), 1);
}

#[test]
fn who_came_by_while_the_question_waited_is_not_erased_for_not_answering_it() {
    let (_folder, members) = desk();
    let anna = join(&members, "anna@example.dk", &["kbh"]);
    let late = Moment { day: "2028-12-01", now: AT.now + 64_000_000 };
    assert_eq!(members.ask_inactive("2026-12-01", "2028-11-24", late).expect("asked"), 1);
    members.note_seen(anna, "2028-12-02").expect("seen");
    send(&members, |mail| members.mail_sent(mail.id, "2028-12-03").expect("noted"));
    assert_eq!(members.erase_overdue("2028-11-17", "2029-12-01", "2029-12-01").expect("done"), 0);
}

#[test]
fn asking_for_a_page_goes_to_the_disk_whoever_asks() {
    let (folder, members) = desk();
    join(&members, "anna@example.dk", &["kbh"]);
    let log = folder.path().join("panel.db-wal");
    let length = || std::fs::metadata(&log).expect("a log").len();
    for email in ["anna@example.dk", "nobody@example.dk"] {
        let before = length();
        members.ask_for_page(&fields(email).email, AT).expect("asked");
        assert!(length() > before, "{email} is told by how quick it is");
    }
    assert_eq!(send(&members, |mail| assert_eq!(mail.name, "me")), 1);
}

#[test]
fn what_a_backup_brings_back_sends_no_invitation_twice_by_itself() {
    let (_folder, members) = desk();
    let anna = join(&members, "anna@example.dk", &["kbh"]);
    invite(&members, anna, "kbh");
    sign_up(&members, "bo@example.dk", "kbh");
    assert_eq!(members.doubt_queued().expect("noted"), 1);
    assert_eq!(send(&members, |mail| assert_eq!(mail.name, "confirm")), 1);
    assert_eq!(members.post(Some("parker")).expect("read").unsure, 1, "staff see it");
    assert_eq!(members.send_unsure("parker", AT.now).expect("queued"), 1);
}

#[test]
fn a_database_of_the_first_version_is_brought_up_to_date_and_keeps_its_members() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = Schema { steps: &SCHEMA.steps[..1], ..SCHEMA };
    let token = Token::random();
    {
        let desk = sqlite::open(&folder.path().join(FILE), &first, &Options::default());
        let desk = desk.expect("made");
        desk.execute_batch(
            "INSERT INTO member VALUES (x'01010101010101010101010101010101', 'Anna@example.dk',
                 'anna@example.dk', 1970, 'female', 'valby', NULL, 'da', '2026-11-01', '2026-11-01',
                 NULL, x'02020202020202020202020202020202', NULL);
             INSERT INTO membership VALUES (x'01010101010101010101010101010101', 'kbh', '1',
                 '2026-11-01', 1);
             INSERT INTO invitation VALUES (x'03030303030303030303030303030303', 'parker',
                 x'01010101010101010101010101010101', 'kbh', '2026-11-20', 'mail', NULL);
             INSERT INTO answer_count VALUES ('havnen', '{}', 10, 4);",
        )
        .expect("rows");
        desk.execute(
            "INSERT INTO link VALUES (?1, x'01010101010101010101010101010101', 'me', NULL, ?2)",
            rusqlite::params![token.hash().0, AT.now + 60],
        )
        .expect("a link");
    }
    let members = Members::open(folder.path()).expect("brought up to date");
    let anna = members.link(token, Purpose::Me, AT.now).expect("read").expect("a link").member;
    let dossier = members.dossier(anna).expect("read").expect("a member");
    assert_eq!(dossier.member.fields.email.to_string(), "Anna@example.dk");
    assert_eq!((dossier.member.memberships.len(), dossier.invitations.len()), (1, 1));
    assert_eq!(members.untold("parker").expect("read").len(), 1);
    assert_eq!(members.counts().expect("read")[0].answered, 4);
    assert_eq!(members.steps("havnen").expect("read"), None);
    assert!(members.leave(anna, "kbh", AT.day).expect("left"));
    assert_eq!(members.standing("kbh", "2026-11").expect("read").left, 1);
}
