//! `results SURVEY --out DIR` on files of made-up answers: what it writes, what it refuses, and that whoever
//! reads all of it finds nobody.

mod silent;
mod slips;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use borgerpanel::response::Response;
use borgerpanel::results::figure::{Measure, Value};
use borgerpanel::results::sheet::{Open, Sheet};
use borgerpanel::site::content;

use crate::authors::Desk;
use crate::reported::made_up;

const GREEN: &str = "groenne-omraader";

/// A desk with made-up answers to the shipped survey of green areas.
struct House {
    desk: Desk,
    slug: &'static str,
    responses: Vec<Response>,
}

impl House {
    fn of(many: u32, seed: u64) -> House {
        House::of_survey(GREEN, many, seed)
    }

    fn of_survey(slug: &'static str, many: u32, seed: u64) -> House {
        let desk = Desk::new();
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.into_iter().find(|one| one.slug == slug).expect("the survey");
        let lines = made_up::lines(&survey, many, seed);
        let read = |line: &str| serde_json::from_str(line).expect("a response");
        House { responses: lines.lines().map(read).collect(), slug, desk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }

    /// Publishes the responses as they are now.
    fn publish(&self, out: &str, more: &[&str]) -> Output {
        let line = |response| serde_json::to_string(response).expect("JSON") + "\n";
        let lines: String = self.responses.iter().map(line).collect();
        fs::write(self.path("answers.jsonl"), lines).expect("written");
        let args = ["results", self.slug, "--responses", "answers.jsonl", "--out", out];
        self.desk.run(&[&args, more].concat())
    }

    fn published(&self, out: &str, more: &[&str]) -> String {
        let done = self.publish(out, more);
        let (said, complained) = words(&done);
        assert_eq!(done.status.code(), Some(0), "{said}{complained}");
        said
    }

    /// Why it was not.
    fn refused(&self, out: &str) -> String {
        let done = self.publish(out, &[]);
        let (said, complained) = words(&done);
        assert_eq!(done.status.code(), Some(1), "{said}{complained}");
        said
    }

    fn figures(&self, out: &str) -> Sheet {
        let text = fs::read_to_string(self.path(out).join("data/results.csv")).expect("figures");
        Sheet::from_csv(&text).expect("ours")
    }
}

fn words(done: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr))
}

#[test]
fn results_are_written_whole_and_pass_both_audits() {
    let house = House::of(700, 3);
    house.published("out", &["--companion", "companion.json"]);
    for file in [
        "index.html",
        "index.en.html",
        "style.css",
        "data/results.csv",
        "data/results-excel.csv",
        "data/results.xlsx",
        "data/results.json",
        "data/datapackage.json",
        "data/dcat.jsonld",
    ] {
        assert!(house.path("out").join(file).is_file(), "{file}");
    }
    let audited = house.desk.says(&["results", "audit", "out", "--companion", "companion.json"], 0);
    assert!(audited.starts_with("safe: "), "{audited}");
    house.desk.says(&["results", "audit", "out"], 0);
    let sheet = house.figures("out");
    let json = fs::read_to_string(house.path("out/data/results.json")).expect("JSON");
    assert_eq!(Open::from_json(&json).expect("ours").figures, sheet.figures);
    assert!(sheet.figures.iter().any(|figure| figure.group.is_some() && figure.value.is_some()));
    let page = fs::read_to_string(house.path("out/index.html")).expect("a page");
    assert!(page.contains("<svg") && page.contains("href=\"data/results.csv\""));
    let style = fs::read_to_string(house.path("out/style.css")).expect("a style sheet");
    assert!(style.contains(".chart"), "charts have their colours");
}

#[test]
fn in_the_content_folder_the_next_build_frames_and_copies_them() {
    let house = House::of(400, 4);
    house.published("content/results/groenne-omraader", &[]);
    house.desk.says(&["build", "--out", "public"], 0);
    let page =
        fs::read_to_string(house.path("public/r/groenne-omraader/index.html")).expect("built");
    assert_eq!(page.matches("<html").count(), 1);
    assert!(house.path("public/r/groenne-omraader/data/results.xlsx").is_file());
    assert!(house.path("public/en/r/groenne-omraader/index.html").is_file());
}

#[test]
fn a_second_release_one_respondent_apart_is_refused_and_the_same_answers_are_not() {
    let mut house = House::of(300, 5);
    house.published("out", &[]);
    let first = house.figures("out");
    house.published("out", &[]);
    let hidden = |sheet: &Sheet| sheet.figures.iter().filter(|one| one.value.is_none()).count();
    let second = house.figures("out");
    assert!(hidden(&second) >= hidden(&first), "hidden once stays hidden");
    let taken = house.responses.pop();
    let said = house.refused("out");
    assert!(said.contains("one person"), "{said}");
    assert_eq!(house.figures("out"), second, "nothing was written");
    house.responses.extend(taken);
}

#[test]
fn few_answers_have_no_results_and_no_group_tables_below_fifty() {
    let house = House::of(12, 6);
    let said = house.refused("out");
    assert!(said.contains("answers count: fewer than 30"), "{said}");
    assert!(!house.path("out").exists());
    let house = House::of(45, 7);
    house.published("out", &[]);
    assert!(house.figures("out").figures.iter().all(|figure| figure.group.is_none()));
    // Too few for any margin: the page says so, and why there are no groups, and no name of a word.
    let page = fs::read_to_string(house.path("out/index.html")).expect("a page");
    assert!(page.contains("Svarene kunne ikke vægtes, så de passer med byen."), "{page}");
    assert!(page.contains("Der vises ingen tal efter bydel, køn, alder og uddannelse"));
    assert!(!page.contains("results_") && !page.contains("gange et gennemsnitligt svar"));
}

#[test]
fn where_everybody_agrees_or_lives_in_one_district_nobody_is_found() {
    let mut house = House::of(200, 8);
    let first = house.responses[0].answers.clone();
    for response in &mut house.responses {
        response.answers = first.clone();
        response.background.district = Some("valby".to_owned());
    }
    house.published("out", &["--companion", "companion.json"]);
    house.desk.says(&["results", "audit", "out", "--companion", "companion.json"], 0);
    let page = fs::read_to_string(house.path("out/index.html")).expect("a page");
    for words in [
        "Der er ikke vægtet efter bydel, fordi alle svar hører til samme gruppe.",
        "Tallene for spørgsmålet vises ikke, så ingen kan genkendes.",
        "Der vises ingen tal efter bydel",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

/// Shares of exact counts are harder to find worlds for; a table that the auditor is lost in is left out.
#[test]
fn a_survey_without_targets_is_published_all_the_same() {
    let house = House::of_survey("cykelparkering", 200, 1);
    fs::remove_dir_all(house.path("content/targets")).expect("gone");
    house.published("out", &["--companion", "companion.json"]);
    house.desk.says(&["results", "audit", "out", "--companion", "companion.json"], 0);
    let figures = house.figures("out").figures;
    assert!(figures.iter().any(|figure| figure.group.is_some() && figure.value.is_some()));
}

#[test]
fn without_targets_the_page_says_that_nobody_is_weighted() {
    let house = House::of(200, 9);
    fs::remove_dir_all(house.path("content/targets")).expect("gone");
    let done = house.publish("out", &["--json"]);
    let (said, complained) = words(&done);
    assert_eq!(done.status.code(), Some(0), "{complained}");
    let told: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(told["weighted"], false);
    let page = fs::read_to_string(house.path("out/index.html")).expect("a page");
    assert!(page.contains("Svarene er ikke vægtet"));
}

#[test]
fn an_open_survey_has_a_draft_outside_the_site_and_no_results() {
    let house = House::of(100, 10);
    let path = house.path("content/surveys/groenne-omraader.md");
    let text = fs::read_to_string(&path).expect("the survey");
    let open = text.replacen("---\n", "---\ncloses: 2099-12-31\n", 1);
    let open = match text.contains("\ncloses:") {
        true => text
            .lines()
            .map(|line| if line.starts_with("closes:") { "closes: 2099-12-31" } else { line })
            .collect::<Vec<_>>()
            .join("\n"),
        false => open,
    };
    fs::write(&path, open).expect("written");
    let surveys = content::load(&house.path("content")).expect("content").surveys;
    let survey = surveys.into_iter().find(|one| one.slug == GREEN).expect("the survey");
    let mut house = house;
    house.responses.iter_mut().for_each(|response| response.version = survey.version.clone());
    let done = house.publish("out", &[]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).1.contains("not closed yet"));
    house.published("draft", &["--preview"]);
    let page = fs::read_to_string(house.path("draft/index.html")).expect("a page");
    assert!(page.contains("Kladde"));
    let done = house.publish("content/results/groenne-omraader", &["--preview"]);
    assert_eq!(done.status.code(), Some(2));
}

#[test]
fn what_is_published_is_what_is_estimated_rounded() {
    let house = House::of(500, 11);
    house.published("out", &[]);
    let args = ["results", "estimate", GREEN, "--responses", "answers.jsonl", "--json"];
    let estimates: serde_json::Value =
        serde_json::from_str(&house.desk.says(&args, 0)).expect("JSON");
    let estimates = estimates.as_array().expect("rows");
    let mut compared = 0;
    for figure in house.figures("out").figures {
        let (None, Measure::Percent, [choice], Some(Value::Percent(percent))) =
            (&figure.group, figure.measure, &figure.choices[..], figure.value)
        else {
            continue;
        };
        let question = match &figure.row {
            Some(row) => format!("{}.{row}", figure.question),
            None => figure.question.clone(),
        };
        let found = estimates.iter().find(|row| {
            row["question"] == question && row["category"] == *choice && row["domain"] == "alle"
        });
        let estimate = found.expect("estimated, too")["estimate"].as_f64().expect("a number");
        assert_eq!(f64::from(percent), (100.0 * estimate).round(), "{question} {choice}");
        compared += 1;
    }
    assert!(compared > 20, "{compared} shares");
}

#[test]
fn what_is_for_the_house_alone_never_goes_where_it_would_be_published() {
    let house = House::of(120, 12);
    house.desk.says(&["build", "--out", "public"], 0);
    for out in ["public/r/groenne-omraader", "x/../content/results/groenne-omraader"] {
        let done = house.publish(out, &["--preview"]);
        assert_eq!(done.status.code(), Some(2), "{out}");
        assert!(words(&done).1.contains("part of the site"));
    }
    let inside = "content/results/groenne-omraader/data/companion.json";
    let done = house.publish("out", &["--companion", inside]);
    assert_eq!(done.status.code(), Some(2));
    assert!(!house.path("out").exists() && !house.path(inside).exists());
    let done = house.publish("draft", &["--preview", "--companion", inside]);
    assert_eq!(done.status.code(), Some(2), "a draft's companion is as secret as any");
    assert!(!house.path("draft").exists() && !house.path(inside).exists());
    // The folder of results is published as it is, wherever it lies.
    for within in ["out/data/companion.json", "./x/../out/companion.json"] {
        let done = house.publish("out", &["--companion", within]);
        assert_eq!(done.status.code(), Some(2), "{within}");
        assert!(!house.path("out").exists());
    }
    house.published("out", &["--companion", "companion.json"]);
    let export = ["export", house.slug, "--responses", "answers.jsonl", "--format", "csv", "--out"];
    for within in ["out/cases.csv", "out/data/cases.csv"] {
        let done = house.desk.run(&[&export[..], &[within]].concat());
        assert_eq!(done.status.code(), Some(2), "{within}");
        assert!(words(&done).1.contains("part of the site") && !house.path(within).exists());
    }
    let done = house.publish("out", &["--cap", "none"]);
    assert_eq!(done.status.code(), Some(2), "weights without bounds are not published");
}

#[test]
fn a_number_that_a_group_gave_alike_is_not_told_by_such_groups() {
    let mut house = House::of(400, 17);
    for (place, response) in house.responses.iter_mut().enumerate() {
        response.background.gender = Some(["female", "male"][place % 2].to_owned());
        response.background.age = Some(["25-34", "45-54"][place / 2 % 2].to_owned());
        let minutes = if place % 2 == 0 { 0 } else { place % 90 };
        if response.answers.contains_key("minutes") {
            let minutes = serde_json::from_value(minutes.into()).expect("an answer");
            response.answers.insert("minutes".to_owned(), minutes);
        }
    }
    house.published("out", &[]);
    let figures = house.figures("out").figures;
    let by = |variable: &str| {
        let of_minutes = figures.iter().filter(|figure| figure.question == "minutes");
        let mut groups = of_minutes.filter_map(|figure| figure.group.as_ref());
        groups.any(|group| group.variable == variable)
    };
    // Every woman needs no minute at all: that would be an answer of each of them.
    assert!(by("age") && !by("gender"));
}

#[test]
fn answers_to_another_version_or_survey_are_said_where_they_do_not_count() {
    let mut house = House::of(140, 15);
    house.responses.iter_mut().take(30).for_each(|response| response.version = "f".repeat(64));
    let said = house.published("out", &[]);
    assert!(said.contains("not counted: 30 are to another survey, or to a version"), "{said}");
    house.responses.iter_mut().for_each(|response| response.survey = "havnebade".to_owned());
    let said = house.refused("new");
    assert!(said.starts_with("0 answers count"), "{said}");
    assert!(said.contains("not counted: 140 are to another survey"), "{said}");
}

#[test]
fn the_folder_of_another_survey_is_left_alone_and_so_are_answers_that_changed() {
    let mut house = House::of(200, 13);
    house.published("out", &[]);
    let path = house.path("out/data/results.json");
    let text = fs::read_to_string(&path).expect("the record");
    // Ten people gone from everywhere, or some exchanged: nothing here tells which.
    house.responses.truncate(120);
    let said = house.refused("out");
    assert!(said.contains("not published"), "{said}");
    assert_eq!(fs::read_to_string(&path).expect("the record"), text);
    fs::write(&path, text.replace("groenne-omraader", "havnebade")).expect("written");
    let done = house.publish("out", &[]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).1.contains("it holds the results of havnebade"));
}

#[test]
fn a_number_is_not_told_by_groups_that_would_give_a_few_people_away() {
    let mut house = House::of(300, 14);
    // All but three say whether they are women or men: three answers are total minus groups.
    for (place, response) in house.responses.iter_mut().enumerate() {
        let gender = match place {
            0..3 => "other",
            _ if place % 2 == 0 => "female",
            _ => "male",
        };
        response.background.gender = Some(gender.to_owned());
        response.background.district = Some("valby".to_owned());
    }
    house.published("out", &[]);
    let is_number =
        |figure: &borgerpanel::results::figure::Figure| figure.measure == Measure::Median;
    let figures = house.figures("out").figures;
    let of_numbers: Vec<_> = figures.iter().filter(|figure| is_number(figure)).collect();
    let is_by_gender = |group: &borgerpanel::results::figure::Group| group.variable == "gender";
    assert!(of_numbers.iter().any(|figure| figure.value.is_some()), "of everybody it is told");
    assert!(of_numbers.iter().all(|figure| !figure.group.as_ref().is_some_and(is_by_gender)));
}
