//! `borgerpanel kiosk status`: what is stored, what is sent.

use serde_json::json;

use super::settings::KioskSettings;
use crate::cli::{KioskStatusArgs, Verdict};
use crate::console::say;
use crate::error::{Error, Result};
use crate::server::kiosk::standing::Standing;
use crate::store::Health;
use crate::store::aside::SetAside;
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
    let Standing { kiosk, central: address, health, status, disk_free_bytes, set_aside } =
        Standing::read(folder, settings.name)?;
    let shelf = Shelf::of(folder);
    let (current, refused) = (shelf.current().ok().flatten(), shelf.refused());
    if args.json {
        let number = |figure: fn(&Status) -> u64| status.as_ref().map(figure);
        let shown = json!({
            "kiosk": kiosk,
            "epoch": status.as_ref().map(|status| status.epoch),
            "stored": number(|status| status.stored),
            "unsynced": number(|status| status.unsynced),
            "waiting": number(|status| status.waiting),
            "acknowledged": number(|status| status.acknowledged),
            "release": current.as_ref().map(|current| current.now.id),
            "release_made": current.as_ref().map(|current| current.now.made.clone()),
            "release_refused": refused,
            "store": health.name(),
            "set_aside": set_aside.iter().map(SetAside::shown).collect::<Vec<_>>(),
            "last_sync": status.as_ref().and_then(|status| status.last_sync.clone()),
            "central": address,
            "disk_free": disk_free_bytes,
        });
        say!("{shown}")?;
    } else {
        if let Some(alarm) = alarm(&set_aside) {
            say!("{alarm}")?;
        }
        print(kiosk.as_deref(), address.as_deref(), health, status.as_ref())?;
        print_release(current.as_ref(), refused.as_ref())?;
    }
    Ok(if health == Health::Fine { Verdict::Fine } else { Verdict::No })
}

/// What a person must know of databases that were set aside.
pub(super) fn alarm(set_aside: &[SetAside]) -> Option<String> {
    let salvages = || set_aside.iter().filter_map(|aside| Some(&aside.account.as_ref()?.salvage));
    let brought: u64 = salvages().map(|salvage| salvage.brought_over).sum();
    let lost: u64 = salvages().map(|salvage| salvage.lost).sum();
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

fn print(
    kiosk: Option<&str>,
    central: Option<&str>,
    health: Health,
    status: Option<&Status>,
) -> Result<()> {
    say!("kiosk         {}", kiosk.unwrap_or("(no name yet)"))?;
    say!("central       {}", central.unwrap_or("not enrolled: see `borgerpanel kiosk enroll`"))?;
    say!("store         {}", health.name())?;
    let Some(status) = status else { return Ok(()) };
    say!("stored        {}", status.stored)?;
    say!("acknowledged  {}", status.acknowledged)?;
    say!("unsynced      {}", status.unsynced)?;
    if status.waiting > 0 {
        say!("  waiting     {} private answers, until there are enough to mix", status.waiting)?;
    }
    say!("last sync     {}", status.last_sync.as_deref().unwrap_or("never"))?;
    say!("epoch         {}", status.epoch)?;
    Ok(())
}
