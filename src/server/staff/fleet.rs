//! The kiosks: where each is and how it is, with a word that says what to do; one kiosk's page with its answers
//! by day.

use jiff::{SignedDuration, Timestamp, ToSpan};

use super::rooms::Room;
use super::telling::{Teller, drawn};
use super::{Caller, counted};
use crate::error::Result;
use crate::server::kiosk::news::SKEW_MAX_S;
use crate::site::sheet::{Bar, Bars, Fact, Row, Sheet, Table};
use crate::store::central::fleet::{CLONED, Kiosk, LOST, NEW_EPOCH};
use crate::sync::release::desk::Desk;

/// A kiosk sends every minute; one that was not heard for so long is off, or has no network.
const SILENT: SignedDuration = SignedDuration::from_hours(24);
/// Less than this on a kiosk's disk is little, in bytes: it is also what a browser and a system write.
const DISK_MIN: u64 = 500_000_000;
/// So many days of answers are drawn.
const DAYS: i32 = 30;

/// Something about a kiosk that staff should know. Its words are `room_kiosk_<word>`, and what to do about it
/// `room_kiosk_<word>_do`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub word: &'static str,
    /// Somebody should do something about it now.
    pub is_urgent: bool,
}

/// What staff should know of a kiosk, the worst first. `release` is what all kiosks should show.
pub fn troubles(kiosk: &Kiosk, now: Timestamp, release: Option<&str>) -> Vec<Trouble> {
    if kiosk.revoked {
        return vec![Trouble { word: "revoked", is_urgent: false }];
    }
    let Some(seen) = kiosk.last_seen.as_deref().and_then(|at| at.parse::<Timestamp>().ok()) else {
        return vec![Trouble { word: "unheard", is_urgent: true }];
    };
    let told = kiosk.told.as_ref();
    let alarm = |word: &str| told.is_some_and(|told| told.alarms.iter().any(|one| one == word));
    // Its own sum of both; the two before and after it are told by their own words.
    let stored = |one: &&String| !["set-aside", "clock-wrong"].contains(&one.as_str());
    let cannot_store = told.is_some_and(|told| told.alarms.iter().any(|one| stored(&one)));
    let flag = |word: &str| kiosk.flags.iter().any(|one| one == word);
    let is_full = told.and_then(|told| told.disk_free).is_some_and(|free| free < DISK_MIN);
    let is_off = kiosk.skew_s.is_some_and(|skew| skew.abs() > SKEW_MAX_S);
    let shown = told.and_then(|told| told.release.as_deref());
    let is_old = release.zip(shown).is_some_and(|(wanted, shown)| wanted != shown);
    [
        (cannot_store, "store", true),
        (flag(CLONED), "cloned", true),
        (flag(LOST), "lost", true),
        (now.duration_since(seen) > SILENT, "silent", true),
        (alarm("set-aside"), "set_aside", true),
        (is_full, "disk", true),
        (is_off || alarm("clock-wrong"), "clock", true),
        (kiosk.quarantined > 0, "quarantined", true),
        (flag(NEW_EPOCH), "new_epoch", false),
        (is_old, "old_release", false),
    ]
    .into_iter()
    .filter(|(is_so, ..)| *is_so)
    .map(|(_, word, is_urgent)| Trouble { word, is_urgent })
    .collect()
}

/// The release that kiosks should show; none before the first.
pub(super) fn wanted_release(caller: &Caller) -> Option<String> {
    let current = Desk::of(&caller.desk.means.data).current().ok().flatten();
    current.map(|current| current.now.id.to_string())
}

/// All kiosks.
pub(super) fn list(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let kiosks = caller.desk.store(caller.desk.means.central.kiosks())?;
    let release = wanted_release(caller);
    let mut sheet = Sheet::new();
    sheet.text(tell.word("room_fleet_about"));
    if kiosks.is_empty() {
        sheet.text(tell.word("room_fleet_empty"));
    } else {
        let row = |kiosk: &Kiosk| row(caller, &tell, kiosk, release.as_deref());
        let head = ["kiosk", "state", "place", "seen", "unsent", "disk", "version", "clock"];
        sheet.table(Table {
            caption: tell.word("room_fleet_caption"),
            head: head.map(|name| tell.word(&format!("room_fleet_{name}"))).to_vec(),
            rows: kiosks.iter().map(row).collect(),
            figures: false,
        });
    }
    sheet.command(tell.word("room_fleet_enroll"), "borgerpanel central enroll NAME");
    sheet.command(tell.word("room_fleet_revoke"), "borgerpanel central kiosks revoke NAME");
    caller.sheet("room_fleet", &sheet)
}

fn row(caller: &Caller, tell: &Teller, kiosk: &Kiosk, release: Option<&str>) -> Row {
    let troubles = troubles(kiosk, tell.now, release);
    let words: Vec<String> =
        troubles.iter().map(|one| tell.word(&format!("room_kiosk_{}", one.word))).collect();
    let state = match words.is_empty() {
        true => tell.word("room_kiosk_well"),
        false => words.join(" · "),
    };
    Row {
        name: kiosk.kiosk.clone(),
        url: Some(caller.address(&format!("fleet/{}", kiosk.kiosk))),
        cells: vec![
            state,
            place(tell, kiosk),
            seen(tell, kiosk),
            tell.number(kiosk.unsent),
            disk(tell, kiosk),
            version(tell, kiosk),
            clock(tell, kiosk),
        ],
        bad: troubles.iter().any(|one| one.is_urgent),
    }
}

/// One kiosk; none where there is none of this name.
pub(super) fn one(caller: &Caller, name: &str) -> Result<Option<Room>> {
    let tell = Teller::of(caller);
    let kiosks = caller.desk.store(caller.desk.means.central.kiosks())?;
    let Some(kiosk) = kiosks.iter().find(|kiosk| kiosk.kiosk == name) else { return Ok(None) };
    let mut sheet = Sheet::new();
    let troubles = troubles(kiosk, tell.now, wanted_release(caller).as_deref());
    for Trouble { word, is_urgent } in &troubles {
        let (what, cure) = (format!("room_kiosk_{word}"), format!("room_kiosk_{word}_do"));
        let cure = tell.say(&cure, &[("kiosk", name)]);
        sheet.notice(format!("{}: {cure}", tell.word(&what)), *is_urgent);
    }
    sheet.facts(facts(&tell, kiosk));
    days(caller, &tell, name, &mut sheet);
    let title = tell.say("room_kiosk", &[("kiosk", name)]);
    caller.titled(title, &sheet).map(Some)
}

fn facts(tell: &Teller, kiosk: &Kiosk) -> Vec<Fact> {
    let flags: Vec<String> =
        kiosk.flags.iter().map(|flag| tell.named("room_kiosk", flag)).collect();
    let none = |text: String| if text.is_empty() { tell.word("room_none") } else { text };
    let seen_at = kiosk.last_seen.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    let told = kiosk.told.as_ref();
    let release = told.and_then(|told| told.release.clone());
    vec![
        tell.fact("room_fleet_place", place(tell, kiosk)),
        tell.fact(
            "room_fleet_seen",
            seen_at.map_or_else(
                || tell.word("room_never"),
                |at| format!("{} ({})", tell.moment(at), tell.ago(at)),
            ),
        ),
        tell.fact("room_fleet_received", tell.number(kiosk.received)),
        tell.fact("room_fleet_unsent", tell.number(kiosk.unsent)),
        tell.fact("room_fleet_quarantined", tell.number(kiosk.quarantined)),
        tell.fact("room_fleet_disk", disk(tell, kiosk)),
        tell.fact("room_fleet_version", version(tell, kiosk)),
        tell.fact("room_fleet_release", release.unwrap_or_else(|| tell.word("room_unknown"))),
        tell.fact("room_fleet_clock", clock(tell, kiosk)),
        tell.fact("room_fleet_flags", none(flags.join(" · "))),
    ]
}

/// Answers by day. Those of a quiet day are "1–4": see [`super::telling::FEW`].
fn days(caller: &Caller, tell: &Teller, name: &str, sheet: &mut Sheet) {
    let Some((tallies, at)) = counted(caller) else {
        sheet.text(tell.word("room_counting"));
        return;
    };
    let counts = tallies.kiosk_days.get(name);
    let today = tell.today();
    let days = (0..DAYS).filter_map(|back| today.checked_sub(back.days()).ok());
    let bars = days.map(|day| {
        let count = counts.and_then(|counts| counts.get(&day.to_string()));
        let count = count.copied().unwrap_or_default();
        (tell.date(day), None, tell.few(count), drawn(count))
    });
    sheet.bars(Bars {
        caption: tell.say("room_kiosk_days", &[("n", &DAYS.to_string())]),
        head: [tell.word("room_day"), tell.word("room_answers")],
        bars: Bar::all(bars),
    });
    sheet.text(tell.say("room_counted_at", &[("at", &tell.moment(at))]));
    sheet.text(tell.word("room_few_why"));
}

fn place(tell: &Teller, kiosk: &Kiosk) -> String {
    let told = kiosk.told.as_ref().and_then(|told| told.place.clone());
    told.unwrap_or_else(|| tell.word("room_unknown"))
}

fn seen(tell: &Teller, kiosk: &Kiosk) -> String {
    let seen = kiosk.last_seen.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    seen.map_or_else(|| tell.word("room_never"), |at| tell.ago(at))
}

fn disk(tell: &Teller, kiosk: &Kiosk) -> String {
    let free = kiosk.told.as_ref().and_then(|told| told.disk_free);
    free.map_or_else(|| tell.word("room_unknown"), |free| tell.gigabytes(free))
}

fn version(tell: &Teller, kiosk: &Kiosk) -> String {
    let told = kiosk.told.as_ref().map(|told| told.version.clone());
    told.unwrap_or_else(|| tell.word("room_unknown"))
}

fn clock(tell: &Teller, kiosk: &Kiosk) -> String {
    match kiosk.skew_s {
        None => tell.word("room_unknown"),
        Some(skew) if skew.abs() < 60 => tell.word("room_clock_right"),
        Some(skew) => {
            let key = if skew > 0 { "room_clock_ahead" } else { "room_clock_behind" };
            tell.say(key, &[("n", &tell.number(skew.unsigned_abs() / 60))])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::record::Told;

    fn kiosk() -> Kiosk {
        Kiosk {
            kiosk: "valby".to_owned(),
            high_seq: 7,
            unsent: 0,
            received: 7,
            quarantined: 0,
            last_seen: Some("2026-11-24T10:00:00Z".to_owned()),
            skew_s: Some(1),
            flags: Vec::new(),
            revoked: false,
            told: Some(Told {
                version: "1.0.0".to_owned(),
                release: Some("aa".to_owned()),
                disk_free: Some(8_000_000_000),
                place: Some("Valby Bibliotek".to_owned()),
                alarms: Vec::new(),
            }),
        }
    }

    fn words(kiosk: &Kiosk, at: &str) -> Vec<&'static str> {
        let now = at.parse().expect("a moment");
        troubles(kiosk, now, Some("aa")).iter().map(|one| one.word).collect()
    }

    #[test]
    fn a_kiosk_that_is_well_has_nothing_to_do_and_one_that_was_never_heard_has() {
        let noon = "2026-11-24T12:00:00Z";
        assert!(words(&kiosk(), noon).is_empty());
        assert_eq!(words(&Kiosk { last_seen: None, ..kiosk() }, noon), ["unheard"]);
        assert_eq!(words(&kiosk(), "2026-11-25T10:00:01Z"), ["silent"]);
    }

    #[test]
    fn what_it_tells_and_what_the_central_saw_are_both_judged() {
        let told = |change: fn(&mut Told)| {
            let mut kiosk = kiosk();
            change(kiosk.told.as_mut().expect("told"));
            words(&kiosk, "2026-11-24T12:00:00Z")
        };
        assert_eq!(told(|told| told.disk_free = Some(1000)), ["disk"]);
        assert_eq!(told(|told| told.alarms = vec!["disk-full".to_owned()]), ["store"]);
        assert_eq!(told(|told| told.alarms = vec!["set-aside".to_owned()]), ["set_aside"]);
        assert_eq!(told(|told| told.release = Some("bb".to_owned())), ["old_release"]);
        let worst = Kiosk {
            flags: vec![CLONED.to_owned(), NEW_EPOCH.to_owned()],
            skew_s: Some(-4000),
            quarantined: 2,
            ..kiosk()
        };
        let found = words(&worst, "2026-11-24T12:00:00Z");
        assert_eq!(found, ["cloned", "clock", "quarantined", "new_epoch"]);
        let out = Kiosk { revoked: true, ..worst };
        assert_eq!(words(&out, "2026-12-24T12:00:00Z"), ["revoked"]);
    }
}
