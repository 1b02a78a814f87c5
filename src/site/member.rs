//! A member's pages: to confirm an address, to see and correct what is kept, to leave. Made as they are
//! asked for; none of them is ever a file.

use serde::Serialize;

use super::frame::Switch;
use super::render::{Mode, Renderer};
use crate::error::Result;
use crate::survey::{Definition, Survey};

/// A page with a few words, and perhaps one button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note<'a> {
    /// Press to confirm that the address is yours.
    Confirm(&'a str),
    Confirmed(&'a str),
    /// A link that has run out, or never was one.
    Expired,
    /// A link is on its way, to whoever is a member.
    Sent,
    /// Press to leave a panel.
    Stop(&'a str),
    Stopped(&'a str),
    /// Everything is erased.
    Gone,
    /// An invitation that nobody knows, or that is over.
    Uninvited,
    /// An invitation that was answered before.
    Used,
}

impl<'a> Note<'a> {
    /// The words' names begin with this.
    fn key(self) -> &'static str {
        match self {
            Note::Confirm(_) => "member_confirm",
            Note::Confirmed(_) => "member_confirmed",
            Note::Expired => "member_expired",
            Note::Sent => "member_sent",
            Note::Stop(_) => "member_stop",
            Note::Stopped(_) => "member_stopped",
            Note::Gone => "member_gone",
            Note::Uninvited => "member_uninvited",
            Note::Used => "member_used",
        }
    }

    fn panel(self) -> Option<&'a str> {
        match self {
            Note::Confirm(panel)
            | Note::Confirmed(panel)
            | Note::Stop(panel)
            | Note::Stopped(panel) => Some(panel),
            _ => None,
        }
    }

    /// Whether there is something to press.
    fn asks(self) -> bool {
        matches!(self, Note::Confirm(_) | Note::Stop(_))
    }
}

/// A member, as their own page shows them.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    pub email: String,
    pub birth_year: i16,
    pub gender: Option<String>,
    pub district: Option<String>,
    pub education: Option<String>,
    pub lang: String,
    /// The panels they are in, by slug.
    pub panels: Vec<String>,
    /// Others that they could join, by slug.
    pub others: Vec<String>,
    /// Where the page is, without a language's prefix; what it does is posted there.
    pub address: String,
    /// Something was saved just now.
    pub saved: bool,
    /// A year that cannot be.
    pub wrong_year: bool,
}

/// A field to choose in.
#[derive(Serialize)]
struct Field<'a> {
    name: &'a str,
    label: &'a str,
    choices: Vec<Chosen<'a>>,
}

#[derive(Serialize)]
struct Chosen<'a> {
    id: &'a str,
    text: &'a str,
    chosen: bool,
}

#[derive(Serialize)]
struct PanelLine<'a> {
    slug: &'a str,
    name: &'a str,
    joined: bool,
    button: String,
}

impl Renderer {
    /// A page with a few words.
    pub fn note(&self, lang: &str, note: Note) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let panel = note.panel().and_then(|slug| self.config().panels.get(slug));
        let name = panel.map_or("", |panel| panel.name.as_str());
        let times = panel.map_or(0, |panel| panel.max_invitations_per_year).to_string();
        let backups = self.backups_forget_some_day(words);
        let values = [("panel", name), ("n", &*times), ("backups", &*backups)];
        let fill = |part: &str| words.fill(&format!("{}_{part}", note.key()), &values);
        let title = fill("title");
        let frame = self.frame(lang, Mode::Web, &title, Switch::None);
        let mut values = self.values(&frame)?;
        values.insert("text", &fill("text"));
        values.insert("button", &note.asks().then(|| fill("button")));
        let again = matches!(note, Note::Expired).then(|| self.address("/panel/me/", lang));
        values.insert("again", &again);
        self.page("member-note.html", &values)
    }

    /// The page that asks for an address, to send a link to.
    pub fn member_ask(&self, lang: &str, typed: &str, is_wrong: bool) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.ui("member_ask_title");
        let mut frame = self.frame(lang, Mode::Web, title, Switch::Links("/panel/me/"));
        if is_wrong {
            frame.title_prefix = words.ui("error_prefix");
        }
        let mut values = self.values(&frame)?;
        values.insert("typed", typed);
        values.insert("wrong", &is_wrong);
        self.page("member-ask.html", &values)
    }

    /// A member's own page. `form` is the sign-up form whose choices it offers.
    pub fn member(&self, shown: &Shown, lang: &str, form: Option<&Definition>) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let title = words.ui("member_title");
        let mut frame = self.frame(lang, Mode::Web, title, Switch::Links(&shown.address));
        if shown.wrong_year {
            frame.title_prefix = words.ui("error_prefix");
        }
        let mut values = self.values(&frame)?;
        values.insert("member", shown);
        let survey = form.map(|form| form.in_language(lang));
        let backups = self.backups_forget_some_day(words);
        values.insert("erase_text", &words.fill("member_erase_text", &[("backups", &backups)]));
        let fields: Vec<Field> =
            survey.map(|survey| fields(survey, shown)).into_iter().flatten().collect();
        values.insert("fields", &fields);
        let panels: Vec<PanelLine> = self
            .config()
            .panels
            .iter()
            .filter(|(slug, _)| shown.panels.contains(slug) || shown.others.contains(slug))
            .map(|(slug, panel)| {
                let joined = shown.panels.contains(slug);
                let key = if joined { "member_leave_panel" } else { "member_join_panel" };
                let button = words.fill(key, &[("panel", &panel.name)]);
                PanelLine { slug, name: &panel.name, joined, button }
            })
            .collect();
        values.insert("panels", &panels);
        self.page("member.html", &values)
    }
}

/// The questions of the form that are tied to a field one chooses in.
fn fields<'a>(survey: &'a Survey, shown: &'a Shown) -> Vec<Field<'a>> {
    let value = |name: &str| match name {
        "gender" => shown.gender.as_deref(),
        "district" => shown.district.as_deref(),
        "education" => shown.education.as_deref(),
        _ => None,
    };
    let tied = survey.questions().filter(|question| !question.choices.is_empty());
    tied.filter_map(|question| {
        let name = question.maps.as_deref()?;
        let choices = question.choices.iter().map(|choice| Chosen {
            id: &choice.id,
            text: &choice.text.plain,
            chosen: value(name) == Some(choice.id.as_str()),
        });
        Some(Field { name, label: &question.text.plain, choices: choices.collect() })
    })
    .collect()
}
