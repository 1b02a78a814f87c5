//! What `kiosk run`, `central run`, `preview` and `demo` share: a built site, a server in front of an
//! application, and a graceful end.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use crate::clock::{Clock, SystemClock};
use crate::console::{complain, say};
use crate::crypto;
use crate::diag::{self, Language};
use crate::error::{Context, Error, Result};
use crate::server::app::{App, Published};
use crate::server::edge::{Running, Server};
use crate::server::headers::Hosts;
use crate::server::limits::Limits;
use crate::server::versions;
use crate::site::build::{Options, release_folder};
use crate::site::config::OwnRules;
use crate::site::fingerprint::{self, Note};
use crate::site::{self, Outcome, Site};
use crate::sync::release::manifest::BESIDE;

/// Ports that are tried after the wanted one.
const PORTS: u16 = 50;

/// Set in a program that has begun anew, so that it does so once.
#[cfg(unix)]
const BEGUN_ANEW: &str = "BORGERPANEL_BEGUN_ANEW";

/// How many stores of freed memory glibc keeps. With one, two days' requests leave a central at 21 MB;
/// with one for each thread, at 39 MB and growing.
#[cfg(unix)]
const ARENAS: &str = "MALLOC_ARENA_MAX";

/// Where a server builds its site from.
pub struct Sources<'a> {
    pub content: &'a Path,
    pub theme: Option<&'a Path>,
    /// The component's data folder: the site goes to `site/` in it.
    pub data: &'a Path,
    /// What a kiosk has of its own.
    pub kiosk: Option<OwnRules>,
}

/// Brings the site up to date and gets it ready to be served; a release that lies there already is
/// served where there is no content.
///
/// # Errors
/// Where neither can be had, or the content has mistakes (they are printed).
pub fn publish(sources: &Sources) -> Result<Published> {
    bring_up_to_date(sources)?;
    let out = options(sources).out;
    ready(site::release::open(&release_folder(&out)?, &out)?, sources.data)
}

/// Builds the site unless it lies there as its sources would make it, or there are none; whether it
/// had to be built.
///
/// # Errors
/// Where it cannot be built, or the content has mistakes (they are printed).
pub fn bring_up_to_date(sources: &Sources) -> Result<bool> {
    let options = options(sources);
    let release = release_folder(&options.out)?;
    if !sources.content.join("site.toml").is_file() && release.join("site.json").is_file() {
        return Ok(false);
    }
    let (note, now) = (Note::of(&options), fingerprint::of(&options));
    if now.is_some_and(|now| note.says(now)) {
        return Ok(false);
    }
    let built = match build(sources) {
        // A full or read-only disk: what was built before is better than a dark screen.
        Err(error) if sources.kiosk.is_some() && release.join("site.json").is_file() => {
            complain!(
                "borgerpanel: {error}\n  help: until then the site as it was built before is shown"
            );
            return Ok(false);
        }
        built => built?,
    };
    if built.site.is_none() {
        return Err(Error::new("build the site from")
            .path(sources.content)
            .hint("mend the mistakes above; `borgerpanel check` shows them again"));
    }
    // Not noted, it is built once more at the next start: no reason not to start now.
    if let Some(Err(error)) = now.map(|now| note.write(now)) {
        complain!("borgerpanel: {error}");
    }
    Ok(true)
}

/// Begins the program anew, as the same process with the same arguments, once: a build takes twice the
/// memory that serving does, and glibc keeps a store of freed memory for each of many threads; a server
/// would hold on to both for months. Where the system cannot do it, this program goes on.
///
/// `arenas` are those stores: one for a kiosk, whose memory is small; a central opens answers on all cores at
/// once, and with one its threads wait for each other (docs/performance.md: a third more rows a second).
pub fn begin_anew(arenas: u32) {
    #[cfg(unix)]
    if std::env::var_os(BEGUN_ANEW).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        use std::os::unix::process::CommandExt;
        let mut command = std::process::Command::new(program);
        command.args(std::env::args_os().skip(1)).env(BEGUN_ANEW, "1");
        if std::env::var_os(ARENAS).is_none() {
            command.env(ARENAS, arenas.to_string());
        }
        // Where it comes back, the program could not be begun.
        let _ = command.exec();
    }
}

/// Builds, and prints what is wrong.
pub fn build(sources: &Sources) -> Result<Outcome> {
    let options = options(sources);
    std::fs::create_dir_all(&options.out).during_at("make the folder", &options.out)?;
    Note::of(&options).forget()?;
    let outcome = site::build(&options)?;
    show_mistakes(&outcome);
    Ok(outcome)
}

fn options(sources: &Sources) -> Options {
    Options {
        content: sources.content.to_owned(),
        theme: sources.theme.map(Path::to_owned),
        out: sources.data.join("site").join("public"),
        kiosk: sources.kiosk,
    }
}

/// What an author did wrong, for whoever builds.
pub fn show_mistakes(outcome: &Outcome) {
    let report = diag::report(&outcome.diagnostics, &outcome.sources, Language::English);
    if !report.is_empty() {
        complain!("{}", report.trim_end());
    }
}

/// A site with the versions still answered, and a name for the build.
pub fn ready(site: Site, data: &Path) -> Result<Published> {
    let all: Vec<_> = site.all().collect();
    let versions = versions::keep(&data.join("versions"), &all, SystemClock.file_time())?;
    let list: Vec<&str> = all.iter().map(|survey| survey.version.as_str()).collect();
    let release = crypto::sha256_hex(list.join(" ").as_bytes())[..12].to_owned();
    Ok(Published { site, versions, release })
}

/// The pages that a kiosk serves of the release unpacked in `folder`.
pub fn kiosk_pages(folder: &Path) -> PathBuf {
    folder.join(BESIDE).join("kiosk")
}

/// The address of the wanted port, or of the next one that is free; 0 takes any.
///
/// # Errors
/// Where none is free.
pub fn free_port(who: &str, wanted: u16) -> Result<String> {
    let last = wanted.saturating_add(PORTS);
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let port = (wanted..=last).find(free).ok_or_else(|| {
        Error::new(format!("find a free port for {who} from {wanted} to {last}"))
            .hint("choose another with --port")
    })?;
    if port != wanted {
        say!("port {wanted} is taken, so {who} is at {port}")?;
    }
    Ok(format!("127.0.0.1:{port}"))
}

/// Starts to answer, and says so.
pub fn start(app: &Arc<App>, listen: &str, hosts: &[String], limits: Limits) -> Result<Running> {
    let running = open(app, listen, hosts, limits)?;
    say!("listening on http://{}", running.address())?;
    Ok(running)
}

/// Starts to answer.
pub fn open(app: &Arc<App>, listen: &str, hosts: &[String], limits: Limits) -> Result<Running> {
    let (handler, pages) = (app.clone(), app.clone());
    let limits = Limits { error_page: Arc::new(move |status| pages.refusal(status)), ..limits };
    let running = Server::start(listen, Arc::new(move |request| handler.answer(request)), limits)?;
    let site = app.published().site.renderer.config().hosts.clone();
    let all: Vec<String> = site.into_iter().chain(hosts.iter().cloned()).collect();
    app.allow(Hosts::new(running.address(), &all));
    Ok(running)
}

/// Waits for Ctrl-C or a service manager's stop.
///
/// # Errors
/// Where the signal cannot be watched for.
pub fn wait_for_stop() -> Result<()> {
    Stop::new().wait()
}

/// The wish to end, which may also come from inside.
pub struct Stop {
    asked: SyncSender<()>,
    receiver: Receiver<()>,
}

impl Stop {
    /// Nobody wishes it yet.
    pub fn new() -> Stop {
        let (asked, receiver) = sync_channel(1);
        Stop { asked, receiver }
    }

    /// What makes it end when called.
    pub fn button(&self) -> impl Fn() + Send + Sync + 'static {
        let asked = self.asked.clone();
        move || {
            // A second wish finds the first still waiting to be heard.
            let _ = asked.try_send(());
        }
    }

    /// Waits for the wish, or for a signal.
    ///
    /// # Errors
    /// Where the signal cannot be watched for.
    pub fn wait(&self) -> Result<()> {
        self.listen()?;
        // A sender is held here, so that it never fails.
        let _ = self.receiver.recv();
        Ok(())
    }

    /// From now on a signal is a wish to end.
    ///
    /// # Errors
    /// Where the signal cannot be watched for.
    pub fn listen(&self) -> Result<()> {
        ctrlc::set_handler(self.button()).during("watch for Ctrl-C")
    }

    /// Whether the wish comes within `pause`, which is waited for.
    pub fn asked_within(&self, pause: Duration) -> bool {
        self.receiver.recv_timeout(pause).is_ok()
    }
}

impl Default for Stop {
    fn default() -> Stop {
        Stop::new()
    }
}

/// Whether a service manager runs the program, and starts it again when it ends.
pub fn is_a_service() -> bool {
    ["INVOCATION_ID", "NOTIFY_SOCKET"].iter().any(|name| std::env::var_os(name).is_some())
}
