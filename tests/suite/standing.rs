//! How a kiosk says that it is: `kiosk status`, the page for staff, `/healthz`, with the real program in
//! real trouble.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use borgerpanel::crypto::PinHash;

use crate::chain::Town;
use crate::corner;
use crate::preview::{Running, fetch, get};

/// A kiosk on its own with these settings.
fn town(settings: &str) -> Town {
    let town = Town::new();
    std::fs::create_dir_all(town.desk.path("data/kiosk")).expect("a folder");
    std::fs::write(town.desk.path("data/kiosk/kiosk.toml"), settings).expect("written");
    town
}

fn status_of(town: &Town) -> serde_json::Value {
    let output = town.desk.run(&["kiosk", "status", "--json"]);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn eventually(
    town: &Town,
    what: &str,
    is_so: impl Fn(&serde_json::Value) -> bool,
) -> serde_json::Value {
    let begun = Instant::now();
    loop {
        let status = status_of(town);
        if is_so(&status) {
            return status;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}: {status}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The page for staff, after the PIN.
fn staff_page(address: &str) -> String {
    let ask = |head: &str, body: &str| {
        let length = body.len();
        fetch(
            address,
            &format!(
                "{head} {} HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
                 application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: \
                 close\r\n\r\n{body}",
                corner::STATUS
            ),
        )
    };
    let csrf = corner::token(&get(address, corner::STATUS));
    let entered = ask("POST", &format!("_csrf={csrf}&pin={}", corner::PIN));
    let cookie = corner::cookie(&entered);
    fetch(
        address,
        &format!(
            "GET {} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n",
            corner::STATUS
        ),
    )
}

fn pin() -> String {
    format!("pin_hash = \"{}\"\nsync_every_seconds = 1\n", PinHash::of(corner::PIN))
}

#[test]
fn a_central_that_is_gone_is_said_with_its_reason_and_answers_are_taken() {
    let town = town(&pin());
    let central = town.central();
    town.enrol();
    let kiosk = town.kiosk();
    town.wait_until_ready();
    let well = eventually(&town, "a talk with the central", |status| status["clock_skew_s"] == 0);
    assert_eq!(
        (&well["trouble"], &well["alarms"]),
        (&serde_json::Value::Null, &serde_json::json!([]))
    );
    drop(central);
    let lost = eventually(&town, "the central's absence", |status| !status["trouble"].is_null());
    assert_eq!(lost["trouble"]["word"], "unreachable");
    assert_eq!(lost["alarms"], serde_json::json!([]), "weeks without a network are no alarm");
    assert!(get(&town.kiosk, "/healthz").starts_with("HTTP/1.1 200"));
    let page = staff_page(&town.kiosk);
    assert!(page.contains("Centralen kan ikke nås. Svarene venter her"), "{page}");
    drop(kiosk);
}

#[test]
fn a_portal_and_a_revocation_are_told_from_a_missing_network() {
    let mut portal = town(&pin());
    let central = portal.central();
    portal.enrol();
    drop(central);
    let listener = TcpListener::bind(portal.central_address()).expect("the central's port");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let page = "<html>Log ind</html>";
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{page}", page.len());
        }
    });
    let kiosk = portal.kiosk();
    let seen = eventually(&portal, "the portal", |status| !status["trouble"].is_null());
    assert_eq!(seen["trouble"]["word"], "no-central");
    drop(kiosk);

    portal = town(&pin());
    let _central = portal.central();
    portal.enrol();
    // Another machine under its name takes its place.
    portal.desk.says(&["central", "enroll", "valby", "--json"], 0);
    let kept = portal.desk.path("data/kiosk/kiosk.key");
    let old = std::fs::read(&kept).expect("its key");
    std::fs::remove_file(&kept).expect("removed");
    portal.enrol();
    std::fs::write(&kept, old).expect("the revoked key");
    let kiosk = portal.kiosk();
    let seen = eventually(&portal, "the refusal", |status| !status["trouble"].is_null());
    assert_eq!(seen["trouble"]["word"], "revoked");
    assert_eq!(seen["alarms"], serde_json::json!(["central-refuses"]));
    assert!(staff_page(&portal.kiosk).contains("Centralen har spærret skærmen"));
    drop(kiosk);
}

#[test]
fn status_speaks_to_people_to_programs_and_to_a_phone() {
    let town = town(&pin());
    let _central = town.central();
    town.enrol();
    let kiosk = town.kiosk();
    town.wait_until_ready();
    let before = status_of(&town);
    assert!(before["last_answer"].is_null(), "{before}");
    town.answer(1);
    let after = eventually(&town, "the hour", |status| !status["last_answer"].is_null());
    let hour = after["last_answer"].as_str().expect("an hour").to_owned();
    assert!(hour.ends_with(":00:00"), "the hour and nothing finer: {hour}");
    assert!(after["room_answers"].as_u64().is_some_and(|room| room > 0), "{after}");
    // Once it has spoken with the central.
    eventually(&town, "the clock", |status| !status["clock_skew_s"].is_null());
    let text = town.desk.says(&["kiosk", "status"], 0);
    for part in
        ["store         ok", "last answer   ", "o'clock", "against the central's", "room for about"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let code = town.desk.says(&["kiosk", "status", "--qr"], 0);
    let card = read_terminal(&code);
    for part in ["kiosk: valby", "state: ok", "unsent: ", "version: "] {
        assert!(card.contains(part), "{part} in {card}");
    }
    for secret in [corner::PIN, "http", "argon2"] {
        assert!(!card.contains(secret), "{secret} in {card}");
    }
    let page = staff_page(&town.kiosk);
    assert!(page.contains("class=\"qr\"") && page.contains("mellem kl."), "{page}");
    drop(kiosk);
}

/// What a phone reads from half blocks, light on dark.
fn read_terminal(shown: &str) -> String {
    let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
    let (width, height) = (lines[0].len(), 2 * lines.len());
    let is_dark = |x: usize, y: usize| {
        let block = lines[y / 2][x];
        match y % 2 {
            0 => !['█', '▀'].contains(&block),
            _ => !['█', '▄'].contains(&block),
        }
    };
    const PIXELS: usize = 4;
    let mut picture =
        rqrr::PreparedImage::prepare_from_greyscale(width * PIXELS, height * PIXELS, |x, y| {
            if is_dark(x / PIXELS, y / PIXELS) { 0 } else { 255 }
        });
    let grids = picture.detect_grids();
    grids[0].decode().expect("a code").1
}

#[test]
fn a_screen_that_cannot_keep_answers_lets_nobody_begin_and_opens_by_itself() {
    let town = town("database_pages_max = 60\n");
    let _central = town.central();
    town.enrol();
    let kiosk = town.kiosk();
    town.wait_until_ready();
    const FULL: &str = "Terminalen kan ikke gemme svar lige nu";
    assert!(!get(&town.kiosk, "/kiosk/").contains(FULL));
    let begun = Instant::now();
    for seed in 0.. {
        if !town.answer(seed).contains(" 303 ") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "60 pages do not hold so much");
    }
    for path in ["/kiosk/", "/s/groenne-omraader/"] {
        let page = get(&town.kiosk, path);
        assert!(page.contains(FULL) && page.contains("data-kiosk-closed"), "{path}: {page}");
    }
    assert!(
        get(&town.kiosk, "/en/kiosk/").contains("This terminal cannot save answers right now"),
        "in English, too"
    );
    assert!(get(&town.kiosk, "/kiosk/state").contains("\"closed\":true"));
    drop(kiosk);
    std::fs::write(town.desk.path("data/kiosk/kiosk.toml"), "").expect("no limit any more");
    let _kiosk = town.kiosk();
    assert!(!get(&town.kiosk, "/kiosk/").contains(FULL), "there is room again");
}

#[test]
fn tablets_reach_a_kiosk_that_listens_everywhere_and_the_staff_page_is_not_theirs() {
    let town = town(&pin());
    let mut run = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    run.args(["kiosk", "run", "--listen", "0.0.0.0:0"]).current_dir(town.desk.path(""));
    run.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(run.spawn().expect("it starts"));
    let mut said = String::new();
    let mut output = running.0.stdout.take().expect("piped");
    let begun = Instant::now();
    while !said.contains("this machine alone") {
        let mut piece = [0; 4096];
        let count = output.read(&mut piece).expect("read");
        said.push_str(&String::from_utf8_lossy(&piece[..count]));
        assert!(begun.elapsed() < Duration::from_secs(60) && count > 0, "{said}");
    }
    assert!(said.contains("unencrypted") && said.contains("tablets open http://"), "{said}");
    let (_, rest) = said.split_once("listening on http://0.0.0.0:").expect("its address");
    let port = rest.lines().next().expect("a port").trim();
    let local = format!("127.0.0.1:{port}");
    let own = std::net::UdpSocket::bind("0.0.0.0:0").and_then(|socket| {
        socket.connect(("192.0.2.1", 9))?;
        socket.local_addr()
    });
    let tablet = match own.map(|address| address.ip()) {
        Ok(ip) if !ip.is_loopback() => format!("{ip}:{port}"),
        _ => {
            println!("skipped: this machine has no address but its own");
            return;
        }
    };
    assert!(get(&tablet, "/kiosk/").starts_with("HTTP/1.1 200"));
    assert!(get(&tablet, corner::STATUS).starts_with("HTTP/1.1 403"));
    assert!(get(&local, corner::STATUS).starts_with("HTTP/1.1 200"));
    let rebound =
        format!("GET /kiosk/ HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n");
    assert!(!fetch(&tablet, &rebound).starts_with("HTTP/1.1 200"), "names stay shut out");
}

#[test]
fn a_clock_that_begins_anew_shuts_nobody_out() {
    use borgerpanel::clock::{Clock, FixedClock, NotBefore};
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a moment");
    let dead = FixedClock(at("1970-01-01T00:05:00Z"));
    let known = at("2026-11-27T12:00:00Z");
    let clock = NotBefore::new(dead, move || Some(known));
    let first = clock.now();
    assert!(first >= known && first.duration_since(known).as_secs() < 60, "{first}");
    thread::sleep(Duration::from_millis(20));
    assert!(clock.now() > first, "it goes on");
    assert_eq!(NotBefore::new(dead, || None).now(), dead.0);
    let later = FixedClock(at("2026-11-28T12:00:00Z"));
    assert_eq!(NotBefore::new(later, move || Some(known)).now(), later.0);
}
