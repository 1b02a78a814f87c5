//! One member, for somebody who rings: looked up by the exact address, shown, copied, erased; each in the log
//! with the name of whoever did it, and without the address.
//!
//! Nothing about a member is asked for by GET: an address must not stand in a browser's history. Staff of a
//! panel see of its members what is of that panel, and end their membership of it; who is erased from all of
//! it is the administrators' to decide. Somebody of another panel alone is nobody to them.

use serde_json::json;

use super::super::http::Response;
use super::Caller;
use super::rooms::Room;
use super::telling::Teller;
use crate::error::{Context, Result};
use crate::panel::email::Email;
use crate::response::targets::Variable;
use crate::site::sheet::{Field, Form, Row, Sheet, Table};
use crate::store::members::member::{Dossier, Member};
use crate::survey::Fields;

/// The page, and what is posted to it.
pub(super) fn show(caller: &Caller) -> Result<Room> {
    let Some(form) = caller.form else { return ask(caller, "", None) };
    let typed = form.first("email").unwrap_or_default().trim();
    let tell = Teller::of(caller);
    let Ok(email) = Email::read(typed) else {
        return ask(caller, typed, Some(tell.word("room_members_wrong")));
    };
    let found = caller.desk.panel(caller.desk.means.members.by_email(&email))?;
    let found = found.filter(|member| is_theirs(caller, member));
    let Some(member) = found else {
        // That somebody is no member is told of somebody, too.
        log(caller, "member-sought", "nobody")?;
        return ask(caller, typed, Some(tell.word("room_members_nobody")));
    };
    match form.first("do") {
        Some("download") if is_vouched_for(caller, &member) => download(caller, &member),
        Some("end") => end(caller, &member, form),
        Some("erase") if caller.who.is_administrator() => erase(caller, &member, form),
        _ => page(caller, &member, None),
    }
}

/// Whether some of the caller's panels knows them, confirmed or not.
fn is_theirs(caller: &Caller, member: &Member) -> bool {
    let own = |panel: &str| caller.who.may_see(panel);
    caller.who.is_administrator() || member.memberships.iter().any(|one| own(&one.panel))
}

/// Whether the caller sees whom they look at: a panel of theirs knows them, and they have said so themselves.
fn is_vouched_for(caller: &Caller, member: &Member) -> bool {
    let own = |panel: &str| caller.who.may_see(panel);
    let confirmed = member.memberships.iter().filter(|one| one.confirmed);
    caller.who.is_administrator() || confirmed.map(|one| one.panel.as_str()).any(own)
}

fn log(caller: &Caller, action: &'static str, detail: &str) -> Result<()> {
    let entry = caller.entry(action, detail);
    caller.desk.store(caller.desk.means.central.log(&entry))
}

fn ask(caller: &Caller, typed: &str, wrong: Option<String>) -> Result<Room> {
    let tell = Teller::of(caller);
    let mut sheet = Sheet::new();
    sheet.text(tell.word("room_members_about"));
    let status = if wrong.is_some() { 422 } else { 200 };
    let (name, label) = ("email", tell.word("room_members_email"));
    sheet.form(Form {
        url: caller.address("members"),
        fields: vec![Field::Email { name, label, value: typed.to_owned(), wrong }],
        button: tell.word("room_members_find"),
        ..Form::default()
    });
    caller.with_status(status, tell.word("room_members"), &sheet)
}

/// What the caller may see of what is known of a member.
fn dossier(caller: &Caller, member: &Member) -> Result<Option<Dossier>> {
    let dossier = caller.desk.panel(caller.desk.means.members.dossier(member.id))?;
    let Some(mut dossier) = dossier else { return Ok(None) };
    if !caller.who.is_administrator() {
        let may_see = |panel: &str| caller.who.may_see(panel);
        dossier.member.memberships.retain(|one| may_see(&one.panel));
        dossier.invitations.retain(|one| may_see(&one.panel));
        // A mail does not say of which panel it is.
        dossier.mails.clear();
        if !is_vouched_for(caller, member) {
            // Of an earlier membership, which ended.
            dossier.invitations.clear();
        }
    }
    Ok(Some(dossier))
}

fn page(caller: &Caller, member: &Member, note: Option<String>) -> Result<Room> {
    log(caller, "member-shown", &member.id.to_string())?;
    let tell = Teller::of(caller);
    let Some(dossier) = dossier(caller, member)? else { return ask(caller, "", None) };
    let mut sheet = Sheet::new();
    if let Some(note) = note {
        sheet.notice(note, true);
    }
    if is_vouched_for(caller, member) {
        facts(caller, &tell, &dossier, &mut sheet);
    } else {
        sheet.text(tell.word("room_member_unconfirmed"));
    }
    lists(&tell, &dossier, &mut sheet);
    deeds(caller, &tell, &dossier.member, &mut sheet);
    caller.titled(tell.word("room_member"), &sheet)
}

fn facts(caller: &Caller, tell: &Teller, dossier: &Dossier, sheet: &mut Sheet) {
    let member = &dossier.member;
    let fields = &member.fields;
    let named = |variable, value: &Option<String>| match value {
        Some(id) => super::panels::group_name(caller, variable, id),
        None => tell.word("room_unsaid"),
    };
    let day = |day: &Option<String>| match day {
        Some(day) => tell.day(day),
        None => tell.word("room_not_yet"),
    };
    let mut facts = vec![
        tell.fact("room_member_email", fields.email.to_string()),
        tell.fact("room_member_born", fields.birth_year.to_string()),
        tell.fact("room_by_gender", named(Variable::Gender, &fields.gender)),
        tell.fact("room_by_district", named(Variable::District, &fields.district)),
        tell.fact("room_by_education", named(Variable::Education, &fields.education)),
        tell.fact("room_member_lang", fields.lang.clone()),
        tell.fact("room_member_confirmed", day(&member.confirmed)),
        tell.fact("room_member_seen", tell.day(&member.seen)),
    ];
    if let Some(since) = &member.bounced {
        let mut bounced = tell.fact("room_member_bounced", tell.day(since));
        bounced.bad = true;
        facts.push(bounced);
    }
    sheet.facts(facts);
}

fn lists(tell: &Teller, dossier: &Dossier, sheet: &mut Sheet) {
    let plain = |name: String, cells: Vec<String>| Row { name, url: None, cells, bad: false };
    let confirmed = |is: bool| tell.word(if is { "room_yes" } else { "room_not_yet" });
    let memberships = dossier.member.memberships.iter();
    let rows = memberships
        .map(|one| plain(one.panel.clone(), vec![tell.day(&one.since), confirmed(one.confirmed)]));
    table(tell, "memberships", &["panel", "since", "confirmed"], rows.collect(), sheet);
    let invitations = dossier.invitations.iter();
    let rows = invitations.map(|one| {
        let by = tell.named("room_road", &one.by);
        plain(one.survey.clone(), vec![one.panel.clone(), tell.day(&one.day), by])
    });
    table(tell, "invitations", &["survey", "panel", "day", "by"], rows.collect(), sheet);
    let rows = dossier.mails.iter().map(|one| {
        plain(
            tell.named("room_mail", &one.name),
            vec![tell.day(&one.day), tell.named("room_post", &one.state)],
        )
    });
    table(tell, "mails", &["mail", "day", "state"], rows.collect(), sheet);
}

fn table(tell: &Teller, what: &str, head: &[&str], rows: Vec<Row>, sheet: &mut Sheet) {
    if rows.is_empty() {
        return;
    }
    sheet.table(Table {
        caption: tell.word(&format!("room_member_{what}")),
        head: head.iter().map(|key| tell.word(&format!("room_member_{key}"))).collect(),
        rows,
        figures: false,
    });
}

/// What can be done. Each form says again whom it is about: no id of a member's is in the page.
fn deeds(caller: &Caller, tell: &Teller, member: &Member, sheet: &mut Sheet) {
    let form = |deed: &str, more: Vec<Field>, button: String| Form {
        url: caller.address("members"),
        fields: [
            vec![
                Field::Hidden { name: "email", value: member.fields.email.to_string() },
                Field::Hidden { name: "do", value: deed.to_owned() },
            ],
            more,
        ]
        .concat(),
        button,
        grave: deed != "download",
        ..Form::default()
    };
    sheet.heading(tell.word("room_member_deeds"));
    if is_vouched_for(caller, member) {
        sheet.form(form("download", Vec::new(), tell.word("room_member_download")));
    }
    let panels = &caller.published.site.renderer.config().panels;
    for one in &member.memberships {
        let name = panels.get(&one.panel).map_or(one.panel.as_str(), |panel| panel.name.as_str());
        let more = vec![
            Field::Hidden { name: "panel", value: one.panel.clone() },
            Field::Sure {
                name: "sure",
                label: tell.say("room_member_end_sure", &[("panel", name)]),
            },
        ];
        sheet.form(form("end", more, tell.word("room_member_end")));
    }
    match caller.who.is_administrator() {
        true => {
            let sure = Field::Sure { name: "sure", label: tell.word("room_member_erase_sure") };
            sheet.form(form("erase", vec![sure], tell.word("room_member_erase")))
        }
        false => sheet.text(tell.word("room_member_erase_not")),
    };
}

fn is_sure(form: &Fields) -> bool {
    form.first("sure") == Some("yes")
}

fn download(caller: &Caller, member: &Member) -> Result<Room> {
    log(caller, "member-exported", &member.id.to_string())?;
    let dossier = dossier(caller, member)?;
    let json = serde_json::to_string_pretty(&json!(dossier));
    let json = json.during("write what is known of a member")?;
    let reply = Response::bytes(200, "application/json", json)
        .with("Content-Disposition", "attachment; filename=\"medlem.json\"");
    Ok(Room::Other(reply))
}

/// Ends a membership; whoever is in no panel any more is erased.
fn end(caller: &Caller, member: &Member, form: &Fields) -> Result<Room> {
    let tell = Teller::of(caller);
    let panel = form.first("panel").unwrap_or_default();
    let Some(pass) = caller.who.pass(panel) else {
        return ask(caller, "", Some(tell.word("room_members_nobody")));
    };
    if !is_sure(form) {
        return page(caller, member, Some(tell.word("room_member_tick")));
    }
    let detail = format!("{} in {}", member.id, pass.panel());
    log(caller, "membership-ended", &detail)?;
    let (members, day) = (&caller.desk.means.members, tell.today().to_string());
    let by = caller.who.name.as_str();
    let is_gone = members.end_membership(member.id, pass.panel(), by, &day);
    let is_gone = caller.desk.panel(is_gone)?;
    // Whether nothing is left of who was not vouched for says whether another panel knows them.
    let is_told = is_gone && is_vouched_for(caller, member);
    done(caller, if is_told { "room_member_erased" } else { "room_member_ended" })
}

fn erase(caller: &Caller, member: &Member, form: &Fields) -> Result<Room> {
    let tell = Teller::of(caller);
    if !is_sure(form) {
        return page(caller, member, Some(tell.word("room_member_tick")));
    }
    log(caller, "member-erased", &member.id.to_string())?;
    let day = tell.today().to_string();
    let erased = caller.desk.means.members.erase(&[member.id], &caller.who.name, &day);
    caller.desk.panel(erased)?;
    done(caller, "room_member_erased")
}

fn done(caller: &Caller, key: &str) -> Result<Room> {
    let tell = Teller::of(caller);
    let mut sheet = Sheet::new();
    sheet.notice(tell.word(key), false);
    caller.titled(tell.word("room_members"), &sheet)
}
