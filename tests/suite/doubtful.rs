//! A file of responses that no form could have sent: nothing of it is refused, what cannot be counts as left open,
//! and whoever runs the command is told once.

use std::fs;
use std::process::Output;

use borgerpanel::response::Response;
use borgerpanel::response::possible::Judge;
use borgerpanel::results::figure::Figure;
use borgerpanel::results::sheet::{Open, Sheet};
use borgerpanel::site::content;
use serde_json::{Value, json};

use crate::authors::Desk;
use crate::disclosure::{STREET, ask};
use crate::reported::made_up;

const GREEN: &str = "groenne-omraader";

/// A desk with a file of responses to a survey.
struct House {
    desk: Desk,
    slug: &'static str,
    lines: Vec<Value>,
}

impl House {
    fn of(slug: &'static str, many: u32, seed: u64) -> House {
        let desk = Desk::new();
        House::at(desk, slug, many, seed)
    }

    fn at(desk: Desk, slug: &'static str, many: u32, seed: u64) -> House {
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.into_iter().find(|one| one.slug == slug).expect("the survey");
        let lines = made_up::lines(&survey, many, seed);
        let read = |line: &str| serde_json::from_str(line).expect("JSON");
        House { lines: lines.lines().map(read).collect(), slug, desk }
    }

    /// The places of responses in which a question is answered.
    fn answered(&self, question: &str) -> Vec<usize> {
        let places = 0..self.lines.len();
        places.filter(|place| !self.lines[*place]["answers"][question].is_null()).collect()
    }

    /// Puts another answer at the first `many` places where there is one.
    fn put(&mut self, question: &str, many: usize, answer: &Value) {
        let places = self.answered(question);
        assert!(places.len() >= many, "{question} is answered {} times", places.len());
        for place in &places[..many] {
            self.lines[*place]["answers"][question] = answer.clone();
        }
    }

    fn run(&self, args: &[&str]) -> Output {
        let text: String = self.lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(self.desk.path("answers.jsonl"), text).expect("written");
        self.desk.run(args)
    }

    /// What is estimated, and what is said beside it.
    fn estimate(&self) -> (Value, String) {
        let args = ["results", "estimate", self.slug, "--responses", "answers.jsonl", "--json"];
        let (said, complained) = fine(&self.run(&args));
        (serde_json::from_str(&said).expect("JSON"), complained)
    }

    fn publish(&self, out: &str) -> String {
        let companion = ["--companion", "companion.json"];
        let args = ["results", self.slug, "--responses", "answers.jsonl", "--out", out];
        fine(&self.run(&[&args[..], &companion].concat())).1
    }

    fn figures(&self, out: &str) -> Vec<Figure> {
        let text = fs::read_to_string(self.desk.path(out).join("data/results.csv")).expect("CSV");
        Sheet::from_csv(&text).expect("ours").figures
    }
}

fn words(done: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&done.stdout), text(&done.stderr))
}

fn fine(done: &Output) -> (String, String) {
    let (said, complained) = words(done);
    assert_eq!(done.status.code(), Some(0), "{said}{complained}");
    (said, complained)
}

#[test]
fn answers_that_cannot_be_count_as_left_open_and_are_told_once() {
    let mut house = House::of(GREEN, 300, 81);
    let mut open = House::of(GREEN, 300, 81);
    for (question, many, answer) in
        [("minutes", 3, json!(1e300)), ("satisfied", 2, json!(-1)), ("space", 2, json!("both"))]
    {
        house.put(question, many, &answer);
        open.put(question, many, &Value::Null);
    }
    let (figures, complained) = house.estimate();
    let (expected, quiet) = open.estimate();
    assert_eq!(figures, expected);
    assert!(!quiet.contains("cannot have been given"), "{quiet}");
    let told = "borgerpanel: answers.jsonl: 7 answers cannot have been given and count as left open:\n  line ";
    assert_eq!(complained.matches(told).count(), 1, "{complained}");
    assert_eq!(complained.matches("cannot have been given").count(), 1, "{complained}");
    let first = house.answered("minutes")[0] + 1;
    let minutes = format!("  line {first}, minutes: `1e+300` is no number that can be entered\n");
    assert!(complained.contains(&minutes), "{complained}");
    assert!(complained.contains("\n  and 2 more\n"), "{complained}");
}

#[test]
fn nothing_that_a_form_sent_is_taken_out_or_changed() {
    let content = content::load(&crate::browser::place::desk().path("content")).expect("content");
    for survey in &content.surveys {
        let mut judge = Judge::of(survey);
        for line in made_up::lines(survey, 150, 87).lines() {
            let sent: Response = serde_json::from_str(line).expect("a response");
            let mut settled = sent.clone();
            assert!(judge.knows(&sent));
            assert_eq!(judge.settle(&mut settled), [], "{line}");
            assert_eq!(settled, sent);
        }
    }
}

#[test]
fn of_ticks_that_cannot_be_nobody_knows_which_were_meant() {
    let mut house = House::of(GREEN, 300, 82);
    // Nobody is left out for living elsewhere.
    house.lines.iter_mut().for_each(|line| line["background"] = json!({}));
    let (before, _) = house.estimate();
    house.put("doing", 40, &json!(["none", "walk"]));
    let (after, complained) = house.estimate();
    assert!(complained.contains("40 answers cannot have been given"), "{complained}");
    let base = |estimates: &Value| {
        let rows = estimates.as_array().expect("rows").iter();
        let mut rows = rows.filter(|row| row["question"] == "doing" && row["domain"] == "alle");
        rows.next().expect("an estimate")["n"].as_u64().expect("a number")
    };
    assert_eq!(base(&after), base(&before) - 40, "they are in no base: no tick is an answer");
}

#[test]
fn what_is_published_has_nothing_of_what_cannot_be() {
    let mut house = House::of(GREEN, 400, 83);
    for (question, answer) in [
        ("often", json!("hourly")),
        ("minutes", json!(1e300)),
        ("doing", json!(["sport", "sport"])),
        ("rate", json!({"clean": "9", "seats": "4"})),
    ] {
        house.put(question, 3, &answer);
    }
    house.lines[7]["day"] = json!("2026-13-45");
    house.lines[8]["background"]["gender"] = json!("femal");
    let complained = house.publish("out");
    assert!(complained.contains("12 answers cannot have been given"), "{complained}");
    assert!(
        complained.contains(
            "1 response has a day that does not exist and counts as if of no day:\n  line 8: `2026-13-45`\n"
        ),
        "{complained}"
    );
    assert!(
        complained.contains(
            "1 code of background is in no form and no targets of this site and is in no group:\n  \
             line 9, gender: `femal`\n"
        ),
        "{complained}"
    );
    let figures = house.figures("out");
    let of = |question: &str| figures.iter().filter(|one| one.question == question).count();
    assert!(of("often") > 0, "a question that had to be answered has figures all the same");
    let json = fs::read_to_string(house.desk.path("out/data/results.json")).expect("JSON");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let days: Vec<&str> =
        json["days"].as_array().expect("days").iter().flat_map(Value::as_str).collect();
    assert!(days.iter().all(|day| day.parse::<jiff::civil::Date>().is_ok()), "{days:?}");
    let audit = ["results", "audit", "out", "--companion", "companion.json"];
    assert!(house.desk.says(&audit, 0).starts_with("safe: "));
    house.publish("out");
}

#[test]
fn an_export_and_the_texts_to_code_are_told_the_same() {
    let mut house = House::of(GREEN, 60, 84);
    house.put("minutes", 2, &json!(1e300));
    let export =
        ["export", GREEN, "--format", "csv", "--out", "cases.csv", "--responses", "answers.jsonl"];
    let (_, complained) = fine(&house.run(&export));
    assert!(complained.contains("2 answers cannot have been given"), "{complained}");
    let cases = fs::read_to_string(house.desk.path("cases.csv")).expect("cases");
    assert!(!cases.contains("1e") && !cases.contains("000000"), "{cases}");
    house.put("worst", 1, &json!("x".repeat(201)));
    let themes =
        ["results", "themes", GREEN, "worst", "--out", "texts.csv", "--responses", "answers.jsonl"];
    let (_, complained) = fine(&house.run(&themes));
    assert!(complained.contains("worst: it is 201 signs long, of 200 at most"), "{complained}");
    assert!(!complained.contains("xxx"), "nobody's words stand in a journal: {complained}");
}

#[test]
fn a_line_that_is_no_response_is_named_by_the_files_own_line() {
    let mut house = House::of(GREEN, 40, 85);
    house.lines[6] = json!({"v": 1, "uid": "å"});
    let estimate = ["results", "estimate", GREEN, "--responses", "answers.jsonl"];
    let done = house.run(&estimate);
    let (_, complained) = words(&done);
    assert_eq!(done.status.code(), Some(2), "{complained}");
    assert!(complained.contains("line 7, column 17: missing field"), "{complained}");
    assert!(!complained.contains("line 1 "), "{complained}");
}

/// `75+`, which is too small by itself, ends in the sign that joins.
#[test]
fn ages_that_were_merged_are_audited_and_released_again_as_the_groups_they_are() {
    let desk = Desk::new();
    ask(&desk, "gaden", STREET);
    let mut house = House::at(desk, "gaden", 600, 86);
    for (place, line) in house.lines.iter_mut().enumerate() {
        let age = match place % 24 {
            0 => "75+",
            1 | 2 => "65-74",
            place => ["15-24", "25-34", "35-44", "45-54", "55-64"][place % 5],
        };
        let gender = ["female", "male"][place / 24 % 2];
        line["background"] = json!({ "age": age, "gender": gender });
    }
    let late = house.lines.split_off(480);
    house.publish("out");
    let merged = ["65-74", "75+"].map(str::to_owned);
    let has_merged = |figures: &[Figure]| {
        let mut groups = figures.iter().filter_map(|figure| figure.group.as_ref());
        groups.any(|group| group.categories == merged)
    };
    let first = house.figures("out");
    assert!(has_merged(&first), "{first:?}");
    let json = fs::read_to_string(house.desk.path("out/data/results.json")).expect("JSON");
    assert!(json.contains("\"65-74+75+\""));
    assert_eq!(Open::from_json(&json).expect("ours").figures, first);
    let audit = ["results", "audit", "out", "--companion", "companion.json"];
    assert!(house.desk.says(&audit, 0).starts_with("safe: "));
    // The same answers again are the same release; others are held against every group of the first.
    house.publish("out");
    let same = ["results", "audit", "out", "--companion", "companion.json", "--earlier", "out"];
    assert!(house.desk.says(&same, 0).starts_with("safe: "));
    let mut one_less = House { lines: house.lines.clone(), desk: house.desk, slug: "gaden" };
    let gone = one_less.lines.remove(24);
    assert_eq!(gone["background"]["age"], "75+");
    let args = ["results", "gaden", "--responses", "answers.jsonl", "--out", "out"];
    let done = one_less.run(&[&args[..], &["--companion", "companion.json"]].concat());
    let (said, _) = words(&done);
    assert!(said.contains("not published: "), "{said}");
    one_less.lines.insert(24, gone);
    one_less.lines.extend(late);
    one_less.publish("out");
    let second = one_less.figures("out");
    assert!(has_merged(&second), "{second:?}");
}
