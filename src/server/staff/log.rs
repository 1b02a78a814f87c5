//! The audit log, the newest line first: who did what. Above it what the audit of the whole central says.

use super::super::form;
use super::rooms::Room;
use super::telling::Teller;
use super::{Caller, Checked, checked};
use crate::error::Result;
use crate::site::sheet::{Choice, Field, Form, Link, Row, Sheet, Table};
use crate::store::central::audit::Finding;
use crate::store::central::log::{Line, Wanted};
use crate::survey::Fields;

/// Lines on a page.
const LINES: usize = 100;

/// The page.
pub(super) fn show(caller: &Caller) -> Result<Room> {
    let tell = Teller::of(caller);
    let mut sheet = Sheet::new();
    audit(caller, &tell, &mut sheet);
    let asked = form::parse(caller.request.query.as_bytes()).unwrap_or_default();
    let chosen = |name: &str| asked.first(name).filter(|value| !value.is_empty());
    let wanted = Wanted {
        actor: chosen("who"),
        action: chosen("what"),
        before: chosen("before").and_then(|id| id.parse().ok()),
    };
    let central = &caller.desk.means.central;
    let index = caller.desk.store(central.log_index())?;
    let choice = |list: &[String], own: Option<&str>, named: &dyn Fn(&str) -> String| {
        let one = |value: &String| Choice {
            value: value.clone(),
            text: named(value),
            chosen: own == Some(value.as_str()),
        };
        list.iter().map(one).collect::<Vec<_>>()
    };
    let deed = |action: &str| tell.named("room_did", action);
    sheet.heading(tell.word("room_log_lines"));
    sheet.form(Form {
        asks: true,
        url: caller.address("log"),
        fields: vec![
            Field::Choice {
                name: "who",
                label: tell.word("room_log_who"),
                choices: choice(&index.actors, wanted.actor, &str::to_owned),
            },
            Field::Choice {
                name: "what",
                label: tell.word("room_log_what"),
                choices: choice(&index.actions, wanted.action, &deed),
            },
        ],
        button: tell.word("room_log_pick"),
        ..Form::default()
    });
    // One more than is shown says whether there are older ones.
    let mut lines = caller.desk.store(central.log_lines(wanted, LINES + 1))?;
    let has_older = lines.len() > LINES;
    lines.truncate(LINES);
    if lines.is_empty() {
        sheet.text(tell.word("room_log_empty"));
    } else {
        table(&tell, &lines, &mut sheet);
    }
    if let Some(last) = lines.last().filter(|_| has_older) {
        sheet.links(vec![older(caller, &tell, &asked, last.id)]);
    }
    caller.sheet("room_log", &sheet)
}

fn table(tell: &Teller, lines: &[Line], sheet: &mut Sheet) {
    let row = |line: &Line| {
        let at = line.at.parse().map_or_else(|_| line.at.clone(), |at| tell.moment(at));
        let what = tell.named("room_did", &line.action);
        Row {
            name: format!("{} · {at}", line.id),
            url: None,
            cells: vec![line.actor.clone(), what, line.detail.clone()],
            bad: false,
        }
    };
    sheet.table(Table {
        caption: tell.word("room_log_caption"),
        head: ["when", "who", "what", "detail"]
            .map(|key| tell.word(&format!("room_log_{key}")))
            .to_vec(),
        rows: lines.iter().map(row).collect(),
        figures: false,
    });
}

fn older(caller: &Caller, tell: &Teller, asked: &Fields, before: i64) -> Link {
    let mut query = format!("before={before}");
    for name in ["who", "what"] {
        if let Some(value) = asked.first(name).filter(|value| !value.is_empty()) {
            query.push_str(&format!("&{name}={}", encoded(value)));
        }
    }
    Link {
        url: format!("{}?{query}", caller.address("log")),
        title: tell.word("room_log_older"),
        note: String::new(),
        bad: false,
    }
}

/// A value in a query, with all that is no letter or digit of ASCII in percent.
fn encoded(value: &str) -> String {
    let sign = |byte: u8| match byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    value.bytes().map(sign).collect()
}

/// What the audit says; the chain of the log is part of it.
fn audit(caller: &Caller, tell: &Teller, sheet: &mut Sheet) {
    sheet.heading(tell.word("room_audit"));
    let Some((checked, at)) = checked(caller) else {
        sheet.text(tell.word("room_working_part"));
        return;
    };
    let Checked { findings, quarantined } = &*checked;
    for finding in findings {
        sheet.notice(told(tell, finding), true);
    }
    if findings.is_empty() {
        sheet.notice(tell.word("room_audit_well"), false);
    }
    if *quarantined > 0 {
        let count = tell.number(*quarantined);
        sheet.command(
            tell.say("room_audit_quarantine", &[("n", &count)]),
            "borgerpanel central quarantine",
        );
    }
    sheet.text(tell.say("room_audit_at", &[("at", &tell.moment(at))]));
    sheet.command(tell.word("room_audit_more"), "borgerpanel central audit");
}

/// A finding in a sentence. What the console says of a row by its number, this page says by its kiosk alone.
pub(super) fn told(tell: &Teller, finding: &Finding) -> String {
    let range = |first: &u64, last: &u64| format!("{first}–{last}");
    match finding {
        Finding::Missing { kiosk, first, last, .. } => {
            tell.say("room_found_missing", &[("kiosk", kiosk), ("numbers", &range(first, last))])
        }
        Finding::Lost { kiosk, first, last, .. } => {
            tell.say("room_found_lost", &[("kiosk", kiosk), ("numbers", &range(first, last))])
        }
        Finding::Cloned { kiosk } => tell.say("room_found_cloned", &[("kiosk", kiosk)]),
        Finding::Vanished { kiosk, seq, .. } => {
            tell.say("room_found_vanished", &[("kiosk", kiosk), ("number", &seq.to_string())])
        }
        Finding::Forged { key } => tell.say("room_found_forged", &[("key", key)]),
        Finding::LogBroken { line } => tell.say("room_found_log", &[("line", &line.to_string())]),
        Finding::Unbalanced { received, accounted } => tell.say(
            "room_found_unbalanced",
            &[("received", &tell.number(*received)), ("accounted", &tell.number(*accounted))],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_into_an_address_whole() {
        assert_eq!(encoded("søren.b@kk.dk"), "s%C3%B8ren.b%40kk.dk");
        assert_eq!(encoded("a b&c=d"), "a%20b%26c%3Dd");
    }
}
