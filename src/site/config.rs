//! `content/site.toml`: the site's public facts. [`SiteConfig::parse`] checks all of it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::catalogue;
use super::settings_keys::{self, KEYS};
use crate::clock;
use crate::diag::Diagnostic;
use crate::panel::admission::Rules;

/// The settings; `settings_keys` says what each means. Serialised into releases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteConfig {
    pub name: String,
    pub hosts: Vec<String>,
    pub default_language: String,
    pub languages: Vec<String>,
    pub languages_required: Vec<String>,
    pub translation_fallback: bool,
    pub theme: String,
    pub timezone: String,
    pub age_groups: Vec<String>,
    pub controller: Controller,
    pub accessibility: Accessibility,
    pub kiosk: KioskRules,
    pub panels: BTreeMap<String, Panel>,
    pub results: ResultRules,
}

/// Who answers for the data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Controller {
    pub name: String,
    pub address: String,
    pub dpo_contact: String,
    /// Within so many days whoever was erased is in no backup; 0 where people are told no number.
    pub backup_days: u32,
}

/// What the law on accessibility wants on every page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accessibility {
    pub statement_url: String,
    pub phone: String,
    pub email: String,
    pub address: String,
}

/// How patient a kiosk is, in seconds, and how wide its screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KioskRules {
    pub idle_seconds: u32,
    pub idle_warning_seconds: u32,
    /// Of one kiosk alone: `site.toml` has no such key, but a kiosk's own release keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_width_mm: Option<u32>,
}

impl KioskRules {
    /// These, save where one kiosk has its own.
    #[must_use]
    pub fn with(self, own: OwnRules) -> KioskRules {
        KioskRules {
            idle_seconds: own.idle_seconds.unwrap_or(self.idle_seconds),
            idle_warning_seconds: own.idle_warning_seconds.unwrap_or(self.idle_warning_seconds),
            screen_width_mm: own.screen_width_mm.or(self.screen_width_mm),
        }
    }
}

/// What one kiosk has of its own; for what it leaves out the site's rules count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OwnRules {
    pub idle_seconds: Option<u32>,
    pub idle_warning_seconds: Option<u32>,
    pub screen_width_mm: Option<u32>,
}

/// A panel and its promises to members.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Panel {
    pub name: String,
    pub minimum_age: u32,
    pub max_invitations_per_year: u32,
    pub min_days_between: u32,
    pub districts: Vec<String>,
    pub join: String,
}

/// When a figure may be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResultRules {
    pub threshold: u32,
    pub min_group: u32,
    pub targets: String,
}

impl Default for SiteConfig {
    fn default() -> SiteConfig {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        SiteConfig {
            name: String::new(),
            hosts: Vec::new(),
            default_language: "da".to_owned(),
            languages: texts(&["da", "en"]),
            languages_required: Vec::new(),
            translation_fallback: false,
            theme: "default".to_owned(),
            timezone: "Europe/Copenhagen".to_owned(),
            age_groups: texts(&["15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"]),
            controller: Controller::default(),
            accessibility: Accessibility::default(),
            kiosk: KioskRules::default(),
            panels: BTreeMap::new(),
            results: ResultRules::default(),
        }
    }
}

impl Default for KioskRules {
    fn default() -> KioskRules {
        KioskRules { idle_seconds: 90, idle_warning_seconds: 30, screen_width_mm: None }
    }
}

impl Panel {
    /// What it asks of its members.
    pub fn rules(&self) -> Rules<'_> {
        Rules { minimum_age: self.minimum_age, districts: &self.districts }
    }
}

impl Default for Panel {
    fn default() -> Panel {
        Panel {
            name: String::new(),
            minimum_age: 15,
            max_invitations_per_year: 10,
            min_days_between: 14,
            districts: Vec::new(),
            join: String::new(),
        }
    }
}

impl Default for ResultRules {
    fn default() -> ResultRules {
        ResultRules { threshold: 5, min_group: 30, targets: "koebenhavn".to_owned() }
    }
}

impl SiteConfig {
    /// Reads settings; `file` is their path as messages show it. Every mistake is returned, not
    /// only the first.
    pub fn parse(file: &str, text: &str) -> Result<SiteConfig, Vec<Diagnostic>> {
        let table = DeTable::parse(text).map_err(|error| vec![syntax(file, &error)])?;
        let mut check = Check { file, found: Vec::new(), spans: BTreeMap::new() };
        check.keys(table.get_ref(), &mut Vec::new());
        let config = match toml::from_str::<SiteConfig>(text) {
            Ok(config) => config,
            Err(error) => {
                check.wrong_type(&error);
                return Err(check.found);
            }
        };
        check.required(&config);
        check.values(&config);
        if check.found.is_empty() { Ok(config) } else { Err(check.found) }
    }

    /// The zone `opens` and `closes` are written in.
    pub fn zone(&self) -> TimeZone {
        // `parse` refused a name that does not exist; a hand-made config falls back to UTC.
        clock::zone(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// What stands before an address in `lang`: nothing, or `/en`.
    pub fn prefix(&self, lang: &str) -> String {
        if lang == self.default_language { String::new() } else { format!("/{lang}") }
    }
}

fn syntax(file: &str, error: &toml::de::Error) -> Diagnostic {
    let mut wrong =
        Diagnostic::new(file, error.span().unwrap_or(0..0), &catalogue::SETTINGS_SYNTAX);
    wrong.arg("why", error.message());
    wrong
}

/// The mistakes found so far, and where each key stands.
struct Check<'a> {
    file: &'a str,
    found: Vec<Diagnostic>,
    spans: BTreeMap<String, Range<usize>>,
}

impl Check<'_> {
    fn keys(&mut self, table: &DeTable<'_>, path: &mut Vec<String>) {
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            self.one_key(key.span(), value, path);
            path.pop();
        }
    }

    fn one_key(
        &mut self,
        span: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        path: &mut Vec<String>,
    ) {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        if !settings_keys::is_known(&parts) {
            let name = parts.last().copied().unwrap_or_default();
            let mut wrong = Diagnostic::new(self.file, span, &catalogue::UNKNOWN_SETTING);
            wrong.arg("name", name);
            if let Some(nearest) = settings_keys::nearest(&parts) {
                wrong.arg("nearest", nearest);
            }
            self.found.push(wrong);
            return;
        }
        self.spans.insert(parts.join("."), value.span());
        if let DeValue::Table(inner) = value.get_ref() {
            self.keys(inner, path);
        }
    }

    fn wrong_type(&mut self, error: &toml::de::Error) {
        let span = error.span().unwrap_or(0..0);
        let holds = |at: &&Range<usize>| at.start <= span.start && span.end <= at.end;
        let name = self
            .spans
            .iter()
            .filter(|(_, at)| holds(at))
            .min_by_key(|(_, at)| at.len())
            .map(|(name, _)| name.clone())
            .unwrap_or_default();
        let default = KEYS.iter().find(|key| key.path == name).map_or("", |key| key.default);
        let cure = if default.is_empty() {
            "docs/settings.md shows how it is written".to_owned()
        } else {
            format!("it is written as in `{default}`")
        };
        self.found.push(wrong_setting(self.file, span, &name, error.message(), &cure));
    }

    fn wrong(&mut self, name: &str, why: &str, cure: &str) {
        let span = self.spans.get(name).cloned().unwrap_or(0..0);
        self.found.push(wrong_setting(self.file, span, name, why, cure));
    }

    fn required(&mut self, config: &SiteConfig) {
        let statement = &config.accessibility.statement_url;
        self.present("name", &config.name, "name = \"Borgerpanelet\"");
        self.present("controller.name", &config.controller.name, "[controller] name = \"…\"");
        let contact = &config.controller.dpo_contact;
        self.present("controller.dpo_contact", contact, "[controller] dpo_contact = \"…\"");
        let example = "[accessibility] statement_url = \"https://was.digst.dk/…\"";
        self.present("accessibility.statement_url", statement, example);
        let fits = statement.starts_with("https://") || statement.starts_with('/');
        if !statement.is_empty() && !fits {
            let cure = "begin it with https://, or with / for a page of this site";
            self.wrong("accessibility.statement_url", "it is not an address", cure);
        }
        for (slug, panel) in &config.panels {
            self.present(&format!("panels.{slug}.name"), &panel.name, "name = \"…\"");
            if !panel.join.is_empty() && !panel.join.starts_with("https://") {
                let cure = "write the whole address, as in https://panel.example.dk/join";
                self.wrong(&format!("panels.{slug}.join"), "it is not an https address", cure);
            }
        }
    }

    fn present(&mut self, name: &str, value: &str, example: &str) {
        if value.trim().is_empty() {
            let span = self.spans.get(name).cloned().unwrap_or(0..0);
            let mut missing = Diagnostic::new(self.file, span, &catalogue::MISSING_SETTING);
            missing.arg("name", name).arg("example", example);
            self.found.push(missing);
        }
    }

    fn values(&mut self, config: &SiteConfig) {
        match clock::zone(&config.timezone) {
            Some(_) => {}
            None if clock::has_zones() => {
                let cure = "use an IANA name, as in `Europe/Copenhagen`";
                self.wrong("timezone", "there is no such timezone", cure);
            }
            None => {
                let cure = "install one (Debian: `tzdata`), or use `Europe/Copenhagen`";
                self.wrong("timezone", "this machine has no database of time zones", cure);
            }
        }
        self.languages(config);
        if let Some(why) = age_groups_fault(&config.age_groups) {
            let cure = "write ascending groups without gaps, as in [\"15-24\", \"25-64\", \"65+\"]";
            self.wrong("age_groups", &why, cure);
        }
        if !(15..=3600).contains(&config.kiosk.idle_seconds) {
            let cure = "use a number of seconds from 15 to 3600";
            self.wrong("kiosk.idle_seconds", "out of bounds", cure);
        }
        // WCAG 2.2.1 wants at least 20 seconds to answer a warning before time runs out.
        if !(20..=3600).contains(&config.kiosk.idle_warning_seconds) {
            let cure = "use at least 20 seconds, as WCAG 2.2.1 asks, and at most 3600";
            self.wrong("kiosk.idle_warning_seconds", "out of bounds", cure);
        }
        if config.results.threshold < 5 {
            self.wrong("results.threshold", "too small to protect anybody", "use at least 5");
        }
        if config.results.min_group < 30 {
            self.wrong("results.min_group", "too small to say anything of", "use at least 30");
        }
    }

    fn languages(&mut self, config: &SiteConfig) {
        let mut seen = BTreeSet::new();
        for lang in &config.languages {
            let two_letters = lang.len() == 2 && lang.bytes().all(|b| b.is_ascii_lowercase());
            if !two_letters || !seen.insert(lang) {
                let cure = "name each language once by two letters, as in [\"da\", \"en\"]";
                self.wrong("languages", &format!("`{lang}` cannot be used"), cure);
            }
        }
        let cure = "add it to `languages`";
        if !config.languages.contains(&config.default_language) {
            self.wrong("default_language", "it is not among `languages`", cure);
        }
        for lang in &config.languages_required {
            if !config.languages.contains(lang) {
                self.wrong("languages_required", &format!("`{lang}` is not in `languages`"), cure);
            }
        }
    }
}

fn wrong_setting(file: &str, span: Range<usize>, name: &str, why: &str, cure: &str) -> Diagnostic {
    let mut wrong = Diagnostic::new(file, span, &catalogue::WRONG_SETTING);
    wrong.arg("name", name).arg("why", why).arg("cure", cure);
    wrong
}

/// Why the groups cannot be used, or nothing. Only the last may be open (`75+`).
fn age_groups_fault(groups: &[String]) -> Option<String> {
    let mut next: Option<u32> = None;
    for (index, group) in groups.iter().enumerate() {
        let last = index + 1 == groups.len();
        let (from, to) = match (group.strip_suffix('+'), group.split_once('-')) {
            (Some(from), _) if last => (from.parse().ok(), None),
            (None, Some((from, to))) => (from.parse().ok(), to.parse::<u32>().ok()),
            _ => (None, None),
        };
        let Some(from) = from else { return Some(format!("`{group}` is not a group of ages")) };
        if !group.ends_with('+') && to.is_none_or(|to| to < from) {
            return Some(format!("`{group}` is not a group of ages"));
        }
        if next.is_some_and(|next| next != from) {
            return Some(format!("`{group}` does not follow the group before it"));
        }
        next = to.map(|to| to + 1);
    }
    groups.is_empty().then(|| "there is none".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Language;

    const LEAST: &str = r#"name = "Panelet"
[controller]
name = "Kommunen"
dpo_contact = "dpo@example.dk"
[accessibility]
statement_url = "https://was.digst.dk/example"
"#;

    #[test]
    fn a_kiosk_that_sets_one_time_keeps_the_sites_other() {
        let site =
            KioskRules { idle_seconds: 60, idle_warning_seconds: 15, ..KioskRules::default() };
        let own = OwnRules { idle_seconds: Some(45), ..OwnRules::default() };
        assert_eq!(site.with(own), KioskRules { idle_seconds: 45, ..site });
    }

    fn messages(text: &str) -> Vec<String> {
        let found = SiteConfig::parse("site.toml", text).expect_err("it is wrong");
        found
            .iter()
            .map(|one| {
                let (message, help) = (one.message(Language::English), one.help(Language::English));
                format!("{message} -> {help}")
            })
            .collect()
    }

    #[test]
    fn the_least_settings_get_every_default() {
        let config = SiteConfig::parse("site.toml", LEAST).expect("enough");
        assert_eq!(config.kiosk.idle_seconds, 90);
        assert_eq!(config.languages, ["da", "en"]);
        assert_eq!((config.prefix("da"), config.prefix("en")), (String::new(), "/en".into()));
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let defaults = toml::Value::try_from(SiteConfig::default()).expect("settings are TOML");
        let panel = toml::Value::try_from(Panel::default()).expect("a panel is TOML");
        for key in KEYS.iter().filter(|key| !key.default.is_empty()) {
            let mut at = if key.path.starts_with("panels.") { &panel } else { &defaults };
            for part in key.path.trim_start_matches("panels.*.").split('.') {
                at = &at[part];
            }
            let written: toml::Table =
                toml::from_str(&format!("x = {}", key.default)).expect("the default is TOML");
            assert_eq!(*at, written["x"], "{}", key.path);
        }
    }

    #[test]
    fn an_unknown_key_names_the_nearest_known_one_and_its_place() {
        let text = format!("{LEAST}[kiosk]\nidle_second = 60\n");
        let found = SiteConfig::parse("site.toml", &text).expect_err("it is misspelt");
        assert_eq!(&text[found[0].span.clone()], "idle_second");
        assert_eq!(
            messages(&text),
            ["unknown setting `idle_second` -> did you mean `idle_seconds`?"]
        );
    }

    #[test]
    fn all_mistakes_are_told_at_once() {
        let text =
            "nme = \"x\"\ntimezone = \"Europe/Kobenhavn\"\nage_groups = [\"15-24\", \"30+\"]";
        let found = messages(text).join("\n");
        for part in
            ["did you mean `name`?", "`name` is missing", "no such timezone", "`30+` does not"]
        {
            assert!(found.contains(part), "{part} in {found}");
        }
    }

    #[test]
    fn a_value_of_the_wrong_type_names_its_key() {
        let found = messages(&format!("{LEAST}[results]\nthreshold = \"five\"\n"));
        assert!(found[0].contains("`results.threshold`"), "{found:?}");
        assert!(found[0].contains("as in `5`"), "{found:?}");
    }

    #[test]
    fn a_warning_shorter_than_wcag_allows_is_refused() {
        let found = messages(&format!("{LEAST}[kiosk]\nidle_warning_seconds = 10\n"));
        assert!(found[0].contains("at least 20 seconds"), "{found:?}");
    }

    #[test]
    fn broken_toml_is_one_message() {
        assert!(messages("name = ").join("").contains("not TOML"));
    }
}
