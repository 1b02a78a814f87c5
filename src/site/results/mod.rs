//! The page of a survey's results: what stands below its title, for `content/results/<slug>/`.
//!
//! [`Renderer::results_body`] is made from a [`Report`] (figures and facts, no answers) and what staff
//! found. `names` says what choices and groups are called, `question` shows a question with its chart
//! and tables, `told` says in sentences who answered and how the figures were made. [`alone`] makes a whole
//! page of it.

pub mod alone;
mod names;
pub mod panel;
mod people;
mod question;
mod said;
mod table;
mod told;
mod trend;

use serde::Serialize;

use self::names::Names;
use self::question::QuestionView;
use self::table::TableView;
use super::render::Renderer;
use super::words::Words;
use crate::error::Result;
use crate::results::charts::{self, Caption, Pair};
use crate::results::figure::{Measure, Value};
use crate::results::open_data::{COLUMNS, Spoken};
use crate::results::page::{Asked, Report, Represented, Shares, lay_out};
use crate::results::remarks::Remark;
use crate::results::represent::Standing;
use crate::results::steps;
use crate::results::trend::Trend;
use crate::survey::findings::Findings;

/// The sign of a cell that is not shown, whatever the reason.
pub const HIDDEN: &str = "·";

/// One variable, the population beside who answered.
#[derive(Serialize)]
struct RepresentedView {
    title: String,
    sentence: Option<String>,
    verdict: String,
    chart: String,
    table: TableView,
}

#[derive(Serialize)]
struct FileView {
    url: String,
    title: String,
}

impl Renderer {
    /// The piece of HTML in `lang`; the same report gives the same bytes.
    pub fn results_body(
        &self,
        report: &Report<'_>,
        findings: Option<&Findings>,
        lang: &str,
    ) -> Result<String> {
        let survey = report.definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let names = Names::of(report, survey, words);
        let frame = self.frame(
            &survey.lang,
            super::Mode::Web,
            &survey.title.plain,
            super::frame::Switch::None,
        );
        let mut values = self.values(&frame)?;
        let questions = |asked: &[Asked], prefix: &str, trends: &[Trend]| -> Vec<QuestionView> {
            asked.iter().map(|asked| QuestionView::of(asked, &names, prefix, trends)).collect()
        };
        let asked = lay_out(survey, report.figures);
        let found = findings.map(|it| it.found.iter().map(|text| &text.html).collect::<Vec<_>>());
        values.insert("example", &report.example);
        values.insert("found", &found.unwrap_or_default());
        values.insert(
            "does",
            &findings
                .and_then(|it| it.does.as_ref())
                .map(|does| (&does.title.html, &does.body.html)),
        );
        values.insert("who", &told::who(report, &asked, &names));
        values.insert("questions", &questions(&asked, question::QUESTIONS, report.trends));
        values.insert(
            "others",
            &report
                .others
                .map(|(_, figures)| questions(&lay_out(survey, figures), question::OTHERS, &[])),
        );
        values
            .insert("others_said", &report.others.map(|(counted, _)| told::others(counted, words)));
        let represented = report.represented.iter();
        let represented = represented.map(|one| represented_view(one, &names));
        values.insert("represented", &represented.collect::<Vec<_>>());
        let evenness = report.evenness.map(|it| it.to_string());
        let evenness = evenness.map(|it| words.fill("results_evenness", &[("n", &it)]));
        values.insert("evenness", &evenness);
        values.insert("method", &told::method(report, &names));
        values.insert("left_out", &told::left_out(report, &names));
        let folder = format!("/r/{}/data/", report.definition.slug);
        let files = report.files.iter().map(|file| FileView {
            url: format!("{folder}{}", file.name),
            title: words.ui(&format!("results_file_{}", file.kind)).to_owned(),
        });
        values.insert("files", &files.collect::<Vec<_>>());
        self.page("results-body.html", &values)
    }
}

impl Renderer {
    /// What each of the report's figures is about, in words, and the heads of [`COLUMNS`]: for tables that
    /// leave the site.
    pub fn results_spoken(&self, report: &Report<'_>, lang: &str) -> (Vec<String>, Vec<Spoken>) {
        let survey = report.definition.in_language(self.language(lang));
        let words = self.words_of(&survey.lang);
        let names = Names::of(report, survey, words);
        let heads = COLUMNS.map(|column| words.ui(&format!("results_column_{column}")).to_owned());
        let spoken = report.figures.iter().map(|figure| {
            let row = figure.row.as_ref().map(|row| names.row(&figure.question, row));
            let group = figure.group.as_ref();
            Spoken {
                question: names.question(&figure.question),
                row: row.unwrap_or_default(),
                choice: names.choices(&figure.question, &figure.choices),
                variable: group.map(|it| names.variable(&it.variable)).unwrap_or_default(),
                group: group
                    .map(|it| names.group(&it.variable, &it.categories))
                    .unwrap_or_else(|| words.ui("results_all").to_owned()),
                measure: table::measure_name(figure.measure, words),
            }
        });
        (heads.to_vec(), spoken.collect())
    }
}

/// What a page says of its groups and of earlier surveys, for `results.json`.
pub struct Told {
    pub differences: Vec<Remark>,
    pub trends: Vec<Remark>,
}

impl Renderer {
    /// The sentences of the page in every one of `languages`, each with the figures it is made of.
    pub fn results_said(&self, report: &Report<'_>, languages: &[String]) -> Told {
        let mut told = Told { differences: Vec::new(), trends: Vec::new() };
        for lang in languages {
            let survey = report.definition.in_language(self.language(lang));
            let words = self.words_of(&survey.lang);
            let names = Names::of(report, survey, words);
            let mut differences = told.differences.iter_mut();
            let mut new = Vec::new();
            for (question, item) in items(&lay_out(survey, report.figures)) {
                for by in &item.variables {
                    let said = said::of_groups(item, by, question, &names);
                    let about = Remark {
                        question: question.to_owned(),
                        row: item.row.clone(),
                        variable: by.variable.clone(),
                        ..Remark::default()
                    };
                    new.extend(add(differences.next(), about, said, lang));
                }
            }
            told.differences.append(&mut new);
            let mut trends = told.trends.iter_mut();
            for trend in report.trends {
                for item in &trend.items {
                    let days = item.points.iter().map(|point| point.day.as_str());
                    let times = trend::times(days, words);
                    let said =
                        said::of_time(item, &times[times.len() - 2], &trend.question, &names);
                    let about = Remark {
                        question: trend.question.clone(),
                        row: item.row.clone(),
                        ..Remark::default()
                    };
                    new.extend(add(trends.next(), about, said, lang));
                }
            }
            told.trends.append(&mut new);
        }
        told
    }
}

fn items(asked: &[Asked]) -> impl Iterator<Item = (&str, &crate::results::page::Told)> {
    asked.iter().flat_map(|one| one.items.iter().map(|item| (one.id.as_str(), item)))
}

/// The words of another language join those that are there: remarks are in the same order in all of them.
fn add(known: Option<&mut Remark>, about: Remark, said: said::Said, lang: &str) -> Option<Remark> {
    let words = (lang.to_owned(), said.sentences.join(" "));
    match known {
        Some(known) => {
            known.words.extend([words]);
            None
        }
        None => Some(Remark { cites: said.cites, words: [words].into(), ..about }),
    }
}

/// A value as it is read in the language of `words`.
fn written(value: Value, words: &Words) -> String {
    match value {
        Value::Percent(_) => words.fill("percent", &[("n", &value.to_string())]),
        Value::Tenths(_) => value.to_string().replace('.', words.ui("decimal")).replace('-', "−"),
    }
}

/// A measure of a whole item: a median of whole numbers is read as one.
fn written_measure(measure: Measure, value: Value, words: &Words) -> String {
    match (measure, value) {
        (Measure::Median | Measure::Q1 | Measure::Q3, Value::Tenths(tenths))
            if tenths % 10 == 0 =>
        {
            (tenths / 10).to_string().replace('-', "−")
        }
        _ => written(value, words),
    }
}

/// Both ends of an interval: `29–35 %`.
fn written_interval((low, high): (Value, Value), words: &Words) -> String {
    match (low, high) {
        (Value::Percent(low), Value::Percent(_)) => format!("{low}–{}", written(high, words)),
        _ => format!("{}–{}", written(low, words), written(high, words)),
    }
}

fn represented_view(one: &Represented, names: &Names<'_>) -> RepresentedView {
    let words = names.words;
    let variable = names.variable(&one.variable);
    let id = format!("rep-{}", one.variable);
    let pairs: Vec<Pair> = one
        .rows
        .iter()
        .map(|row| Pair {
            label: names.group(&one.variable, &row.categories),
            hollow: Value::Percent(row.population),
            filled: Value::Percent(row.answered),
            written: points(row),
        })
        .collect();
    let title = words.fill("results_represented_chart", &[("variable", &variable)]);
    let caption = Caption { id: &id, title: &title, desc: words.ui("results_chart_table") };
    let key = match one.dissimilarity {
        0..=5 => "results_represented_good",
        6..=10 => "results_represented_moderate",
        _ => "results_represented_skewed",
    };
    let effect = match steps::effect(one) {
        0 => "results_effect_none",
        1..=2 => "results_effect_small",
        3..=4 => "results_effect_medium",
        _ => "results_effect_large",
    };
    RepresentedView {
        sentence: sentence(one, names),
        verdict: format!(
            "{} {}",
            words.fill(key, &[("n", &one.dissimilarity.to_string())]),
            words.fill(effect, &[("w", &tenths(steps::effect(one), words))])
        ),
        chart: charts::pairs(&caption, &pairs),
        table: table::represented(one, &title, names).quiet(),
        title: variable,
    }
}

/// `0,5` in Danish.
fn tenths(tenths: u16, words: &Words) -> String {
    written(Value::Tenths(i64::from(tenths)), words)
}

/// A group's share of the answers by its share of the city, with a word where the two are apart.
fn ratio(row: &Shares, words: &Words) -> String {
    let Some((ratio, standing)) = steps::ratio(row) else { return HIDDEN.to_owned() };
    let word = match standing {
        Standing::Under => words.ui("results_under"),
        Standing::Fair => "",
        Standing::Over => words.ui("results_over"),
    };
    format!("{} {word}", tenths(ratio, words)).trim_end().to_owned()
}

/// The difference in percentage points, with its sign.
fn points(row: &Shares) -> String {
    difference(row.population, row.answered)
}

fn difference(population: u8, here: u8) -> String {
    let apart = i16::from(here) - i16::from(population);
    let sign = match apart {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", apart.abs())
}

/// The group that is furthest from its share of the city.
fn sentence(one: &Represented, names: &Names<'_>) -> Option<String> {
    let furthest = one.rows.iter().max_by_key(|row| row.population.abs_diff(row.answered))?;
    (furthest.population != furthest.answered).then(|| {
        let written = |percent| written(Value::Percent(percent), names.words);
        names.words.fill(
            "results_represented_sentence",
            &[
                ("group", &names.group(&one.variable, &furthest.categories)),
                ("population", &written(furthest.population)),
                ("answered", &written(furthest.answered)),
            ],
        )
    })
}
