//! An attacker who has everything but the spool: both databases as they were at every moment (their backups),
//! the log, every mail with its day and its receiver, and even the list of who has answered. Whom an answer is
//! from is then a guess among at least five who are stored with the same background. The same attacks on the
//! spool of a survey that is still open find everybody: they can.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use borgerpanel::crypto;
use borgerpanel::panel::email::Email;
use borgerpanel::response::record::Background;
use borgerpanel::store::members::member::{Applicant, Fields, Moment};
use borgerpanel::store::record::Uid;
use rusqlite::Connection;

use crate::panel::{Office, close};

const MEMBERS: usize = 90;
const ANSWERS: usize = 60;

/// What is known of a member who was invited.
struct Known {
    /// Random, as the databases have it.
    id: Vec<u8>,
    invitation: Vec<u8>,
    background: (String, String, i64),
}

/// An answer as it is stored in the end: the number in it says, to this test alone, whose it is.
struct Stored {
    whose: usize,
    background: String,
    orders: BTreeMap<&'static str, Vec<u8>>,
    rest: String,
}

fn blob<T: rusqlite::types::FromSql>(
    database: &Path,
    sql: &str,
    bind: &[&dyn rusqlite::ToSql],
) -> T {
    let desk = Connection::open(database).expect("a database");
    desk.query_row(sql, bind, |row| row.get(0)).expect(sql)
}

/// Members of few backgrounds, some of whom write English.
fn fill(office: &Office) {
    let members = office.members();
    for number in 0..MEMBERS {
        let pick = |of: &[&str], by: usize| of[number / by % of.len()].to_owned();
        let fields = Fields {
            email: Email::read(&format!("m{number}@example.dk")).expect("an address"),
            birth_year: [1950, 1975, 1998][number % 3],
            gender: Some(pick(&["female", "male"], 3)),
            district: Some(pick(&["valby", "vanloese", "oesterbro"], 6)),
            education: Some(pick(&["primary", "vocational", "long-higher", "none"], 1)),
            lang: if number % 7 == 0 { "en" } else { "da" }.to_owned(),
        };
        let (panel, consent) = ("kbh".to_owned(), "v".to_owned());
        let applicant = Applicant { uid: Uid::random(), fields, panel, consent };
        members.sign_up(&applicant, Moment { day: "2026-01-01", now: 0 }).expect("signed up");
    }
    while let Some(due) = members.next_mail(i64::MAX).expect("read") {
        members
            .mail_handing_over(due.id)
            .and_then(|()| members.mail_sent(due.id, "2026-11-27"))
            .expect("noted");
        let at = Moment { day: "2026-01-01", now: 1 };
        members.confirm(due.token.expect("a link"), at).expect("confirmed");
    }
}

/// Copies of both databases and their logs, as backups and thieves have them.
fn steal(office: &Office, moment: &str) -> std::path::PathBuf {
    let to = office.desk.path(moment);
    fs::create_dir_all(&to).expect("a folder");
    for name in ["central.db", "central.db-wal", "panel.db", "panel.db-wal"] {
        let from = office.desk.path("data/central").join(name);
        if from.exists() {
            fs::copy(from, to.join(name)).expect("stolen");
        }
    }
    to
}

/// How many are guessed rightly, where both sides are laid beside each other in these orders, each
/// background by itself.
fn guessed(stored: &[Stored], by: &str, members: &[(usize, Vec<u8>, String)]) -> usize {
    let mut right = 0;
    let backgrounds: BTreeSet<&str> = stored.iter().map(|one| &*one.background).collect();
    for background in backgrounds {
        let mut answers: Vec<&Stored> =
            stored.iter().filter(|one| one.background == background).collect();
        answers.sort_by(|a, b| a.orders[by].cmp(&b.orders[by]));
        let mut people: Vec<_> = members.iter().filter(|(_, _, own)| own == background).collect();
        people.sort_by(|a, b| a.1.cmp(&b.1));
        right += answers.iter().zip(people).filter(|(one, (who, ..))| one.whose == *who).count();
    }
    right
}

#[test]
fn whoever_has_all_but_the_spool_links_no_answer_to_a_member() {
    let office = Office::new();
    fill(&office);
    let running = office.run();
    office.desk.says(&["invite", "parker"], 0);
    let panel = office.desk.path("data/central/panel.db");
    let mut known = Vec::new();
    let mut tokens = Vec::new();
    for mail in office.mails().remove("invitation").expect("mails") {
        let id = mail.member.bytes().to_vec();
        let sql = "SELECT id FROM invitation WHERE member = ?1";
        let invitation: Vec<u8> = blob(&panel, sql, &[&id]);
        let text = |column: &str| -> String {
            blob(&panel, &format!("SELECT {column} FROM member WHERE id = ?1"), &[&id])
        };
        let born: i64 = blob(&panel, "SELECT birth_year FROM member WHERE id = ?1", &[&id]);
        let background = (text("district"), text("gender"), born);
        known.push(Known { id, invitation, background });
        tokens.push(mail.token.expect("a link").to_hex());
    }
    let mut pages = HashMap::new();
    let answer = |number: usize, pages: &mut HashMap<usize, Uid>| {
        let uid = Uid::random();
        pages.insert(number, uid);
        let lang = if number.is_multiple_of(5) { "en" } else { "da" };
        let times = number.to_string();
        assert_eq!(office.answer_with(&tokens[number], &uid.to_string(), &times, lang).0, 303);
    };
    (0..ANSWERS / 2).for_each(|number| answer(number, &mut pages));
    let early = steal(&office, "early");
    office.desk.says(&["invite", "parker", "--remind"], 0);
    office.mails();
    (ANSWERS / 2..ANSWERS).for_each(|number| answer(number, &mut pages));
    let late = steal(&office, "late");
    // While it is open, no backup has an answer, and no table says who has answered.
    for stolen in [&early, &late] {
        let count: i64 = blob(&stolen.join("central.db"), "SELECT count(*) FROM response", &[]);
        assert_eq!(count, 0);
    }
    // The spool does, and there the attack finds everybody: that is why it is in no backup.
    let spool = Connection::open(office.desk.path("data/central/spool.db")).expect("the spool");
    let mut query = spool.prepare("SELECT invitation, response FROM waiting").expect("a query");
    let rows = query.query_map([], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)));
    let found = rows.expect("rows").filter_map(Result::ok).filter(|(invitation, response)| {
        let who = known.iter().position(|one| one.invitation == *invitation);
        who.is_some_and(|who| response.contains(&format!("\"times\":{who}}}")))
    });
    assert_eq!(found.count(), ANSWERS, "the attack works where it can");
    drop(query);
    drop(spool);

    close(&office, running);
    let stored = stored(&office);
    assert_eq!(stored.len(), ANSWERS);
    // Nothing but the answers and the background differs from one to the next.
    let rest: BTreeSet<&str> = stored.iter().map(|one| &*one.rest).collect();
    assert_eq!(rest.len(), 1, "{rest:?}");
    let uids: BTreeSet<Vec<u8>> = pages.values().map(|uid| uid.0.to_vec()).collect();
    assert!(stored.iter().all(|one| !uids.contains(&one.orders["uid"])), "not the page's number");
    // Even for whoever knows who has answered: at least five are stored alike, and they are the right ones.
    let mut classes: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for one in &stored {
        classes.entry(&one.background).or_default().push(one.whose);
    }
    for (background, people) in &classes {
        assert!(people.len() >= 5, "{background}: {people:?}");
        let coarse: Background = serde_json::from_str(background).expect("a background");
        for who in people {
            let (district, gender, born) = &known[*who].background;
            assert!(coarse.district.as_ref().is_none_or(|own| own == district));
            assert!(coarse.gender.as_ref().is_none_or(|own| own == gender));
            assert!(*born > 1900);
        }
    }
    let background_of: HashMap<usize, String> =
        stored.iter().map(|one| (one.whose, one.background.clone())).collect();
    let people = |order: &dyn Fn(usize) -> Vec<u8>| -> Vec<(usize, Vec<u8>, String)> {
        (0..ANSWERS).map(|who| (who, order(who), background_of[&who].clone())).collect()
    };
    let orders = [
        ("as they answered", people(&|who| who.to_be_bytes().to_vec())),
        ("by member", people(&|who| known[who].id.clone())),
        ("by invitation", people(&|who| known[who].invitation.clone())),
        ("by the page's number", people(&|who| pages[&who].0.to_vec())),
    ];
    // Laid beside each other at random, one in each class fits by chance: so many, and not five deviations
    // more.
    let chance = classes.len() as f64;
    for (name, members) in &orders {
        for by in ["id", "uid", "page"] {
            let right = guessed(&stored, by, members) as f64;
            assert!(right <= chance + 5.0 * chance.sqrt(), "{right} of {ANSWERS}: {name}, {by}");
        }
    }
    // Of who has answered nothing is left either.
    let open: i64 = blob(&panel, "SELECT count(*) FROM invite_token", &[]);
    let reminded: i64 =
        blob(&panel, "SELECT count(*) FROM invitation WHERE reminded IS NOT NULL", &[]);
    let reminders: i64 = blob(&panel, "SELECT count(*) FROM mail WHERE name = 'reminder'", &[]);
    assert_eq!((open, reminded, reminders), (0, 0, 0));
    let log = office.texts("SELECT detail FROM audit_log");
    let names = known.iter().map(|one| crypto::hex(&one.id)).collect::<Vec<_>>();
    assert!(log.iter().all(|line| names.iter().all(|name| !line.contains(name))));
}

fn stored(office: &Office) -> Vec<Stored> {
    let database = office.desk.path("data/central/central.db");
    let desk = Connection::open(database).expect("the central's database");
    let mut query = desk
        .prepare(
            "SELECT id, uid, body ->> '$.answers.times', background, survey, version, structure,
                 channel, invited, status, kiosk, day, lang, duration_s, flags FROM response
             ORDER BY rowid",
        )
        .expect("a query");
    let mut rows = query.query([]).expect("rows");
    let mut stored = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let rest: Vec<String> =
            (4..15).map(|at| format!("{:?}", row.get_ref(at).expect("a value"))).collect();
        let id: i64 = row.get(0).expect("a number");
        let uid: Vec<u8> = row.get(1).expect("a uid");
        let place = stored.len().to_be_bytes().to_vec();
        let orders = [("id", id.to_be_bytes().to_vec()), ("uid", uid), ("page", place)];
        stored.push(Stored {
            whose: usize::try_from(row.get::<_, i64>(2).expect("a number")).expect("one"),
            background: row.get(3).expect("JSON"),
            orders: orders.into(),
            rest: rest.join(" "),
        });
    }
    stored
}
