//! `borgerpanel kiosk export DIR`: writes what the central has not signed for to a stick. Writing it is no
//! acknowledgement: the receipts that `central import` writes are, once `kiosk receipt` has heard them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::settings::KioskSettings;
use crate::cli::{KioskExportArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::durable::{Access, create_folder, replace_file};
use crate::error::{Context, Error, Result};
use crate::store::{Mixing, Outbox};
use crate::sync::enrol;
use crate::sync::exchange::{Kiosk, SyncError};
use crate::sync::stick::Parcel;

/// Runs the command. The verdict is no where there is nothing to write.
pub fn run(args: &KioskExportArgs) -> Result<Verdict> {
    let folder = &args.at.data;
    let outbox = Outbox::open_with(folder, KioskSettings::load(folder)?.database())?;
    let enrolment = super::enrolled(folder, "write answers to a stick")?;
    let key = enrol::own_key(folder)?;
    let kiosk = Kiosk {
        outbox: &outbox,
        enrolment: &enrolment,
        key: &key,
        clock: &SystemClock,
        told: None,
    };
    let today = SystemClock.now().to_string();
    let mixing = match args.all {
        true => Mixing::All,
        false => Mixing::Due { day: today.get(..10).unwrap_or_default() },
    };
    outbox
        .mix_in(mixing)
        .map_err(|error| error.at("write to the kiosk's database", outbox.path()))?;
    create_folder(&args.to).during_at("make the folder", &args.to)?;
    let written = write_all(&kiosk, args)?;
    tell(&written, args)?;
    Ok(if written.files == 0 { Verdict::No } else { Verdict::Fine })
}

#[derive(Default)]
struct Written {
    files: u64,
    records: u64,
    lost: usize,
}

fn write_all(kiosk: &Kiosk, args: &KioskExportArgs) -> Result<Written> {
    let failed = |error: SyncError| {
        let advice = error.advice();
        Error::new("read what is to be written").source(error).hint(advice)
    };
    let life = kiosk.outbox.life().map_err(|error| failed(error.into()))?;
    let mut after = match args.again {
        true => kiosk.outbox.kept_after().map_err(|error| failed(error.into()))?.max(life.base),
        false => kiosk.unsigned_after(life).map_err(failed)?,
    };
    let mut written = Written::default();
    while let Some(parcel) = kiosk.parcel(life, after).map_err(failed)? {
        write(&parcel, &args.to)?;
        after = parcel.head.last;
        written.files += 1;
        written.records += u64::from(parcel.head.n);
        written.lost += parcel.head.lost.len();
    }
    Ok(written)
}

/// Writes a file and reads it back, from the stick and not from memory.
fn write(parcel: &Parcel, to: &Path) -> Result<()> {
    let path = to.join(parcel.name());
    replace_file(&path, &parcel.bytes, Access::Shared)?;
    let mut file = File::open(&path).during_at("read back", &path)?;
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{Advice, fadvise, syncfs};
        // A stick's own table of files, too.
        syncfs(&file).during_at("write out the disk of", &path)?;
        // So that what is read next comes from there; a stick that knows no such advice is read as well.
        let _ = fadvise(&file, 0, None, Advice::DontNeed);
    }
    let mut back = Vec::with_capacity(parcel.bytes.len());
    file.read_to_end(&mut back).during_at("read back", &path)?;
    if back == parcel.bytes {
        return Ok(());
    }
    Err(Error::new("write answers to a stick")
        .path(&path)
        .source("what was written is not what can be read there")
        .hint("use another stick; nothing is lost, the answers are still here"))
}

fn tell(written: &Written, args: &KioskExportArgs) -> Result<()> {
    let Written { files, records, lost } = written;
    if args.json {
        return say!("{}", json!({ "files": files, "records": records, "lost": lost }));
    }
    if *files == 0 {
        return say!("the central has signed for everything: nothing to write");
    }
    let to = args.to.display();
    say!("{records} records in {files} files are on {to}, sealed as ever: safe to remove")?;
    say!(
        "they stay here, and count as unsent, until the receipts are back: there \
         `borgerpanel central import {to} --receipt {to}`, here `borgerpanel kiosk receipt {to}`"
    )
}
