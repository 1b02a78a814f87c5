//! What the real command publishes, file by file: whoever opens all of it, with a ruler, a spreadsheet and a
//! programme that reads everything, has the figures of `results.csv` and nothing finer. Each check has a twin:
//! a folder in which one file says a little more, in which it is found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use borgerpanel::results::audit::agree::too_fine;
use borgerpanel::results::figure::{Figure, Measure, Value};
use borgerpanel::results::sheet::Sheet;
use borgerpanel::site::content;
use calamine::{Data, Reader as _, Xlsx};

use crate::authors::Desk;
use crate::browser::place;
use crate::reported::made_up;

/// Published results of one survey.
pub struct Folder {
    pub desk: Desk,
    pub figures: Vec<Figure>,
}

/// The surveys, how many answered, and the seed of what they answered.
pub const SURVEYS: [(&str, u32, u64); 3] =
    [("groenne-omraader", 500, 21), ("alle", 300, 23), ("havnebade", 75, 24)];

impl Folder {
    pub fn of(slug: &str, many: u32, seed: u64) -> Folder {
        let desk = place::desk();
        // The tests' own survey has a question of every kind, and asks nobody who they are.
        let own = desk.path("content/surveys").join(format!("{slug}.md"));
        let text = fs::read_to_string(&own).expect("a survey");
        fs::write(&own, text.replace("background: none", "background: ask")).expect("written");
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.iter().find(|one| one.slug == slug).expect("the survey");
        let lines = made_up::lines(survey, many, seed);
        fs::write(desk.path("answers.jsonl"), lines).expect("written");
        let args = ["results", slug, "--responses", "answers.jsonl", "--out", "out"];
        let done = desk.run(&args);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{slug}: {said}");
        let text = fs::read_to_string(desk.path("out/data/results.csv")).expect("figures");
        let figures = Sheet::from_csv(&text).expect("ours").figures;
        Folder { desk, figures }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.desk.path("out").join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a text")
    }

    /// Every file, by its name from the folder on.
    fn files(&self) -> BTreeSet<String> {
        let out = self.desk.path("out");
        let mut folders = vec![out.clone()];
        let mut files = BTreeSet::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&out).expect("inside").to_string_lossy();
                    files.insert(name.into_owned());
                }
            }
        }
        files
    }

    /// All that says more than `results.csv`, wherever it stands.
    fn leaks(&self) -> Vec<String> {
        let mut leaks = self.odd_files();
        leaks.extend(self.odd_tables());
        leaks.extend(self.odd_json());
        for name in ["index.html", "index.en.html"] {
            let html = self.read(name);
            leaks.extend(odd_pages(&html).into_iter().map(|leak| format!("{name}: {leak}")));
            leaks.extend(self.odd_shares(&html).into_iter().map(|leak| format!("{name}: {leak}")));
        }
        let texts = self.files().into_iter().filter(|name| !name.ends_with(".xlsx"));
        leaks.extend(texts.filter_map(|name| {
            let found = too_fine(&name, &self.read(&name))?;
            Some(format!("{name}: {found}"))
        }));
        leaks
    }

    fn odd_files(&self) -> Vec<String> {
        let known = [
            "index.html",
            "index.en.html",
            "style.css",
            "data/results.csv",
            "data/results-excel.csv",
            "data/results.xlsx",
            "data/results.json",
            "data/datapackage.json",
            "data/dcat.jsonld",
            "data/representativeness.csv",
        ];
        let files = self.files();
        files.into_iter().filter(|name| !known.contains(&name.as_str())).collect()
    }

    /// What the two spreadsheets say otherwise, cell by cell.
    fn odd_tables(&self) -> Vec<String> {
        let mut odd = Vec::new();
        let expected: Vec<[String; 4]> = self.figures.iter().map(numbers).collect();
        let mut read = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(fs::File::open(self.path("data/results-excel.csv")).expect("a table"));
        let excel: Vec<[String; 4]> = read
            .records()
            .map(|row| {
                let row = row.expect("a row");
                assert_eq!(row.len(), 10);
                [5, 7, 8, 9].map(|at| row[at].replace(',', "."))
            })
            .collect();
        let mut book: Xlsx<_> =
            calamine::open_workbook(self.path("data/results.xlsx")).expect("a workbook");
        if book.sheet_names().len() != 1 || !book.defined_names().is_empty() {
            odd.push(format!("sheets {:?}", book.sheet_names()));
        }
        let name = book.sheet_names()[0].clone();
        let formulas = book.worksheet_formula(&name).expect("a sheet");
        odd.extend(formulas.used_cells().map(|(_, _, formula)| format!("a formula {formula}")));
        let range = book.worksheet_range(&name).expect("a sheet");
        if range.width() != 10 {
            odd.push(format!("{} columns in the workbook", range.width()));
        }
        let sheet: Vec<[String; 4]> = range
            .rows()
            .skip(1)
            .map(|row| [5, 7, 8, 9].map(|at| row.get(at).map_or(String::new(), Data::to_string)))
            .collect();
        for (what, rows) in [("results-excel.csv", excel), ("results.xlsx", sheet)] {
            if rows.len() != expected.len() {
                odd.push(format!("{what} has {} rows, not {}", rows.len(), expected.len()));
            }
            for (row, own) in rows.iter().zip(&expected) {
                if !row.iter().zip(own).all(|(one, other)| is_same(one, other)) {
                    odd.push(format!("{what} says {row:?}, results.csv {own:?}"));
                }
            }
        }
        odd
    }

    /// Numbers of the JSON files that are no figures, nor anything of the survey's own.
    fn odd_json(&self) -> Vec<String> {
        let mut odd = Vec::new();
        for name in ["data/results.json", "data/datapackage.json", "data/dcat.jsonld"] {
            let json: serde_json::Value = serde_json::from_str(&self.read(name)).expect("JSON");
            let mut found = Vec::new();
            finest(&json, "", &mut found);
            odd.extend(found.into_iter().map(|number| format!("{name}: {number}")));
            if name == "data/results.json" {
                let keys: BTreeSet<&str> =
                    json.as_object().expect("an object").keys().map(String::as_str).collect();
                let known = [
                    "days",
                    "differences",
                    "districts",
                    "figures",
                    "items",
                    "min_group",
                    "people",
                    "survey",
                    "threshold",
                    "trends",
                    "v",
                    "weights",
                ];
                odd.extend(keys.iter().filter(|key| !known.contains(key)).map(|key| {
                    format!("{name}: `{key}` is nothing that is known to be published")
                }));
            }
        }
        odd
    }

    /// Percents on a page that no published figure is: all that stand in its tables and charts of questions.
    fn odd_shares(&self, html: &str) -> Vec<String> {
        let all = self.figures.iter().flat_map(|figure| [figure.value, figure.low, figure.high]);
        let published: BTreeSet<u32> = all
            .flatten()
            .filter_map(|value| match value {
                Value::Percent(percent) => Some(u32::from(percent)),
                Value::Tenths(_) => None,
            })
            .collect();
        let bars = attributes(html, "rect", "value");
        let bars = bars.iter().filter_map(|bar| bar.get("width")?.parse::<u32>().ok());
        let odd = bars.filter(|width| *width > 0 && !published.contains(width));
        odd.map(|width| format!("a bar of {width} that is no figure")).collect()
    }
}

/// Group size, value and interval as they are written.
fn numbers(figure: &Figure) -> [String; 4] {
    let written = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
    let value = figure.value.map_or("·".to_owned(), |value| value.to_string());
    [figure.n.to_string(), value, written(figure.low), written(figure.high)]
}

/// A spreadsheet writes 3.0 as 3, and nothing else differs.
fn is_same(one: &str, other: &str) -> bool {
    one == other || one == other.trim_end_matches(".0")
}

/// Numbers with a fraction that is not of a tenth of a mean, the bounds of weights, or a choice's own value.
fn finest(json: &serde_json::Value, place: &str, found: &mut Vec<String>) {
    match json {
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
            let is_tenth = ["value", "low", "high", "weights"].contains(&place);
            if text.contains('e') || decimals > usize::from(is_tenth) {
                found.push(format!("{place} {text}"));
            }
        }
        serde_json::Value::Array(all) => all.iter().for_each(|one| finest(one, place, found)),
        serde_json::Value::Object(all) => {
            // A share has no tenths.
            let share = all.get("measure").and_then(serde_json::Value::as_str);
            let is_share = share.and_then(Measure::named).is_some_and(Measure::is_share);
            for (key, one) in all {
                let place = if is_share { "share" } else { key };
                finest(one, place, found);
            }
        }
        _ => {}
    }
}

/// The attributes of every element of this name and class.
fn attributes(html: &str, tag: &str, class: &str) -> Vec<BTreeMap<String, String>> {
    let all = elements(html).into_iter();
    let own = all.filter(|(name, _)| name == tag);
    let own = own.map(|(_, attributes)| attributes);
    let is_of = |attributes: &BTreeMap<String, String>| {
        attributes.get("class").is_some_and(|words| words.split(' ').any(|word| word == class))
    };
    own.filter(is_of).collect()
}

/// Every element with its attributes.
fn elements(html: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for rest in html.split('<').skip(1) {
        let Some((element, _)) = rest.split_once('>') else { continue };
        let (name, mut rest) = element.split_once(' ').unwrap_or((element, ""));
        let mut attributes = BTreeMap::new();
        while let Some((key, after)) = rest.split_once("=\"") {
            let Some((value, after)) = after.split_once('"') else { break };
            let key = key.trim().rsplit(' ').next().unwrap_or("").to_owned();
            attributes.insert(key, value.to_owned());
            rest = after;
        }
        found.push((name.to_owned(), attributes));
    }
    found
}

/// What a ruler, a tooltip or a hidden attribute would say more precisely than the figures.
fn odd_pages(html: &str) -> Vec<String> {
    let mut odd = Vec::new();
    let mut depth = 0;
    for rest in html.split('<').skip(1) {
        let (element, text) = rest.split_once('>').unwrap_or((rest, ""));
        depth += i32::from(element.starts_with("svg")) - i32::from(element.starts_with("/svg"));
        // Within a chart nothing has a fraction: not a length, not a place, not a dash, not its words.
        if depth > 0 && !text.is_empty() && fraction(text).is_some_and(|tenths| tenths > 1) {
            odd.push(format!("a chart says {text:?}"));
        }
        if depth > 0 && fraction(element).is_some() {
            odd.push(format!("<{element}>"));
        }
    }
    for (name, attributes) in elements(html) {
        for (key, value) in attributes {
            let is_address = ["href", "src", "content", "xmlns"].contains(&key.as_str());
            let has_number = value.contains(|sign: char| sign.is_ascii_digit());
            let is_data = has_number && key.starts_with("data-") || key == "style";
            if !is_address && (fraction(&value).is_some_and(|digits| digits > 1) || is_data) {
                odd.push(format!("{name} has {key}={value:?}"));
            }
        }
    }
    odd
}

/// The most digits behind a point or comma in a text, none where no number has one.
fn fraction(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let points = (1..bytes.len())
        .filter(|&at| matches!(bytes[at], b'.' | b',') && bytes[at - 1].is_ascii_digit());
    let digits = points.map(|at| bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count());
    // Thousands have three, and are whole numbers.
    digits.filter(|digits| *digits > 0 && *digits != 3).max()
}

#[test]
fn every_file_has_the_figures_of_the_sheet_and_nothing_finer() {
    for (slug, many, seed) in SURVEYS {
        let folder = Folder::of(slug, many, seed);
        assert!(folder.figures.len() > 30, "{slug}: {} figures", folder.figures.len());
        assert_eq!(folder.leaks(), [""; 0], "{slug}");
        let audited = folder.desk.says(&["results", "audit", "out"], 0);
        assert!(audited.starts_with("safe: "), "{slug}: {audited}");
        // Neither who answered nor anything made from it is in any file.
        let answers = fs::read_to_string(folder.desk.path("answers.jsonl")).expect("answers");
        let uids: Vec<&str> = answers
            .lines()
            .filter_map(|line| line.split_once("\"uid\":\"")?.1.split_once('"').map(|it| it.0))
            .collect();
        assert_eq!(uids.len(), many as usize);
        for name in folder.files() {
            let text = String::from_utf8_lossy(&fs::read(folder.path(&name)).expect("a file"))
                .into_owned();
            assert!(!uids.iter().any(|uid| text.contains(uid)), "{slug}: {name}");
        }
    }
}

#[test]
fn a_folder_in_which_one_file_says_more_is_seen_to() {
    let folder = Folder::of("groenne-omraader", 300, 31);
    assert_eq!(folder.leaks(), [""; 0]);
    let change = |name: &str, from: &str, to: &str| {
        let text = folder.read(name);
        assert!(text.contains(from), "{name} has no {from}");
        fs::write(folder.path(name), text.replacen(from, to, 1)).expect("written");
        let leaks = folder.leaks();
        assert!(!leaks.is_empty(), "{name}: {to} passes");
        fs::write(folder.path(name), text).expect("written");
    };
    let page = folder.read("index.html");
    let bar = attributes(&page, "rect", "value")
        .into_iter()
        .filter_map(|bar| bar.get("width").cloned())
        .find(|width| width.len() == 2)
        .expect("a bar");
    let drawn = format!("class=\"value\" width=\"{bar}\"");
    for finer in [format!("{bar}.4"), format!("{bar}.44"), format!("{bar}.0123")] {
        change("index.html", &drawn, &format!("class=\"value\" width=\"{finer}\""));
    }
    change("index.html", "<svg ", "<svg data-share=\"0.314\" ");
    change("index.html", "<rect ", "<rect stroke-dasharray=\"31.4 68.6\" ");
    change("index.html", "<td", "<td title=\"31,44\"");
    change("index.html", "<p>", "<p>31,4 % ");
    let percent = |text: &str, before: &str, after: &str| -> [String; 2] {
        let at = text.find(before).expect("a figure") + before.len();
        let digits: String = text[at..].chars().take_while(char::is_ascii_digit).collect();
        assert!(!digits.is_empty() && text[at + digits.len()..].starts_with(after), "{before}");
        [format!("{before}{digits}{after}"), format!("{before}{digits}.4{after}")]
    };
    let json = folder.read("data/results.json");
    let at = json.find("\"measure\": \"percent\",\n      \"question\"").unwrap_or(0);
    let [from, to] = percent(&json[at..], "\"value\": ", "\n");
    change("data/results.json", &from, &to);
    change("data/results.json", "\"v\": 1,", "\"v\": 1, \"n_eff\": 288,");
    change(
        "data/datapackage.json",
        "\"name\": \"group_n\"",
        "\"name\": \"group_n\", \"mean\": 37.25",
    );
    change("data/dcat.jsonld", "\"@context\"", "\"share\": 31.4, \"@context\"");
    let csv = folder.read("data/results-excel.csv");
    let line = csv.lines().find(|line| !line.contains('·') && line.matches(';').count() == 9);
    let line = csv.lines().nth(1).filter(|_| line.is_some()).expect("a row").to_owned();
    change("data/results-excel.csv", &line, &format!("{line}1"));
    change("data/results-excel.csv", &format!("{line}\r\n"), "");
    // A workbook that has the same rows, but one number less rounded; one with a sheet behind the first.
    for with_sheet in [false, true] {
        let kept = fs::read(folder.path("data/results.xlsx")).expect("a workbook");
        write_book(&folder, with_sheet);
        assert!(!folder.leaks().is_empty(), "sheet {with_sheet}");
        fs::write(folder.path("data/results.xlsx"), kept).expect("written");
    }
    fs::write(folder.path("data/yes-31.4.svg"), "<svg></svg>").expect("written");
    assert_eq!(folder.leaks(), ["data/yes-31.4.svg"], "a file's name");
}

/// The workbook as it is published, but for a number with a fraction or a second sheet.
#[test]
fn the_audit_refuses_a_folder_with_other_figures_in_a_spreadsheet_or_with_files_of_others() {
    let (slug, many, seed) = SURVEYS[2];
    let folder = Folder::of(slug, many, seed);
    let refused = |told: &str| {
        let said = folder.desk.says(&["results", "audit", "out"], 1);
        assert!(said.contains("broken: ") && said.contains(told), "{told}: {said}");
    };
    let excel = folder.path("data/results-excel.csv");
    let whole = fs::read_to_string(&excel).expect("a table");
    let hidden = whole.contains(";·;");
    assert!(hidden, "something is hidden");
    fs::write(&excel, whole.replacen(";·;", ";4;", 1)).expect("written");
    refused("data/results-excel.csv says `4` where results.csv has `·`");
    fs::write(
        &excel,
        whole.lines().take(9).map(|line| line.to_owned() + "\r\n").collect::<String>(),
    )
    .expect("written");
    refused("data/results-excel.csv has 8 figures");
    fs::write(&excel, &whole).expect("written");

    let book = fs::read(folder.path("data/results.xlsx")).expect("a workbook");
    write_book(&folder, true);
    refused("data/results.xlsx cannot be read");
    write_book(&folder, false);
    refused("data/results.xlsx ");
    fs::write(folder.path("data/results.xlsx"), &book[..book.len() / 2]).expect("written");
    refused("data/results.xlsx cannot be read");
    fs::write(folder.path("data/results.xlsx"), &book).expect("written");

    for name in ["index.html", "data/results-excel.csv", "data/results.xlsx"] {
        let kept = fs::read(folder.path(name)).expect("a file");
        fs::remove_file(folder.path(name)).expect("removed");
        refused(&format!("{name} is missing"));
        fs::write(folder.path(name), kept).expect("written");
    }

    let page = folder.read("index.html");
    let bar = "class=\"value\" width=\"";
    let (before, after) = page.split_once(bar).expect("a bar");
    let (width, after) = after.split_once('"').expect("its length");
    fs::write(folder.path("index.html"), format!("{before}{bar}{width}.3\"{after}"))
        .expect("written");
    refused(&format!("index.html has a chart with width=\"{width}.3\""));
    fs::write(folder.path("index.html"), &page).expect("written");

    for name in ["data/answers.jsonl", "data/companion.json", "notes.txt", "data/results.csv.7.tmp"]
    {
        fs::write(folder.path(name), "{}").expect("written");
        refused(&format!("{name} is no file of results"));
        fs::remove_file(folder.path(name)).expect("removed");
    }
    folder.desk.says(&["results", "audit", "out"], 0);
}

fn write_book(folder: &Folder, with_sheet: bool) {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 9, "high").expect("a head");
    for (row, figure) in (1u32..).zip(&folder.figures) {
        let [n, value, low, high] = numbers(figure);
        for (column, text) in [(5, n), (7, value), (8, low), (9, high)] {
            match text.parse::<f64>() {
                Ok(number) => {
                    let more = if row == 1 && column == 7 && !with_sheet { 0.25 } else { 0.0 };
                    sheet.write_number(row, column, number + more).map(|_| ()).expect("a cell");
                }
                Err(_) => sheet.write_string(row, column, text).map(|_| ()).expect("a cell"),
            }
        }
    }
    sheet.write_string(0, 0, "question").expect("a head");
    if with_sheet {
        book.add_worksheet().write_number(0, 0, 31.4159).expect("a cell");
    }
    book.save(folder.path("data/results.xlsx")).expect("written");
}
