//! `borgerpanel preview`: builds, watches, and reloads the browser.
//!
//! The last good build stays up while there are mistakes; they are shown in the page and in the
//! terminal. Answers go to a database that is thrown away at the end, sealed for a key that nobody
//! has.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::serving::{self, Sources};
use super::watch::{self, Depth};
use crate::cli::{PreviewArgs, Verdict};
use crate::clock::SystemClock;
use crate::console::{complain, say};
use crate::crypto::SealSecret;
use crate::diag::{self, Language};
use crate::error::{Context, Error, Result};
use crate::server::app::{App, Channel, Options};
use crate::server::edge::Server;
use crate::server::headers::{FRAMED_POLICY, Hosts};
use crate::server::http::{Body, Handler, Request, Response};
use crate::server::limits::Limits;
use crate::server::outbox::{Recipients, SealedOutbox};
use crate::server::reload::{Event, Reloads};
use crate::site::Outcome;
use crate::store::outbox::Outbox;

const SCRIPT: &str = include_str!("preview/preview.js");
const STYLE: &str = include_str!("preview/preview.css");

/// What open pages are told, and new ones ask for.
#[derive(Default)]
struct Board {
    reloads: Reloads,
    /// The report of the last build; empty where all is well.
    problems: Mutex<String>,
}

/// Runs the command until it is stopped.
pub fn run(args: &PreviewArgs) -> Result<Verdict> {
    let scratch = Scratch::new()?;
    let sources = Sources {
        content: &args.content,
        theme: args.theme.as_deref(),
        data: &scratch.0,
        kiosk: None,
    };
    let board = Arc::new(Board::default());
    let outcome = serving::build(&sources)?;
    note(&board, &outcome);
    let Some(site) = outcome.site else {
        return Err(Error::new("build the site for the first time")
            .path(&args.content)
            .hint("mend the mistakes above; from then on preview keeps the last good build"));
    };
    let app = Arc::new(App::new(options(&scratch)?, serving::ready(site, &scratch.0)?));
    let running = Server::start(
        &format!("127.0.0.1:{}", args.port),
        handler(app.clone(), board.clone()),
        Limits::default(),
    )?;
    app.allow(Hosts::new(running.address(), &[]));
    say!("listening on http://{}", running.address())?;
    let _watch = watch_sources(args, scratch.0.clone(), app, board)?;
    serving::wait_for_stop()?;
    running.stop();
    running.wait();
    Ok(Verdict::Fine)
}

/// A folder that is gone when the preview ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let name = format!("borgerpanel-preview-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).during_at("make the folder", &path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left over in a temporary folder is the system's to clear away.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn options(scratch: &Scratch) -> Result<Options> {
    let outbox = Arc::new(Outbox::open(&scratch.0)?);
    // The secret half is dropped here: what is sealed for it can never be read.
    let keys = vec![SealSecret::generate().public()];
    let recipients = Recipients { kiosk: "preview".to_owned(), keys };
    Ok(Options {
        channel: Channel::Preview,
        kiosk: None,
        surveys: Vec::new(),
        clock: Arc::new(SystemClock),
        collector: Arc::new(SealedOutbox::new(outbox, Some(recipients))),
        api: None,
    })
}

fn watch_sources(
    args: &PreviewArgs,
    data: PathBuf,
    app: Arc<App>,
    board: Arc<Board>,
) -> Result<watch::Watch> {
    let (content, theme) = (args.content.clone(), args.theme.clone());
    let folders: Vec<PathBuf> = std::iter::once(&content).chain(&theme).cloned().collect();
    watch::watch(&folders, Depth::All, move |_| {
        let sources =
            Sources { content: &content, theme: theme.as_deref(), data: &data, kiosk: None };
        let built = serving::build(&sources).and_then(|outcome| {
            note(&board, &outcome);
            let ready = outcome.site.map(|site| serving::ready(site, &data)).transpose()?;
            Ok(ready.map(|published| app.publish(published)).is_some())
        });
        match built {
            Ok(true) => board.tell("reload"),
            Ok(false) => board.tell("problems"),
            // A file that vanished while it was read: the next change builds again.
            Err(error) => complain!("borgerpanel: {error}"),
        }
    })
}

fn note(board: &Board, outcome: &Outcome) {
    let report = diag::report(&outcome.diagnostics, &outcome.sources, Language::English);
    *board.problems.lock().unwrap_or_else(PoisonError::into_inner) = report;
}

impl Board {
    fn problems(&self) -> String {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn tell(&self, name: &'static str) {
        self.reloads.publish(&Event { name, data: self.problems() });
    }
}

/// The application's pages with the preview's script in each.
fn handler(app: Arc<App>, board: Arc<Board>) -> Handler {
    Arc::new(move |request: &Request| match request.path.as_str() {
        "/_preview/events" => Response::events(board.reloads.subscribe()),
        "/_preview/problems" => Response::bytes(200, "text/plain; charset=utf-8", board.problems()),
        "/_preview/preview.js" => Response::bytes(200, "text/javascript; charset=utf-8", SCRIPT),
        "/_preview/preview.css" => Response::bytes(200, "text/css; charset=utf-8", STYLE),
        _ => with_script(app.answer(request)),
    })
}

fn with_script(mut response: Response) -> Response {
    const SCRIPT_TAG: &str = "<link rel=\"stylesheet\" href=\"/_preview/preview.css\">\
        <script type=\"module\" src=\"/_preview/preview.js\"></script></body>";
    let is_page =
        |(name, value): &(&str, String)| *name == "Content-Type" && value.starts_with("text/html");
    if !response.headers.iter().any(is_page) {
        return response;
    }
    if let Body::Bytes(page) = &response.body {
        let page = String::from_utf8_lossy(page).replacen("</body>", SCRIPT_TAG, 1);
        response.body = Body::Bytes(page.into_bytes());
    }
    response.with("Content-Security-Policy", FRAMED_POLICY)
}
