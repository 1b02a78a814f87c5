//! What a server sees of an answer's moment and sender, on real processes: bursts and repeats leave a
//! flag at the kiosk and at home, an address has its share, and nothing of an address is ever written.

use std::collections::BTreeSet;
use std::path::Path;

use borgerpanel::crypto;
use borgerpanel::response::{Context, sample};
use borgerpanel::store::record::{Kind, Uid};
use borgerpanel::sync::message::Receipt;

use crate::chain::{Town, form, post};
use crate::collecting::{encode, status};
use crate::fleet::{Line, Machine};
use crate::preview::fetch;

/// From networks that are kept for examples, so that no file has them by chance.
const HOME: &str = "203.0.113.77";
const NEIGHBOUR: &str = "198.51.100.23";

/// Answers as a home behind the proxy does.
fn post_from(address: &str, home: &str, body: &str) -> (u16, String) {
    let length = body.len();
    let reply = fetch(
        address,
        &format!(
            "POST /s/lod/ HTTP/1.1\r\nHost: {address}\r\nX-Forwarded-For: {home}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n\
             {body}"
        ),
    );
    (status(&reply), reply)
}

/// Whether these bytes are in any file of the folder.
fn is_written(folder: &Path, bytes: &[u8]) -> bool {
    let mut entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("it"));
    entries.any(|entry| match entry.file_type().expect("a type").is_dir() {
        true => is_written(&entry.path(), bytes),
        false => std::fs::read(entry.path())
            .is_ok_and(|file| file.windows(bytes.len()).any(|part| part == bytes)),
    })
}

#[test]
fn an_address_at_home_has_its_share_and_is_never_written_down() {
    let town = Town::new();
    let settings = "trusted_proxy = \"127.0.0.1\"\nanswers_per_address = 3\n";
    std::fs::write(town.desk.path("data/central/central.toml"), settings).expect("written");
    let central = town.central();
    let (address, survey) = (town.central_address(), town.survey());
    let forms: Vec<(String, String)> = (0..6)
        .map(|seed| {
            let (uid, fields) = form(&survey, seed);
            (uid, encode(&fields))
        })
        .collect();
    for (_, body) in &forms[..3] {
        assert_eq!(post_from(address, HOME, body).0, 303);
    }
    let (refused, reply) = post_from(address, HOME, &forms[3].1);
    assert_eq!(refused, 429, "{reply}");
    let wait = reply.lines().find_map(|line| line.strip_prefix("Retry-After: ")).expect("a wait");
    assert!((1..=600).contains(&wait.trim().parse::<u32>().expect("seconds")), "{wait}");
    assert_eq!(post_from(address, NEIGHBOUR, &forms[4].1).0, 303);
    // Whom nobody speaks for is on this machine: staff, who try it out.
    assert_eq!(post(address, &forms[5].1), Some(303));
    let stored: BTreeSet<String> = town.uids().into_iter().collect();
    let wanted = [0, 1, 2, 4, 5].map(|number| forms[number].0.clone());
    assert_eq!(stored, wanted.into_iter().collect());
    let flags = "SELECT flags FROM response WHERE lower(hex(uid)) = ";
    let flags = |form: usize| town.texts(&format!("{flags}'{}'", forms[form].0)).remove(0);
    assert!(!flags(0).contains("burst"), "the first of an address: {}", flags(0));
    assert!(flags(1).contains("burst") && flags(2).contains("burst"), "{} {}", flags(1), flags(2));
    assert!(!flags(4).contains("burst"), "another address: {}", flags(4));
    for home in [HOME, NEIGHBOUR] {
        let octets: Vec<u8> = home.split('.').map(|part| part.parse().expect("a byte")).collect();
        let folder = town.desk.path("data");
        assert!(!is_written(&folder, home.as_bytes()) && !is_written(&folder, &octets), "{home}");
    }
    drop(central);
}

#[test]
fn bursts_and_repeats_at_a_kiosk_arrive_as_flags() {
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let kiosk = town.kiosk();
    town.wait_until_ready();
    let content = town.desk.path("content");
    let folder = tempfile::tempdir().expect("a folder");
    let published = crate::collecting::published(&content, folder.path());
    let survey = published.site.survey("groenne-omraader").expect("the survey");
    let context = Context { today: "2026-11-24".to_owned(), channel: "kiosk".to_owned() };
    let answer = |seed| {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut fields = sample::fill_in(survey.base(), &context, &mut rng).0;
        let uid = crypto::hex(&crypto::random::<16>());
        fields.push(("_v".to_owned(), survey.version.clone()));
        fields.push(("_id".to_owned(), uid.clone()));
        let (host, body) = (&town.kiosk, encode(&fields));
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close";
        let (path, length) = ("/s/groenne-omraader/", body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\n{kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        // A browser that got no reply sends the same once more: no second response, and no sign of one.
        assert_eq!(
            [fetch(host, &request), fetch(host, &request)].map(|reply| status(&reply)),
            [303; 2]
        );
        uid
    };
    let (first, other, same) = (answer(1), answer(2), answer(1));
    town.drain();
    let flags = |uid: &str| {
        let flags = "SELECT flags FROM response WHERE lower(hex(uid)) = ";
        let json = town.texts(&format!("{flags}'{uid}'")).remove(0);
        let flags: Vec<String> = serde_json::from_str(&json).expect("JSON");
        flags
            .into_iter()
            .filter(|flag| ["burst", "duplicate"].contains(&&**flag))
            .collect::<Vec<_>>()
    };
    assert!(flags(&first).is_empty());
    assert_eq!(flags(&other), ["burst"]);
    assert_eq!(flags(&same), ["burst", "duplicate"]);
    drop((kiosk, central));
}

/// The three kinds go one road: one outbox, one order, one batch, and three tables that know nothing of
/// each other.
#[test]
fn records_of_every_kind_travel_together_and_land_apart() {
    let town = crate::fleet::Town::new();
    let kiosk = Machine::enrolled(&town, "valby");
    let (form, signup) = (Uid::random(), Uid::random());
    let private = kiosk.store_form(form).expect("new");
    let sealed = kiosk.seal(signup, "v1", Kind::Signup, Some("{\"email\":\"anna@example.dk\"}"));
    kiosk.outbox().store(sealed).expect("stored");
    kiosk.outbox().mix_in(borgerpanel::store::Mixing::All).expect("mixed in");
    let line = Line::good(&town);
    let report = kiosk.sync(&line).expect("sent");
    assert_eq!((report.batches, report.stored), (1, 3));
    let database = town.central().path();
    for (table, uid) in [("response", form), ("private", private), ("sealed", signup)] {
        let found = crate::fleet::read_uids(database, &format!("SELECT uid FROM {table}"));
        assert_eq!(found, [uid], "{table}");
    }
    // A sign-up stays sealed: its address is nowhere in the file.
    assert!(!is_written(town.folder.path(), b"anna@example.dk"));
    let audit = town.central().audit().expect("audited");
    assert_eq!((audit.findings, audit.sums.received), (vec![], 3));
    // The same batch once more is nothing new.
    let batch = line.heard.into_inner().remove(0);
    let receipt = town.reception().take(&batch).expect("taken");
    let receipt: Receipt = receipt.claimed().expect("a receipt");
    assert_eq!((receipt.stored, receipt.dup), (0, 3));
}
