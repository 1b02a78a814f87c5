//! The frame of the central's staff pages, and the pages of their door: login, password, second factor. What
//! is behind the door makes pieces of HTML of its own and has them framed by [`Renderer::staff_room`].

use serde::Serialize;

use super::frame::{Link, Switch};
use super::qr::Qr;
use super::render::{Mode, Renderer};
use crate::error::Result;

/// Where staff pages begin. Not under a language's prefix, so that the cookie of `/staff` goes to them in
/// every language: the English ones are under `/staff/en/`.
pub const STAFF: &str = "/staff/";

/// A link of the bar on every staff page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Below [`STAFF`].
    pub path: &'static str,
    /// The key of its words.
    pub words: &'static str,
}

/// What is the same on every staff page.
#[derive(Debug, Clone, Copy)]
pub struct StaffFrame<'a> {
    pub lang: &'a str,
    /// Where the page is, below [`STAFF`].
    pub path: &'a str,
    /// Who is logged in.
    pub who: Option<&'a str>,
    /// The token of every form on the page.
    pub csrf: &'a str,
    pub ways: &'a [Way],
    /// What came of the last form, by the key of its words.
    pub note: Option<&'a str>,
    /// The central's answers are made up.
    pub is_example: bool,
}

/// What stands over a form that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    None,
    /// By the key of its words.
    Said(&'static str),
    Wait {
        seconds: i64,
    },
}

/// The states of the page of the second factor.
#[derive(Debug, Clone, Copy)]
pub enum Factor<'a> {
    Off,
    /// A secret is shown, to be confirmed by a code: its letters, and what the QR code holds.
    Offered {
        letters: &'a str,
        address: &'a str,
    },
    On,
}

#[derive(Serialize)]
struct Step<'a> {
    title: &'a str,
    url: String,
    current: bool,
}

impl Renderer {
    /// The address of `path`, which is below [`STAFF`], in `lang`.
    pub fn staff_url(&self, lang: &str, path: &str) -> String {
        match lang == self.config().default_language {
            true => format!("{STAFF}{path}"),
            false => format!("{STAFF}{lang}/{path}"),
        }
    }

    /// The words of this key in `lang`.
    pub fn staff_words(&self, lang: &str, key: &str) -> String {
        self.words_of(self.language(lang)).ui(key).to_owned()
    }

    /// The page that asks who is there.
    pub fn staff_login(&self, frame: &StaffFrame, typed: &str, trouble: Trouble) -> Result<String> {
        let mut values = self.staff_values(frame, "door_title", trouble)?;
        values.insert("typed", typed);
        self.page("desk-login.html", &values)
    }

    /// The page where a password is changed; `is_first` where the present one was for one login.
    pub fn staff_password(
        &self,
        frame: &StaffFrame,
        is_first: bool,
        trouble: Trouble,
    ) -> Result<String> {
        let title = if is_first { "door_choose_title" } else { "door_change_title" };
        let mut values = self.staff_values(frame, title, trouble)?;
        values.insert("is_first", &is_first);
        self.page("desk-password.html", &values)
    }

    /// The page of the second factor.
    pub fn staff_factor(
        &self,
        frame: &StaffFrame,
        factor: Factor,
        trouble: Trouble,
    ) -> Result<String> {
        let mut values = self.staff_values(frame, "door_factor_title", trouble)?;
        values.insert("is_on", &matches!(factor, Factor::On));
        if let Factor::Offered { letters, address } = factor {
            let groups: Vec<&str> =
                (0..letters.len()).step_by(4).map(|at| &letters[at..at + 4]).collect();
            values.insert("secret", &groups.join(" "));
            values.insert("qr", &Qr::of(address));
            values
                .insert("qr_label", self.words_of(self.language(frame.lang)).ui("door_factor_qr"));
        }
        self.page("desk-factor.html", &values)
    }

    /// A page of a few words, by their keys: there is nothing here, or nothing was taken.
    pub fn staff_message(&self, frame: &StaffFrame, title: &str, text: &str) -> Result<String> {
        let mut values = self.staff_values(frame, title, Trouble::None)?;
        values.insert("text", self.words_of(self.language(frame.lang)).ui(text));
        values.insert("body", "");
        self.page("desk-room.html", &values)
    }

    /// A room's page: `body` is HTML that a template of the site made.
    pub fn staff_room(&self, frame: &StaffFrame, title: &str, body: &str) -> Result<String> {
        let mut values = self.staff_values(frame, title, Trouble::None)?;
        values.insert("body", body);
        self.page("desk-room.html", &values)
    }

    /// What the start page lists, below its title. `panels` are those of somebody who has no others, by name.
    pub fn staff_start(
        &self,
        lang: &str,
        ways: &[Way],
        panels: Option<&[String]>,
    ) -> Result<String> {
        let lang = self.language(lang);
        let words = self.words_of(lang);
        let frame = self.frame(lang, Mode::Web, words.ui("door_start"), Switch::None);
        let mut values = self.values(&frame)?;
        let link = |way: &Way| Link {
            title: words.ui(way.words).to_owned(),
            url: self.staff_url(lang, way.path),
        };
        let rooms = ways.iter().filter(|way| !way.path.is_empty());
        values.insert("rooms", &rooms.map(link).collect::<Vec<_>>());
        let names = panels.map(|slugs| {
            let name = |slug: &String| {
                self.config().panels.get(slug).map_or(slug.clone(), |panel| panel.name.clone())
            };
            slugs.iter().map(name).collect::<Vec<_>>()
        });
        values.insert("panels", &names);
        values.insert("password_url", &self.staff_url(lang, "password"));
        values.insert("factor_url", &self.staff_url(lang, "second-factor"));
        self.page("desk-start.html", &values)
    }

    /// `title` is the key of words, or words that were made already.
    fn staff_values(
        &self,
        staff: &StaffFrame,
        title: &str,
        trouble: Trouble,
    ) -> Result<tera::Context> {
        let lang = self.language(staff.lang);
        let words = self.words_of(lang);
        let mut frame = self.frame(lang, Mode::Web, words.ui(title), Switch::Links("/"));
        for link in &mut frame.languages {
            link.url = self.staff_url(link.code, staff.path);
        }
        // The public site may be at another address.
        frame.home = self.staff_url(lang, "");
        frame.assets.css.clone_from(&self.assets.addresses.staff_css);
        let trouble = match trouble {
            Trouble::None => None,
            Trouble::Said(key) => Some(words.ui(key).to_owned()),
            Trouble::Wait { seconds } if seconds < 100 => {
                Some(words.fill("door_wait_seconds", &[("n", &seconds.to_string())]))
            }
            Trouble::Wait { seconds } => {
                let minutes = (seconds + 59) / 60;
                Some(words.fill("door_wait_minutes", &[("n", &minutes.to_string())]))
            }
        };
        if trouble.is_some() {
            frame.title_prefix = words.ui("error_prefix");
        }
        let mut values = self.values(&frame)?;
        let step = |way: &Way| Step {
            title: words.ui(way.words),
            url: self.staff_url(lang, way.path),
            current: staff.path == way.path,
        };
        values.insert("ways", &staff.ways.iter().map(step).collect::<Vec<_>>());
        values.insert("who", &staff.who.map(|name| words.fill("door_who", &[("name", name)])));
        values.insert("csrf", staff.csrf);
        values.insert("note", &staff.note.map(|key| words.ui(key)));
        values.insert("is_example", &staff.is_example);
        values.insert("trouble", &trouble);
        for (name, path) in [
            ("login_url", "login"),
            ("logout_url", "logout"),
            ("password_url", "password"),
            ("factor_url", "second-factor"),
        ] {
            values.insert(name, &self.staff_url(lang, path));
        }
        Ok(values)
    }
}
