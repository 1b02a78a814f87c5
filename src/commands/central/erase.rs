//! `borgerpanel central erase`: answers that were kept for as long as their survey promised, or single ones.
//! What is left of each is its number, so that it never comes again.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;

use crate::cli::{CentralEraseArgs, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::console::say;
use crate::durable::{Access, replace_file};
use crate::error::{Context, Error, Result};
use crate::results::companion::{self, Companion};
use crate::store::central::erase::{Due, Kept, Stock};
use crate::store::central::log::Entry;
use crate::store::central::private::Erasure;
use crate::store::central::roll;
use crate::store::record::Uid;
use crate::store::{Central, Options, StoreError};
use crate::survey::Definition;
use crate::survey::settings::Moment;

/// Runs the command. The verdict is no where there was nothing to erase.
pub fn run(args: &CentralEraseArgs) -> Result<Verdict> {
    let central = Central::open(&args.at.data, Options::default())?;
    let erased = match args.due {
        true => erase_due(&central, args.dry_run)?,
        false => erase_named(&central, args)?,
    };
    if !args.dry_run {
        forget(&central, &args.at.data)?;
    }
    if erased > 0 && !args.dry_run {
        say!(
            "backups that were made before still hold them: keep {} for the day one is restored",
            roll::FILE
        )?;
    }
    Ok(if erased == 0 { Verdict::No } else { Verdict::Fine })
}

/// What companions know of those who were in a release leads to none of the erased: not from the number
/// that is left of them either.
fn forget(central: &Central, data: &Path) -> Result<()> {
    let folder = data.join(companion::FOLDER);
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in std::fs::read_dir(&folder).during_at("list", &folder)? {
        let path = entry.during_at("list", &folder)?.path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let text = std::fs::read_to_string(&path).during_at("read the companion", &path)?;
        let mut companion =
            Companion::from_json(&text).during_at("understand the companion", &path)?;
        let erased = central
            .erased_responses(&companion.survey)
            .map_err(|error| error.at("read", central.path()))?;
        let releases = companion.releases.iter_mut();
        let forgotten: usize = releases.map(|release| release.presence.forget(&erased)).sum();
        if forgotten > 0 {
            replace_file(&path, companion.to_json().as_bytes(), Access::Private)?;
        }
    }
    Ok(())
}

fn erase_due(central: &Central, is_dry: bool) -> Result<usize> {
    let today = SystemClock.today(&jiff::tz::TimeZone::UTC);
    let at = |error: StoreError| error.at("erase in", central.path());
    let definitions = central.definitions().map_err(at)?;
    let mut all = 0;
    for due in due(central, &definitions, today).map_err(at)? {
        let told = told(&due);
        let count = match is_dry {
            true => central.count_due(&due).map_err(at)?,
            false => {
                let entry = entry(format!("{} {told}", due.survey));
                central.erase_due(&due, &erasure("retention"), &entry).map_err(at)?
            }
        };
        if count > 0 {
            let word = if is_dry { "would be erased" } else { "erased" };
            say!("{}: {count} {told} {word}", due.survey)?;
        }
        all += count;
    }
    if all == 0 {
        say!("no response has been kept for longer than its survey promised")?;
    }
    tell_what_stays(central, &definitions)?;
    Ok(all)
}

fn told(due: &Due) -> String {
    let through = &due.through;
    match due.kept {
        Kept::Responses { .. } => format!("from {through} or before"),
        Kept::Private { .. } => format!("private answers, all from {through} or before,"),
        Kept::Quarantined { .. } => format!("in quarantine that came on {through} or before"),
        Kept::OfUnknownVersion => {
            format!(
                "in quarantine, of a version that is not known, that came on {through} or before"
            )
        }
    }
}

/// What each version promised counts for those who answered it.
fn due(
    central: &Central,
    definitions: &[Definition],
    today: Date,
) -> std::result::Result<Vec<Due>, StoreError> {
    let mut found = Vec::new();
    let mut shortest: BTreeMap<&str, Date> = BTreeMap::new();
    for definition in definitions {
        let Some(through) = through(definition, today) else { continue };
        let (survey, version) = (definition.slug.clone(), definition.version.clone());
        let earlier = shortest.entry(&definition.slug).or_insert(through);
        *earlier = through.max(*earlier);
        let is_over = last_day(central, definition)?.is_some_and(|last| last <= through);
        let private = is_over.then(|| Kept::Private { version: version.clone() });
        let kept = [Kept::Responses { version: version.clone() }, Kept::Quarantined { version }];
        let due = |kept| Due { survey: survey.clone(), kept, through: through.to_string() };
        found.extend(kept.into_iter().chain(private).map(due));
    }
    // Which version promised what nobody knows: none of the survey's promises is broken by the shortest.
    found.extend(shortest.into_iter().map(|(survey, through)| Due {
        survey: survey.to_owned(),
        kept: Kept::OfUnknownVersion,
        through: through.to_string(),
    }));
    Ok(found)
}

/// The last day whose answers have been kept for long enough.
fn through(definition: &Definition, today: Date) -> Option<Date> {
    let months = definition.settings.keep_answers_months?;
    today.checked_sub(i64::from(months).months()).ok()
}

/// A day that no private answer to this version is later than: the day it closed, or where it does not
/// close the last on which anybody answered.
fn last_day(
    central: &Central,
    definition: &Definition,
) -> std::result::Result<Option<Date>, StoreError> {
    match definition.settings.closes {
        Some(Moment::Day(day)) => Ok(Some(day)),
        Some(Moment::Time(at)) => Ok(Some(at.date())),
        None => Ok(central.last_day(&definition.version)?.and_then(|day| day.parse().ok())),
    }
}

/// Nobody should think that what promises no time goes by itself.
fn tell_what_stays(central: &Central, definitions: &[Definition]) -> Result<()> {
    let promised = |is: &dyn Fn(&Definition) -> bool| {
        definitions.iter().any(|one| is(one) && one.settings.keep_answers_months.is_some())
    };
    let known = |version: &str| definitions.iter().any(|one| one.version == version);
    for stock in central.stock().map_err(|error| error.at("read", central.path()))? {
        let Stock { table, survey, version, rows } = &stock;
        let (what, goes) = match table.as_str() {
            "response" => ("responses", "`central erase UID`"),
            "private" => ("private answers", "`central private SURVEY --erase`"),
            "quarantine" => ("in quarantine", "`central quarantine reject ID`"),
            _ => ("sealed sign-ups", "nothing yet"),
        };
        let is_promised = match known(version) || table != "quarantine" {
            true => promised(&|one| one.version == *version),
            false => promised(&|one| one.slug == *survey),
        };
        if table == "sealed" || !is_promised {
            say!("{survey}: {rows} {what} stay: nothing says for how long; {goes} erases them")?;
        }
    }
    Ok(())
}

fn erase_named(central: &Central, args: &CentralEraseArgs) -> Result<usize> {
    let uids = args.uids.iter().map(|text| read_uid(text)).collect::<Result<Vec<_>>>()?;
    let reason = args.reason.as_deref().unwrap_or_default();
    let mut erased = 0;
    for uid in uids {
        let is_done = central
            .erase_one(uid, &erasure(reason), &entry(format!("one number: {reason}")))
            .map_err(|error| error.at("erase in", central.path()))?;
        match is_done {
            true => say!("{uid}: erased")?,
            false => say!("{uid}: nothing of this number has any content here")?,
        }
        erased += usize::from(is_done);
    }
    Ok(erased)
}

fn read_uid(text: &str) -> Result<Uid> {
    Uid::from_hex(&text.to_ascii_lowercase()).ok_or_else(|| {
        Error::new(format!("erase the number {text:?}"))
            .source("a number has 32 digits, 0 to 9 and a to f")
            .hint("copy it from `SELECT lower(hex(uid)) FROM response …`")
    })
}

fn erasure(reason: &str) -> Erasure {
    let now = SystemClock.now().to_string();
    Erasure {
        reason: reason.to_owned(),
        day: now.get(..10).unwrap_or_default().to_owned(),
        by: "console".to_owned(),
    }
}

fn entry(detail: String) -> Entry {
    Entry {
        at: SystemClock.now().to_string(),
        actor: "console".to_owned(),
        action: "erased",
        detail,
    }
}
