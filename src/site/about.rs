//! What a survey's start page promises and explains: the three facts, and who asks and why; and what
//! its thank-you tells: what happens next, and which panel one can join.

use std::collections::BTreeMap;

use serde::Serialize;

use super::config::Panel;
use super::frame::Link;
use super::qr::Qr;
use super::render::{Mode, Renderer};
use super::words::Words;
use crate::survey::minutes::minutes;
use crate::survey::settings::Sample;
use crate::survey::{Definition, Settings, Survey};

/// The three facts under a survey's title, or a sign-up form's to `panel`.
pub(super) fn facts(
    survey: &Survey,
    settings: &Settings,
    panel: Option<&Panel>,
    words: &Words,
) -> Vec<String> {
    if let Some(panel) = panel {
        return vec![
            words.minutes("minutes", minutes(survey)),
            words.fill("fact_times", &[("n", &panel.max_invitations_per_year.to_string())]),
            words.ui("fact_leave").to_owned(),
        ];
    }
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

/// An invitation to a panel on a thank-you page.
#[derive(Debug, Serialize)]
pub(super) struct Join {
    text: String,
    button: String,
    url: String,
    /// The address as people read it and type it.
    shown: String,
    qr: Option<Qr>,
}

impl Renderer {
    /// Who asks and why, in a sentence or two.
    pub(super) fn asks(&self, definition: &Definition, lang: &str) -> String {
        let words = self.words_of(lang);
        let asks = words.fill("asks", &[("controller", &self.config.controller.name)]);
        let purpose = in_language(&definition.settings.purpose, definition, lang);
        [asks].into_iter().chain(purpose).collect::<Vec<_>>().join(" ")
    }

    /// What becomes of the answers: only what holds on any day.
    pub(super) fn what_next(
        &self,
        definition: &Definition,
        words: &Words,
        mode: Mode,
    ) -> Vec<String> {
        let closes = definition.settings.closes.map(|closes| words.moment(closes));
        let counted = match &closes {
            Some(date) => words.fill("next_counted", &[("date", date)]),
            None => words.ui("next_counted_undated").to_owned(),
        };
        // A kiosk shows no results itself.
        let results = match (mode, self.config.hosts.first()) {
            (Mode::Web, _) => Some(words.ui("next_results").to_owned()),
            (Mode::Kiosk, Some(host)) => Some(words.fill("next_results_at", &[("address", host)])),
            (Mode::Kiosk, None) => None,
        };
        [counted, words.ui("next_together").to_owned()].into_iter().chain(results).collect()
    }

    /// An invitation to the panel nearest to the survey that tells where to join; none for those who
    /// were invited as its members.
    pub(super) fn invitation(&self, definition: &Definition, lang: &str) -> Option<Join> {
        let words = self.words_of(lang);
        let settings = &definition.settings;
        if settings.sample == Sample::Panel {
            return None;
        }
        let nearest = settings.owner.iter().chain(&settings.panels);
        let named = nearest.filter_map(|slug| self.config.panels.get(slug));
        let panel: &Panel =
            named.chain(self.config.panels.values()).find(|panel| !panel.join.is_empty())?;
        let times = panel.max_invitations_per_year.to_string();
        let shown = panel.join.trim_start_matches("https://").trim_end_matches('/');
        Some(Join {
            text: words.fill("join_text", &[("panel", &panel.name), ("n", &times)]),
            button: words.fill("join_button", &[("panel", &panel.name)]),
            // The site's own form is on this screen, too; another's is a way out, for a phone to take.
            url: match panel.join.starts_with('/') {
                true => self.address(&panel.join, lang),
                false => panel.join.clone(),
            },
            shown: shown.to_owned(),
            qr: (!panel.join.starts_with('/')).then(|| Qr::of(&panel.join)).flatten(),
        })
    }

    /// The panels whose sign-up form is on this site: their names and where.
    pub(super) fn panels_to_join(&self, lang: &str) -> Vec<Link> {
        let own = self.config.panels.values().filter(|panel| panel.join.starts_with('/'));
        let words = self.words_of(lang);
        own.map(|panel| Link {
            title: words.fill("join_button", &[("panel", &panel.name)]),
            url: self.address(&panel.join, lang),
        })
        .collect()
    }

    /// Who asks and why (GDPR, article 13), as lines of HTML-free text.
    pub(super) fn about(&self, definition: &Definition, lang: &str) -> Vec<String> {
        let words = self.words_of(lang);
        let settings = &definition.settings;
        let mut lines =
            vec![words.fill("about_controller", &[("controller", &self.config.controller.name)])];
        let owner =
            settings.owner.as_deref().or(definition.panel()).map(|owner| {
                self.config.panels.get(owner).map_or(owner, |panel| panel.name.as_str())
            });
        if let Some(owner) = owner.filter(|owner| *owner != self.config.controller.name) {
            lines.push(words.fill("about_owner", &[("owner", owner)]));
        }
        let by_language = |texts| in_language(texts, definition, lang);
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
        let last = match (definition.is_signup(), invited) {
            (true, _) => "about_member",
            (false, true) => "about_final_invited",
            (false, false) => "about_final",
        };
        lines.push(words.ui(last).to_owned());
        let backups = self.backups_forget(words).filter(|_| definition.is_signup());
        lines.extend(backups);
        lines
    }
}

impl Renderer {
    /// When whoever was erased is in no backup any more; none where the settings give no number.
    pub(super) fn backups_forget(&self, words: &Words) -> Option<String> {
        let days = self.config.controller.backup_days;
        (days > 0).then(|| words.fill("backups_forget", &[("n", &days.to_string())]))
    }

    /// The same, or that it is when the old ones are thrown away.
    pub(super) fn backups_forget_some_day(&self, words: &Words) -> String {
        self.backups_forget(words).unwrap_or_else(|| words.ui("backups_forget_some_day").to_owned())
    }
}

/// The text in `lang`, or in the survey's own language.
fn in_language(
    texts: &BTreeMap<String, String>,
    definition: &Definition,
    lang: &str,
) -> Option<String> {
    texts.get(lang).or_else(|| texts.get(&definition.base().lang)).cloned()
}
