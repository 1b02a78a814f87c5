//! `export` of answers: every kind of question in every format, read back by the programs the formats are for.
//!
//! Where there is no pyreadstat or frictionless those tests say so and are skipped, but with
//! `STATISTICS_TESTS=required` they fail. `STATISTICS_PYTHON` names the Python that has them.

mod ddi;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use borgerpanel::response::{Circumstances, Context, Response, compose, evaluate, sample};
use borgerpanel::site::content;
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::record::Uid;
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::Definition;
use serde_json::Value;

use crate::authors::Desk;

/// A desk with the survey of every kind, and made-up answers to it.
struct Office {
    desk: Desk,
    survey: Definition,
    responses: Vec<Response>,
}

impl Office {
    fn open() -> Office {
        let desk = crate::browser::place::desk();
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.into_iter().find(|survey| survey.slug == "alle").expect("the survey");
        let responses = (0..80).map(|seed| made_up(&survey, seed)).collect();
        Office { desk, survey, responses }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }

    /// Writes the responses, one a line.
    fn jsonl(&self) -> PathBuf {
        let line = |response| serde_json::to_string(response).expect("JSON") + "\n";
        let path = self.path("answers.jsonl");
        std::fs::write(&path, self.responses.iter().map(line).collect::<String>())
            .expect("written");
        path
    }

    fn export(&self, format: &str, out: &str, more: &[&str]) -> Output {
        let args = ["export", "alle", "--json", "--format", format, "--out", out];
        self.desk.run(&[&args, more].concat())
    }

    /// From the file of responses.
    fn exported(&self, format: &str, out: &str) -> PathBuf {
        self.jsonl();
        let done = self.export(format, out, &["--responses", "answers.jsonl"]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        self.path(out)
    }
}

fn made_up(survey: &Definition, seed: u64) -> Response {
    let context = Context { today: "2026-11-24".to_owned(), channel: "web".to_owned() };
    let mut rng = fastrand::Rng::with_seed(seed);
    let base = survey.base();
    let fields = sample::fill_in(base, &context, &mut rng);
    let evaluation = evaluate(base, &fields, &context);
    let about = Circumstances {
        uid: Uid::random().to_string(),
        kiosk: Some("hemmelig-kiosk".to_owned()),
        lang: "da".to_owned(),
        duration_s: Some(60),
        shown: BTreeMap::new(),
        context,
    };
    compose(base, &evaluation, about, &["15-24".to_owned(), "25-34".to_owned()])
}

/// A table with a head, as rows of named cells.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let names: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row.expect("a row");
        names.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
    };
    reader.records().map(row).collect()
}

fn python(asks: &str) -> Option<String> {
    let python = std::env::var("STATISTICS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let cause = match Command::new(&python).args(["-c", asks]).output() {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(wrong) => format!("{python}: {wrong}"),
    };
    let is_required = std::env::var("STATISTICS_TESTS").is_ok_and(|value| value == "required");
    assert!(!is_required, "tests with statistics programs are required: {cause}");
    eprintln!("skipped: {cause}");
    None
}

/// What a script beside this file says of a path, as JSON.
fn ask(python: &str, script: &str, path: &Path) -> Value {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/exported");
    let output = Command::new(python).arg(scripts.join(script)).arg(path).output().expect("runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn cases_have_codes_and_say_why_something_is_missing() {
    let office = Office::open();
    let cases = table(&office.exported("csv", "alle.csv"));
    let codebook = table(&office.path("alle.codebook.csv"));
    assert_eq!(cases.len(), office.responses.len());
    for variable in cases[0].keys() {
        assert!(codebook.iter().any(|line| line["variable"] == *variable), "{variable}");
    }
    let missing = |code: &str| cases.iter().flat_map(|case| case.values()).any(|cell| cell == code);
    assert!(["-7", "-8", "-9"].into_iter().all(missing), "every way to miss something occurs");
    // Every code that occurs has a label.
    for (name, code) in cases.iter().flatten() {
        let of: Vec<_> = codebook.iter().filter(|line| line["variable"] == *name).collect();
        if of[0]["type"].ends_with("codes") {
            assert!(of.iter().any(|line| line["code"] == *code), "{name} {code}");
        }
    }
    let whole = std::fs::read_to_string(office.path("alle.csv")).expect("read");
    for response in &office.responses {
        assert!(!whole.contains(&response.uid) && !whole.contains(&response.day));
    }
    assert!(!whole.contains("hemmelig-kiosk"), "no kiosk");
    assert!(cases.iter().all(|case| case["week"] == "2026-W48"));
}

#[test]
fn two_exports_have_different_orders_and_the_same_cases() {
    let office = Office::open();
    let read = |name: &str| {
        let path = office.exported("csv", name);
        let text = std::fs::read_to_string(path).expect("read");
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let (mut one, mut other) = (read("one.csv"), read("other.csv"));
    assert_ne!(one, other);
    one.sort();
    other.sort();
    assert_eq!(one, other);
}

#[test]
fn free_text_and_the_site_are_kept_apart() {
    let office = Office::open();
    let whole = std::fs::read_to_string(office.exported("csv", "alle.csv")).expect("read");
    let head = whole.lines().next().expect("a head");
    for question in office.survey.base().questions() {
        let kind = question.kind.rules().name();
        if matches!(kind, "text" | "longtext" | "email" | "tel") || question.private {
            let name = question.id.replace('-', "_");
            assert!(!head.split(',').any(|column| column == name), "{name}");
        }
    }
    office.desk.says(&["build", "--out", "site"], 0);
    for inside in ["site/alle.csv", "site/data/alle.csv", "site.release/alle.csv", "content/x.csv"]
    {
        let refused = office.export("csv", inside, &["--responses", "answers.jsonl"]);
        assert_eq!(refused.status.code(), Some(2), "{inside}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains("part of the site"));
        assert!(!office.path(inside).exists());
    }
}

#[test]
fn a_central_gives_the_same_cases_as_a_file_and_logs_who_read_them() {
    let office = Office::open();
    let data = office.path("central");
    let central = Central::create(&data, Options::default()).expect("made");
    central.register(&office.survey).expect("known");
    for response in &office.responses {
        let structure = office.survey.structure.clone();
        let accepted = Accepted { structure, response: response.clone(), flags: Vec::new() };
        central.store_response(accepted).expect("stored");
    }
    let out = office.path("from-central.csv");
    let done = office.export("csv", "from-central.csv", &["--data", "central"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let sorted = |path: &Path| {
        let text = std::fs::read_to_string(path).expect("read");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&out), sorted(&office.exported("csv", "from-file.csv")));
    let desk = rusqlite::Connection::open(central.path()).expect("opened");
    let logged: i64 = desk
        .query_row("SELECT count(*) FROM audit_log WHERE action = 'exported'", [], |row| row.get(0))
        .expect("the log");
    assert_eq!(logged, 1);
}

#[test]
fn a_broken_line_is_named_and_nothing_is_written() {
    let office = Office::open();
    let file = office.jsonl();
    let text = std::fs::read_to_string(&file).expect("read");
    std::fs::write(&file, text.replacen("\"answers\"", "\"answres\"", 1)).expect("written");
    let out = office.path("alle.csv");
    let done = office.export("csv", "alle.csv", &["--responses", "answers.jsonl"]);
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2));
    assert!(said.contains("line 1") && said.contains("answres"), "{said}");
    assert!(!out.exists());
}

#[test]
fn spss_files_are_read_back_with_labels_missing_values_and_sets() {
    let Some(python) = python("import pyreadstat") else { return };
    let office = Office::open();
    let read = ask(&python, "read_sav.py", &office.exported("sav", "alle.sav"));
    let cases = table(&office.exported("csv", "alle.csv"));
    assert_eq!(read["rows"], cases.len());
    let names: Vec<&str> =
        read["names"].as_array().expect("names").iter().flat_map(Value::as_str).collect();
    assert_eq!(names.len(), cases[0].len());
    assert!(names.iter().all(|name| cases[0].contains_key(*name)));
    // Sums of each column's numbers, whatever the order of cases.
    for name in &names {
        let numbers: Option<Vec<f64>> = cases.iter().map(|case| case[*name].parse().ok()).collect();
        if let (Some(sum), Some(numbers)) = (read["sums"][*name].as_f64(), numbers) {
            assert!((sum - numbers.iter().sum::<f64>()).abs() < 1e-6, "{name}");
        }
    }
    for line in table(&office.path("alle.codebook.csv")) {
        let code = &line["code"];
        let is_text = read["types"][&line["variable"]] == "string";
        if !code.is_empty() && !is_text {
            let label = &read["value_labels"][&line["variable"]][format!("{code}.0")];
            assert!(line["code_label"].starts_with(label.as_str().expect("a label")), "{line:?}");
        }
        if !line["label"].is_empty() {
            let label = read["labels"][&line["variable"]].as_str().expect("a label");
            assert!(line["label"].starts_with(label), "{label}");
        }
    }
    let ranges = read["ranges"].as_object().expect("ranges");
    assert!(!ranges.is_empty());
    assert!(ranges.values().all(|codes| *codes == serde_json::json!([-9.0, -8.0, -7.0])));
    assert!(read["sets"].as_u64().expect("sets") >= 2, "several choices and a matrix of them");
}

#[test]
fn data_packages_are_valid() {
    let Some(python) = python("import frictionless") else { return };
    let office = Office::open();
    let folder = office.exported("datapackage", "package");
    let said = ask(&python, "validate_package.py", &folder.join("datapackage.json"));
    assert_eq!(said, serde_json::json!({ "valid": true, "errors": [] }));
}

#[test]
fn the_codebook_as_ddi_names_every_column_and_code() {
    let office = Office::open();
    let text = std::fs::read_to_string(office.exported("ddi", "alle.xml")).expect("read");
    let document = roxmltree::Document::parse(&text).expect("XML");
    let variables: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name(("ddi:codebook:2_5", "var")))
        .collect();
    let cases = table(&office.path("alle.csv"));
    assert_eq!(variables.len(), cases[0].len());
    for variable in &variables {
        let name = variable.attribute("name").expect("a name");
        assert!(cases[0].contains_key(name));
    }
    assert_eq!(ddi::broken(&document), [""; 0]);
    let quoted = |words: &str| document.descendants().any(|node| node.text() == Some(words));
    let asked = office.survey.base().questions().find(|one| one.kind.rules().name() == "ranking");
    assert!(quoted(&asked.expect("a question").text.plain));
}

#[test]
fn a_workbook_holds_cases_and_codebook() {
    use calamine::Reader;
    let office = Office::open();
    let path = office.exported("xlsx", "alle.xlsx");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).expect("a workbook");
    assert_eq!(book.sheet_names(), ["cases", "codebook"]);
    let cases = book.worksheet_range("cases").expect("a sheet");
    assert_eq!(cases.height(), office.responses.len() + 1);
}

/// Numbers that may be negative, and where one of the usual codes is an answer.
const COLD: &str = "---\ntitle: Kulde\nsummary: Hvor koldt er der hos dig?\n---\n\n\
    ## Hvor koldt er der? {#cold number min=-20 max=40}\n\n\
    ## Hvad er ændringen? {#change number}\n\n\
    ## Hvor godt\u{fffe}? {#well scale=-10..0}\n\n## Hvor mange? {#many number min=0}\n";

const COLD_ENGLISH: &str = "---\ntitle: Cold\nsummary: How cold is it where you are?\n---\n\n\
    ## How cold is it? {#cold}\n\n## What is the change? {#change}\n\n## How good? {#well}\n\n\
    ## How many? {#many}\n";

/// An office whose survey is [`COLD`], each of its answers with these numbers for `cold` and `change`.
fn cold(answers: &[(Option<i64>, Option<i64>)]) -> Office {
    let mut office = Office::open();
    std::fs::write(office.path("content/surveys/alle.md"), COLD).expect("written");
    std::fs::write(office.path("content/surveys/alle.en.md"), COLD_ENGLISH).expect("written");
    let surveys = content::load(&office.path("content")).expect("content").surveys;
    office.survey = surveys.into_iter().find(|survey| survey.slug == "alle").expect("the survey");
    let number = |number: &Option<i64>| serde_json::json!(number);
    let one = |(seed, (cold, change)): (usize, &(Option<i64>, Option<i64>))| {
        let mut response = made_up(&office.survey, seed as u64);
        let mut json = serde_json::to_value(&response).expect("JSON");
        json["answers"] = serde_json::json!({ "cold": number(cold), "change": number(change) });
        response = serde_json::from_value(json).expect("a response");
        response
    };
    office.responses = answers.iter().enumerate().map(one).collect();
    office
}

#[test]
fn a_code_for_what_is_missing_is_never_an_answer() {
    let office = cold(&[(Some(-7), Some(-99)), (Some(-9), None), (None, Some(3))]);
    let cases = table(&office.exported("csv", "alle.csv"));
    let cells = |name: &str| {
        let mut cells: Vec<String> = cases.iter().map(|case| case[name].clone()).collect();
        cells.sort();
        cells
    };
    assert_eq!(cells("cold"), ["-7", "-9", "-98"]);
    // Nothing limits it, and −99 was answered.
    assert_eq!(cells("change"), ["-99", "-998", "3"]);
    assert_eq!((cells("well")[0].as_str(), cells("many")[0].as_str()), ("-99", "-9"));
    let codebook = table(&office.path("alle.codebook.csv"));
    let codes = |name: &str| {
        let own = codebook.iter().filter(|line| line["variable"] == name);
        own.map(|line| line["code"].clone()).filter(|code| !code.is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(codes("cold"), ["-97", "-98", "-99"]);
    assert_eq!(codes("change"), ["-997", "-998", "-999"]);
    assert_eq!(codes("many"), ["-7", "-8", "-9"]);
    let script = std::fs::read_to_string(office.exported("r", "alle.R")).expect("read");
    let line = "d[[\"cold\"]][d[[\"cold\"]] %in% c(-97, -98, -99)] <- NA";
    assert!(script.contains(line), "{script}");
    let ddi = std::fs::read_to_string(office.exported("ddi", "alle.xml")).expect("read");
    assert!(ddi.contains("<catValu>-998</catValu>") && !ddi.contains("<catValu>-100"));
    assert!(!ddi.contains('\u{fffe}'), "that is in no XML");
    let document = roxmltree::Document::parse(&ddi).expect("XML");
    assert_eq!(ddi::broken(&document), [""; 0]);
    let cold = document.descendants().find(|node| node.attribute("name") == Some("cold"));
    let responses =
        cold.expect("a column").children().find(|child| child.tag_name().name() == "TotlResp");
    assert_eq!(responses.and_then(|node| node.text()), Some("2"), "of three who were asked");
    let package = office.exported("datapackage", "package").join("datapackage.json");
    let package = std::fs::read_to_string(package).expect("read");
    assert!(package.contains("-98 asked, not answered"));
    let Some(python) = python("import pyreadstat") else { return };
    let read = ask(&python, "read_sav.py", &office.exported("sav", "alle.sav"));
    assert_eq!(read["ranges"]["cold"], serde_json::json!([-99.0, -98.0, -97.0]));
    assert_eq!(read["ranges"]["many"], serde_json::json!([-9.0, -8.0, -7.0]));
}
