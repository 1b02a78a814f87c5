//! How a panel is made up, beside the population: the page below its title, for `content/results/panel-<slug>/`.
//! Made from a composition as it is told, so that it can say nothing finer.

use jiff::civil::Date;
use serde::Serialize;

use super::names::Names;
use super::table::TableView;
use super::{HIDDEN, tenths, written};
use crate::error::{Error, Result};
use crate::panel::composition::{Told, ToldGroup, ToldVariable};
use crate::response::targets::About;
use crate::results::charts::{self, Caption, Pair};
use crate::results::figure::Value;
use crate::results::files::COMPOSITION;
use crate::site::frame::Switch;
use crate::site::render::{Mode, Renderer};
use crate::site::words::Words;
use crate::survey::Definition;
use crate::survey::settings::Moment;

/// What results of a panel are called: `panel-kbh`.
pub const PREFIX: &str = "panel-";

/// What the page is made from.
#[derive(Debug, Clone, Copy)]
pub struct PanelPage<'a> {
    pub slug: &'a str,
    pub told: &'a Told,
    /// Of the population's figures.
    pub about: Option<&'a About>,
    /// Sign-up forms: they name the groups.
    pub named_by: &'a [Definition],
    pub day: Date,
}

#[derive(Serialize)]
struct VariableView {
    title: String,
    sentence: Option<String>,
    verdict: Option<String>,
    chart: String,
    table: TableView,
}

impl Renderer {
    /// The page in `lang`, without its frame.
    pub fn panel_body(&self, page: &PanelPage<'_>, lang: &str) -> Result<String> {
        let words = self.words_of(self.language(lang));
        let Some(form) = page.named_by.first() else {
            return Err(Error::new(format!("name the groups of the panel {}", page.slug))
                .source("there is no sign-up form")
                .hint("write one into content/panels"));
        };
        let names = Names::of_forms(page.named_by, form.in_language(self.language(lang)), words);
        let lang = self.language(lang);
        let title = self.panel_results_title(page.slug, lang);
        let mut values = self.values(&self.frame(lang, Mode::Web, &title, Switch::None))?;
        let members = page.told.total.map(|total| total.to_string());
        let name = self.config().panels.get(page.slug).map_or(page.slug, |panel| &panel.name);
        let day = words.moment(Moment::Day(page.day));
        values.insert(
            "who",
            &members.map(|n| {
                words.fill("panel_results_who", &[("panel", name), ("n", &n), ("date", &day)])
            }),
        );
        let told = page.told.variables.iter();
        values.insert("variables", &told.map(|one| view(one, &names)).collect::<Vec<_>>());
        let source = page.about.map(|about| {
            let date = words.moment(Moment::Day(about.date));
            let told =
                [("source", &*about.source), ("date", &*date), ("population", &*about.population)];
            words.fill("panel_results_source", &told)
        });
        values.insert("source", &source);
        values.insert("file", &format!("/r/{PREFIX}{}/data/{COMPOSITION}", page.slug));
        self.page("results-panel.html", &values)
    }

    /// The framed page, for the build.
    pub fn panel_results(&self, slug: &str, lang: &str, html: &str) -> Result<String> {
        let title = self.panel_results_title(slug, lang);
        self.results_page(&title, &title, &format!("/r/{PREFIX}{slug}/"), lang, html)
    }

    pub(in crate::site) fn panel_results_title(&self, slug: &str, lang: &str) -> String {
        let name = self.config().panels.get(slug).map_or(slug, |panel| &panel.name);
        self.words_of(lang).fill("panel_results_title", &[("panel", name)])
    }
}

/// The same as a file: `variable,group,measure,value`.
pub fn csv(told: &Told) -> String {
    let mut out = "variable,group,measure,value\n".to_owned();
    let hidden = || HIDDEN.to_owned();
    for one in &told.variables {
        for group in &one.groups {
            let mut line = |measure: &str, value: String| {
                let (variable, group) = (one.variable.name(), &group.category);
                out += &format!("{variable},{group},{measure},{value}\n");
            };
            line("population", percent(group.population).to_string());
            line("panel", group.share.map_or_else(hidden, |share| percent(share).to_string()));
            line("members", group.count.map_or_else(hidden, |count| count.to_string()));
        }
    }
    out
}

fn percent(share: f64) -> u8 {
    (100.0 * share).round() as u8
}

fn view(one: &ToldVariable, names: &Names<'_>) -> VariableView {
    let words = names.words;
    let variable = one.variable.name();
    let title = names.variable(variable);
    let name = |group: &ToldGroup| names.group(variable, std::slice::from_ref(&group.category));
    let shown = one.groups.iter().filter_map(|group| Some((group, percent(group.share?))));
    let pairs: Vec<Pair> = shown
        .clone()
        .map(|(group, share)| Pair {
            label: name(group),
            hollow: Value::Percent(percent(group.population)),
            filled: Value::Percent(share),
            written: apart(group.population, share),
        })
        .collect();
    let caption = words.fill("panel_results_chart", &[("variable", &title)]);
    let id = format!("panel-{variable}");
    let furthest = shown.max_by_key(|(group, share)| percent(group.population).abs_diff(*share));
    let furthest = furthest.filter(|(group, share)| percent(group.population) != *share);
    let sentence = furthest.map(|(group, share)| {
        let written = |percent| written(Value::Percent(percent), words);
        let told = [
            ("group", &*name(group)),
            ("population", &*written(percent(group.population))),
            ("panel", &*written(share)),
        ];
        words.fill("panel_results_sentence", &told)
    });
    let verdict = one.dissimilarity.map(|points| {
        let points = points.round() as u8;
        let key = match points {
            0..=5 => "results_represented_good",
            6..=10 => "results_represented_moderate",
            _ => "results_represented_skewed",
        };
        words.fill(key, &[("n", &points.to_string())])
    });
    VariableView {
        sentence,
        verdict,
        chart: charts::pairs(
            &Caption { id: &id, title: &caption, desc: words.ui("results_chart_table") },
            &pairs,
        ),
        table: table(one, &caption, names),
        title,
    }
}

fn table(one: &ToldVariable, caption: &str, names: &Names<'_>) -> TableView {
    let words = names.words;
    let head = [
        "results_group",
        "results_step_population",
        "results_step_panel",
        "panel_results_members",
        "results_points",
        "panel_results_ratio",
    ];
    let head = head.map(|key| words.ui(key).to_owned()).to_vec();
    let hidden = || HIDDEN.to_owned();
    let variable = one.variable.name();
    let rows = one.groups.iter().map(|group| {
        let share = group.share.map(percent);
        let written = |percent| written(Value::Percent(percent), words);
        let cells = vec![
            written(percent(group.population)),
            share.map_or_else(hidden, written),
            group.count.map_or_else(hidden, |count| count.to_string()),
            share.map_or_else(hidden, |share| apart(group.population, share)),
            share.map_or_else(hidden, |share| ratio(group.population, share, words)),
        ];
        (names.group(variable, std::slice::from_ref(&group.category)), cells)
    });
    TableView::plain(format!("t-panel-{variable}"), caption.to_owned(), head, rows.collect())
        .quiet()
}

fn apart(population: f64, share: u8) -> String {
    super::difference(percent(population), share)
}

fn ratio(population: f64, share: u8, words: &Words) -> String {
    let population = f64::from(percent(population));
    if population == 0.0 {
        return HIDDEN.to_owned();
    }
    let ratio = f64::from(share) / population;
    let word = match ratio {
        ratio if ratio < 0.8 => words.ui("results_under"),
        ratio if ratio > 1.25 => words.ui("results_over"),
        _ => "",
    };
    format!("{} {word}", tenths((10.0 * ratio).round() as u16, words)).trim_end().to_owned()
}
