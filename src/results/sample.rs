//! From stored responses to the people of a sample and what each of them gave.
//!
//! [`Gathering::add`] takes one response after the other, so that a central's 160,000 are never held at
//! once; [`Gathering::finish`] marks what looks careless ([`super::quality`]) and takes nobody out for it.
//! Versions of a survey are joined where their `structure` is the same: they differ in words alone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::item::{Given, Item, Person};
use super::quality::{self, Trace, WordCounts};
use super::scope::Scope;
use super::tabulate::{Column, LeftOut, Offer, columns, left_out};
use crate::response::possible::{Impossible, is_day};
use crate::response::record::{FORM, Response, Status};
use crate::survey::answer::Answer;
use crate::survey::model::{Definition, Survey};
use crate::survey::settings::Sample as Whom;

/// A location with fewer answers is not named (results, "Samples").
pub const LOCATION_MIN: u32 = 30;

/// The channel of previews and of a kiosk's test mode: never counted as anybody's answer.
const PREVIEW: &str = "preview";

/// The people whose answers are counted, and for each item what each of them gave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    pub people: Vec<Person>,
    /// In the survey's order; each has as many `given` as there are people.
    pub items: Vec<Item>,
    /// The choices that only some could choose.
    pub offers: Vec<Offer>,
    pub counted: Counted,
    /// By person, the number of their response: it never leaves the house.
    pub uids: Vec<String>,
    /// What was written in answer to the questions that were listened to ([`Gathering::hear`]).
    pub words: Vec<Said>,
}

/// What somebody wrote. Internal: it names the response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The place among the sample's people.
    pub person: usize,
    pub uid: String,
    pub question: String,
    pub text: String,
}

/// How many responses there were, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// In the sample: complete, and by somebody the survey speaks of.
    pub complete: u32,
    /// Left half-way: in no base.
    pub partial: u32,
    /// Led to an ending of their own: in no base.
    pub screened: u32,
    /// Complete, by somebody the targets do not count (another city, too young).
    pub out_of_scope: u32,
    /// Of a version with another structure, or of none that is known.
    pub other_versions: u32,
    /// Previews and tests.
    pub previews: u32,
    /// Complete ones by channel and by kiosk.
    pub channels: BTreeMap<String, u32>,
    pub kiosks: BTreeMap<String, u32>,
    /// How many have each quality flag, and how many have any.
    pub flags: BTreeMap<String, u32>,
    pub flagged: u32,
    /// The first and the last day of complete ones, `YYYY-MM-DD`.
    pub days: Option<(String, String)>,
}

impl Counted {
    /// The kiosks that may be named, the one with most answers first.
    pub fn locations(&self) -> Vec<(&str, u32)> {
        let mut named: Vec<(&str, u32)> = self
            .kiosks
            .iter()
            .filter(|(_, many)| **many >= LOCATION_MIN)
            .map(|(name, many)| (name.as_str(), *many))
            .collect();
        named.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        named
    }
}

/// What a survey's responses come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gathered {
    /// Of a survey by invitation the invited; else everybody.
    pub sample: Sample,
    /// Of a survey by invitation whoever else answered, at a kiosk or on the open web: totals only, never
    /// pooled with the others.
    pub others: Option<Sample>,
    /// Questions that make no figures.
    pub left_out: Vec<LeftOut>,
}

/// Responses on their way into a sample.
pub struct Gathering<'a> {
    survey: &'a Survey,
    /// By language.
    shown: BTreeMap<&'a str, WordCounts>,
    versions: BTreeSet<&'a str>,
    scope: &'a Scope,
    /// Questions whose texts are kept.
    heard: Vec<String>,
    seen: HashSet<String>,
    main: Part,
    others: Option<Part>,
}

impl<'a> Gathering<'a> {
    /// `definition` is the survey as it is reported; `versions` all that are known of it.
    pub fn new(
        definition: &'a Definition,
        versions: &'a [Definition],
        scope: &'a Scope,
    ) -> Gathering<'a> {
        let survey = definition.base();
        let same = versions
            .iter()
            .filter(|one| one.slug == definition.slug && one.structure == definition.structure);
        let versions = same.chain([definition]).map(|one| one.version.as_str());
        let by_invitation = definition.settings.sample == Whom::Panel;
        Gathering {
            survey,
            shown: definition
                .languages
                .iter()
                .map(|one| (one.lang.as_str(), WordCounts::of(one)))
                .collect(),
            versions: versions.collect(),
            scope,
            heard: Vec::new(),
            seen: HashSet::new(),
            main: Part::of(survey),
            others: by_invitation.then(|| Part::of(survey)),
        }
    }

    /// Keeps what is written in answer to these questions.
    pub fn hear(&mut self, questions: &[String]) {
        self.heard = questions.to_vec();
    }

    /// Counts one response; the same one (`uid`) a second time is no second one.
    pub fn add(&mut self, response: &Response) {
        self.add_without(response, &[]);
    }

    /// The same of a response from which `taken` was taken out: that was asked, and nobody knows what the
    /// answer was.
    pub fn add_without(&mut self, response: &Response, taken: &[Impossible]) {
        if !self.seen.insert(response.uid.clone()) {
            return;
        }
        let part = match &mut self.others {
            Some(others) if !response.invited => others,
            _ => &mut self.main,
        };
        let counted = &mut part.sample.counted;
        let known = response.survey == self.survey.slug
            && self.versions.contains(response.version.as_str());
        match response.status {
            _ if response.channel == PREVIEW => counted.previews += 1,
            _ if response.v != FORM || !known => counted.other_versions += 1,
            Status::Partial => counted.partial += 1,
            Status::Screened => counted.screened += 1,
            Status::Complete if !self.scope.holds(&response.background) => {
                counted.out_of_scope += 1;
            }
            Status::Complete => {
                let shown = self.shown.get(response.lang.as_str());
                let shown = shown.or_else(|| self.shown.get(self.survey.lang.as_str()));
                let shown = shown.expect("a survey has words in its own language");
                part.listen(&self.heard, response);
                part.take(self.survey, shown, response, taken);
            }
        }
    }

    /// The samples, with what looks careless marked.
    pub fn finish(self) -> Gathered {
        Gathered {
            sample: self.main.finish(),
            others: self.others.map(Part::finish),
            left_out: left_out(self.survey),
        }
    }
}

/// A sample that is being filled.
struct Part {
    sample: Sample,
    columns: Vec<Column>,
    /// By item.
    offers: Vec<Vec<Offer>>,
    traces: Vec<Trace>,
}

impl Part {
    fn of(survey: &Survey) -> Part {
        let (columns, items): (Vec<Column>, Vec<Item>) = columns(survey).into_iter().unzip();
        let offers = columns.iter().map(Column::offers).collect();
        let sample = Sample { items, ..Sample::default() };
        Part { sample, columns, offers, traces: Vec::new() }
    }

    fn listen(&mut self, questions: &[String], response: &Response) {
        for question in questions {
            let Some(Answer::Text(text)) = response.answers.get(question) else { continue };
            if !text.trim().is_empty() {
                self.sample.words.push(Said {
                    person: self.sample.people.len(),
                    uid: response.uid.clone(),
                    question: question.clone(),
                    text: text.clone(),
                });
            }
        }
    }

    fn take(
        &mut self,
        survey: &Survey,
        shown: &WordCounts,
        response: &Response,
        taken: &[Impossible],
    ) {
        let items = self.sample.items.iter_mut().zip(&mut self.offers);
        for (column, (item, offers)) in self.columns.iter().zip(items) {
            let is_taken = taken.iter().any(|one| one.is_of(&item.question, item.row.as_deref()));
            let given = match column.read(survey, response) {
                // No tick at all is an answer; of ticks that cannot be, nobody knows which were meant.
                Given::Many(ticks) if ticks.is_empty() && is_taken => Given::Open,
                given => given,
            };
            column.count(survey, response, &given, offers);
            item.given.push(given);
        }
        self.traces.push(Trace::of(survey, shown, response));
        let counted = &mut self.sample.counted;
        counted.complete += 1;
        *counted.channels.entry(response.channel.clone()).or_default() += 1;
        if let Some(kiosk) = &response.kiosk {
            *counted.kiosks.entry(kiosk.clone()).or_default() += 1;
        }
        // A file may have days that do not exist.
        let day = Some(&response.day).filter(|day| is_day(day));
        match (&mut counted.days, day) {
            (Some((first, last)), Some(day)) => {
                first.clone_from(day.min(&first.clone()));
                last.clone_from(day.max(&last.clone()));
            }
            (days, Some(day)) => *days = Some((day.clone(), day.clone())),
            (_, None) => {}
        }
        self.sample.uids.push(response.uid.clone());
        self.sample.people.push(Person {
            background: response.background.clone(),
            channel: response.channel.clone(),
            kiosk: response.kiosk.clone(),
            duration_s: response.duration_s,
            flags: quality::kept(&response.flags),
        });
    }

    fn finish(mut self) -> Sample {
        self.sample.offers = self.offers.into_iter().flatten().collect();
        quality::mark(&mut self.sample.people, &self.traces);
        // A version of the survey may not have had the question yet.
        for item in &mut self.sample.items {
            item.routed |= !item.given.iter().all(Given::is_asked);
        }
        let counted = &mut self.sample.counted;
        for person in self.sample.people.iter().filter(|person| !person.flags.is_empty()) {
            counted.flagged += 1;
            for flag in &person.flags {
                *counted.flags.entry(flag.clone()).or_default() += 1;
            }
        }
        self.sample
    }
}

/// A line of a file of responses that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {why}", column.map(|column| format!(", column {column}")).unwrap_or_default())]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// From 1, in characters; none where it is about the whole line.
    pub column: Option<usize>,
    pub why: String,
}

impl Fault {
    /// What the reader of JSON says knows of this line alone, and takes it for the first.
    fn of_json(line: usize, text: &str, wrong: &serde_json::Error) -> Fault {
        let why = wrong.to_string();
        let place = format!(" at line {} column {}", wrong.line(), wrong.column());
        let before = text.as_bytes().get(..wrong.column()).unwrap_or(text.as_bytes());
        let column = String::from_utf8_lossy(before).chars().count().max(1);
        match why.strip_suffix(&place) {
            Some(why) => Fault { line, column: Some(column), why: why.to_owned() },
            None => Fault { line, column: None, why },
        }
    }
}

/// The responses of a file, one JSON a line; empty lines are passed over.
pub fn read_lines(text: &str) -> impl Iterator<Item = Result<Response, Fault>> + '_ {
    text.lines().enumerate().filter_map(|(at, line)| read_line(at, line))
}

/// The response on a line, the first of which is 0 and may begin with a byte order mark; none on an empty one.
pub fn read_line(at: usize, line: &str) -> Option<Result<Response, Fault>> {
    let line = if at == 0 { line.trim_start_matches('\u{feff}') } else { line };
    let read = |line: &str| {
        let response: Response =
            serde_json::from_str(line).map_err(|wrong| Fault::of_json(at + 1, line, &wrong))?;
        let why = format!("version {} of a response is not known", response.v);
        let fault = Fault { line: at + 1, column: None, why };
        if response.v == FORM { Ok(response) } else { Err(fault) }
    };
    (!line.trim().is_empty()).then(|| read(line))
}

#[cfg(test)]
mod tests;
