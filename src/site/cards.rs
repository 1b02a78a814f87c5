//! Lists of surveys: a card says what a survey is about, how long it takes, and when it is open.

use serde::Serialize;
use tera::Context as Values;

use super::code;
use super::render::{Listed, Renderer};
use super::words::Words;
use crate::survey::minutes::minutes;
use crate::survey::settings::{Moment, Sample};
use crate::survey::{Phase, Settings, Text};

/// What a list of surveys says about one.
#[derive(Serialize)]
pub(super) struct Card<'a> {
    url: String,
    title: &'a Text,
    summary: Option<&'a str>,
    minutes: String,
    /// When it opens, closes or closed; empty where no date is set.
    when: String,
    open: bool,
    /// The address of its results, where they are published.
    results: Option<String>,
    /// The first thing that staff found in them.
    finding: Option<&'a str>,
    opens: Option<Moment>,
    closes: Option<Moment>,
}

impl Renderer {
    pub(super) fn insert_cards(&self, values: &mut Values, lang: &str, surveys: &[Listed<'_>]) {
        let cards = |belongs: fn(&Listed<'_>) -> bool| {
            let ours = surveys.iter().filter(|one| belongs(one) && !is_hidden(one));
            ours.map(|one| self.card(one, lang)).collect::<Vec<_>>()
        };
        // Results are published of what is over, also where the day is unknown.
        values.insert(
            "open",
            &cards(|one| is_open(one.phase) && !(one.results && one.phase.is_none())),
        );
        values.insert("coming", &cards(|one| one.phase == Some(Phase::Coming)));
        values.insert("results", &cards(|one| one.results));
        values.insert("closed", &cards(|one| one.phase == Some(Phase::Closed) && !one.results));
        let has_code = surveys.iter().any(takes_codes);
        values.insert("code", &has_code.then(|| self.address(code::ADDRESS, lang)));
    }

    fn card<'a>(&'a self, listed: &Listed<'a>, lang: &str) -> Card<'a> {
        let spoken = &listed.definition.in_language(lang).lang;
        self.card_at(listed, lang, self.address(&listed.definition.address(), spoken))
    }

    /// A card that leads to `url`.
    pub(super) fn card_at<'a>(&'a self, listed: &Listed<'a>, lang: &str, url: String) -> Card<'a> {
        let survey = listed.definition.in_language(lang);
        let words = self.words_of(lang);
        let settings = &listed.definition.settings;
        Card {
            url,
            title: &survey.title,
            summary: survey.summary.as_deref(),
            minutes: words.minutes("minutes_short", minutes(survey)),
            when: when(settings, listed.phase, words),
            open: is_open(listed.phase),
            finding: self.first_finding(&listed.definition.slug, lang).filter(|_| listed.results),
            results: listed.results.then(|| self.results_address(listed.definition, lang)),
            opens: settings.opens,
            closes: settings.closes,
        }
    }
}

fn is_invited(listed: &Listed<'_>) -> bool {
    listed.definition.settings.sample == Sample::Panel
}

/// Only whoever has a code or a link can answer it: it has no card before its results are there.
fn is_hidden(listed: &Listed<'_>) -> bool {
    is_invited(listed) && !listed.results
}

/// Whether somebody may have a code to type in.
pub(super) fn takes_codes(listed: &Listed<'_>) -> bool {
    is_hidden(listed) && is_open(listed.phase)
}

/// Where the phase is unknown, the server says so as soon as somebody wants to answer.
fn is_open(phase: Option<Phase>) -> bool {
    matches!(phase, None | Some(Phase::Open))
}

/// The dates of a list. Where the phase is unknown (a static page outlives the day it was made on)
/// the words hold on any day.
fn when(settings: &Settings, phase: Option<Phase>, words: &Words) -> String {
    let said = |key: &str, moment: Option<Moment>| {
        let date = moment.map(|moment| words.moment(moment));
        date.map_or_else(String::new, |date| words.fill(key, &[("date", &date)]))
    };
    match (phase, settings.opens, settings.closes) {
        (Some(Phase::Coming), opens, _) => said("opens", opens),
        (Some(Phase::Closed), _, closes) => said("closed_on", closes),
        (None, Some(opens), Some(closes)) => {
            let (from, to) = (words.moment(opens), words.moment(closes));
            words.fill("open_between", &[("from", &from), ("to", &to)])
        }
        (None, opens @ Some(_), None) => said("open_from", opens),
        (_, _, closes @ Some(Moment::Time(_))) => said("closes_at", closes),
        (_, _, closes) => said("closes", closes),
    }
}
