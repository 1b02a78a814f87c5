//! Debian's Chromium under the kiosk's own policy file: it shows the site, and nothing else.
//!
//! Policies are the machine's, so each browser here sees a folder of its own in the place of
//! `/etc/chromium`. Where that cannot be arranged the tests are skipped like all of a browser.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use borgerpanel::server::app::Channel;
use serde_json::{Map, Value, json};

use super::driver::{CHROMIUM, SWITCHES, under};
use super::place::Place;
use super::{Browser, Options, required};
use crate::chain::free_address;

const SCREEN: Options = Options { width: 1080, height: 1920, javascript: true };

/// What stops test drivers too, and is tested by itself.
const OF_DRIVERS: [&str; 2] = ["DeveloperToolsAvailability", "RemoteDebuggingAllowed"];

/// How long Chromium gets to start and to load a page.
const PATIENCE: Duration = Duration::from_secs(60);

/// Another server on this machine, which nobody should come to.
struct Elsewhere {
    address: String,
    visits: Arc<AtomicUsize>,
}

impl Elsewhere {
    fn open() -> Elsewhere {
        // Not a port that a test before had, whose visitors may still be looking for it.
        let own = free_address();
        let (listener, address) =
            (TcpListener::bind(&own).expect("free"), format!("http://{own}/"));
        let visits = Arc::new(AtomicUsize::new(0));
        let counted = visits.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = stream.read(&mut [0; 2048]);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nelsewhere");
            }
        });
        Elsewhere { address, visits }
    }
}

/// The policy as it is shipped, for this site.
fn policy(place: &Place) -> Map<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk/policy.json");
    let text = std::fs::read_to_string(path).expect("the policy");
    let own = text.replace("http://127.0.0.1:8080", place.at("/").trim_end_matches('/'));
    assert_ne!(own, text, "the site's own address is in it");
    serde_json::from_str(&own).expect("an object")
}

/// A folder to lie in the place of `/etc/chromium`.
fn laid_out(policy: &Map<String, Value>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let managed = folder.path().join("policies/managed");
    std::fs::create_dir_all(&managed).expect("a folder");
    std::fs::write(managed.join("kiosk.json"), Value::from(policy.clone()).to_string())
        .expect("written");
    folder
}

/// A browser that a test can drive, under all of the policy but what stops drivers.
fn driven(policy: &Map<String, Value>) -> Option<Browser> {
    let mut policy = policy.clone();
    policy.retain(|name, _| !OF_DRIVERS.contains(&name.as_str()));
    let folder = laid_out(&policy);
    // Read when Chromium starts, and that is before this returns.
    Browser::start_under(SCREEN, Some(folder.path()))
}

#[test]
fn only_the_site_can_be_opened() {
    let (place, elsewhere) = (Place::patient(Channel::Kiosk), Elsewhere::open());
    let Some(browser) = driven(&policy(&place)) else { return };
    let site = place.at("/s/proeve/");
    browser.goto(&site);
    assert!(browser.shows("#survey-form"));
    let by_name = site.replace("127.0.0.1", "localhost");
    let view_source = format!("view-source:{site}");
    let inside = format!("filesystem:{}temporary/x", place.at("/"));
    for address in [
        &elsewhere.address,
        &by_name,
        &view_source,
        &inside,
        "https://www.kk.dk/",
        "file:///etc/hostname",
        "file:///",
        "data:text/html,<h1>Hej</h1>",
        "ftp://127.0.0.1/",
        "chrome://version/",
        "chrome://policy/",
        "chrome://settings/",
        "chrome://history/",
        "chrome://inspect/",
        "chrome://print/",
        "chrome-untrusted://print/",
        "devtools://devtools/bundled/inspector.html",
    ] {
        browser.goto(address);
        // Chromium's own page comes a moment after the driver says that all is loaded.
        browser.wait_until("document.querySelector('#main-frame-error')?.checkVisibility()");
        let told = browser.text("#main-frame-error");
        assert!(told.contains("blocked"), "{address}: {told}");
        browser.goto(&site);
        browser.wait_until("document.querySelector('#survey-form')?.checkVisibility()");
    }
    assert_eq!(elsewhere.visits.load(Ordering::Relaxed), 0);
}

#[test]
fn the_page_itself_leads_nowhere_else() {
    let (place, elsewhere) = (Place::patient(Channel::Kiosk), Elsewhere::open());
    let Some(browser) = driven(&policy(&place)) else { return };
    browser.goto(&place.at("/kiosk/"));
    // Before anything else: once other windows were tried, Chromium says "prompt" of notifications here,
    // as of a page that is hidden.
    let ask = "const done = arguments[0]; \
         Promise.all(['geolocation', 'notifications', 'clipboard-read', 'camera', 'microphone'] \
             .map(async (name) => (await navigator.permissions.query({ name })).state)).then(done)";
    let asked = browser.run_async(ask, vec![]);
    let denied = asked.as_array().is_some_and(|all| all.iter().all(|state| state == "denied"));
    assert!(denied, "{asked}");
    let downloads = std::env::var_os("HOME").map(|home| Path::new(&home).join("Downloads"));
    let files = || {
        let list = downloads.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        list.map_or(0, Iterator::count)
    };
    let before = files();
    let follow = "const a = document.createElement('a'); Object.assign(a, arguments[0]); \
                  document.body.append(a); a.click()";
    browser.run(follow, vec![json!({"href": "javascript:document.body.replaceChildren()"})]);
    browser.run(follow, vec![json!({"href": "/healthz", "download": "svar.json"})]);
    browser.run(follow, vec![json!({"href": elsewhere.address, "target": "_blank"})]);
    browser.run("open(arguments[0])", vec![json!(elsewhere.address)]);
    std::thread::sleep(Duration::from_secs(2));
    assert!(browser.shows("h1"), "the page is as it was");
    assert_eq!(files(), before, "nothing was saved");
    assert_eq!(elsewhere.visits.load(Ordering::Relaxed), 0);
    let granted = browser.run_async(
        "const done = arguments[0]; \
         Promise.race([Notification.requestPermission(), new Promise(later => setTimeout(later, 1000))]) \
             .then(done)",
        vec![],
    );
    assert_ne!(granted, "granted", "after all that, still nothing is to be had");
}

#[test]
fn chromium_knows_every_name_and_value() {
    let place = Place::patient(Channel::Kiosk);
    let mut policy = policy(&place);
    policy.remove("URLBlocklist");
    // So that this test can fail.
    policy.insert("NoSuchPolicyAtAll".to_owned(), json!(2));
    policy.insert("SearchSuggestEnabled".to_owned(), json!("of the wrong type"));
    let Some(browser) = driven(&policy) else { return };
    browser.goto("chrome://policy/");
    let rows = "const rows = {}; \
        const walk = (root) => { for (const e of root.querySelectorAll('*')) { \
            const shown = e.localName === 'policy-row' && e.shadowRoot; \
            const text = (css) => shown.querySelector(`.policy.row ${css}`)?.innerText.trim(); \
            if (shown) rows[text('#name')] = `${text('.level')} ${text('.messages')}`; \
            if (e.shadowRoot) walk(e.shadowRoot); } }; \
        walk(document); return rows";
    let deadline = Instant::now() + PATIENCE;
    let found = loop {
        let found = browser.run(rows, vec![]);
        if found.get("NoSuchPolicyAtAll").is_some() || Instant::now() > deadline {
            break found;
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert_eq!(found["NoSuchPolicyAtAll"], "Mandatory Error");
    assert_eq!(found["SearchSuggestEnabled"], "Mandatory Error");
    policy.retain(|name, _| !["NoSuchPolicyAtAll", "SearchSuggestEnabled"].contains(&&**name));
    for name in policy.keys().filter(|name| !OF_DRIVERS.contains(&name.as_str())) {
        let is_taken = found[name] == "Mandatory OK" || found[name] == "Mandatory Deprecated";
        assert!(is_taken, "{name}: {}", found[name]);
    }
}

/// Chromium as a program of its own, with a debugging port asked for.
struct Undriven {
    process: Child,
    profile: tempfile::TempDir,
    _policies: Option<tempfile::TempDir>,
}

impl Undriven {
    fn start(policies: Option<tempfile::TempDir>, address: &str) -> std::io::Result<Undriven> {
        use std::os::unix::process::CommandExt;
        let profile = tempfile::tempdir()?;
        let process = under(policies.as_ref().map(|folder| folder.path()), CHROMIUM)
            .args(SWITCHES)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--remote-debugging-port=0", address])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Undriven { process, profile, _policies: policies })
    }

    fn has_port(&self) -> bool {
        self.profile.path().join("DevToolsActivePort").exists()
    }
}

impl Drop for Undriven {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process_group};
        if let Some(group) = Pid::from_raw(self.process.id().cast_signed()) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

/// Waits until the site was asked for a page and its script, and the page gave a sign of life.
fn is_loaded(place: &Place) -> bool {
    let deadline = Instant::now() + PATIENCE;
    let came = |path: &str| place.heard().iter().any(|heard| heard.starts_with(path));
    while Instant::now() < deadline {
        if came("/s/proeve/") && came("/assets/survey.") && came("/kiosk/heartbeat") {
            return true;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    false
}

#[test]
fn the_whole_policy_opens_the_site_and_no_door_for_developers() {
    let place = Place::patient(Channel::Kiosk);
    // A browser that starts says whether there is one, and whether it can have mounts of its own.
    if driven(&policy(&place)).is_none() {
        return;
    }
    let page = place.at("/s/proeve/");
    let free = Undriven::start(None, &page).expect("Chromium starts");
    assert!(is_loaded(&place) || !required());
    assert!(free.has_port(), "without a policy there is a port");
    drop(free);
    let other = Place::patient(Channel::Kiosk);
    let folder = laid_out(&policy(&other));
    let held = Undriven::start(Some(folder), &other.at("/s/proeve/")).expect("Chromium starts");
    assert!(is_loaded(&other), "the site: {:?}", other.heard());
    assert!(!held.has_port(), "the policy keeps the port shut");
}
