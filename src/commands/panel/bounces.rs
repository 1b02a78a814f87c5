//! `borgerpanel panel bounces FILE…`: mails that came back to the sender's address, read where a mail program or a
//! server keeps them. Addresses that do not exist are marked, and invited no more. The same mails may be
//! read again.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{PanelBouncesArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::commands::central::settings::CentralSettings;
use crate::console::say;
use crate::error::{Context, Error, Result};
use crate::mail::mailbox::mails;
use crate::mail::{Sender, bounce};
use crate::store::members::Members;
use crate::store::members::outgoing::{Bounced, MailId};

/// The folders of a Maildir in which mails lie; in `tmp` they are being written.
const MAILDIR: [&str; 2] = ["cur", "new"];

/// What was found.
#[derive(Default)]
struct Count {
    mails: usize,
    noted: usize,
    dead: usize,
    known: usize,
    strange: usize,
}

/// Runs the command. The verdict is no where no mail of ours came back.
pub fn run(args: &PanelBouncesArgs) -> Result<Verdict> {
    let data = &args.at.data;
    let host = host(data)?;
    let members = Members::open(data)?;
    let day = SystemClock.today(&jiff::tz::TimeZone::UTC).to_string();
    let mut count = Count::default();
    for file in files(&args.files)? {
        let bytes = std::fs::read(&file).during_at("read the mails in", &file)?;
        for mail in mails(&bytes) {
            count.mails += 1;
            let Some(bounce) = bounce::read(&mail, &host) else { continue };
            let Some(id) = id(&bounce.id) else {
                count.strange += 1;
                continue;
            };
            let bounced = members.mail_bounced(id, &bounce.why, &day);
            match bounced.map_err(|error| error.at("note a bounce in", members.path()))? {
                Bounced::Noted { is_dead } => {
                    count.noted += 1;
                    count.dead += usize::from(is_dead);
                }
                Bounced::Known => count.known += 1,
                Bounced::Strange => count.strange += 1,
            }
        }
    }
    tell(&count, args.json)?;
    Ok(if count.noted + count.known > 0 { Verdict::Fine } else { Verdict::No })
}

/// The right side of our mails' ids: that of the sender's address.
fn host(data: &Path) -> Result<String> {
    let from = CentralSettings::load(data)?.smtp.from.unwrap_or_default();
    let sender = Sender::read(&from).map_err(|wrong| {
        Error::new("tell our mails from others' in")
            .path(data.join("central.toml"))
            .source(wrong)
            .hint("set `smtp.from` to the address that the mails were sent from")
    })?;
    Ok(sender.address.host().to_owned())
}

/// The number that a mail's id was made of (`server::mailer`).
fn id(text: &str) -> Option<MailId> {
    let is_ours = text.len() == 16;
    u64::from_str_radix(text, 16).ok().filter(|_| is_ours).map(u64::cast_signed)
}

/// Every file that is named, and those of the folders that are: a Maildir's, or a folder's own.
fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let inside = MAILDIR.map(|name| path.join(name));
        let folders: Vec<PathBuf> = match inside.iter().any(|folder| folder.is_dir()) {
            true => inside.into_iter().filter(|folder| folder.is_dir()).collect(),
            false => vec![path.clone()],
        };
        for folder in folders {
            let mut found = Vec::new();
            for entry in std::fs::read_dir(&folder).during_at("look into", &folder)? {
                let path = entry.during_at("look into", &folder)?.path();
                found.extend(path.is_file().then_some(path));
            }
            found.sort();
            files.append(&mut found);
        }
    }
    Ok(files)
}

fn tell(count: &Count, is_json: bool) -> Result<()> {
    let Count { mails, noted, dead, known, strange } = count;
    if is_json {
        let told = json!({
            "mails": mails,
            "noted": noted,
            "dead": dead,
            "known": known,
            "strange": strange,
        });
        return say!("{told}");
    }
    say!("{mails} mails read: {noted} of ours came back, {known} were noted before")?;
    if *dead > 0 {
        say!("{dead} addresses do not exist, and are invited no more")?;
    }
    if *strange > 0 {
        say!("{strange} are about mails that nobody knows here any more")?;
    }
    Ok(())
}
