//! Results before they are published: the page that `results SURVEY --preview` writes, in the staff's frame,
//! with the audit's verdict. Made beside the requests, and kept.
//!
//! A page that was made anew with every answer would say, to whoever compares two of them, what the answer
//! between them was. So one is kept until at least [`STEP`] answers have come or gone since.

use std::time::Duration;

use super::bureau::{Draft, Page};
use super::rooms::Room;
use super::surveys::{find, known, state};
use super::telling::Teller;
use super::workshop::{Age, Found, Order};
use super::{Caller, counted};
use crate::error::Result;
use crate::site::sheet::{Row, Sheet, Table};
use crate::survey::Phase;

/// So many answers have to come or go before a draft is made anew.
const STEP: u64 = 10;
/// How long a page waits for a draft before it says that one is being made.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many sentences of what the audit found are shown; who has more has enough to do.
const FOUND_MAX: usize = 20;

/// The surveys whose drafts the caller may see.
pub(super) fn list(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let counted = counted(caller);
    let tallies = counted.as_ref().map(|(tallies, _)| tallies.as_ref());
    let known = known(caller, tallies)?;
    let row = |one: &super::surveys::Known| {
        let tally = tallies.and_then(|all| all.surveys.get(one.slug()));
        let published = caller.published.site.has_results(one.slug());
        Row {
            name: one.title(caller.lang),
            url: Some(caller.address(&format!("results/{}", one.slug()))),
            cells: vec![
                state(&tell, one),
                tally.map_or("0".to_owned(), |tally| tell.number(tally.all)),
                tell.word(if published { "room_yes" } else { "room_no" }),
            ],
            bad: false,
        }
    };
    let mut sheet = Sheet::new();
    sheet.notice(tell.word("room_draft_secret"), false);
    sheet.table(Table {
        caption: tell.word("room_results_caption"),
        head: ["survey", "state", "answers", "published"]
            .map(|key| tell.word(&format!("room_surveys_{key}")))
            .to_vec(),
        rows: known.iter().map(row).collect(),
        figures: false,
    });
    caller.sheet("room_results", &sheet)
}

/// One draft; none where there is no such survey, or none for this caller.
pub(super) fn one(caller: &Caller, slug: &str) -> Result<Option<Room>> {
    let tell = Teller::of(caller);
    let counted = counted(caller);
    let tallies = counted.as_ref().map(|(tallies, _)| tallies.as_ref());
    let Some(survey) = find(caller, slug, tallies)? else { return Ok(None) };
    let all = tallies.and_then(|all| all.surveys.get(slug)).map_or(0, |tally| tally.all);
    let (bureau, own) = (caller.desk.means.bureau.clone(), slug.to_owned());
    let order = Order {
        key: format!("draft {slug}"),
        mark: all,
        patience: PATIENCE,
        is_fresh: &|age: Age| age.mark.abs_diff(all) < STEP,
    };
    let (draft, at) = match caller.desk.means.workshop.order(&order, move || bureau.draft(&own)) {
        Found::Underway => return caller.wait("room_draft").map(Some),
        Found::Failed => {
            let mut sheet = Sheet::new();
            sheet.notice(tell.word("room_failed"), true);
            return caller.sheet("room_draft", &sheet).map(Some);
        }
        Found::Ready { thing, at } => (thing, at),
    };
    let entry = caller.entry("draft-shown", slug);
    caller.desk.store(caller.desk.means.central.log(&entry))?;
    let mut sheet = Sheet::new();
    sheet.notice(tell.word("room_draft_secret"), true);
    if survey.phase != Phase::Closed {
        sheet.notice(tell.word("room_draft_open"), false);
    }
    match &*draft {
        Draft::TooFew { people, least } => {
            let (people, least) = (tell.about(u64::from(*people)), least.to_string());
            sheet.text(tell.say("room_draft_few", &[("n", &people), ("least", &least)]));
        }
        Draft::PartTooSmall { people, least_invited, least } => {
            let people = tell.about(u64::from(*people));
            let (invited, least) = (least_invited.to_string(), least.to_string());
            let gaps = [("n", &*people), ("invited", &*invited), ("least", &*least)];
            sheet.text(tell.say("room_draft_part", &gaps));
        }
        Draft::Made(page) => made(caller, &tell, page, at, &mut sheet),
    }
    let command = format!("borgerpanel results {slug} --out content/results/{slug}");
    sheet.command(tell.word("room_draft_publish"), command);
    let title = tell.say("room_draft_of", &[("survey", &survey.title(caller.lang))]);
    caller.titled(title, &sheet).map(Some)
}

fn made(caller: &Caller, tell: &Teller, page: &Page, at: jiff::Timestamp, sheet: &mut Sheet) {
    let gaps = [("n", &*tell.number(u64::from(page.people))), ("at", &*tell.moment(at))];
    sheet.text(tell.say("room_draft_of_answers", &gaps));
    match page.found.is_empty() {
        true => {
            let hidden = tell.number(page.hidden as u64);
            sheet.notice(tell.say("room_draft_safe", &[("n", &hidden)]), false);
        }
        false => {
            sheet.notice(tell.word("room_draft_unsafe"), true);
            page.found.iter().take(FOUND_MAX).for_each(|found| {
                sheet.text(found.clone());
            });
        }
    }
    let body = page.bodies.get(caller.lang).or_else(|| page.bodies.values().next());
    sheet.html(body.cloned().unwrap_or_default());
}
