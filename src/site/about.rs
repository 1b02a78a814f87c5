//! What a survey's start page promises and explains: the three facts, and who asks and why.

use std::collections::BTreeMap;

use super::render::Renderer;
use super::words::Words;
use crate::survey::minutes::minutes;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Settings, Survey};

/// The three facts under a survey's title.
pub(super) fn facts(survey: &Survey, settings: &Settings, words: &Words) -> Vec<String> {
    let name = match settings.sample {
        Sample::Open => "fact_open",
        Sample::Panel => "fact_invited",
    };
    vec![
        words.minutes("minutes", minutes(survey)),
        words.ui(name).to_owned(),
        words.ui("fact_stop").to_owned(),
    ]
}

impl Renderer {
    /// Who asks and why (GDPR, article 13), as lines of HTML-free text.
    pub(super) fn about(&self, definition: &Definition, lang: &str) -> Vec<String> {
        let words = self.words_of(lang);
        let settings = &definition.settings;
        let mut lines =
            vec![words.fill("about_controller", &[("controller", &self.config.controller.name)])];
        let owner = settings.owner.as_ref().map(|owner| {
            self.config.panels.get(owner).map_or(owner.as_str(), |panel| panel.name.as_str())
        });
        if let Some(owner) = owner.filter(|owner| *owner != self.config.controller.name) {
            lines.push(words.fill("about_owner", &[("owner", owner)]));
        }
        let by_language = |texts: &BTreeMap<String, String>| {
            texts.get(lang).or_else(|| texts.get(&definition.base().lang)).cloned()
        };
        let mut named = |key: &str, text: Option<String>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                lines.push(format!("{}: {text}", words.ui(key)));
            }
        };
        named("about_purpose", by_language(&settings.purpose));
        named("about_legal_basis", by_language(&settings.legal_basis));
        named("about_contact", settings.contact.clone());
        named("about_dpo", Some(self.config.controller.dpo_contact.clone()));
        if let Some(months) = settings.keep_answers_months {
            lines.push(words.fill("about_keep", &[("n", &months.to_string())]));
        }
        let invited = settings.sample == Sample::Panel;
        let last = if invited { "about_final_invited" } else { "about_final" };
        lines.push(words.ui(last).to_owned());
        lines
    }
}
