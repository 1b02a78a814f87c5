//! `borgerpanel kiosk status`: what is stored, what is sent.

use serde_json::json;

use super::settings::KioskSettings;
use crate::cli::{KioskStatusArgs, Verdict};
use crate::console::say;
use crate::error::{Error, Result};
use crate::server::kiosk::news::Trouble;
use crate::server::kiosk::standing::Standing;
use crate::site::qr::terminal;
use crate::store::Health;
use crate::store::aside::{self, SetAside};
use crate::store::outbox::{self, Status};
use crate::sync::release::shelf::{Current, Refused, Shelf};

/// Runs the command. The verdict is no where answers cannot be stored.
pub fn run(args: &KioskStatusArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    let path = folder.join(outbox::FILE);
    if !path.exists() {
        return Err(Error::new("find the kiosk's database").path(&path).hint(
            "it is made by `borgerpanel kiosk run` and `kiosk enroll`; name its folder with --data",
        ));
    }
    let settings = KioskSettings::load(folder)?;
    let standing = Standing::read(folder, settings.name)?;
    let shelf = Shelf::of(folder);
    let (current, refused) = (shelf.current().ok().flatten(), shelf.refused());
    let release = current.as_ref().map(|current| current.now.id.to_string());
    if args.qr {
        say!("{}", terminal(&standing.card(release.as_deref())).unwrap_or_default())?;
    } else if args.json {
        say!("{}", as_json(&standing, current.as_ref(), refused.as_ref()))?;
    } else {
        if let Some(alarm) = alarm(&standing.set_aside) {
            say!("{alarm}")?;
        }
        print(&standing)?;
        print_release(current.as_ref(), refused.as_ref())?;
    }
    Ok(if standing.health == Health::Fine { Verdict::Fine } else { Verdict::No })
}

fn as_json(
    standing: &Standing,
    current: Option<&Current>,
    refused: Option<&Refused>,
) -> serde_json::Value {
    let status = standing.status.as_ref();
    let number = |figure: fn(&Status) -> u64| status.map(figure);
    json!({
        "kiosk": standing.kiosk,
        "epoch": status.map(|status| status.epoch),
        "stored": number(|status| status.stored),
        "unsynced": number(|status| status.unsynced),
        "waiting": number(|status| status.waiting),
        "acknowledged": number(|status| status.acknowledged),
        "release": current.map(|current| current.now.id),
        "release_made": current.map(|current| current.now.made.clone()),
        "release_refused": refused,
        "store": standing.health.name(),
        "alarms": standing.alarms(),
        "set_aside": standing.set_aside.iter().map(SetAside::shown).collect::<Vec<_>>(),
        "last_sync": status.and_then(|status| status.last_sync.clone()),
        "trouble": standing.news.trouble,
        "last_answer": standing.news.last_answer,
        "clock_skew_s": standing.news.clock_skew_s,
        "central": standing.central,
        "disk_free": standing.disk_free_bytes,
        "room_answers": standing.room_answers(),
        "temperature_c": standing.temperature_c,
        "version": env!("CARGO_PKG_VERSION"),
    })
}

/// What a person must know of databases that were set aside.
pub(super) fn alarm(set_aside: &[SetAside]) -> Option<String> {
    let (brought, lost) = aside::sums(set_aside)?;
    let newest = set_aside.last()?.folder.display();
    Some(format!(
        "ALARM: the disk damaged the database, and a fresh one is in use ({newest})\n  \
         {brought} answers were brought over, {lost} could not be read here any more\n  \
         help: exchange the disk; `borgerpanel kiosk salvage` says more, `--done` ends this alarm"
    ))
}

fn print_release(current: Option<&Current>, refused: Option<&Refused>) -> Result<()> {
    match current {
        Some(Current { now, .. }) => say!("release       {} of {}", now.id, now.made)?,
        None => say!("release       none: a folder is shown")?,
    }
    let Some(refused) = refused else { return Ok(()) };
    let id = refused.id.map(|id| format!("{id}: ")).unwrap_or_default();
    say!("  refused     {id}{}", refused.why)
}

fn print(standing: &Standing) -> Result<()> {
    let Standing { kiosk, central, health, status, news, .. } = standing;
    say!("kiosk         {}", kiosk.as_deref().unwrap_or("(no name yet)"))?;
    let unknown = "not enrolled: see `borgerpanel kiosk enroll`";
    say!("central       {}", central.as_deref().unwrap_or(unknown))?;
    say!("store         {}", health.name())?;
    if let Some(status) = status {
        print_status(status)?;
    }
    if let Some(Trouble { word, since }) = &news.trouble {
        say!("  trouble     {word} since {since}")?;
    }
    let hour = news
        .last_answer
        .map(|hour| format!("{}, {}-{} o'clock", hour.date(), hour.hour(), hour.hour() + 1));
    say!("last answer   {}", hour.as_deref().unwrap_or("none yet"))?;
    if let Some(skew) = news.clock_skew_s {
        let advice = if news.is_clock_wrong() { ": WRONG, set this machine's clock" } else { "" };
        say!("clock         {skew:+} s against the central's{advice}")?;
    }
    if let (Some(free), Some(room)) = (standing.disk_free_bytes, standing.room_answers()) {
        say!("disk          {} MB free, room for about {room} answers", free / 1_000_000)?;
    }
    if let Some(degrees) = standing.temperature_c {
        say!("temperature   {degrees} degrees Celsius")?;
    }
    say!("version       {}", env!("CARGO_PKG_VERSION"))
}

fn print_status(status: &Status) -> Result<()> {
    say!("stored        {}", status.stored)?;
    say!("acknowledged  {}", status.acknowledged)?;
    say!("unsynced      {}", status.unsynced)?;
    if status.waiting > 0 {
        say!("  waiting     {} private answers, until there are enough to mix", status.waiting)?;
    }
    say!("last sync     {}", status.last_sync.as_deref().unwrap_or("never"))?;
    say!("epoch         {}", status.epoch)
}
