//! What the staff pages have worked out for them: by whoever puts content, answers and members together for
//! the commands of the same names, which a server does not know.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::panel::composition::Told;
use crate::panel::preview::Preview;

/// Works things out. Each may take seconds, and is asked for in the [`super::workshop`].
pub trait Bureau: Send + Sync {
    /// What `results SURVEY --preview` would write.
    fn draft(&self, survey: &str) -> Result<Draft>;

    /// How the answers to a survey look, by the flags of their quality.
    fn quality(&self, survey: &str) -> Result<Quality>;

    /// What `invite SURVEY --dry-run` would say.
    fn outlook(&self, survey: &str) -> Result<Outlook>;

    /// What `panel composition` would say of a panel.
    fn composition(&self, panel: &str) -> Result<Composed>;

    /// Whether backups are not made, or stay for too long, as `central audit` would say. Takes no time.
    fn has_failing_backups(&self) -> Result<bool>;
}

/// Results as they would be published, before they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// Fewer answers count than it takes.
    TooFew {
        people: u32,
        least: u32,
    },
    /// The survey asked a part of a panel, and either too few of it or too few of it answered.
    PartTooSmall {
        people: u32,
        least_invited: u32,
        least: u32,
    },
    Made(Box<Page>),
}

/// A page of results for the house alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// What stands below the title, by language.
    pub bodies: BTreeMap<String, String>,
    /// How many answers count.
    pub people: u32,
    /// Everything about everybody whom the audit would find in it, in words for staff; empty where it finds
    /// nobody.
    pub found: Vec<String>,
    /// How many cells and tables are not shown.
    pub hidden: usize,
}

/// Flags of quality, counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quality {
    /// Complete answers that count.
    pub people: u64,
    /// Of these, with any flag.
    pub flagged: u64,
    /// By flag; an answer may have several.
    pub flags: BTreeMap<String, u64>,
}

/// A survey before it is sent, or why nobody can be invited to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Outlook {
    /// By a stable word: `open-to-all`, `no-panel`.
    None(&'static str),
    /// What it would reach, if it was sent to all who may be invited.
    Seen(Box<Preview>),
}

/// A panel beside the population.
#[derive(Debug, Clone, PartialEq)]
pub struct Composed {
    pub told: Told,
    /// Where the population's figures are from, and of whom; none where the file does not say.
    pub source: Option<String>,
    /// The panel is one of some districts: its own are not compared with the city's.
    pub is_local: bool,
}
