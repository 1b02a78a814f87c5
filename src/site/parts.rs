//! What a survey's page needs beyond what every survey needs: the kinds of its questions, and what
//! not every survey does. A page fetches the style, readers and behaviour of its own parts only.

use std::collections::BTreeSet;

use super::render::Mode;
use crate::survey::{Definition, Question};

/// What several kinds share.
const SHARED: &[(&str, &[&str])] = &[
    ("formatted", &["date", "email", "postcode", "tel", "time"]),
    ("matrix", &["differential", "matrix-multiple"]),
    ("number", &["points", "year"]),
];

/// A longer list is searched; a shorter one is seen at a glance, but on a kiosk, where the system's own is
/// too small for fingers. `js/widgets/dropdown.js` has the same number.
const GLANCE_MAX: usize = 8;

/// What any text or condition may call for, and what it then leaves in a survey's JSON.
const TRACES: &[(&str, &str)] = &[("piping", "data-pipe="), ("age", r#""builtin":"age""#)];

/// The names of parts; each may have `css/kinds/<part>.css`, `js/kinds/<part>.js` and
/// `js/widgets/<part>.js` in the theme.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parts(BTreeSet<&'static str>);

impl Parts {
    /// The parts of a survey's page, whatever language it is in.
    pub fn of(definition: &Definition, mode: Mode) -> Parts {
        let mut parts = BTreeSet::new();
        for page in &definition.base().pages {
            if page.shuffle {
                parts.insert("shuffle");
            }
            for question in &page.questions {
                parts.extend(of_question(question));
                if question.dropdown && (mode == Mode::Kiosk || question.choices.len() > GLANCE_MAX)
                {
                    parts.insert("dropdown");
                }
            }
        }
        let whole = serde_json::to_string(&definition.languages).unwrap_or_default();
        let left = TRACES.iter().filter(|(_, trace)| whole.contains(trace));
        parts.extend(left.map(|(part, _)| *part));
        Parts(parts)
    }

    /// Whether this is one of them.
    pub fn has(&self, part: &str) -> bool {
        self.0.contains(part)
    }

    /// The names: what is shared first, so that a kind has the last word.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> + '_ {
        let shared = |part: &&&str| SHARED.iter().any(|(name, _)| name == *part);
        let (first, last) = (self.0.iter().filter(shared), self.0.iter());
        first.chain(last.filter(move |part| !shared(part))).copied()
    }
}

impl FromIterator<&'static str> for Parts {
    fn from_iter<I: IntoIterator<Item = &'static str>>(names: I) -> Parts {
        Parts(names.into_iter().collect())
    }
}

fn of_question(question: &Question) -> impl Iterator<Item = &'static str> {
    let kind = question.kind.rules().name();
    let pictured = question.choices.iter().any(|choice| choice.image.is_some());
    let features = [
        ("check", question.check.is_some()),
        ("pictures", pictured),
        ("shuffle", question.shuffle),
    ];
    let features = features.into_iter().filter_map(|(part, wanted)| wanted.then_some(part));
    let shared = SHARED.iter().filter(move |(_, kinds)| kinds.contains(&kind));
    shared.map(|(part, _)| *part).chain(features).chain([kind])
}
