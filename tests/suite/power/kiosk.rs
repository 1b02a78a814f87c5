//! The whole kiosk, taking answers over HTTP, on a disk that loses its power or fails: whoever was
//! thanked is at the central afterwards, once; whoever was not got a page that says so.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{CUT, Disk, seconds, seed};
use crate::chain::{Book, Town, all_arrived, form, visit};
use crate::collecting::encode;
use crate::preview::{Running, fetch, get};

/// Starts the town's kiosk on this disk, and waits until it listens or ends.
pub fn start_on(disk: &Disk, town: &Town) -> Running {
    let mut program = Command::new(env!("CARGO_BIN_EXE_borgerpanel"));
    program.args(["kiosk", "run", "--listen", &town.kiosk]).current_dir(town.desk.path(""));
    program.stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running(disk.beneath(&mut program).spawn().expect("the program starts"));
    let begun = Instant::now();
    while TcpStream::connect(&town.kiosk).is_err() {
        if running.0.try_wait().expect("asked").is_some() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it neither listens nor ends");
        thread::sleep(Duration::from_millis(20));
    }
    running
}

#[test]
fn a_power_cut_while_visitors_answer_loses_nobody_who_was_thanked() {
    let seed = seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let survey = town.survey();
    let book = Mutex::new(Book::default());
    let begun = Instant::now();
    let (mut cuts, mut last) = (0, 0);
    while begun.elapsed() < Duration::from_secs(seconds(6)) || cuts < 3 {
        // The first starts make the database; later ones are cut off at work.
        let at = if cuts < 2 { rng.u64(1..12) } else { rng.u64(6..60) };
        let mut disk = Disk::under(&town.desk.path("data/kiosk"))
            .with("POWER_CUT", at)
            .with("POWER_SEED", rng.u64(..))
            .with("POWER_MODE", ["lost", "torn"][rng.usize(0..2)]);
        if rng.bool() {
            disk = disk.with("POWER_AFTER", 1);
        }
        let over = AtomicBool::new(false);
        let mut kiosk = start_on(&disk, &town);
        thread::scope(|scope| {
            for visitor in 0..4 {
                let (over, book, survey, address) = (&over, &book, &survey, town.kiosk.as_str());
                scope.spawn(move || visit(address, survey, seed ^ visitor ^ (at << 8), over, book));
            }
            let status = kiosk.0.wait().expect("it ends");
            over.store(true, Ordering::Relaxed);
            assert_eq!(status.code(), Some(CUT), "sync {at}: it ended by itself");
        });
        cuts += 1;
        last = at;
    }
    drop(start_on(&Disk::under(&town.desk.path("data/kiosk")), &town));
    let book = book.into_inner().expect("the book");
    println!("{cuts} cuts, {} thanked of {} who tried", book.thanked.len(), book.tried.len());
    assert!(!book.thanked.is_empty());
    all_arrived(&town, &book, &format!("after {cuts} cuts, the last at sync {last}"));
    town.desk.says(&["central", "audit"], 0);
    drop(central);
}

/// What a visitor gets while the disk fails.
pub fn is_refused_kindly(address: &str, body: &str) -> bool {
    let reply = fetch(
        address,
        &format!(
            "POST /s/lod/ HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
             application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ),
    );
    let is_page = reply.contains("<html lang=\"da\"") && reply.contains("</html>");
    reply.starts_with("HTTP/1.1 503 ") && is_page && !reply.contains("/tak/")
}

fn health(town: &Town) -> String {
    health_at(&town.kiosk)
}

pub fn health_at(address: &str) -> String {
    let reply = get(address, "/healthz");
    let body = reply.split("\r\n\r\n").nth(1).expect("a body").to_owned();
    let json: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    json["status"].as_str().expect("a word").to_owned()
}

/// Each fault begins under a running kiosk, is met by a visitor, and ends.
#[test]
fn a_failing_disk_is_said_to_visitors_and_monitors_and_healed_by_itself() {
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let fault = town.desk.path("fault");
    let disk = Disk::under(&town.desk.path("data/kiosk")).with("POWER_FAULT_FILE", fault.display());
    let kiosk = start_on(&disk, &town);
    town.wait_until_ready();
    let (survey, mut book) = (town.survey(), Book::default());
    for (number, (what, word)) in [
        ("sync 5", "failing"),
        ("write 28", "disk-full"),
        ("write 5", "failing"),
        ("sync 28", "failing"),
    ]
    .into_iter()
    .enumerate()
    {
        let (uid, fields) = form(&survey, number as u64);
        let body = encode(&fields);
        book.tried.insert(uid.clone());
        std::fs::write(&fault, what).expect("written");
        for _ in 0..3 {
            assert!(is_refused_kindly(&town.kiosk, &body), "{what}: not refused, or with no page");
        }
        let said = health(&town);
        assert_eq!(said, word, "{what}");
        assert!(get(&town.kiosk, "/").starts_with("HTTP/1.1 200 "), "{what}: pages are shown");
        std::fs::remove_file(&fault).expect("removed");
        // The same form again, as the page asks for.
        assert_eq!(crate::chain::post(&town.kiosk, &body), Some(303), "{what}: not healed");
        book.thanked.insert(uid);
        assert_eq!(health(&town), "ok", "{what}");
    }
    drop(kiosk);
    all_arrived(&town, &book, "after four faults");
    drop(central);
}

/// A disk of a few hundred KB, mounted for this process and its children alone.
#[test]
fn a_tiny_disk_that_fills_up_and_turns_read_only_keeps_what_it_thanked_for() {
    if std::env::var_os("POWER_MOUNTED").is_none() {
        return in_a_namespace(
            "power::kiosk::a_tiny_disk_that_fills_up_and_turns_read_only_keeps_what_it_thanked_for",
        );
    }
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let (data, survey) = (town.desk.path("data/kiosk"), town.survey());
    // What enrolment made moves onto the disk, which the site needs 30 MB of room on.
    let kept = town.desk.path("kept");
    crate::authors::copy(&data, &kept);
    mount(&["-t", "tmpfs", "-o", "size=64m,mode=0700", "none"], &data);
    crate::authors::copy(&kept, &data);
    let kiosk = town.kiosk();
    town.wait_until_ready();
    let ballast = data.join("ballast");
    fill(&ballast);
    let mut book = Book::default();
    let mut send = |number: u64| {
        let (uid, fields) = form(&survey, number);
        let status = crate::chain::post(&town.kiosk, &encode(&fields));
        book.tried.insert(uid.clone());
        if status == Some(303) {
            book.thanked.insert(uid);
        }
        status
    };
    let refused = (0..200).map(&mut send).find(|status| *status != Some(303));
    assert_eq!(refused, Some(Some(503)), "a full disk refuses");
    assert_eq!(health(&town), "disk-full");
    std::fs::remove_file(&ballast).expect("room again");
    assert_eq!(send(1000), Some(303), "and goes on with room");
    assert_eq!(health(&town), "ok");
    // The kernel refuses to remount while files are open for writing, unless it is forced as after errors.
    let turned = remount(&data, "ro");
    if turned {
        assert_eq!(send(1001), Some(503), "a read-only disk refuses");
        assert!(["read-only", "failing"].contains(&health(&town).as_str()), "{}", health(&town));
        assert!(remount(&data, "rw"));
        assert_eq!(send(1002), Some(303), "and goes on when it can be written");
    } else {
        println!("skipped: this kernel does not turn a disk read-only under a program that writes");
    }
    drop(kiosk);
    all_arrived(&town, &book, "after a full disk");
    drop(central);
}

/// Runs a test of this binary again where mounts are seen by it alone.
pub fn in_a_namespace(test: &str) {
    let this = std::env::current_exe().expect("this test");
    let may = Command::new("unshare").args(["-m", "true"]).output();
    if !may.is_ok_and(|tried| tried.status.success()) {
        println!("skipped: mounting a small disk needs root, and `unshare`");
        return;
    }
    let status = Command::new("unshare")
        .args(["-m", "--"])
        .arg(this)
        .args([test, "--exact", "--nocapture"])
        .env("POWER_MOUNTED", "1")
        .status()
        .expect("started");
    assert!(status.success(), "in the namespace: {status}");
}

pub fn mount(args: &[&str], at: &Path) {
    let status = Command::new("mount").args(args).arg(at).status().expect("mount");
    assert!(status.success(), "mount {args:?}");
}

/// False where the kernel does not allow it, as files are open.
fn remount(at: &Path, how: &str) -> bool {
    let option = format!("remount,{how}");
    let tried = Command::new("mount").args(["-o", &option]).arg(at).output().expect("mount");
    tried.status.success()
}

/// Takes all the room but for some answers.
pub fn fill(ballast: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(ballast).expect("made");
    while file.write_all(&[0; 4096]).is_ok() {}
    let size = file.metadata().expect("its size").len();
    file.set_len(size - 96 * 1024).expect("shorter");
}

/// What a crash may leave of a server's memory.
#[test]
fn servers_write_no_core_file_and_let_nobody_look_into_them() {
    let town = Town::new();
    let central = town.central();
    town.enrol();
    let kiosk = town.kiosk();
    for running in [&kiosk, &central] {
        let about = Path::new("/proc").join(running.0.id().to_string());
        let limits = std::fs::read_to_string(about.join("limits")).expect("its limits");
        let core = limits.lines().find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = core.expect("a line").split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{core:?}");
        // Of a process that is not dumpable, all but what everybody may know belongs to root. Tells
        // nothing where root runs the tests; what is left of a crash is looked for in `stolen`.
        use std::os::unix::fs::MetadataExt;
        assert_eq!(std::fs::metadata(about.join("mem")).expect("its memory").uid(), 0);
    }
}
