//! Lists of surveys: a card says what a survey is about, how long it takes, and when it is open.

use serde::Serialize;
use tera::Context as Values;

use super::render::{Listed, Renderer};
use super::words::Words;
use crate::survey::minutes::minutes;
use crate::survey::settings::Moment;
use crate::survey::{Phase, Settings, Text};

/// What a list of surveys says about one.
#[derive(Serialize)]
struct Card<'a> {
    url: String,
    title: &'a Text,
    summary: Option<&'a str>,
    minutes: String,
    /// When it opens, closes or closed; empty where no date is set.
    when: String,
    open: bool,
    opens: Option<Moment>,
    closes: Option<Moment>,
}

impl Renderer {
    pub(super) fn insert_cards(&self, values: &mut Values, lang: &str, surveys: &[Listed<'_>]) {
        let in_phase = |phase: Option<Phase>| {
            let of_phase = surveys.iter().filter(|one| one.phase == phase);
            of_phase.map(|one| self.card(one, lang)).collect::<Vec<_>>()
        };
        let mut open = in_phase(Some(Phase::Open));
        open.extend(in_phase(None));
        values.insert("open", &open);
        values.insert("coming", &in_phase(Some(Phase::Coming)));
        values.insert("closed", &in_phase(Some(Phase::Closed)));
    }

    fn card<'a>(&self, listed: &Listed<'a>, lang: &str) -> Card<'a> {
        let survey = listed.definition.in_language(lang);
        let words = self.words_of(lang);
        let settings = &listed.definition.settings;
        Card {
            url: self.address(&format!("/s/{}/", listed.definition.slug), &survey.lang),
            title: &survey.title,
            summary: survey.summary.as_deref(),
            minutes: words.minutes("minutes_short", minutes(survey)),
            when: when(settings, listed.phase, words),
            open: matches!(listed.phase, None | Some(Phase::Open)),
            opens: settings.opens,
            closes: settings.closes,
        }
    }
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
