//! `borgerpanel preview`: builds, watches, and shows phone and kiosk side by side.
//!
//! 1. [`run`] builds once and listens twice, since kiosk mode is the server's to choose: one port
//!    shows the web, the next one what a kiosk shows.
//! 2. `stage` answers on both: the site's pages, each with the preview's own script, and under
//!    `/_preview/` the page for staff that holds them in frames.
//! 3. `board` keeps what the last build said, `state` is all that page is told.
//!
//! The last good build stays up while there are mistakes. Answers go to a database that is thrown
//! away at the end, sealed for a key that nobody has.

mod board;
mod calendar;
mod stage;
mod state;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::board::Board;
use self::calendar::Calendar;
use self::stage::Stage;
use super::serving::{self, Sources};
use super::watch::{self, Depth};
use crate::cli::{PreviewArgs, Verdict};
use crate::console::{complain, say};
use crate::crypto::SealSecret;
use crate::error::{Context, Error, Result};
use crate::server::app::{App, Channel, Options};
use crate::server::collect::Collector;
use crate::server::outbox::{Recipients, SealedOutbox};
use crate::site::config::OwnRules;
use crate::site::{Mode, Outcome};
use crate::store::outbox::Outbox;

/// A kiosk's page in a frame waits for its author, not the other way round.
const IDLE_SECONDS: u32 = 24 * 60 * 60;

/// Runs the command until it is stopped.
pub fn run(args: &PreviewArgs) -> Result<Verdict> {
    let scratch = Scratch::new()?;
    let board = Board::default();
    let Some(site) = board.note(build(args, &scratch.0)?) else {
        return Err(Error::new("build the site for the first time")
            .path(&args.content)
            .hint("mend the mistakes above; from then on preview keeps the last good build"));
    };
    let published = serving::ready(site, &scratch.0)?;
    let (collector, calendar) = (collector(&scratch)?, Arc::new(Calendar::default()));
    let app = |channel| {
        let options = options(channel, &collector, &calendar);
        App::new(options, published.clone())
    };
    let (web, kiosk) = (app(Channel::Preview), app(Channel::Kiosk));
    let stage = Arc::new(Stage::new(args.content.clone(), board, calendar.clone(), web, kiosk));
    let web = stage.open(Mode::Web, &serving::free_port("the preview", args.port)?)?;
    let next = if args.port == 0 { 0 } else { web.address().port().saturating_add(1) };
    let kiosk = stage.open(Mode::Kiosk, &serving::free_port("the kiosk's side", next)?)?;
    say!("listening on http://{}", web.address())?;
    say!("phone and kiosk side by side: http://{}/_preview/", web.address())?;
    let _watch = watch_sources(args, scratch.0.clone(), stage)?;
    serving::wait_for_stop()?;
    for server in [web, kiosk] {
        server.stop();
        server.wait();
    }
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

fn build(args: &PreviewArgs, data: &Path) -> Result<Outcome> {
    let kiosk = OwnRules { idle_seconds: Some(IDLE_SECONDS), ..OwnRules::default() };
    serving::build(&Sources {
        content: &args.content,
        theme: args.theme.as_deref(),
        data,
        kiosk: Some(kiosk),
    })
}

fn collector(scratch: &Scratch) -> Result<Arc<dyn Collector>> {
    let outbox = Arc::new(Outbox::open(&scratch.0)?);
    // The secret half is dropped here: what is sealed for it can never be read.
    let keys = vec![SealSecret::generate().public()];
    let recipients = Recipients { kiosk: "preview".to_owned(), keys };
    Ok(Arc::new(SealedOutbox::new(outbox, Some(recipients))))
}

fn options(channel: Channel, collector: &Arc<dyn Collector>, calendar: &Arc<Calendar>) -> Options {
    Options {
        channel,
        kiosk: None,
        surveys: Vec::new(),
        clock: calendar.clone(),
        collector: collector.clone(),
        api: None,
    }
}

fn watch_sources(args: &PreviewArgs, data: PathBuf, stage: Arc<Stage>) -> Result<watch::Watch> {
    let args = args.clone();
    let folders: Vec<PathBuf> =
        std::iter::once(&args.content).chain(&args.theme).cloned().collect();
    watch::watch(&folders, Depth::All, move |_| {
        let built = build(&args, &data).and_then(|outcome| {
            let site = stage.board.note(outcome);
            site.map(|site| serving::ready(site, &data)).transpose()
        });
        match built {
            Ok(Some(published)) => stage.publish(published),
            Ok(None) => stage.board.tell("problems"),
            // A file that vanished while it was read: the next change builds again.
            Err(error) => complain!("borgerpanel: {error}"),
        }
    })
}
