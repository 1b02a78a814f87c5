//! What a room of the staff pages is made of: a row of `Part`s, from texts to tables and forms. One template
//! shows them all, so that every table has a caption and row headers, every bar its number, and every form
//! its token, whoever wrote the room.

use serde::Serialize;

use super::render::Renderer;
use super::words::Words;
use crate::error::Result;

/// The parts of a page, from top to bottom.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Sheet {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum Part {
    Heading {
        text: String,
    },
    Text {
        text: String,
    },
    Notice {
        text: String,
        bad: bool,
    },
    Command {
        text: String,
        command: String,
    },
    Links {
        links: Vec<Link>,
    },
    Facts {
        facts: Vec<Fact>,
    },
    Table(Table),
    Bars(Bars),
    Form(Form),
    /// Made by another template of the site.
    Html {
        html: String,
    },
}

/// A way to another page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    pub url: String,
    pub title: String,
    /// A few words beside it.
    pub note: String,
    /// Somebody should do something about it.
    pub bad: bool,
}

/// Something known, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    pub label: String,
    pub value: String,
    pub bad: bool,
}

/// A table: its first column names the rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Table {
    pub caption: String,
    pub head: Vec<String>,
    pub rows: Vec<Row>,
    /// Columns hold figures, and are set to the right.
    pub figures: bool,
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Row {
    pub name: String,
    /// Where more about it is.
    pub url: Option<String>,
    pub cells: Vec<String>,
    pub bad: bool,
}

/// A table of two columns whose figures are drawn, too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bars {
    pub caption: String,
    pub head: [String; 2],
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bar {
    pub name: String,
    pub url: Option<String>,
    /// As it is written.
    pub value: String,
    /// Of the longest bar, 0 to 100.
    pub length: u32,
}

/// A form. What it posts is tied to the session by the page's token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Form {
    /// By GET, for what changes nothing and shows nobody.
    pub asks: bool,
    pub url: String,
    pub fields: Vec<Field>,
    pub button: String,
    /// What it does cannot be undone.
    pub grave: bool,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum Field {
    Hidden { name: &'static str, value: String },
    Email { name: &'static str, label: String, value: String, wrong: Option<String> },
    Choice { name: &'static str, label: String, choices: Vec<Choice> },
    Sure { name: &'static str, label: String },
}

/// One of several to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub chosen: bool,
}

impl Sheet {
    /// A page with nothing on it yet.
    pub fn new() -> Sheet {
        Sheet::default()
    }

    pub fn heading(&mut self, text: impl Into<String>) -> &mut Sheet {
        self.add(Part::Heading { text: text.into() })
    }

    pub fn text(&mut self, text: impl Into<String>) -> &mut Sheet {
        self.add(Part::Text { text: text.into() })
    }

    /// Something that should be seen first; `bad` where somebody should do something about it.
    pub fn notice(&mut self, text: impl Into<String>, bad: bool) -> &mut Sheet {
        self.add(Part::Notice { text: text.into(), bad })
    }

    /// A command for the console, with what it is for.
    pub fn command(&mut self, text: impl Into<String>, command: impl Into<String>) -> &mut Sheet {
        self.add(Part::Command { text: text.into(), command: command.into() })
    }

    /// Nothing where there are none.
    pub fn links(&mut self, links: Vec<Link>) -> &mut Sheet {
        match links.is_empty() {
            true => self,
            false => self.add(Part::Links { links }),
        }
    }

    pub fn facts(&mut self, facts: Vec<Fact>) -> &mut Sheet {
        self.add(Part::Facts { facts })
    }

    pub fn table(&mut self, table: Table) -> &mut Sheet {
        self.add(Part::Table(table))
    }

    pub fn bars(&mut self, bars: Bars) -> &mut Sheet {
        self.add(Part::Bars(bars))
    }

    pub fn form(&mut self, form: Form) -> &mut Sheet {
        self.add(Part::Form(form))
    }

    /// HTML that another template of the site made.
    pub fn html(&mut self, html: String) -> &mut Sheet {
        self.add(Part::Html { html })
    }

    fn add(&mut self, part: Part) -> &mut Sheet {
        self.parts.push(part);
        self
    }
}

impl Bar {
    /// Of these figures, each as long as it is large.
    pub fn all(
        figures: impl IntoIterator<Item = (String, Option<String>, String, u64)>,
    ) -> Vec<Bar> {
        let figures: Vec<_> = figures.into_iter().collect();
        let longest = figures.iter().map(|figure| figure.3).max().unwrap_or_default().max(1);
        let bar = |(name, url, value, size): (String, Option<String>, String, u64)| Bar {
            name,
            url,
            value,
            length: u32::try_from(100 * size / longest).unwrap_or(100),
        };
        figures.into_iter().map(bar).collect()
    }
}

impl Renderer {
    /// A room's body. `csrf` is the token of its forms.
    pub fn sheet(&self, sheet: &Sheet, lang: &str, csrf: &str) -> Result<String> {
        let mut values = tera::Context::new();
        values.insert("parts", &sheet.parts);
        values.insert("csrf", csrf);
        values.insert("pick", self.room_words(lang).ui("room_pick"));
        self.page("desk-sheet.html", &values)
    }

    /// The words of the staff's rooms, in `lang` or the nearest that the theme has.
    pub fn room_words(&self, lang: &str) -> &Words {
        let own = self.rooms.get(self.language(lang));
        own.expect("there are words of rooms for every language of the site")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_figure_has_the_longest_bar_and_nothing_has_none() {
        let figure = |size: u64| ("a".to_owned(), None, size.to_string(), size);
        let lengths = |sizes: &[u64]| -> Vec<u32> {
            Bar::all(sizes.iter().map(|size| figure(*size))).iter().map(|bar| bar.length).collect()
        };
        assert_eq!(lengths(&[10, 20, 0]), [50, 100, 0]);
        assert_eq!(lengths(&[0, 0]), [0, 0]);
        assert_eq!(lengths(&[1_000_000, 1]), [100, 0]);
    }
}
