//! What a kiosk shows: the folder it was told to, else its release, else `content`. While it runs on
//! anything but a folder it was told to, a new release takes the place of what is shown.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::commands::serving::{self, Sources};
use crate::console::{complain, say};
use crate::error::{Context, Result};
use crate::server::app::{App, Published};
use crate::site::config::OwnRules;
use crate::sync::release::shelf::{Current, Entry, Shelf};

/// The folder that is shown where there is no release.
const CONTENT: &str = "content";
/// How often a running kiosk looks whether another release is in use.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What is to be shown.
pub struct Showing<'a> {
    pub data: &'a Path,
    /// The folder it was told to show.
    pub content: Option<&'a Path>,
    pub theme: Option<&'a Path>,
    pub own: OwnRules,
}

impl Showing<'_> {
    /// Whether releases are shown at all.
    pub fn takes_releases(&self) -> bool {
        self.content.is_none()
    }

    /// Whether there is nothing to show before a release has come.
    pub fn is_empty(&self) -> bool {
        let built = self.data.join("site").join("public.release");
        let is_site = |folder: &Path, file| folder.join(file).is_file();
        self.takes_releases()
            && !is_site(Path::new(CONTENT), "site.toml")
            && !is_site(&built, "site.json")
            && !matches!(Shelf::of(self.data).open_current(), Ok(Some(_)))
    }

    /// The site, and the release that it is.
    pub fn publish(&self) -> Result<(Published, Option<Entry>)> {
        if let Some((current, site)) = self.release()? {
            let entry = current.now.clone();
            return Ok((published(self.data, &current, site)?, Some(entry)));
        }
        let published = serving::publish(&self.sources())?;
        Ok((published, None))
    }

    /// Builds the folder that is to be shown, if it is one and it has changed; whether that was needed.
    pub fn bring_up_to_date(&self) -> Result<bool> {
        let shows_a_release =
            self.takes_releases() && matches!(Shelf::of(self.data).current(), Ok(Some(_)));
        if shows_a_release || self.is_empty() {
            return Ok(false);
        }
        serving::bring_up_to_date(&self.sources())
    }

    fn sources(&self) -> Sources<'_> {
        Sources {
            content: self.content.unwrap_or(Path::new(CONTENT)),
            theme: self.theme,
            data: self.data,
            kiosk: Some(self.own),
        }
    }

    fn release(&self) -> Result<Option<(Current, crate::site::Site)>> {
        if !self.takes_releases() {
            return Ok(None);
        }
        match Shelf::of(self.data).open_current() {
            // A folder beside it is better than a dark screen.
            Err(error) if Path::new(CONTENT).join("site.toml").is_file() => {
                complain!("borgerpanel: {error}");
                Ok(None)
            }
            opened => opened,
        }
    }
}

fn published(data: &Path, current: &Current, site: crate::site::Site) -> Result<Published> {
    let Published { site, versions, .. } = serving::ready(site, data)?;
    let before = current.before.as_ref().map(|before| Shelf::of(data).folder_of(before));
    Ok(Published {
        site,
        versions: versions.with_assets(before.as_deref().map(serving::kiosk_pages)),
        release: current.now.id.to_string(),
    })
}

/// Looks for another release while a kiosk runs. Dropping it ends that.
pub struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Shows another release than `shown` in `app` as soon as it is in use. A file that a stick brought
    /// is noticed like one that was fetched.
    pub fn start(data: &Path, app: &Arc<App>, shown: Option<Entry>) -> Result<Watch> {
        let (stop, stopped) = channel();
        let mut watcher =
            Watcher { data: data.to_owned(), app: Arc::downgrade(app), shown, failed: None };
        let thread = std::thread::Builder::new().name("releases".to_owned()).spawn(move || {
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                watcher.look();
            }
        });
        let thread = thread.during("start to look for releases")?;
        Ok(Watch { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed when it happened.
            let _ = thread.join();
        }
    }
}

struct Watcher {
    data: PathBuf,
    app: Weak<App>,
    shown: Option<Entry>,
    /// Complained of already.
    failed: Option<Entry>,
}

impl Watcher {
    fn look(&mut self) {
        let Some(app) = self.app.upgrade() else { return };
        // A file that cannot be read just now is looked at again; what is shown stays.
        let Ok(Some(current)) = Shelf::of(&self.data).current() else { return };
        if self.shown.as_ref() == Some(&current.now) || self.failed.as_ref() == Some(&current.now) {
            return;
        }
        let opened = Shelf::of(&self.data).open(&current.now);
        match opened.and_then(|site| published(&self.data, &current, site)) {
            Ok(published) => {
                app.publish(published);
                // Nobody has to read it.
                let _ = told(&current.now);
                self.shown = Some(current.now);
            }
            Err(error) => {
                complain!("borgerpanel: {error}");
                self.failed = Some(current.now);
            }
        }
    }
}

fn told(entry: &Entry) -> Result<()> {
    say!("release {} of {} is shown from now on", entry.id, entry.made)
}
