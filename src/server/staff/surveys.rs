//! The surveys: how many answered, when, where and how; never what. Who was invited and whether they answered
//! is told in whole tens while the survey is open, and of nobody: watched from minute to minute, an exact
//! count would say when somebody's answer came.

use std::borrow::Cow;

use jiff::ToSpan;
use std::time::Duration;

use super::bureau::{Outlook, Quality};
use super::rooms::Room;
use super::telling::{Teller, drawn};
use super::workshop::{Age, Found, Order};
use super::{Caller, counted, outlook};
use crate::error::Result;
use crate::site::sheet::{Bar, Bars, Fact, Link, Row, Sheet, Table};
use crate::store::central::tally::{Counts, Tallies, Tally};
use crate::survey::settings::{Moment, Sample};
use crate::survey::{Definition, Phase};

/// So many days before its end a survey is one that closes soon.
const SOON_DAYS: i32 = 7;
/// How long a page waits for what has to be worked out from the answers.
const PATIENCE: Duration = Duration::from_secs(2);

/// A survey that the caller may see.
pub(super) struct Known<'a> {
    pub definition: Cow<'a, Definition>,
    /// It is in the content; else this central has answers to it from before.
    pub is_shown: bool,
    pub phase: Phase,
}

impl Known<'_> {
    pub fn slug(&self) -> &str {
        &self.definition.slug
    }

    pub fn title(&self, lang: &str) -> String {
        self.definition.in_language(lang).title.plain.clone()
    }

    fn is_by_invitation(&self) -> bool {
        self.definition.settings.sample == Sample::Panel
    }

    /// Whether it ends within a week.
    pub fn closes_soon(&self, tell: &Teller) -> bool {
        let Some(closes) = self.definition.settings.closes else { return false };
        let last = closes.end().date();
        let soon = tell.today().checked_add(SOON_DAYS.days()).is_ok_and(|soon| last <= soon);
        self.phase == Phase::Open && soon
    }

    /// Whether the last promise to keep an answer has run out for some.
    pub fn is_overdue(&self, tell: &Teller, tally: &Tally) -> bool {
        let Some(months) = self.definition.settings.keep_answers_months else { return false };
        let Ok(through) = tell.today().checked_sub(i64::from(months).months()) else {
            return false;
        };
        tally.days.keys().next().is_some_and(|first| *first <= through.to_string())
    }
}

/// The surveys that the caller may see: those of the content in the order of lists, then others that there are
/// answers to.
pub(super) fn known<'a>(caller: &'a Caller, tallies: Option<&Tallies>) -> Result<Vec<Known<'a>>> {
    let site = &caller.published.site;
    let zone = site.renderer.config().zone();
    let now = caller.desk.means.clock.here(&zone);
    let one = |definition: Cow<'a, Definition>, is_shown| {
        let phase = definition.settings.phase_at(&now, &zone);
        Known { definition, is_shown, phase }
    };
    let mut known: Vec<Known> =
        site.surveys.iter().map(|definition| one(Cow::Borrowed(definition), true)).collect();
    let is_gone = |slug: &&String| site.survey(slug).is_none() && !slug.starts_with("panel/");
    let gone: Vec<&String> =
        tallies.into_iter().flat_map(|all| all.surveys.keys()).filter(is_gone).collect();
    if !gone.is_empty() {
        let all = caller.desk.store(caller.desk.means.central.definitions())?;
        // The newest of each: they come in the order in which they were made known.
        let newest = |slug: &&String| all.iter().rev().find(|one| one.slug == **slug).cloned();
        let old = gone.iter().filter_map(newest);
        known.extend(old.map(|definition| one(Cow::Owned(definition), false)));
    }
    known.retain(|one| caller.who.may_see_all(&one.definition.settings.panels));
    Ok(known)
}

/// All surveys.
pub(super) fn list(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let counted = counted(caller);
    let tallies = counted.as_ref().map(|(tallies, _)| tallies.as_ref());
    let mut sheet = Sheet::new();
    sheet.text(tell.word("room_surveys_about"));
    let known = known(caller, tallies)?;
    let mut rows = Vec::new();
    for one in &known {
        rows.push(list_row(caller, &tell, one, tallies)?);
    }
    if rows.is_empty() {
        sheet.text(tell.word("room_surveys_empty"));
    } else {
        let head = ["survey", "state", "answers", "invited", "published"];
        sheet.table(Table {
            caption: tell.word("room_surveys_caption"),
            head: head.map(|name| tell.word(&format!("room_surveys_{name}"))).to_vec(),
            rows,
            figures: false,
        });
    }
    say_when(&tell, counted.as_ref().map(|(_, at)| *at), &mut sheet);
    caller.sheet("room_surveys", &sheet)
}

fn list_row(
    caller: &Caller,
    tell: &Teller,
    known: &Known,
    tallies: Option<&Tallies>,
) -> Result<Row> {
    let answers = tallies.map(|all| all.surveys.get(known.slug()).map_or(0, |tally| tally.all));
    let invited = match known.is_by_invitation() {
        true => tell.about(invited(caller, known.slug())?),
        false => "–".to_owned(),
    };
    let published = match caller.published.site.has_results(known.slug()) {
        true => tell.word("room_yes"),
        false => tell.word("room_no"),
    };
    Ok(Row {
        name: known.title(caller.lang),
        url: Some(caller.address(&format!("surveys/{}", known.slug()))),
        cells: vec![
            state(tell, known),
            answers.map_or_else(|| "…".to_owned(), |count| tell.number(count)),
            invited,
            published,
        ],
        bad: false,
    })
}

/// Open until when, closed since when.
pub(super) fn state(tell: &Teller, known: &Known) -> String {
    let settings = &known.definition.settings;
    let at = |moment: Option<Moment>| moment.map(|moment| tell.at(moment));
    let (key, when) = match known.phase {
        _ if !known.is_shown => ("room_state_gone", None),
        Phase::Coming => ("room_state_coming", at(settings.opens)),
        Phase::Open => ("room_state_open", at(settings.closes)),
        Phase::Closed => ("room_state_closed", at(settings.closes)),
    };
    match when {
        Some(when) => tell.say(&format!("{key}_at"), &[("when", &when)]),
        None => tell.word(key),
    }
}

fn invited(caller: &Caller, survey: &str) -> Result<u64> {
    let sent = caller.desk.means.members.count_invited(survey);
    Ok(caller.desk.panel(sent)?.all())
}

/// The survey of this slug, if the caller may see it.
pub(super) fn find<'a>(
    caller: &'a Caller,
    slug: &str,
    tallies: Option<&Tallies>,
) -> Result<Option<Known<'a>>> {
    Ok(known(caller, tallies)?.into_iter().find(|one| one.slug() == slug))
}

/// One survey; none where there is none, or none for this caller.
pub(super) fn one(caller: &Caller, slug: &str) -> Result<Option<Room>> {
    let tell = Teller::of(caller);
    let counted = counted(caller);
    let tallies = counted.as_ref().map(|(tallies, _)| tallies.as_ref());
    let Some(known) = find(caller, slug, tallies)? else { return Ok(None) };
    let empty = Tally::default();
    let tally = tallies.map(|all| all.surveys.get(slug).unwrap_or(&empty));
    let mut sheet = Sheet::new();
    sheet.facts(facts(caller, &tell, &known, tally)?);
    ways(caller, &tell, &known, &mut sheet);
    match tally {
        None => {
            sheet.text(tell.word("room_counting"));
        }
        Some(tally) => {
            figures(caller, &tell, tally, &mut sheet);
            flags(caller, &tell, slug, tally, &mut sheet);
        }
    }
    say_when(&tell, counted.as_ref().map(|(_, at)| *at), &mut sheet);
    caller.titled(known.title(caller.lang), &sheet).map(Some)
}

fn facts(
    caller: &Caller,
    tell: &Teller,
    known: &Known,
    tally: Option<&Tally>,
) -> Result<Vec<Fact>> {
    let settings = &known.definition.settings;
    let panels = &caller.published.site.renderer.config().panels;
    let name = |slug: &String| panels.get(slug).map_or(slug.clone(), |panel| panel.name.clone());
    let names: Vec<String> = settings.panels.iter().map(name).collect();
    let mut facts = vec![tell.fact("room_surveys_state", state(tell, known))];
    if !names.is_empty() {
        facts.push(tell.fact("room_survey_panels", names.join(", ")));
    }
    if known.is_by_invitation() {
        let sent = caller.desk.panel(caller.desk.means.members.count_invited(known.slug()))?;
        let waiting = caller.desk.means.spool.count(known.slug());
        let waiting =
            waiting.map_err(|error| error.at("look into", caller.desk.means.spool.path()))?;
        facts.push(tell.fact("room_survey_mailed", tell.about(sent.by_mail)));
        if sent.by_letter > 0 {
            facts.push(tell.fact("room_survey_lettered", tell.about(sent.by_letter)));
        }
        if known.phase != Phase::Closed || waiting > 0 {
            facts.push(tell.fact("room_survey_waiting", tell.about(waiting)));
        }
    }
    let Some(tally) = tally else { return Ok(facts) };
    facts.push(tell.fact("room_survey_all", tell.number(tally.all)));
    let more = [
        ("room_survey_invited", tally.invited),
        ("room_survey_sealed", tally.sealed),
        ("room_survey_tried", tally.tried),
        ("room_survey_erased", tally.erased),
    ];
    let more = more.into_iter().filter(|(_, count)| *count > 0);
    facts.extend(more.map(|(key, count)| tell.fact(key, tell.number(count))));
    let kept = match settings.keep_answers_months {
        Some(months) => tell.say("room_survey_months", &[("n", &months.to_string())]),
        None => tell.word("room_survey_forever"),
    };
    let bad = settings.keep_answers_months.is_none() || known.is_overdue(tell, tally);
    facts.push(Fact { bad, ..tell.fact("room_survey_kept", kept) });
    Ok(facts)
}

fn ways(caller: &Caller, tell: &Teller, known: &Known, sheet: &mut Sheet) {
    let slug = known.slug();
    let link = |path: String, key: &str| Link {
        url: caller.address(&path),
        title: tell.word(key),
        note: tell.word(&format!("{key}_note")),
        bad: false,
    };
    let mut links = vec![link(format!("results/{slug}"), "room_way_draft")];
    if known.is_by_invitation() && known.is_shown && known.phase != Phase::Closed {
        links.push(link(format!("surveys/{slug}/invite"), "room_way_invite"));
    }
    sheet.links(links);
}

fn figures(caller: &Caller, tell: &Teller, tally: &Tally, sheet: &mut Sheet) {
    if tally.all == 0 {
        sheet.text(tell.word("room_survey_empty"));
        return;
    }
    let by_day = tally.days.iter().rev();
    let by_day = by_day.map(|(day, n)| (tell.day(day), None, tell.few(*n), drawn(*n)));
    sheet.bars(Bars {
        caption: tell.word("room_survey_days"),
        head: [tell.word("room_day"), tell.word("room_answers")],
        bars: Bar::all(by_day),
    });
    sheet.text(tell.word("room_few_why"));
    let table = |counts: &Counts, caption: &str, head: &str, prefix: &str| Bars {
        caption: tell.word(caption),
        head: [tell.word(head), tell.word("room_answers")],
        bars: Bar::all(
            counts.iter().map(|(id, n)| (tell.named(prefix, id), None, tell.number(*n), *n)),
        ),
    };
    sheet.bars(table(&tally.statuses, "room_survey_statuses", "room_status", "room_status"));
    sheet.bars(table(&tally.channels, "room_survey_channels", "room_channel", "room_channel"));
    if !tally.kiosks.is_empty() {
        let way = |kiosk: &String| caller.address(&format!("fleet/{kiosk}"));
        let by_kiosk = tally.kiosks.iter().map(|(kiosk, n)| {
            let url = caller.who.is_administrator().then(|| way(kiosk));
            (kiosk.clone(), url, tell.number(*n), *n)
        });
        sheet.bars(Bars {
            caption: tell.word("room_survey_kiosks"),
            head: [tell.word("room_fleet_kiosk"), tell.word("room_answers")],
            bars: Bar::all(by_kiosk),
        });
    }
}

/// Flags of two kinds: those an answer got as it came, and those of its quality, which compare all answers.
fn flags(caller: &Caller, tell: &Teller, slug: &str, tally: &Tally, sheet: &mut Sheet) {
    if tally.all == 0 {
        return;
    }
    sheet.heading(tell.word("room_flags"));
    let table = |counts: &Counts, caption: &str| Bars {
        caption: tell.word(caption),
        head: [tell.word("room_flag"), tell.word("room_answers")],
        bars: Bar::all(
            counts.iter().map(|(id, n)| (tell.named("room_flag", id), None, tell.number(*n), *n)),
        ),
    };
    if !tally.flags.is_empty() {
        sheet.bars(table(&tally.flags, "room_flags_stored"));
    }
    let bureau = caller.desk.means.bureau.clone();
    let (own, all) = (slug.to_owned(), tally.all);
    let order = Order {
        key: format!("quality {slug}"),
        mark: all,
        patience: PATIENCE,
        is_fresh: &|age: Age| age.mark == all,
    };
    match caller.desk.means.workshop.order(&order, move || bureau.quality(&own)) {
        Found::Underway => {
            sheet.text(tell.word("room_working_part"));
        }
        Found::Failed => {
            sheet.notice(tell.word("room_failed"), true);
        }
        Found::Ready { thing, .. } => {
            let Quality { people, flagged, flags } = &*thing;
            let counts = [("n", &*tell.number(*flagged)), ("all", &*tell.number(*people))];
            sheet.text(tell.say("room_flags_sum", &counts));
            if !flags.is_empty() {
                sheet.bars(table(flags, "room_flags_made"));
            }
        }
    }
    sheet.text(tell.word("room_flags_about"));
}

fn say_when(tell: &Teller, at: Option<jiff::Timestamp>, sheet: &mut Sheet) {
    if let Some(at) = at {
        sheet.text(tell.say("room_counted_at", &[("at", &tell.moment(at))]));
    }
}

/// What a survey would reach if it was sent today; none where there is none, or none for this caller.
pub(super) fn ahead(caller: &Caller, slug: &str) -> Result<Option<Room>> {
    let tell = Teller::of(caller);
    let Some(known) = find(caller, slug, None)?.filter(Known::is_by_invitation) else {
        return Ok(None);
    };
    let mut sheet = Sheet::new();
    sheet.text(tell.say("room_ahead_about", &[("survey", &known.title(caller.lang))]));
    let (bureau, own) = (caller.desk.means.bureau.clone(), slug.to_owned());
    let order = Order {
        key: format!("outlook {slug}"),
        mark: 0,
        patience: PATIENCE,
        is_fresh: &|age: Age| age.seconds < 30,
    };
    match caller.desk.means.workshop.order(&order, move || bureau.outlook(&own)) {
        Found::Underway => return caller.wait("room_ahead").map(Some),
        Found::Failed => {
            sheet.notice(tell.word("room_failed"), true);
        }
        Found::Ready { thing, .. } => match &*thing {
            Outlook::None(why) => {
                sheet.notice(tell.named("room_ahead_none", why), true);
            }
            Outlook::Seen(preview) => outlook::show(caller, &tell, preview, &mut sheet),
        },
    }
    sheet.command(tell.word("room_ahead_dry"), format!("borgerpanel invite {slug} --dry-run"));
    sheet.command(tell.word("room_ahead_send"), format!("borgerpanel invite {slug}"));
    sheet.text(tell.word("room_ahead_why"));
    caller.sheet("room_ahead", &sheet).map(Some)
}
