//! A kiosk's own pages beside the surveys': the closed screen, and what staff see in their corner.

use jiff::civil::{Date, DateTime};
use serde::Serialize;

use super::frame::{Frame, Switch};
use super::qr::Qr;
use super::render::{Mode, Renderer};
use super::words::Words;
use crate::error::Result;
use crate::survey::settings::Moment;

/// What every page of a kiosk holds, out of sight until the server tells that answers do not count.
pub const TEST_HOLE: &str = r#"<aside class="testing" hidden>"#;

/// `page` with the banner of the test mode shown.
pub fn with_test_banner(page: &str) -> String {
    page.replacen(TEST_HOLE, r#"<aside class="testing">"#, 1)
}

/// Where staff look after a kiosk. Not under a language's prefix, so that the cookie of `/kiosk/` goes
/// to it in every language.
pub const STATUS: &str = "/kiosk/status";

/// What stands over the digits, if anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinNotice {
    None,
    /// No PIN is set: there is nothing to type.
    Off,
    Wrong {
        tries_left: u32,
    },
    Locked {
        seconds: u64,
    },
    /// The form was another's, or of a program that has been started anew.
    Stale,
}

/// The page that asks for the PIN.
#[derive(Debug, Clone, Copy)]
pub struct PinPage<'a> {
    pub csrf: &'a str,
    /// The digits so far, where they come one by one without a script.
    pub typed: &'a str,
    pub notice: PinNotice,
}

/// How a kiosk is, for its staff.
#[derive(Debug, Clone, Default)]
pub struct StaffFigures {
    pub kiosk: Option<String>,
    pub is_enrolled: bool,
    /// `ok`, or what is wrong with the store.
    pub store: String,
    pub stored: u64,
    pub unsynced: u64,
    pub last_contact: Option<DateTime>,
    /// The hour in which somebody last answered.
    pub last_answer: Option<DateTime>,
    /// Why nothing can be sent, by its stable word, and since when.
    pub trouble: Option<(String, DateTime)>,
    /// Seconds that the clock is ahead of the central's, and whether that is too many.
    pub clock_skew_s: Option<i64>,
    pub is_clock_wrong: bool,
    /// Answers brought over from a damaged database, and those that are lost, where staff should know.
    pub damage: Option<(u64, u64)>,
    pub temperature_c: Option<i64>,
    pub disk_free_bytes: Option<u64>,
    /// For about how many answers there is room.
    pub room_answers: Option<u64>,
    /// All of it as a text for a photograph.
    pub card: String,
    pub release: String,
    /// As they are written in the settings.
    pub hours: Option<String>,
    pub page_seen_s: Option<u64>,
}

/// The page of the staff corner.
#[derive(Debug, Clone, Copy)]
pub struct StatusPage<'a> {
    pub csrf: &'a str,
    pub figures: &'a StaffFigures,
    /// What came of the last button, by the key of its words.
    pub note: Option<&'a str>,
    pub is_testing: bool,
    /// Staff closed the screen.
    pub is_closed: bool,
    pub can_send: bool,
    pub can_restart: bool,
}

#[derive(Serialize)]
struct Row<'a> {
    label: &'a str,
    value: String,
    /// Somebody should do something about it.
    bad: bool,
}

impl Renderer {
    /// The screen outside the opening hours; without `opens` staff closed it. `today` is the day here.
    pub fn kiosk_closed(&self, lang: &str, today: Date, opens: Option<DateTime>) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.ui("kiosk_closed_title");
        let frame = self.frame(lang, Mode::Kiosk, title, Switch::Links("/kiosk/"));
        let mut values = self.values(&frame)?;
        let text = opens.map_or_else(
            || words.ui("kiosk_closed_staff").to_owned(),
            |opens| opening(words, today, opens),
        );
        values.insert("text", &text);
        self.page("kiosk-closed.html", &values)
    }

    /// The screen while answers cannot be kept.
    pub fn kiosk_cannot_store(&self, lang: &str) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.ui("error_503_title");
        let frame = self.frame(lang, Mode::Kiosk, title, Switch::Links("/kiosk/"));
        let mut values = self.values(&frame)?;
        values.insert("text", words.ui("error_503_text"));
        self.page("kiosk-closed.html", &values)
    }

    /// The page that asks staff for their PIN.
    pub fn kiosk_pin(&self, lang: &str, page: &PinPage) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let mut values = self.values(&self.staff_frame(lang, words))?;
        values.insert("action", &self.staff_address(lang));
        values.insert("csrf", page.csrf);
        values.insert("typed", page.typed);
        values.insert("is_off", &(page.notice == PinNotice::Off));
        values.insert("is_locked", &matches!(page.notice, PinNotice::Locked { .. }));
        values.insert("problem", &pin_problem(words, page.notice));
        self.page("kiosk-pin.html", &values)
    }

    /// How the kiosk is, and what staff can do about it.
    pub fn kiosk_status(&self, lang: &str, page: &StatusPage) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let mut values = self.values(&self.staff_frame(lang, words))?;
        values.insert("action", &self.staff_address(lang));
        values.insert("csrf", page.csrf);
        values.insert("rows", &rows(words, page.figures));
        values.insert("note", &page.note.map(|key| words.ui(key)));
        let card = Some(&page.figures.card).filter(|card| !card.is_empty());
        values.insert("qr", &card.and_then(|card| Qr::of(card)));
        values.insert("qr_label", words.ui("staff_card"));
        values.insert("is_testing", &page.is_testing);
        values.insert("is_closed", &page.is_closed);
        values.insert("can_send", &page.can_send);
        values.insert("can_restart", &page.can_restart);
        self.page("kiosk-status.html", &values)
    }

    /// While the program starts again; `run` names the one that is ending.
    pub fn kiosk_restarting(&self, lang: &str, run: &str) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.ui("staff_restarting_title");
        let frame = self.frame(lang, Mode::Kiosk, title, Switch::None);
        let mut values = self.values(&frame)?;
        values.insert("text", words.ui("staff_restarting_text"));
        values.insert("run", run);
        self.page("kiosk-restart.html", &values)
    }

    /// The staff page's address in `lang`.
    pub fn staff_address(&self, lang: &str) -> String {
        match lang == self.config().default_language {
            true => STATUS.to_owned(),
            false => format!("{STATUS}/{lang}"),
        }
    }

    fn staff_frame<'a>(&'a self, lang: &'a str, words: &'a Words) -> Frame<'a> {
        let title = words.ui("staff_title");
        let mut frame = self.frame(lang, Mode::Kiosk, title, Switch::Links("/kiosk/"));
        for link in &mut frame.languages {
            link.url = self.staff_address(link.code);
        }
        frame
    }
}

/// "Den åbner igen i morgen kl. 8.00."
fn opening(words: &Words, today: Date, opens: DateTime) -> String {
    let hour = opens.hour().to_string();
    let minute = format!("{:02}", opens.minute());
    let time = words.fill("clock", &[("hour", &hour), ("minute", &minute)]);
    let place = usize::try_from(opens.weekday().to_monday_zero_offset()).unwrap_or_default();
    let day = words.ui("weekdays").split(' ').nth(place).unwrap_or_default();
    let is_tomorrow = today.tomorrow().is_ok_and(|tomorrow| tomorrow == opens.date());
    let key = match opens.date() == today {
        true => "kiosk_closed_today",
        false if is_tomorrow => "kiosk_closed_tomorrow",
        false => "kiosk_closed_day",
    };
    words.fill(key, &[("time", &time), ("day", day)])
}

fn pin_problem(words: &Words, notice: PinNotice) -> Option<String> {
    let counted = |key: &str, n: u64| {
        let key = if n == 1 { format!("{key}_one") } else { key.to_owned() };
        words.fill(&key, &[("n", &n.to_string())])
    };
    match notice {
        PinNotice::None | PinNotice::Off => None,
        PinNotice::Stale => Some(words.ui("pin_stale").to_owned()),
        PinNotice::Wrong { tries_left } => Some(counted("pin_wrong", tries_left.into())),
        PinNotice::Locked { seconds } if seconds <= 90 => {
            Some(counted("pin_locked_seconds", seconds))
        }
        PinNotice::Locked { seconds } => Some(counted("pin_locked_minutes", seconds.div_ceil(60))),
    }
}

fn rows<'a>(words: &'a Words, figures: &StaffFigures) -> Vec<Row<'a>> {
    let row = |key, value: String| Row { label: words.ui(key), value, bad: false };
    let or = |value: Option<String>, key| value.unwrap_or_else(|| words.ui(key).to_owned());
    let is_well = figures.store == "ok";
    let store = words.ui.get(&format!("staff_store_{}", figures.store.replace('-', "_")));
    let store = store.map_or_else(|| figures.store.clone(), Clone::clone);
    let hour = |at: DateTime| {
        let (from, to) = (at.hour().to_string(), ((at.hour() + 1) % 24).to_string());
        let day = words.moment(Moment::Day(at.date()));
        words.fill("staff_hour", &[("day", &day), ("from", &from), ("to", &to)])
    };
    let mut rows = vec![
        row("staff_kiosk", or(figures.kiosk.clone(), "staff_unnamed")),
        Row { bad: !is_well, ..row("staff_store", store) },
        row("staff_stored", figures.stored.to_string()),
        row("staff_unsynced", figures.unsynced.to_string()),
        row("staff_last_answer", or(figures.last_answer.map(hour), "staff_never")),
        contact(words, figures),
        row(
            "staff_disk",
            or(figures.disk_free_bytes.map(|free| room(words, free, figures)), "staff_unknown"),
        ),
        row("staff_hours", or(figures.hours.clone(), "staff_hours_always")),
        row(
            "staff_page",
            match figures.page_seen_s {
                Some(seconds) => words.fill("staff_page_seen", &[("n", &seconds.to_string())]),
                None => words.ui("staff_never").to_owned(),
            },
        ),
        row("staff_release", format!("{} · {}", figures.release, env!("CARGO_PKG_VERSION"))),
    ];
    if let Some((brought, lost)) = figures.damage {
        let counts = [("brought", &*brought.to_string()), ("lost", &*lost.to_string())];
        let value = words.fill("staff_damage_text", &counts);
        rows.insert(1, Row { bad: true, ..row("staff_damage", value) });
    }
    if let Some(skew) = figures.clock_skew_s.filter(|_| figures.is_clock_wrong) {
        let key = if skew > 0 { "staff_clock_ahead" } else { "staff_clock_behind" };
        let minutes = (skew.unsigned_abs() / 60).to_string();
        rows.push(Row { bad: true, ..row("staff_clock", words.fill(key, &[("n", &minutes)])) });
    }
    let degrees = figures.temperature_c.map(|degrees| row("staff_warmth", format!("{degrees} °C")));
    rows.extend(degrees);
    rows
}

/// When the central was last heard, and what is in the way.
fn contact<'a>(words: &'a Words, figures: &StaffFigures) -> Row<'a> {
    let said = |at| words.moment(Moment::Time(at));
    let last = figures.last_contact.map_or_else(|| words.ui("staff_never").to_owned(), said);
    let (value, bad) = match &figures.trouble {
        _ if !figures.is_enrolled => (words.ui("staff_unenrolled").to_owned(), true),
        None => (last, false),
        Some((word, since)) => {
            let known = words.ui.get(&format!("staff_trouble_{}", word.replace('-', "_")));
            let why = known.map_or_else(|| words.ui("staff_trouble_refused"), String::as_str);
            let gaps = [("last", &*last), ("since", &*said(*since)), ("why", why)];
            (words.fill("staff_trouble", &gaps), word != "unreachable")
        }
    };
    Row { label: words.ui("staff_contact"), value, bad }
}

fn room(words: &Words, free: u64, figures: &StaffFigures) -> String {
    let free = gigabytes(free);
    match figures.room_answers {
        Some(answers) => {
            let answers = answers.to_string();
            words.fill("staff_room", &[("free", &free), ("answers", &answers)])
        }
        None => free,
    }
}

/// As people read it on a disk's box; under ten with a decimal, `,` as in Danish and on the wire
/// between `1,5 GB` and `1.5 GB` nobody errs.
fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000_000;
    match tenths {
        0..100 => format!("{},{} GB", tenths / 10, tenths % 10),
        _ => format!("{} GB", tenths / 10),
    }
}

#[cfg(test)]
mod tests {
    use super::super::theme::Theme;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn an_opening_is_said_the_way_people_say_it() {
        let words = |lang: &str| Words::load(&Theme::builtin(), lang).expect("built in");
        // A Tuesday.
        let today = date(2026, 11, 24);
        let said = |lang: &str, day: i8, hour: i8| {
            opening(&words(lang), today, date(2026, 11, day).at(hour, 0, 0, 0))
        };
        assert_eq!(said("da", 25, 8), "Den åbner igen i morgen kl. 8.00.");
        assert_eq!(said("da", 24, 10), "Den åbner igen i dag kl. 10.00.");
        assert_eq!(said("da", 28, 10), "Den åbner igen lørdag kl. 10.00.");
        assert_eq!(said("en", 25, 8), "It opens again tomorrow at 8:00.");
        assert_eq!(said("en", 30, 13), "It opens again on Monday at 13:00.");
    }

    #[test]
    fn waiting_is_said_in_words() {
        let words = Words::load(&Theme::builtin(), "da").expect("built in");
        let said = |notice| pin_problem(&words, notice).expect("a sentence");
        assert!(said(PinNotice::Locked { seconds: 1 }).contains("1 sekund,"));
        assert!(said(PinNotice::Locked { seconds: 60 }).contains("60 sekunder"));
        assert!(said(PinNotice::Locked { seconds: 121 }).contains("3 minutter"));
        assert!(said(PinNotice::Wrong { tries_left: 1 }).contains("ét forsøg"));
    }

    #[test]
    fn room_on_the_disk_is_rounded_down() {
        assert_eq!(gigabytes(1_599_999_999), "1,5 GB");
        assert_eq!(gigabytes(123_456_789_000), "123 GB");
    }
}
