//! `borgerpanel central run`: receives from kiosks, shows the site, takes answers from homes.

use std::borrow::Cow;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::backup::{self, rotation::Rotation};
use super::bureau::CommandBureau;
use super::rounds::Rounds;
use super::settings::{CentralSettings, FILE};
use crate::cli::{CentralRunArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::notify::Watch;
use crate::commands::secrecy;
use crate::commands::serving::{self, Sources};
use crate::console::{complain, say};
use crate::error::{Context, Error, Result};
use crate::server::api::Api;
use crate::server::app::{Alarm, App, Channel, Options, Published};
use crate::server::chores::Chores;
use crate::server::edge;
use crate::server::homes::{Homes, Judge};
use crate::server::intake::Doorkeeper;
use crate::server::invited;
use crate::server::limits::Limits;
use crate::server::mailer::Mailer;
use crate::server::member;
use crate::server::staff::workshop::Workshop;
use crate::server::staff::{Means, StaffDesk};
use crate::store::Central;
use crate::store::members::{self, Members};
use crate::store::spool::Spool;
use crate::sync::keys;
use crate::sync::reception::{Keys, Reception};

/// glibc's stores of freed memory: two a core on a small machine.
const ARENAS: u32 = 4;

/// Connections at a time from one address: two hundred kiosks behind a city's one address, and the visitors
/// beside them, not a flood.
const PER_ADDRESS_MAX: usize = 400;

/// Runs the command until it is stopped.
pub fn run(args: &CentralRunArgs) -> Result<Verdict> {
    // Before anything is opened that would have to be closed.
    serving::begin_anew(ARENAS);
    secrecy::leave_no_dump();
    let running = start(&Start {
        data: &args.at.data,
        content: &args.content,
        theme: args.theme.as_deref(),
        listen: &args.listen,
    })?;
    let watch = Watch::begin(running.server.address())?;
    serving::wait_for_stop()?;
    drop(watch);
    running.stop();
    Ok(Verdict::Fine)
}

/// What a central is started with.
pub struct Start<'a> {
    pub data: &'a Path,
    pub content: &'a Path,
    pub theme: Option<&'a Path>,
    pub listen: &'a str,
}

/// A central that is running.
pub struct Running {
    pub central: Arc<Central>,
    pub server: edge::Running,
    /// Where the staff pages have an address of their own.
    pub staff: Option<edge::Running>,
    /// Ends when it is dropped.
    pub rounds: Rounds,
}

impl Running {
    /// Takes nobody new, and waits for who is inside.
    pub fn stop(&self) {
        let servers = || std::iter::once(&self.server).chain(&self.staff);
        servers().for_each(edge::Running::stop);
        servers().for_each(edge::Running::wait);
    }

    /// Where staff log in.
    pub fn staff_address(&self) -> String {
        let server = self.staff.as_ref().unwrap_or(&self.server);
        format!("http://{}/staff/login", server.address())
    }
}

/// Starts a central: it answers when this returns.
pub fn start(how: &Start) -> Result<Running> {
    let settings = CentralSettings::load(how.data)?.checked(how.data)?;
    if let Some(recovery) = keys::recovery_left_here(how.data) {
        complain!(
            "borgerpanel: the recovery key still lies at {}; move it to a safe place",
            recovery.display()
        );
    }
    // Made before whoever looks up letters' codes asks whether it is there.
    let members = Arc::new(Members::open(how.data)?);
    let (reception, published) = open(how.data, how.content, how.theme)?;
    backup::sweep(how.data);
    let (central, clock) = (reception.central.clone(), reception.clock.clone());
    let sealed_for = reception.keys.open.is_empty().then(|| reception.keys.seal.clone());
    let app_clock = clock.clone();
    let api = Api::new(reception);
    let app = App::new(
        Options {
            channel: Channel::Web,
            kiosk: None,
            surveys: Vec::new(),
            clock: clock.clone(),
            collector: Arc::new(Homes {
                central: central.clone(),
                sealed_for,
                members: members.clone(),
                clock,
            }),
            api: Some(Arc::new(move |request| api.answer(request))),
        },
        published,
    );
    let app = app.with_doorkeeper(Doorkeeper::new(settings.answers_per_address));
    let spool = Arc::new(Spool::open(how.data)?);
    let chores = Chores {
        central: central.clone(),
        members: members.clone(),
        spool: spool.clone(),
        open: keys::load(how.data)?.open,
        clock: app_clock,
    };
    let mailer = Mailer {
        members: members.clone(),
        smtp: settings.smtp.clone(),
        data: how.data.to_owned(),
        content: how.content.to_owned(),
        base: base(&app, how.listen),
        clock: chores.clock.clone(),
    };
    let staff = staff_desk(how, &chores)?;
    let app = app.with_post(invited::Post { members: members.clone(), spool });
    let alarm = Arc::new(Alarm::default());
    let app = app.with_members(member::Desk { members }).with_alarm(alarm.clone());
    keeps_its_word(&app, &settings)?;
    let (app, staff) = open_to_staff(app, staff, how, &settings)?;
    let app = Arc::new(app);
    let server = serving::start(&app, how.listen, &settings.hosts, limits(&settings, how.data)?)?;
    if let Some(staff) = &staff {
        say!("staff pages at http://{}/staff/login", staff.address())?;
    }
    let rotation = Rotation::new(central.clone(), how.data, chores.clock.clone(), alarm);
    let rounds = Rounds::start(chores, mailer, rotation, app.clone())?;
    Ok(Running { central, server, staff, rounds })
}

/// What the staff pages need, with nobody inside.
fn staff_desk(how: &Start, chores: &Chores) -> Result<StaffDesk> {
    let (data, content, clock) = (how.data.to_owned(), how.content.to_owned(), &chores.clock);
    StaffDesk::new(Means {
        central: chores.central.clone(),
        members: chores.members.clone(),
        spool: chores.spool.clone(),
        bureau: Arc::new(CommandBureau {
            data: data.clone(),
            content: content.clone(),
            theme: how.theme.map(Path::to_owned),
            central: chores.central.clone(),
            clock: clock.clone(),
        }),
        workshop: Workshop::new(clock.clone()),
        clock: clock.clone(),
        data,
        content,
    })
}

/// Lets staff in beside the site, or at an address of their own.
fn open_to_staff(
    app: App,
    staff: StaffDesk,
    how: &Start,
    settings: &CentralSettings,
) -> Result<(App, Option<edge::Running>)> {
    let Some(listen) = &settings.staff_listen else { return Ok((app.with_staff(staff), None)) };
    let alone = Arc::new(app.staff_alone(staff));
    let opened = serving::open(&alone, listen, &settings.hosts, limits(settings, how.data)?);
    let opened = opened.map_err(|error| {
        error.hint(format!("choose another `staff_listen` in {FILE}, or free this one"))
    })?;
    Ok((app, Some(opened)))
}

/// Backups are kept for no longer than people are told.
fn keeps_its_word(app: &App, settings: &CentralSettings) -> Result<()> {
    let told = app.published().site.renderer.config().controller.backup_days;
    let kept = settings.backup.keep_days;
    if settings.backup.directory.is_none() || told == 0 || kept <= told {
        return Ok(());
    }
    Err(Error::new("keep backups as people are told")
        .source(format!(
            "`controller.backup_days` in site.toml tells them {told} days, and `[backup] keep_days` in {FILE} is {kept}"
        ))
        .hint("make the two alike"))
}

/// What links in mails begin with: the site's first host, or on one machine where it listens.
fn base(app: &App, listen: &str) -> String {
    match app.published().site.renderer.config().hosts.first() {
        Some(host) => format!("https://{host}"),
        None => format!("http://{listen}"),
    }
}

/// The central in `data` with the surveys of `content`, ready to receive from kiosks by whatever road.
pub fn open(
    data: &Path,
    content: &Path,
    theme: Option<&Path>,
) -> Result<(Reception<Judge>, Published)> {
    let central = Arc::new(Central::open(data, crate::store::Options::default())?);
    let keys = load_keys(data)?;
    let published = serving::publish(&Sources { content, theme, data, kiosk: None })?;
    register(&central, &published)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let zone = published.site.renderer.config().zone();
    let intake = judge(data, &central, &clock, &zone)?;
    let reception = Reception { central: central.clone(), keys, intake, clock, zone };
    // Rows of a survey that is known by now waited for this.
    reception.retry_held().map_err(|error| error.at("judge what waited in", central.path()))?;
    Ok((reception, published))
}

/// Who judges what kiosks send to the central in `data`.
pub fn judge(
    data: &Path,
    central: &Arc<Central>,
    clock: &Arc<dyn Clock>,
    zone: &TimeZone,
) -> Result<Judge> {
    let judge = Judge::new(central.clone(), clock.clone(), zone.clone());
    // Where nobody ever signed up nobody has a letter; what is not there is not made by looking.
    if !data.join(members::FILE).is_file() {
        return Ok(judge);
    }
    let (members, spool) = (Arc::new(Members::open(data)?), Arc::new(Spool::open(data)?));
    Ok(judge.with_post(invited::Post { members, spool }))
}

/// Definitions come from the central's own content alone, never from kiosks.
fn register(central: &Central, published: &Published) -> Result<()> {
    // Today's surveys last: the view of the plain name is of the structure registered last.
    let earlier = published.versions.iter().map(Cow::Owned);
    for definition in earlier.chain(published.site.all().map(Cow::Borrowed)) {
        central
            .register(&definition)
            .map_err(|error| error.at("register a survey in", central.path()))?;
    }
    Ok(())
}

/// The keys, once they are where the settings say: what is to stay sealed must not be opened here, and
/// where it is to be opened, a key that is missing must not go unnoticed.
fn load_keys(data: &Path) -> Result<Keys> {
    let settings = CentralSettings::load(data)?;
    let wrong = |what: &str| Error::new("use the settings").path(data.join(FILE)).source(what);
    match (settings.keep_sealed, keys::secret(data)) {
        (true, Some(secret)) => {
            keys::publish(data)?;
            let secret = secret.display();
            Err(wrong("`keep_sealed` is set, and the key that opens answers lies beside it").hint(
                format!(
                    "carry {secret} to the inner machine; its public half, seal.pub, stays here"
                ),
            ))
        }
        (false, None) if keys::load(data).is_ok() => {
            Err(wrong("the key that opens answers is missing, and `keep_sealed` is not set").hint(
                "put keys/seal.key back from its copy; or set `keep_sealed = true`, and open what \
                 comes on another machine",
            ))
        }
        _ => keys::load(data),
    }
}

fn limits(settings: &CentralSettings, data: &Path) -> Result<Limits> {
    let proxy = settings.trusted_proxy.as_deref().map(|address| {
        let read = address.parse::<IpAddr>().during_at("read `trusted_proxy` in", data.join(FILE));
        read.map_err(|error| error.hint("write an IP address, as in 127.0.0.1"))
    });
    Ok(Limits {
        trusted_proxy: proxy.transpose()?,
        per_address_max: Some(PER_ADDRESS_MAX),
        ..Limits::default()
    })
}
