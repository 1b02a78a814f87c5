//! Durable POSTs through the whole way (gate, tiny_http, evaluate, seal, outbox) at 1, 8 and 64
//! clients, beside their floors of the same run: the disk's own fsync, a group commit without a
//! database, and the outbox alone. Once on this machine's disk, and once on one as slow as a kiosk's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use borgerpanel::clock::SystemClock;
use borgerpanel::crypto::SealSecret;
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::edge::{Running, Server};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::limits::Limits;
use borgerpanel::server::outbox::{Recipients, SealedOutbox};
use borgerpanel::server::versions::Versions;
use borgerpanel::site;
use borgerpanel::store::outbox::Outbox;
use borgerpanel::survey::Definition;

use crate::floor::{commits, fsyncs, groups};
use crate::load::{Client, Figures, measure};

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(4);

/// What an fsync takes on the disks the design was made for (223 to 373 a second).
const SLOW_US: &str = "3000";

/// Set in the program that runs with the slow disk loaded.
const SLOW: &str = "SLOW_DISK_US";

pub fn run() {
    table();
    if std::env::var_os(SLOW).is_none() {
        run_slowly();
    }
}

/// This program once more, with every sync taking as long as on a kiosk's disk.
fn run_slowly() {
    let Some(shim) = shim() else {
        println!("no C compiler (`cc`), so the slow disk is left out\n");
        return;
    };
    let own = std::env::current_exe().expect("this program");
    let ran = Command::new(own)
        .arg("posts")
        .env(SLOW, SLOW_US)
        .env("LD_PRELOAD", shim)
        .status()
        .expect("this program again");
    assert!(ran.success(), "on the slow disk: {ran}");
}

fn shim() -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/slow-disk.c");
    let made = std::env::temp_dir().join(format!("slow-disk-{}.so", std::process::id()));
    let mut command = Command::new("cc");
    command
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .arg(&made)
        .arg(source)
        .args(["-ldl", "-lpthread"]);
    command.status().is_ok_and(|status| status.success()).then_some(made)
}

fn table() {
    std::fs::create_dir_all("target").expect("a folder");
    let folder = tempfile::Builder::new().prefix("bench").tempdir_in("target").expect("a folder");
    let fsync = fsyncs(folder.path(), SPAN);
    let disk = match std::env::var(SLOW) {
        Ok(us) => format!("a disk whose every fsync takes {us} µs longer"),
        Err(_) => "this machine's disk".to_owned(),
    };
    println!(
        "durable POSTs on {disk}: {:.0} fsyncs/s of 4 KB, p50 {:.2?}, p99 {:.2?}",
        fsync.rate,
        fsync.at(50),
        fsync.at(99)
    );
    println!(
        "  clients   POST/s      p50      p99 | groups/s  p99 | outbox/s | POST/groups POST/outbox \
         p99/fsync p99/groups | clients' cores"
    );
    for clients in [1, 8, 64] {
        let at = |name: &str| folder.path().join(format!("{name}-{clients}"));
        let groups = groups(clients, &at("groups"), SPAN);
        let commits = commits(clients, &at("commits"), SPAN);
        let posts = posts(clients, &at("kiosk"));
        let over = |of: &Figures| posts.at(99).as_secs_f64() / of.at(99).as_secs_f64();
        println!(
            "  {clients:>7} {:>8.0} {:>8.1?} {:>8.1?} | {:>8.0} {:>6.1?} | {:>8.0} | {:>11.2} {:>11.2} \
             {:>9.1} {:>10.1} | {:>6.2}",
            posts.rate,
            posts.at(50),
            posts.at(99),
            groups.rate,
            groups.at(99),
            commits.rate,
            posts.rate / groups.rate,
            posts.rate / commits.rate,
            over(&fsync),
            over(&groups),
            posts.clients_cpu,
        );
    }
    println!();
}

fn posts(clients: usize, folder: &Path) -> Figures {
    let (_running, address, survey) = kiosk(folder);
    let mut seed = 0;
    measure(clients, SPAN, move || {
        seed += 1;
        let mut client = Client::new(&address, &survey, seed);
        move || client.post()
    })
}

fn kiosk(folder: &Path) -> (Running, String, Definition) {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let options =
        site::Options { content, theme: None, out: folder.join("site/public"), kiosk: None };
    std::fs::create_dir_all(folder.join("site")).expect("a folder");
    let site = site::build(&options).expect("a build").site.expect("no errors");
    let survey = site.survey("groenne-omraader").expect("the survey").clone();
    let keys = vec![SealSecret::generate().public(), SealSecret::generate().public()];
    let recipients = Recipients { kiosk: "bench".to_owned(), keys };
    let outbox = Arc::new(Outbox::open(folder).expect("an outbox"));
    let app = Arc::new(App::new(
        Options {
            channel: Channel::Kiosk,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(SystemClock),
            collector: Arc::new(SealedOutbox::new(outbox, Some(recipients))),
            api: None,
        },
        Published { site, versions: Versions::default(), release: String::new() },
    ));
    let handler = app.clone();
    let answer = Arc::new(move |request: &_| handler.answer(request));
    let running = Server::start("127.0.0.1:0", answer, Limits::default()).expect("a server");
    app.allow(Hosts::new(running.address(), &[]));
    let address = running.address().to_string();
    (running, address, survey)
}
