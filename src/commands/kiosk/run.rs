//! `borgerpanel kiosk run`: shows the site, collects, and sends in the background.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::settings::KioskSettings;
use super::showing::{self, Showing};
use super::{event, status, sync};
use crate::cli::{KioskRunArgs, Verdict};
use crate::clock::{Clock, NotBefore, SystemClock};
use crate::commands::notify::Watch;
use crate::commands::pack::carried;
use crate::commands::secrecy;
use crate::commands::serving::{self, Stop};
use crate::console::complain;
use crate::error::{Error, Result};
use crate::server::app::{App, Channel, Options};
use crate::server::edge;
use crate::server::kiosk::kept::Kept;
use crate::server::kiosk::news::News;
use crate::server::kiosk::{Corner, Setup, standing};
use crate::server::limits::Limits;
use crate::server::outbox::{Recipients, SealedOutbox};
use crate::store::aside::SetAside;
use crate::store::{Health, Outbox};
use crate::sync::background::{Background, Plan, Round};
use crate::sync::enrol::Enrolment;

/// How long staff who press "send now" wait for what comes of it.
const SEND_PATIENCE: Duration = Duration::from_secs(10);

/// Runs the command until it is stopped.
pub fn run(args: &KioskRunArgs) -> Result<Verdict> {
    secrecy::leave_no_dump();
    let data = &args.at.data;
    carried::unpack(data)?;
    let own = KioskSettings::load(data)?.own_rules();
    let (content, theme) = (args.content.as_deref(), args.theme.as_deref());
    // Before anything is opened that would have to be closed.
    (Showing { data, content, theme, own }).bring_up_to_date()?;
    serving::begin_anew(1);
    let stop = Stop::new();
    // Ended by staff where nothing starts it again, it would only be gone.
    let restart = serving::is_a_service().then(|| Box::new(stop.button()) as Restart);
    let kiosk = start(Start {
        data,
        content,
        theme,
        listen: args.listen.as_deref(),
        sync_every: None,
        restart,
    })?;
    event::announce(kiosk.server.address())?;
    let watch = Watch::begin(kiosk.server.address())?;
    stop.wait()?;
    drop(watch);
    kiosk.stop();
    Ok(Verdict::Fine)
}

/// What a kiosk is started with.
pub struct Start<'a> {
    pub data: &'a Path,
    /// Shown whatever releases there are.
    pub content: Option<&'a Path>,
    pub theme: Option<&'a Path>,
    /// In place of the setting.
    pub listen: Option<&'a str>,
    /// In place of the setting.
    pub sync_every: Option<Duration>,
    /// Ends the program where something starts it again.
    pub restart: Option<Restart>,
}

/// What ends the program.
pub type Restart = Box<dyn Fn() + Send + Sync>;

/// A kiosk that is running.
pub struct Kiosk {
    pub app: Arc<App>,
    pub outbox: Arc<Outbox>,
    pub server: edge::Running,
    background: Background,
    watch: Option<showing::Watch>,
}

impl Kiosk {
    /// Finishes what is inside, then ends.
    pub fn stop(self) {
        self.server.stop();
        self.server.wait();
        drop(self.watch);
        self.background.stop();
    }
}

/// Starts a kiosk: it answers when this returns.
pub fn start(how: Start) -> Result<Kiosk> {
    let settings = KioskSettings::load(how.data)?;
    let moved_to = settings.central_address()?;
    let (hours, pin) = (settings.opening_hours()?, settings.pin()?);
    let news = Arc::new(Kept::<News>::load(how.data));
    let known = news.clone();
    let clock: Arc<dyn Clock> =
        Arc::new(NotBefore::new(SystemClock, move || known.memory().latest));
    let outbox = Arc::new(Outbox::open_patiently(how.data, settings.database())?);
    tell_of_the_store(&outbox);
    let showing = Showing {
        data: how.data,
        content: how.content,
        theme: how.theme,
        own: settings.own_rules(),
    };
    if showing.is_empty() {
        first_release(how.data, &settings, &outbox)?;
    }
    let (published, shown) = showing.publish()?;
    let enrolment = Enrolment::load(how.data)?;
    let recipients = enrolment.as_ref().map(recipients);
    if recipients.is_none() {
        complain!(
            "borgerpanel: this kiosk is not enrolled: the site is shown and answers are refused\n  \
             help: `borgerpanel central enroll NAME` at the central prints a code, then here \
             `borgerpanel kiosk enroll --central URL --code CODE`"
        );
    }
    let (noted, wall) = (news.clone(), clock.clone());
    let zone = published.site.renderer.config().zone();
    let collector = SealedOutbox::new(outbox.clone(), recipients)
        .when_stored(move || noted.answered(&wall.here(&zone)));
    let collector = Arc::new(collector);
    let told = listener(&outbox, &collector, &news);
    let tell = {
        let (folder, outbox, news) = (how.data.to_owned(), outbox.clone(), news.clone());
        let place = settings.location.clone();
        Box::new(move || standing::tell(&folder, &outbox, &news.memory(), place.as_ref()))
    };
    let background = Background::start(Plan {
        outbox: outbox.clone(),
        folder: how.data.to_owned(),
        address: moved_to,
        every: how.sync_every.unwrap_or_else(|| settings.sync_every()),
        takes_releases: showing.takes_releases(),
        // What the central records is how wrong the machine's own clock is.
        clock: Arc::new(SystemClock),
        tell,
        told,
    })?;
    let hurry = background.hurry();
    let corner = Corner::new(Setup {
        folder: Some(how.data.to_owned()),
        name: settings.name.clone(),
        hours,
        pin,
        send: Some(Box::new(move || hurry.send(SEND_PATIENCE))),
        restart: how.restart,
        own: settings.own_rules(),
        news,
    });
    let app = App::new(
        Options {
            channel: Channel::Kiosk,
            kiosk: enrolment.map(|enrolment| enrolment.admission.kiosk).or(settings.name.clone()),
            surveys: settings.surveys.clone(),
            clock,
            collector,
            api: None,
        },
        published,
    );
    let app = Arc::new(app.with_corner(corner));
    let listen = how.listen.unwrap_or(&settings.listen);
    let server = serving::start(&app, listen, &settings.hosts, Limits::default())?;
    let watch = match showing.takes_releases() {
        true => Some(showing::Watch::start(how.data, &app, shown)?),
        false => None,
    };
    Ok(Kiosk { app, outbox, server, background, watch })
}

/// A kiosk that has nothing to show yet gets it from its central before it starts.
fn first_release(data: &Path, settings: &KioskSettings, outbox: &Outbox) -> Result<()> {
    let came = sync::round(data, settings, outbox).and_then(|round| round.released);
    let why = match came {
        Ok(Some(_)) => return Ok(()),
        Ok(None) => Error::new("find a release").source("the central has made none yet"),
        Err(error) => error,
    };
    Err(Error::new("find something to show: there is no release here, and no folder `content`")
        .source(why)
        .hint(
            "enrol this kiosk and make a release (`borgerpanel central release`), bring one with \
             `borgerpanel kiosk release FILE`, or name a folder with --content",
        ))
}

fn recipients(enrolment: &Enrolment) -> Recipients {
    let admission = &enrolment.admission;
    Recipients { kiosk: admission.kiosk.clone(), keys: admission.seal_keys.clone() }
}

/// Says what is wrong with the store as the kiosk begins.
fn tell_of_the_store(outbox: &Outbox) {
    let health = outbox.progress().health;
    if health != Health::Fine {
        complain!(
            "borgerpanel: answers cannot be stored ({}): the site is shown, and they are taken as soon \
             as the disk allows",
            health.name()
        );
    }
    sound_alarm(outbox, &AtomicUsize::new(0));
}

/// What hears the sending thread.
fn listener(
    outbox: &Arc<Outbox>,
    collector: &Arc<SealedOutbox>,
    news: &Arc<Kept<News>>,
) -> Box<dyn Fn(&Round) + Send> {
    let (outbox, collector, news) = (outbox.clone(), collector.clone(), news.clone());
    let alarms = AtomicUsize::new(outbox.set_aside().len());
    Box::new(move |round| {
        hear(round, &collector, &news);
        sound_alarm(&outbox, &alarms);
    })
}

/// Says what was set aside, once: at the start, and again where it is more than was said.
fn sound_alarm(outbox: &Outbox, said: &AtomicUsize) {
    let found = outbox.set_aside();
    if found.len() > said.swap(found.len(), Ordering::Relaxed) {
        let open: Vec<_> = found.into_iter().filter(SetAside::alarms).collect();
        if let Some(alarm) = status::alarm(&open) {
            complain!("borgerpanel: {alarm}");
        }
    }
}

/// What the sending thread tells.
fn hear(round: &Round, collector: &SealedOutbox, news: &Kept<News>) {
    let now = SystemClock.now();
    match round {
        Round::Enrolled(enrolment) => collector.enrol(recipients(enrolment)),
        Round::Sent(report) => report.clock.into_iter().for_each(|clock| news.heard(clock, now)),
        // Shown as soon as it is noticed, like one that a stick brought.
        Round::Released(_) => {}
        Round::Refused(error) => complain!("borgerpanel: {error}"),
        Round::Failed { word, error } => {
            news.failed(word, now);
            complain!("borgerpanel: {error}");
        }
    }
}
