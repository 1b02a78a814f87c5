//! `borgerpanel kiosk salvage`: what was set aside, and what is left in any damaged database.

use std::path::Path;

use serde_json::json;

use super::settings::KioskSettings;
use crate::cli::{KioskSalvageArgs, Verdict};
use crate::console::say;
use crate::error::{Error, Result};
use crate::store::Outbox;
use crate::store::aside::{self, Account, SetAside};
use crate::store::{outbox, salvage};
use crate::sync::enrol::Enrolment;

/// Runs the command. The verdict is no where something could not be read any more.
pub fn run(args: &KioskSalvageArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    if let Some(file) = &args.file {
        return bring_over(file, folder, args.json);
    }
    let found = aside::list(folder);
    if args.done {
        for mut aside in found.iter().cloned() {
            if let Some(account) = &mut aside.account {
                account.looked = true;
                aside.save()?;
            }
        }
        say!("{} set aside; the alarm is over", number(found.len()))?;
        return Ok(Verdict::Fine);
    }
    if args.json {
        let shown: Vec<_> = found.iter().map(SetAside::shown).collect();
        say!("{}", json!(shown))?;
    } else if found.is_empty() {
        say!("no database of this kiosk was ever set aside")?;
    }
    for aside in found.iter().filter(|_| !args.json) {
        say!("{}", aside.folder.display())?;
        match &aside.account {
            Some(account) => print(account)?,
            None => say!("  salvage is still to be done: the kiosk tries again by itself")?,
        }
    }
    let is_lost = |aside: &SetAside| aside.account.as_ref().is_none_or(Account::has_losses);
    Ok(if found.iter().any(is_lost) { Verdict::No } else { Verdict::Fine })
}

fn number(databases: usize) -> String {
    if databases == 1 { "1 database was".to_owned() } else { format!("{databases} databases were") }
}

fn bring_over(file: &Path, folder: &Path, is_json: bool) -> Result<Verdict> {
    let own = folder.join(outbox::FILE).canonicalize();
    if own.is_ok_and(|own| file.canonicalize().is_ok_and(|file| file == own)) {
        return Err(Error::new("salvage").path(file).source("it is this kiosk's own").hint(
            "a kiosk sets a damaged database aside by itself: start it; see `kiosk salvage` alone",
        ));
    }
    if !file.is_file() {
        let hint = "name a kiosk.db; its -wal must lie beside it";
        return Err(Error::new("salvage").path(file).source("there is no such file").hint(hint));
    }
    let found = salvage::read(file).map_err(|error| error.at("read", file))?;
    let settings = KioskSettings::load(folder)?;
    let outbox = Outbox::open_with(folder, settings.database())?;
    let name = Enrolment::load(folder)?.map(|enrolment| enrolment.admission.kiosk);
    let account = outbox
        .take_over(&found, name.as_deref())
        .map_err(|error| error.at("write to the kiosk's database", outbox.path()))?;
    if is_json {
        say!("{}", json!(account))?;
    } else {
        print(&account)?;
    }
    Ok(if account.has_losses() { Verdict::No } else { Verdict::Fine })
}

fn print(account: &Account) -> Result<()> {
    let salvage = &account.salvage;
    match account.epoch {
        Some(epoch) => {
            say!("  epoch         {epoch}, numbers {} to {}", account.base + 1, account.last)?
        }
        None => say!("  epoch         not to be read")?,
    }
    say!("  found whole   {}", salvage.found)?;
    say!("  brought over  {}", salvage.brought_over)?;
    say!("  known already {}", salvage.known)?;
    if salvage.emptied > 0 {
        say!("  emptied       {} (a central has them in a backup)", salvage.emptied)?;
    }
    say!("  unreadable    {}", salvage.lost)?;
    for range in account.losses() {
        say!("    {} to {}: {}", range.first, range.last, range.reason)?;
    }
    let told = if account.told.is_empty() { "not yet" } else { "yes" };
    say!("  central told  {told}")
}
