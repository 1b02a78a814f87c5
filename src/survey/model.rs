//! The compiled survey: what the page embeds, the server decides by and a release keeps.
//!
//! [`Definition`] is a survey in all its languages; [`Survey`] is one of them, complete, so that
//! whoever renders or evaluates needs nothing else. The JSON made from these types is the single
//! truth for rules: the browser reads the same bytes (docs/survey-json.md).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::kinds::Kind;
use super::map::Map;
use super::settings::Settings;

/// Text as it is shown (`html`, already escaped and safe to insert) and as it is spoken or listed
/// (`plain`, unescaped).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    pub html: String,
    pub plain: String,
}

/// What a sign-up form's slug begins with.
pub const SIGNUP: &str = "panel/";

/// A survey in every language it has; `languages[0]` is the base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub slug: String,
    pub version: String,
    pub structure: String,
    pub settings: Settings,
    pub languages: Vec<Survey>,
    /// The maps its place questions name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub maps: BTreeMap<String, Map>,
}

impl Definition {
    /// The survey in `lang`, or in its base language where there is no such translation.
    pub fn in_language(&self, lang: &str) -> &Survey {
        self.languages.iter().find(|survey| survey.lang == lang).unwrap_or_else(|| self.base())
    }

    /// Whether it is a panel's sign-up form, called `panel/<slug>`: what is answered makes a member, and
    /// no response.
    pub fn is_signup(&self) -> bool {
        self.panel().is_some()
    }

    /// The panel whose sign-up form it is.
    pub fn panel(&self) -> Option<&str> {
        self.slug.strip_prefix(SIGNUP)
    }

    /// Where it is asked, without a language's prefix: `/s/parker/`, `/panel/kbh/`.
    pub fn address(&self) -> String {
        match self.is_signup() {
            true => format!("/{}/", self.slug),
            false => format!("/s/{}/", self.slug),
        }
    }

    /// The survey in the language it was written in.
    pub fn base(&self) -> &Survey {
        self.languages.first().expect("the compiler makes a definition from a base survey")
    }
}

/// One survey in one language.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Survey {
    pub slug: String,
    /// SHA-256 (hex) over everything a visitor can see or that decides the path, all languages.
    pub version: String,
    /// SHA-256 (hex) over the same without texts.
    pub structure: String,
    pub lang: String,
    pub title: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What stands before the first page: the start page's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    pub pages: Vec<Page>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub endings: Vec<Ending>,
}

impl Survey {
    /// Every question in document order.
    pub fn questions(&self) -> impl Iterator<Item = &Question> {
        self.pages.iter().flat_map(|page| page.questions.iter())
    }

    /// The question with this id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions().find(|question| question.id == id)
    }
}

/// A page: what is shown at once where there is JavaScript.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intro: Option<Text>,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What a page without JavaScript says before a conditional part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cue: Option<String>,
    /// Its questions stand in another order for every visitor.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffle: bool,
    pub questions: Vec<Question>,
}

/// A thank-you of its own for those a `goto` sends there; their status is `screened`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    pub id: String,
    pub title: Text,
    pub text: Text,
}

/// A question. Which of the settings mean something is its kind's business (`kinds`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    pub id: String,
    pub kind: Kind,
    pub text: Text,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// Asked for once more where it was left open, then let go.
    #[serde(default, skip_serializing_if = "is_false")]
    pub expected: bool,
    /// Its answer leaves the response and becomes a record of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cue: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maps: Option<String>,
    /// What an answer has to fulfil; judged where everything it compares is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<Condition>,
    /// What is said where `check` fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Where its choices, or its rows, were taken over from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Carried>,
    /// The question of an earlier survey it is compared with, as in `groenne-2025.rate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub dropdown: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub shuffle: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// Number: the smallest value. Multiple: the fewest choices. Date and time: the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Limit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Limit>,
    /// Number: values are `min` (or 0) plus a whole number of steps; 1 unless the author says else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Text: the most Unicode code points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maxlength: Option<u32>,
    /// Ranking: how many places there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<u32>,
    /// Points: what they add up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<u32>,
    /// Place: the name of the map whose areas are the choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
}

impl Question {
    /// A question of which only this is known.
    pub fn new(id: &str, kind: Kind, text: Text) -> Question {
        Question {
            id: id.to_owned(),
            kind,
            text,
            help: None,
            note: None,
            required: false,
            expected: false,
            private: false,
            condition: None,
            cue: None,
            maps: None,
            check: None,
            message: None,
            from: None,
            trend: None,
            dropdown: false,
            shuffle: false,
            choices: Vec::new(),
            rows: Vec::new(),
            columns: Vec::new(),
            scale: None,
            min: None,
            max: None,
            step: None,
            unit: None,
            maxlength: None,
            top: None,
            share: None,
            map: None,
        }
    }

    /// All that an answer can be, without words and without who is asked: two questions of the same
    /// shape can be compared. `single(daily,weekly,other+)`, `matrix(clean,safe)(1,2,x?)`, `scale(0..10)`.
    pub fn shape(&self) -> String {
        let code = |choice: &Choice| {
            let other = if choice.other { "+" } else { "" };
            let alone = if choice.dontknow { "?" } else { "" };
            format!("{}{other}{alone}", choice.id)
        };
        let list = |items: Vec<String>| match items.is_empty() {
            true => String::new(),
            false => format!("({})", items.join(",")),
        };
        let rows = list(self.rows.iter().map(|row| row.id.clone()).collect());
        let columns = list(self.columns.iter().map(code).collect());
        let choices = list(self.choices.iter().map(code).collect());
        let scale = self.scale.as_ref().map(|scale| format!("({}..{})", scale.from, scale.to));
        let share = self.share.map(|share| format!("={share}")).unwrap_or_default();
        let top = self.top.map(|top| format!("<={top}")).unwrap_or_default();
        let kind = self.kind.rules().name();
        format!("{kind}{rows}{columns}{choices}{}{share}{top}", scale.unwrap_or_default())
    }

    /// `min` as a number.
    pub fn least(&self) -> Option<f64> {
        self.min.as_ref().and_then(Limit::number)
    }

    /// `max` as a number.
    pub fn most(&self) -> Option<f64> {
        self.max.as_ref().and_then(Limit::number)
    }

    /// The choice with this id.
    pub fn choice(&self, id: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.id == id)
    }
}

/// The end of what may be answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    Number(f64),
    /// `2026-11-30`, `today`, `08:30`
    Text(String),
}

impl Limit {
    /// The number it is, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Limit::Number(number) => Some(*number),
            Limit::Text(_) => None,
        }
    }

    /// The day or time it is on the day `today`, if it is one.
    pub fn moment<'a>(&'a self, today: &'a str) -> Option<&'a str> {
        match self {
            Limit::Text(text) if text == "today" => Some(today),
            Limit::Text(text) => Some(text),
            Limit::Number(_) => None,
        }
    }
}

/// `{from="what chosen"}`: the choices of an earlier question that were ticked, or were not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    pub q: String,
    pub chosen: bool,
}

/// A picture of a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its address on the site; the name holds a digest of its bytes.
    pub src: String,
    pub alt: String,
    pub width: u32,
    pub height: u32,
}

/// An answer that can be chosen; in a matrix, a column.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub id: String,
    pub text: Text,
    /// Has a text field of its own, answered as `question.choice`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub other: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub exclusive: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub dontknow: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub pin: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// A later page's id, an ending's id, or `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goto: Option<String>,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Box<Condition>>,
}

impl Choice {
    /// Cannot be chosen together with others.
    pub fn stands_alone(&self) -> bool {
        self.exclusive || self.dontknow
    }
}

/// A statement of a matrix.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub id: String,
    pub text: Text,
    /// The other end of a semantic differential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub right: Option<Text>,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
}

/// Whole numbers from `from` to `to`, some of them with a label.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    pub from: i64,
    pub to: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<ScaleLabel>,
}

/// What a point of a scale means.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ScaleLabel {
    pub value: i64,
    pub text: Text,
}

fn is_false(value: &bool) -> bool {
    !value
}
