//! The panels: how many members there are and come and go, how they are beside the city, how often they have
//! been asked. Everything about people is in whole tens, and nothing is told of fewer: `panel composition`'s
//! rule.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::ToSpan;

use super::bureau::Composed;
use super::rooms::Room;
use super::surveys::{self, known};
use super::telling::{Teller, in_tens};
use super::workshop::{Age, Found, Order};
use super::{Caller, counted};
use crate::error::Result;
use crate::panel::cap::YEAR_DAYS;
use crate::panel::composition::ToldVariable;
use crate::response::targets::Variable;
use crate::site::sheet::{Bar, Bars, Link, Row, Sheet, Table};
use crate::store::central::staff::Pass;
use crate::store::members::tally::Standing;

const PATIENCE: Duration = Duration::from_secs(2);
/// A composition is worked out again after so many seconds.
const FRESH_S: i64 = 60;

/// What a group is called where people chose it, in the caller's language.
pub(super) fn group_name(caller: &Caller, variable: Variable, id: &str) -> String {
    let site = &caller.published.site;
    let forms = site.signups.iter().map(|form| form.in_language(caller.lang));
    let questions = forms.flat_map(|form| form.questions());
    let own = questions.filter(|question| question.maps.as_deref() == Some(variable.name()));
    let choice = own.into_iter().find_map(|question| question.choice(id));
    match choice {
        Some(choice) => choice.text.plain.clone(),
        None => id.replace('-', "–"),
    }
}

/// What a variable is called.
pub(super) fn variable_name(tell: &Teller, variable: Variable) -> String {
    tell.named("room_by", variable.name())
}

fn standing(caller: &Caller, tell: &Teller, pass: Pass) -> Result<Standing> {
    let month = tell.today().to_string();
    let month = month.get(..7).unwrap_or_default();
    caller.desk.panel(caller.desk.means.members.standing(pass.panel(), month))
}

/// The panels that the caller may see.
pub(super) fn list(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let mut rows = Vec::new();
    for (slug, panel) in &caller.published.site.renderer.config().panels {
        let Some(pass) = caller.who.pass(slug) else { continue };
        let standing = standing(caller, &tell, pass)?;
        rows.push(Row {
            name: panel.name.clone(),
            url: Some(caller.address(&format!("panels/{slug}"))),
            cells: [standing.members, standing.waiting, standing.left]
                .map(|count| tell.about(count))
                .to_vec(),
            bad: false,
        });
    }
    let mut sheet = Sheet::new();
    sheet.text(tell.word("room_panels_about"));
    match rows.is_empty() {
        true => sheet.text(tell.word("room_panels_empty")),
        false => sheet.table(Table {
            caption: tell.word("room_panels_caption"),
            head: [
                "room_panels_panel",
                "room_panels_members",
                "room_panels_waiting",
                "room_panels_left",
            ]
            .map(|key| tell.word(key))
            .to_vec(),
            rows,
            figures: true,
        }),
    };
    caller.sheet("room_panels", &sheet)
}

/// One panel; none where there is none, or none for this caller.
pub(super) fn one(caller: &Caller, slug: &str) -> Result<Option<Room>> {
    let config = caller.published.site.renderer.config();
    let (Some(panel), Some(pass)) = (config.panels.get(slug), caller.who.pass(slug)) else {
        return Ok(None);
    };
    let tell = Teller::of(caller);
    let is = standing(caller, &tell, pass)?;
    let mut sheet = Sheet::new();
    sheet.facts(vec![
        tell.fact("room_panels_members", tell.about(is.members)),
        tell.fact("room_panels_waiting", tell.about(is.waiting)),
        tell.fact("room_panels_left", tell.about(is.left)),
        tell.fact("room_panels_bounced", tell.about(is.bounced)),
        tell.fact(
            "room_panels_cap",
            tell.say(
                "room_panels_cap_text",
                &[
                    ("n", &panel.max_invitations_per_year.to_string()),
                    ("days", &panel.min_days_between.to_string()),
                ],
            ),
        ),
    ]);
    sheet.links(vec![Link {
        url: caller.address("members"),
        title: tell.word("room_members"),
        note: tell.word("room_members_note"),
        bad: false,
    }]);
    composition(caller, &tell, pass, &mut sheet);
    loads(caller, &tell, pass, &mut sheet)?;
    asked(caller, &tell, pass, &mut sheet)?;
    caller.titled(panel.name.clone(), &sheet).map(Some)
}

fn composition(caller: &Caller, tell: &Teller, pass: Pass, sheet: &mut Sheet) {
    sheet.heading(tell.word("room_composition"));
    let (bureau, slug) = (caller.desk.means.bureau.clone(), pass.panel().to_owned());
    let order = Order {
        key: format!("composition {slug}"),
        mark: 0,
        patience: PATIENCE,
        is_fresh: &|age: Age| age.seconds < FRESH_S,
    };
    let composed = match caller.desk.means.workshop.order(&order, move || bureau.composition(&slug))
    {
        Found::Ready { thing, .. } => thing,
        Found::Underway => {
            sheet.text(tell.word("room_working_part"));
            return;
        }
        Found::Failed => {
            sheet.notice(tell.word("room_failed"), true);
            return;
        }
    };
    let Composed { told, source, is_local } = &*composed;
    sheet.text(tell.word("room_composition_about"));
    if let Some(source) = source {
        sheet.text(tell.say("room_composition_source", &[("source", source)]));
    }
    if *is_local {
        sheet.text(tell.word("room_composition_local"));
    }
    for one in &told.variables {
        match one.dissimilarity {
            Some(points) => sheet.table(beside(caller, tell, one, points)),
            None => {
                sheet.text(tell.say(
                    "room_composition_few",
                    &[("variable", &variable_name(tell, one.variable))],
                ))
            }
        };
    }
}

/// A variable of the panel beside the population.
fn beside(caller: &Caller, tell: &Teller, one: &ToldVariable, points: f64) -> Table {
    let or_few = |told: Option<String>| told.unwrap_or_else(|| tell.word("room_under_ten"));
    let row = |group: &crate::panel::composition::ToldGroup| Row {
        name: group_name(caller, one.variable, &group.category),
        url: None,
        cells: vec![
            tell.percent(group.population),
            group.share.map_or("·".to_owned(), |share| tell.percent(share)),
            or_few(group.count.map(|count| tell.number(count))),
            group.ratio.map_or("·".to_owned(), |ratio| tell.decimal(ratio, 2)),
            match group.verdict() {
                "" => "–".to_owned(),
                verdict => tell.named("room_composition", verdict),
            },
        ],
        bad: false,
    };
    let points = tell.decimal(points, 1);
    let verdict = tell.named("room_composition", one.verdict());
    let name = variable_name(tell, one.variable);
    let gaps = [("variable", &*name), ("d", &*points), ("verdict", &*verdict)];
    let head = ["population", "panel", "count", "ratio", "verdict"];
    let head = head.map(|key| tell.word(&format!("room_composition_{key}")));
    Table {
        caption: tell.say("room_composition_by", &gaps),
        head: std::iter::once(name.clone()).chain(head).collect(),
        rows: one.groups.iter().map(row).collect(),
        figures: true,
    }
}

/// How often members were asked in a year: the promise of the cap, kept.
fn loads(caller: &Caller, tell: &Teller, pass: Pass, sheet: &mut Sheet) -> Result<()> {
    let since = tell.today().checked_sub((YEAR_DAYS - 1).days());
    let since = since.map(|day| day.to_string()).unwrap_or_default();
    let loads: BTreeMap<u64, u64> =
        caller.desk.panel(caller.desk.means.members.loads(pass.panel(), &since))?;
    if loads.is_empty() {
        return Ok(());
    }
    sheet.heading(tell.word("room_loads"));
    // Drawn as it is told, or the bars' lengths would tell the rest.
    let bar = |(had, members): (&u64, &u64)| {
        (tell.number(*had), None, tell.about(*members), in_tens(*members))
    };
    sheet.bars(Bars {
        caption: tell.word("room_loads_caption"),
        head: [tell.word("room_loads_had"), tell.word("room_panels_members")],
        bars: Bar::all(loads.iter().map(bar)),
    });
    sheet.text(tell.word("room_loads_about"));
    Ok(())
}

/// The surveys of this panel.
fn asked(caller: &Caller, tell: &Teller, pass: Pass, sheet: &mut Sheet) -> Result<()> {
    let tallies = counted(caller);
    let all = known(caller, tallies.as_ref().map(|(tallies, _)| tallies.as_ref()))?;
    let own = all
        .iter()
        .filter(|one| one.definition.settings.panels.iter().any(|panel| panel == pass.panel()));
    let links: Vec<Link> = own
        .map(|one| Link {
            url: caller.address(&format!("surveys/{}", one.slug())),
            title: one.title(caller.lang),
            note: surveys::state(tell, one),
            bad: false,
        })
        .collect();
    sheet.heading(tell.word("room_surveys"));
    match links.is_empty() {
        true => sheet.text(tell.word("room_surveys_empty")),
        false => sheet.links(links),
    };
    Ok(())
}
