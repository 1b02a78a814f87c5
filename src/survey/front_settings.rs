//! What a survey's front matter says, read into [`Settings`]: every key known, every value judged.

use jiff::civil::{Date, DateTime};
use serde_json::Value;

use super::catalogue as c;
use super::compile::Facts;
use super::frontmatter::{FrontMatter, Key};
use super::settings::{Background, Moment, Partial, Sample, Settings};
use super::source::{Notes, nfc, suggest};
use super::target;
use super::typecheck::CHANNELS;

/// The keys of a survey.
pub use super::vocabulary::KEY_NAMES as KEYS;

/// The keys of a translation: texts.
pub const TRANSLATED: &[&str] = &["title", "summary", "purpose", "legal_basis"];

/// Notes keys that are not among `known`.
pub fn check_keys(front: &FrontMatter, known: &[&str], notes: &mut Notes) {
    for key in front.keys.iter().filter(|key| !known.contains(&key.name.as_str())) {
        if known == TRANSLATED && KEYS.contains(&key.name.as_str()) {
            // The language stands in the file's name; saying it again is harmless.
            if key.name != "lang" {
                notes
                    .add(&c::KEY_IN_TRANSLATION, key.span.clone())
                    .arg("name", &key.name)
                    .arg("known", known.join(", "));
            }
            continue;
        }
        let note = notes.add(&c::UNKNOWN_KEY, key.span.clone());
        suggest(note.arg("name", &key.name), &key.name, known.iter().copied());
    }
}

/// The text of a key that has to be there.
pub fn required_text(front: &FrontMatter, name: &'static str, notes: &mut Notes) -> String {
    match text(front, name, notes) {
        Some(text) if !text.trim().is_empty() => text,
        _ => {
            // Without any front matter, that is what is said.
            if front.body > 0 && !notes.list.iter().any(|note| note.span.start < front.body) {
                let span = front.find(name).map_or(&front.span, |key| &key.span);
                notes.add(&c::MISSING_KEY, span.clone()).arg("name", name);
            }
            String::new()
        }
    }
}

/// The text of a key.
pub fn text(front: &FrontMatter, name: &str, notes: &mut Notes) -> Option<String> {
    let key = front.find(name)?;
    match &key.value {
        Value::String(text) => Some(nfc(text)),
        Value::Number(number) => Some(number.to_string()),
        // `summary:` with nothing behind it says as much as no key.
        Value::Null => None,
        _ => {
            note_value(key, ["a text", "en tekst"], notes);
            None
        }
    }
}

/// Reads everything but the texts.
pub fn read(front: &FrontMatter, site: &Facts, notes: &mut Notes) -> Settings {
    let settings = Settings {
        order: whole(front, "order", notes).unwrap_or(0),
        opens: moment(front, "opens", notes),
        closes: moment(front, "closes", notes),
        sample: one_of(front, "sample", &[("open", Sample::Open), ("panel", Sample::Panel)], notes),
        background: one_of(
            front,
            "background",
            &[("none", Background::None), ("ask", Background::Ask), ("panel", Background::Panel)],
            notes,
        ),
        partial: one_of(
            front,
            "partial",
            &[("discard", Partial::Discard), ("keep", Partial::Keep)],
            notes,
        ),
        panels: list(front, "panels", notes),
        target: target::read(front, notes),
        targets: text(front, "targets", notes),
        owner: text(front, "owner", notes),
        contact: text(front, "contact", notes),
        keep_answers_months: months(front, notes),
        sensitive: flag(front, "sensitive", notes),
        channels: list(front, "channels", notes),
        kiosks: list(front, "kiosks", notes),
        ..Settings::default()
    };
    if !site.lone {
        check_names(front, "panels", &settings.panels, &site.panels, notes);
    }
    check_channels(front, &settings.channels, notes);
    check_dates(front, &settings, notes);
    settings
}

fn note_value(key: &Key, expected: [&str; 2], notes: &mut Notes) {
    let shown = match &key.value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    notes
        .add(&c::BAD_VALUE, key.value_span.clone())
        .arg("key", &key.name)
        .arg("value", shown)
        .phrase("expected", expected[0], expected[1]);
}

fn whole(front: &FrontMatter, name: &str, notes: &mut Notes) -> Option<i64> {
    let key = front.find(name)?;
    let number = key.value.as_i64();
    if number.is_none() {
        note_value(key, ["a whole number", "et helt tal"], notes);
    }
    number
}

fn months(front: &FrontMatter, notes: &mut Notes) -> Option<u32> {
    let months = whole(front, "keep_answers_months", notes)?;
    let read = u32::try_from(months).ok().filter(|months| *months > 0);
    if let (None, Some(key)) = (read, front.find("keep_answers_months")) {
        note_value(key, ["a whole number, 1 or more", "et helt tal, mindst 1"], notes);
    }
    read
}

fn flag(front: &FrontMatter, name: &str, notes: &mut Notes) -> bool {
    let Some(key) = front.find(name) else { return false };
    key.value.as_bool().unwrap_or_else(|| {
        note_value(key, ["true or false", "true eller false"], notes);
        false
    })
}

fn list(front: &FrontMatter, name: &str, notes: &mut Notes) -> Vec<String> {
    let Some(key) = front.find(name) else { return Vec::new() };
    let texts = |values: &Vec<Value>| -> Option<Vec<String>> {
        values.iter().map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let read = match &key.value {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(values) => texts(values),
        _ => None,
    };
    read.unwrap_or_else(|| {
        note_value(key, ["a list, as in [one, two]", "en liste, fx [en, to]"], notes);
        Vec::new()
    })
}

fn one_of<T: Copy + Default>(
    front: &FrontMatter,
    name: &str,
    known: &[(&str, T)],
    notes: &mut Notes,
) -> T {
    let Some(key) = front.find(name) else { return T::default() };
    let value = key.value.as_str().unwrap_or_default();
    if let Some((_, found)) = known.iter().find(|(word, _)| *word == value) {
        return *found;
    }
    let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
    let all = words.join(", ");
    note_value(key, [&format!("one of {all}"), &format!("en af {all}")], notes);
    let note = notes.list.last_mut().expect("noted on the line above");
    suggest(note, value, words);
    T::default()
}

fn moment(front: &FrontMatter, name: &str, notes: &mut Notes) -> Option<Moment> {
    let key = front.find(name)?;
    let text = key.value.as_str().unwrap_or_default().trim();
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2026-11-30".len());
    let time = || text.parse::<DateTime>().ok().filter(|_| text.contains(['T', ' ']));
    let read = day.map(Moment::Day).or_else(|| time().map(Moment::Time));
    if read.is_none() {
        notes.add(&c::BAD_DATE, key.value_span.clone()).arg("value", text);
    }
    read
}

fn check_dates(front: &FrontMatter, settings: &Settings, notes: &mut Notes) {
    let (Some(opens), Some(closes), Some(key)) =
        (settings.opens, settings.closes, front.find("closes"))
    else {
        return;
    };
    if closes.end() <= opens.start() {
        let shown = |name| front.find(name).map(|key| key.value.as_str().unwrap_or_default());
        notes
            .add(&c::CLOSES_BEFORE_OPENS, key.value_span.clone())
            .arg("opens", shown("opens").unwrap_or_default())
            .arg("closes", shown("closes").unwrap_or_default());
    }
}

fn check_names(
    front: &FrontMatter,
    name: &str,
    given: &[String],
    known: &[String],
    notes: &mut Notes,
) {
    let Some(key) = front.find(name) else { return };
    for panel in given.iter().filter(|panel| !known.contains(panel)) {
        let note = notes.add(&c::UNKNOWN_PANEL, key.value_span.clone());
        suggest(note.arg("name", panel), panel, known.iter().map(String::as_str));
        // The span is the whole list, which the nearest name cannot take the place of.
        note.fix = None;
    }
}

fn check_channels(front: &FrontMatter, given: &[String], notes: &mut Notes) {
    let Some(key) = front.find("channels") else { return };
    let all = CHANNELS.join(", ");
    let wrong = given.iter().find(|channel| !CHANNELS.contains(&channel.as_str()));
    if let Some(wrong) = wrong {
        note_value(key, [&format!("a list of {all}"), &format!("en liste af {all}")], notes);
        let note = notes.list.last_mut().expect("noted on the line above");
        suggest(note.arg("value", wrong), wrong, CHANNELS.iter().copied());
        // The span is the whole list, which the nearest name cannot take the place of.
        note.fix = None;
    }
}

/// The language a survey is written in: one of the site's.
pub fn language(front: &FrontMatter, site: &Facts, notes: &mut Notes) -> String {
    let Some(lang) = text(front, "lang", notes) else { return site.default_language.clone() };
    let known = site.languages.iter().chain([&site.default_language]).any(|known| *known == lang);
    if let Some(key) = front.find("lang").filter(|_| !known && !site.lone) {
        let all = site.languages.join(", ");
        let [en, da] =
            [format!("a language of site.toml: {all}"), format!("et sprog fra site.toml: {all}")];
        note_value(key, [&en, &da], notes);
    }
    lang
}
