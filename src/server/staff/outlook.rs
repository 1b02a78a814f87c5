//! What a survey can become, as a page: how many it reaches, whose answers to expect, which tables there will
//! be. People are counted in whole tens, as in a panel's composition, also all of them: whoever writes a target
//! that one person meets would read from an exact count whether they are a member, and who invited them.

use super::Caller;
use super::panels::{group_name, variable_name};
use super::telling::Teller;
use crate::panel::preview::{ANSWERS_MIN, Outlook, Preview, TABLES_MIN, Table as By, TooFew};
use crate::panel::preview::{TARGETED_ANSWERS_MIN, TARGETED_INVITED_MIN};
use crate::panel::select::LOAD_MIN;
use crate::response::targets::Variable;
use crate::site::sheet::{Row, Sheet, Table};

/// Adds it to a page.
pub(super) fn show(caller: &Caller, tell: &Teller, preview: &Preview, sheet: &mut Sheet) {
    let count = |count: usize| tell.about(count as u64);
    let mut facts = vec![
        tell.fact("room_ahead_meant", count(preview.members)),
        tell.fact("room_ahead_free", count(preview.free)),
    ];
    for (held, many) in &preview.held {
        let why = format!("{held:?}").to_lowercase();
        let mut fact = tell.fact("room_ahead_held", count(*many));
        fact.label = tell.named("room_ahead_held", &why);
        facts.push(fact);
    }
    let least = LOAD_MIN.to_string();
    let mut under = tell.fact("room_ahead_under", count(preview.under));
    under.label = tell.say("room_ahead_under", &[("n", &least)]);
    facts.push(under);
    facts.push(tell.fact("room_ahead_answers", count(preview.answers.round() as usize)));
    sheet.facts(facts);
    sheet.heading(tell.word("room_ahead_tables"));
    tables(caller, tell, preview, sheet);
    sheet.heading(tell.word("room_ahead_groups"));
    for (variable, groups) in &preview.groups {
        let row = |group: &crate::panel::preview::Expected| Row {
            name: group_name(caller, *variable, &group.category),
            url: None,
            cells: [group.members, group.invited, group.answers.round() as usize]
                .map(|count| tell.about(count as u64))
                .to_vec(),
            bad: false,
        };
        let head = ["room_ahead_members", "room_ahead_invited", "room_ahead_expected"];
        let first = variable_name(tell, *variable);
        sheet.table(Table {
            caption: tell.say("room_ahead_by", &[("variable", &first)]),
            head: std::iter::once(first).chain(head.map(|key| tell.word(key))).collect(),
            rows: groups.iter().map(row).collect(),
            figures: true,
        });
    }
}

fn tables(caller: &Caller, tell: &Teller, preview: &Preview, sheet: &mut Sheet) {
    let answers = tell.about(preview.answers.round() as u64);
    let whole = |least: f64| tell.number(least as u64);
    let few = |key: &str, least: String| tell.say(key, &[("n", &*answers), ("least", &*least)]);
    let tables = match &preview.outlook {
        Outlook::Nothing(TooFew::Answers) => {
            sheet.notice(few("room_ahead_nothing", whole(ANSWERS_MIN)), true);
            return;
        }
        Outlook::Nothing(TooFew::TargetedAnswers) => {
            sheet.notice(few("room_ahead_part_answers", whole(TARGETED_ANSWERS_MIN)), true);
            return;
        }
        Outlook::Nothing(TooFew::TargetedInvited) => {
            let (invited, least) = (preview.invited as u64, TARGETED_INVITED_MIN as u64);
            let gaps = [("n", &*tell.about(invited)), ("least", &*tell.number(least))];
            sheet.notice(tell.say("room_ahead_part_invited", &gaps), true);
            return;
        }
        Outlook::Totals => {
            sheet.notice(few("room_ahead_totals", whole(TABLES_MIN)), false);
            return;
        }
        Outlook::Tables(tables) => tables,
    };
    let told = |variable: Variable, table: &By| match table {
        By::Narrowed => tell.word("room_ahead_narrowed"),
        By::TooSmall => {
            tell.say("room_ahead_small", &[("n", &preview.limits.min_group.to_string())])
        }
        By::Shown(groups) => {
            let name = |ids: &Vec<String>| {
                let names: Vec<_> = ids.iter().map(|id| group_name(caller, variable, id)).collect();
                names.join(" + ")
            };
            groups.iter().map(name).collect::<Vec<_>>().join(" · ")
        }
    };
    let row = |(variable, table): (&Variable, &By)| Row {
        name: variable_name(tell, *variable),
        url: None,
        cells: vec![told(*variable, table)],
        bad: false,
    };
    sheet.table(Table {
        caption: tell.word("room_ahead_published"),
        head: vec![tell.word("room_ahead_variable"), tell.word("room_ahead_shown")],
        rows: tables.iter().map(row).collect(),
        figures: false,
    });
    let threshold = preview.limits.threshold.to_string();
    sheet.text(tell.say("room_ahead_hidden", &[("n", &threshold)]));
}
