//! The first page behind the door: what needs somebody now, then the rooms.

use super::rooms::{Room, ways};
use super::surveys::{Known, known};
use super::telling::Teller;
use super::{Caller, checked, counted, fleet, log};
use crate::error::Result;
use crate::site::sheet::{Link, Sheet};
use crate::store::central::staff::Role;
use crate::store::central::tally::{Tallies, Tally};
use crate::survey::Phase;

/// The page.
pub(super) fn show(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let mut todo = Vec::new();
    if caller.who.is_administrator() {
        todo.extend(audit(caller, &tell));
        todo.extend(backups(caller, &tell)?);
        todo.extend(kiosks(caller, &tell)?);
        todo.extend(mails(caller, &tell)?);
    }
    todo.extend(bounced(caller, &tell)?);
    let counted = counted(caller);
    todo.extend(surveys(caller, &tell, counted.as_ref().map(|(tallies, _)| tallies.as_ref()))?);
    let mut sheet = Sheet::new();
    sheet.heading(tell.word("room_todo"));
    match todo.is_empty() {
        true => sheet.text(tell.word("room_todo_nothing")),
        false => sheet.links(todo),
    };
    sheet.heading(tell.word("room_rooms"));
    let renderer = &caller.published.site.renderer;
    let panels = match &caller.who.role {
        Role::Administrator => None,
        Role::Panels(panels) => Some(panels.as_slice()),
    };
    let rooms = renderer.staff_start(caller.lang, ways(caller.who), panels)?;
    let body = renderer.sheet(&sheet, caller.lang, caller.csrf)? + &rooms;
    Ok(Room::Page { status: 200, title: caller.words("door_start"), body })
}

fn link(caller: &Caller, path: &str, title: String, note: String, bad: bool) -> Link {
    Link { url: caller.address(path), title, note, bad }
}

fn audit(caller: &Caller, tell: &Teller) -> Vec<Link> {
    let Some((checked, _)) = checked(caller) else { return Vec::new() };
    let found = checked.findings.iter().map(|finding| {
        link(caller, "log", tell.word("room_audit"), log::told(tell, finding), true)
    });
    let waiting = (checked.quarantined > 0).then(|| {
        let count = tell.number(checked.quarantined);
        let note = tell.say("room_audit_quarantine", &[("n", &count)]);
        link(caller, "log", tell.word("room_quarantine"), note, true)
    });
    found.chain(waiting).collect()
}

fn backups(caller: &Caller, tell: &Teller) -> Result<Option<Link>> {
    let (title, note) = (tell.word("room_todo_backups"), tell.word("room_todo_backups_note"));
    let do_fail = caller.desk.means.bureau.has_failing_backups()?;
    Ok(do_fail.then(|| link(caller, "log", title, note, true)))
}

fn kiosks(caller: &Caller, tell: &Teller) -> Result<Vec<Link>> {
    let release = fleet::wanted_release(caller);
    let kiosks = caller.desk.store(caller.desk.means.central.kiosks())?;
    let bad = kiosks.iter().filter_map(|kiosk| {
        let troubles = fleet::troubles(kiosk, tell.now, release.as_deref());
        // What waits in quarantine has a line of its own.
        let mut urgent = troubles.iter().filter(|one| one.is_urgent && one.word != "quarantined");
        let worst = urgent.next()?.word;
        let title = tell.say("room_kiosk", &[("kiosk", &kiosk.kiosk)]);
        let note = tell.word(&format!("room_kiosk_{worst}"));
        Some(link(caller, &format!("fleet/{}", kiosk.kiosk), title, note, true))
    });
    Ok(bad.collect())
}

fn mails(caller: &Caller, tell: &Teller) -> Result<Option<Link>> {
    let post = caller.desk.panel(caller.desk.means.members.post(None))?;
    let note = tell.say(
        "room_todo_mails_note",
        &[("unsure", &tell.number(post.unsure)), ("refused", &tell.number(post.refused))],
    );
    let is_any = post.unsure + post.refused > 0;
    Ok(is_any.then(|| link(caller, "panels", tell.word("room_todo_mails"), note, post.unsure > 0)))
}

/// Members of the caller's panels whose mail does not arrive.
fn bounced(caller: &Caller, tell: &Teller) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    for (slug, panel) in &caller.published.site.renderer.config().panels {
        let Some(pass) = caller.who.pass(slug) else { continue };
        let standing = caller.desk.means.members.standing(pass.panel(), "");
        let bounced = caller.desk.panel(standing)?.bounced;
        if bounced > 0 {
            let note = tell.say("room_todo_bounced", &[("n", &tell.about(bounced))]);
            links.push(link(caller, &format!("panels/{slug}"), panel.name.clone(), note, false));
        }
    }
    Ok(links)
}

fn surveys(caller: &Caller, tell: &Teller, tallies: Option<&Tallies>) -> Result<Vec<Link>> {
    let none = Tally::default();
    let mut links = Vec::new();
    for one in known(caller, tallies)? {
        let tally = tallies.and_then(|all| all.surveys.get(one.slug())).unwrap_or(&none);
        let published = caller.published.site.has_results(one.slug());
        let about = |folder: &str, note: String, bad: bool| {
            let path = format!("{folder}/{}", one.slug());
            link(caller, &path, one.title(caller.lang), note, bad)
        };
        if let Some(closes) = one.definition.settings.closes.filter(|_| one.closes_soon(tell)) {
            let when = tell.at(closes);
            links.push(about("surveys", tell.say("room_todo_closes", &[("when", &when)]), false));
        }
        if one.phase == Phase::Closed && tally.all > 0 && !published {
            links.push(about("results", tell.word("room_todo_unpublished"), false));
        }
        links.extend(stock(tell, &one, tally).map(|note| about("surveys", note, true)));
    }
    Ok(links)
}

/// Answers that are kept for longer than was promised, or with no promise at all.
fn stock(tell: &Teller, known: &Known, tally: &Tally) -> Option<String> {
    if tally.all == 0 {
        return None;
    }
    match known.definition.settings.keep_answers_months {
        None => Some(tell.word("room_todo_promise")),
        Some(_) if known.is_overdue(tell, tally) => Some(tell.word("room_todo_overdue")),
        Some(_) => None,
    }
}
