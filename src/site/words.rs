//! The words of the frame (`text/<lang>.toml`): buttons, notices, and what a problem is called.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::theme::Theme;
use crate::error::{Context, Error, Result};
use crate::survey::settings::Moment;

/// The words of one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    pub ui: BTreeMap<String, String>,
    /// By problem code.
    pub problems: BTreeMap<String, String>,
}

impl Words {
    /// The words of `lang`: the theme's, then the built-in ones where the theme has none. For a
    /// language that is not built in, every word is needed.
    pub fn load(theme: &Theme, lang: &str) -> Result<Words> {
        let name = format!("text/{lang}.toml");
        let own = theme.text(&name);
        let mut words: Words = toml::from_str(&own).during_at("read the theme's", &name)?;
        let builtin: Words =
            toml::from_str(Theme::builtin_text(&name)).during_at("read the built-in", &name)?;
        words.complete(&builtin);
        let danish: Words = toml::from_str(Theme::builtin_text("text/da.toml"))
            .during_at("read the built-in", "text/da.toml")?;
        if let Some(missing) = words.first_missing(&danish) {
            return Err(Error::new(format!("find the words of the language `{lang}`"))
                .hint(format!("add `{missing}` to {name} in the theme")));
        }
        // The frame of the staff's pages is a frame like any other.
        words.complete(&Words::of_rooms(theme, lang)?);
        Ok(words)
    }

    /// The words of the staff's rooms in `lang`: the theme's, then the built-in ones, in English where there
    /// are none in this language. Citizens never see them, so that a new language may do without.
    pub fn of_rooms(theme: &Theme, lang: &str) -> Result<Words> {
        let name = format!("text/rooms.{lang}.toml");
        let mut words: Words =
            toml::from_str(&theme.text(&name)).during_at("read the theme's", &name)?;
        for builtin in [&*name, "text/rooms.en.toml"] {
            let text = Theme::builtin_text(builtin);
            let builtin = toml::from_str(text).during_at("read the built-in", builtin)?;
            words.complete(&builtin);
        }
        Ok(words)
    }

    fn complete(&mut self, from: &Words) {
        for (mine, theirs) in [(&mut self.ui, &from.ui), (&mut self.problems, &from.problems)] {
            for (key, text) in theirs {
                mine.entry(key.clone()).or_insert_with(|| text.clone());
            }
        }
    }

    fn first_missing(&self, model: &Words) -> Option<String> {
        let ui = model.ui.keys().find(|key| !self.ui.contains_key(*key));
        ui.or_else(|| model.problems.keys().find(|key| !self.problems.contains_key(*key))).cloned()
    }

    /// A word of the frame; its key where there is none.
    pub fn ui<'a>(&'a self, key: &'a str) -> &'a str {
        self.ui.get(key).map_or(key, String::as_str)
    }

    /// A word of the frame with `{name}`s filled in.
    pub fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.ui(key), values.iter().copied())
    }

    /// What a problem is called. A code without words (of a newer script) shows itself.
    pub fn problem(&self, code: &str, label: &str, values: &BTreeMap<String, String>) -> String {
        let words = self.problems.get(code).map_or(code, String::as_str);
        let written: Vec<(&str, String)> =
            values.iter().map(|(name, value)| (name.as_str(), self.written(code, value))).collect();
        let values = written.iter().map(|(name, value)| (*name, value.as_str()));
        // The label last: it is an author's text, in which braces mean nothing.
        fill(words, values.chain([("label", label)]))
    }

    /// Days are written out.
    fn written(&self, code: &str, value: &str) -> String {
        let day = code.starts_with("date-").then(|| value.parse::<Date>().ok()).flatten();
        day.map_or_else(|| value.to_owned(), |day| self.moment(Moment::Day(day)))
    }

    /// A date in this language, as in `31. december 2026`; with the time where one is set.
    pub fn moment(&self, moment: Moment) -> String {
        let (pattern, day, time) = match moment {
            Moment::Day(day) => ("date", day, String::new()),
            Moment::Time(at) => {
                ("date_time", at.date(), format!("{:02}:{:02}", at.hour(), at.minute()))
            }
        };
        let month = usize::try_from(day.month() - 1).unwrap_or_default();
        let month = self.ui("months").split(' ').nth(month).unwrap_or_default();
        let (number, year) = (day.day().to_string(), day.year().to_string());
        let values = [("day", &*number), ("month", month), ("year", &*year), ("time", &*time)];
        self.fill(pattern, &values)
    }

    /// `minutes` or `minutes_one`, filled in.
    pub fn minutes(&self, key: &str, minutes: u32) -> String {
        if minutes == 1 {
            self.ui(&format!("{key}_one")).to_owned()
        } else {
            self.fill(key, &[("n", &minutes.to_string())])
        }
    }
}

/// Replaces `{name}` once each, from left to right; what is filled in is not searched again.
fn fill<'a>(words: &str, values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let values: Vec<_> = values.collect();
    let mut out = String::with_capacity(words.len() + 40);
    let mut rest = words;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let filled = rest.find('}').and_then(|close| {
            let name = &rest[1..close];
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((close, *value))
        });
        match filled {
            Some((close, value)) => {
                out.push_str(value);
                rest = &rest[close + 1..];
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, datetime};

    use super::*;

    fn words(lang: &str) -> Words {
        Words::load(&Theme::builtin(), lang).expect("a built-in language")
    }

    #[test]
    fn both_languages_have_the_same_words() {
        let (da, en) = (words("da"), words("en"));
        assert!(da.ui.keys().eq(en.ui.keys()));
        assert!(da.problems.keys().eq(en.problems.keys()));
    }

    #[test]
    fn rooms_have_the_same_words_in_both_languages_and_english_ones_in_others() {
        let rooms = |lang: &str| Words::of_rooms(&Theme::builtin(), lang).expect("built in");
        let (da, en) = (rooms("da"), rooms("en"));
        assert!(da.ui.keys().eq(en.ui.keys()));
        assert_eq!(rooms("so"), en);
        for (key, text) in &da.ui {
            let gaps = |text: &str| text.matches('{').count();
            assert_eq!(gaps(text), gaps(&en.ui[key]), "{key}");
        }
    }

    #[test]
    fn nothing_calls_an_answer_anonymous() {
        for lang in ["da", "en"] {
            let words = words(lang);
            let all = words.ui.values().chain(words.problems.values());
            assert!(all.into_iter().all(|text| !text.to_lowercase().contains("anonym")));
        }
    }

    #[test]
    fn dates_are_written_out() {
        let day = Moment::Day(date(2026, 12, 31));
        assert_eq!(words("da").moment(day), "31. december 2026");
        assert_eq!(words("en").moment(day), "31 December 2026");
        let at = Moment::Time(datetime(2026, 11, 1, 8, 0, 0, 0));
        assert_eq!(words("da").moment(at), "1. november 2026 kl. 08:00");
    }

    #[test]
    fn the_days_of_a_problem_are_written_out() {
        let values = BTreeMap::from([("min".to_owned(), "2026-02-01".to_owned())]);
        let told = words("en").problem("date-min", "When?", &values);
        assert_eq!(told, "Write a date that is 1 February 2026 or later in: “When?”");
    }

    #[test]
    fn a_label_is_never_filled_in_itself() {
        let values = BTreeMap::from([("max".to_owned(), "3".to_owned())]);
        let told = words("en").problem("too-many", "What {max}?", &values);
        assert_eq!(told, "Choose at most 3 answers in: “What {max}?”");
    }

    #[test]
    fn a_theme_may_change_one_word() {
        let mut theme = Theme::builtin();
        theme.replace("text/da.toml".into(), b"[ui]\nnext = \"Videre\"\n".to_vec());
        let words = Words::load(&theme, "da").expect("the rest is built in");
        assert_eq!((words.ui("next"), words.ui("back")), ("Videre", "Tilbage"));
    }

    #[test]
    fn a_new_language_needs_every_word() {
        let mut theme = Theme::builtin();
        theme.replace("text/de.toml".into(), b"[ui]\nnext = \"Weiter\"\n".to_vec());
        let error = Words::load(&theme, "de").expect_err("words are missing");
        assert!(error.to_string().contains("text/de.toml"), "{error}");
    }
}
