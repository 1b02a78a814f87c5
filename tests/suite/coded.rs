//! Free text from answers to the page: what staff get to code, what of it is published, and what never is.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use borgerpanel::crypto::TagKey;
use borgerpanel::response::Response;
use borgerpanel::results::coding::guard::{self, Finding};
use borgerpanel::results::figure::Figure;
use borgerpanel::results::sheet::Sheet;
use borgerpanel::server::app::Channel;
use borgerpanel::site::content;
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::Definition;
use borgerpanel::survey::answer::Answer;
use fastrand::Rng;
use serde_json::json;

use crate::authors::Desk;
use crate::browser::PHONE;
use crate::browser::axe::{examiner, violations};
use crate::browser::place::Place;

const SHORT: &str = "kort";
/// A question of that survey that everybody may answer in own words.
const COMMENTS: &str = "comments";

const SURVEY: &str = "---\ntitle: Byens parker\nsummary: To spørgsmål\ncloses: 2026-06-01\nbackground: ask\n\
    ---\n\n## Hvor ofte kommer du der? {#often}\n\n- Tit {#much}\n- Sjældent {#seldom}\n\n\
    ## Har du mere på hjerte? {#comments maxlength=2000}\n\n____\n____\n____\n\n\
    ## Hvad hedder parken? {#park}\n\n____\n";
const ENGLISH: &str = "---\ntitle: The city's parks\nsummary: Two questions\n---\n\n\
    ## How often do you go there? {#often}\n\n- Often {#much}\n- Seldom {#seldom}\n\n\
    ## Is there anything else? {#comments}\n\n____\n____\n____\n\n\
    ## What is the park called? {#park}\n\n____\n";

/// What is written, by how many, and what staff make of it.
const TEXTS: [(&str, usize, &str); 5] = [
    ("Plant flere træer langs gaderne, og bænke til dem der venter", 60, "trees+benches"),
    ("Der mangler lys i parken om aftenen", 40, "light"),
    ("Tak for en god undersøgelse", 20, ""),
    ("Flere bænke ved søen, tak. Ring til mig på 33 12 34 56", 12, "benches"),
    ("Min nabos hund gør hele natten", 3, "nabohund"),
];

const BOOK: &str = "# comments\n\n| theme | da | en |\n|---|---|---|\n\
    | trees | Flere træer | More trees |\n| benches | Flere bænke | More benches |\n\
    | light | Mere lys om aftenen | More light in the evening |\n| nabohund | Nabohunde | Dogs next door |\n";

/// Three hundred people, most of whom wrote something.
fn responses(survey: &Definition) -> Vec<Response> {
    let mut rng = Rng::with_seed(11);
    let mut texts = TEXTS.iter().flat_map(|(text, many, _)| vec![*text; *many]);
    let mut one = |at: u128| {
        let mut pick = |of: &[&str]| of[rng.usize(..of.len())].to_owned();
        let background = json!({
            "district": pick(&["valby", "oesterbro", "indre-by"]),
            "gender": pick(&["female", "male"]), "age": pick(&["25-34", "35-44", "65-74"]),
            "education": "vocational",
        });
        let answers =
            json!({ "often": pick(&["much", "seldom"]), "comments": texts.next(), "park": null });
        let json = json!({
            "v": 1, "uid": format!("{:032x}", at << 64 | 0xfeed), "survey": SHORT,
            "version": survey.version, "channel": "web", "status": "complete", "lang": "da",
            "invited": false, "assisted": false, "kiosk": null, "day": "2026-05-03",
            "duration_s": 100, "background": background, "answers": answers, "shown": {},
            "flags": [],
        });
        serde_json::from_value(json).expect("a response")
    };
    (0..300).map(|at| one(at + 1)).collect()
}

struct House {
    desk: Desk,
    survey: Definition,
    responses: Vec<Response>,
}

impl House {
    fn open() -> House {
        let desk = Desk::new();
        fs::write(desk.path("content/surveys/kort.md"), SURVEY).expect("written");
        fs::write(desk.path("content/surveys/kort.en.md"), ENGLISH).expect("written");
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.into_iter().find(|one| one.slug == SHORT).expect("the survey");
        let responses = responses(&survey);
        let house = House { desk, survey, responses };
        fs::create_dir_all(house.path("content/results")).expect("a folder");
        fs::write(house.path("content/results/kort.themes.md"), BOOK).expect("written");
        house.keep();
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }

    /// The file of responses, as they are now.
    fn keep(&self) {
        let line = |response| serde_json::to_string(response).expect("JSON") + "\n";
        let lines: String = self.responses.iter().map(line).collect();
        fs::write(self.path("answers.jsonl"), lines).expect("written");
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = self.desk.run(args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (status.code(), text(&stdout), text(&stderr))
    }

    fn themes(&self, out: &str, more: &[&str]) -> (Option<i32>, String, String) {
        let args = ["results", "themes", SHORT, COMMENTS, "--out", out];
        self.run(&[&args, more].concat())
    }

    fn written(&self, out: &str) -> Vec<csv::StringRecord> {
        let (code, _, wrong) = self.themes(out, &["--responses", "answers.jsonl"]);
        assert_eq!(code, Some(0), "{wrong}");
        rows(&self.path(out))
    }

    /// Codes a sheet as [`TEXTS`] says; `quoted` are cells of the first row with a text.
    fn code(&self, sheet: &str, quoted: &[(&str, [&str; 3])]) {
        let rows = rows(&self.path(sheet));
        let mut left = quoted.to_vec();
        let mut out = csv::Writer::from_path(self.path(sheet)).expect("a file");
        out.write_record(borgerpanel::results::coding::sheet::HEAD).expect("written");
        for row in rows {
            let mut cells: Vec<String> = row.iter().map(str::to_owned).collect();
            let text = TEXTS.iter().find(|(text, _, _)| *text == cells[2]).expect("a text");
            cells[3] = text.2.to_owned();
            if let Some(at) = left.iter().position(|(begins, _)| cells[2].starts_with(begins)) {
                let (_, own) = left.remove(at);
                for (cell, own) in cells[4..7].iter_mut().zip(own) {
                    *cell = own.to_owned();
                }
            }
            out.write_record(&cells).expect("written");
        }
        out.flush().expect("written");
    }

    fn publish(&self, out: &str, more: &[&str]) -> (Option<i32>, String, String) {
        let args = ["results", SHORT, "--responses", "answers.jsonl", "--out", out];
        self.run(&[&args, more].concat())
    }

    fn page(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("a page")
    }

    /// The figures of the question.
    fn figures(&self, out: &str) -> Vec<Figure> {
        let sheet = Sheet::from_csv(&self.page(&format!("{out}/data/results.csv"))).expect("ours");
        sheet.figures.into_iter().filter(|figure| figure.question == COMMENTS).collect()
    }
}

fn rows(path: &PathBuf) -> Vec<csv::StringRecord> {
    let mut reader = csv::Reader::from_path(path).expect("a sheet");
    reader.records().map(|row| row.expect("a row")).collect()
}

#[test]
fn staff_get_every_text_once_in_random_order_and_nothing_that_leads_to_a_response() {
    let house = House::open();
    let one = house.written("one.csv");
    let written: usize = TEXTS.iter().map(|(_, many, _)| many).sum();
    assert_eq!(one.len(), written);
    let tags: BTreeSet<&str> = one.iter().map(|row| &row[1]).collect();
    assert_eq!(tags.len(), written);
    let whole = house.page("one.csv");
    assert!(house.responses.iter().all(|it| !whole.contains(&it.uid) && !whole.contains(&it.day)));
    assert!(one.iter().any(|row| row[7].contains("aftenen")), "the words that come together");
    let other = house.written("other.csv");
    assert_ne!(one, other, "another order");
    let sorted = |rows: &[csv::StringRecord]| {
        let mut rows: Vec<_> =
            rows.iter().map(|row| (row[1].to_owned(), row[2].to_owned())).collect();
        rows.sort();
        rows
    };
    assert_eq!(
        sorted(&one),
        sorted(&other),
        "and the same tags, so that codes can be carried over"
    );
    #[cfg(unix)]
    for name in ["one.csv", "answers.jsonl.themes.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(house.path(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn texts_are_refused_inside_the_site_over_coded_ones_and_of_other_questions() {
    let house = House::open();
    house.desk.says(&["build", "--out", "site"], 0);
    for inside in ["site/t.csv", "content/t.csv", "site.release/t.csv"] {
        let (code, _, wrong) = house.themes(inside, &["--responses", "answers.jsonl"]);
        assert_eq!(code, Some(2), "{wrong}");
        assert!(wrong.contains("part of the site") && !house.path(inside).exists());
    }
    house.written("t.csv");
    let (code, _, wrong) = house.themes("t.csv", &["--responses", "answers.jsonl"]);
    assert!(code == Some(2) && wrong.contains("--from FILE"), "{wrong}");
    let args =
        ["results", "themes", SHORT, "often", "--out", "o.csv", "--responses", "answers.jsonl"];
    let (code, _, wrong) = house.run(&args);
    assert!(code == Some(2) && wrong.contains("comments"), "{wrong}");
}

#[test]
fn themes_are_published_as_totals_and_small_ones_not_even_by_name() {
    let house = House::open();
    house.written("t.csv");
    house.code("t.csv", &[]);
    let more = ["--themes", "t.csv", "--companion", "companion.json"];
    let (code, _, wrong) = house.publish("out", &more);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(wrong.contains("nabohund: fewer than 5"), "{wrong}");
    let figures = house.figures("out");
    let ids: Vec<&str> = figures.iter().map(|figure| figure.choices[0].as_str()).collect();
    assert_eq!(ids, ["trees", "benches", "light"]);
    for figure in &figures {
        assert!(figure.group.is_none() && figure.value.is_some(), "{figure:?}");
        // 135 wrote something.
        assert!([130, 140].contains(&figure.n), "{}", figure.n);
    }
    let (page, english) = (house.page("out/index.html"), house.page("out/index.en.html"));
    assert!(page.contains("Flere træer") && page.contains("kodet af kommunens medarbejdere"));
    assert!(
        english.contains("More light in the evening") && english.contains("staff read and coded")
    );
    let left_out = page.matches("folk selv har skrevet, offentliggøres ikke").count();
    assert_eq!(left_out, 1, "the park's name alone");
    for name in ["index.html", "index.en.html", "data/results.csv", "data/results.json"] {
        let text = house.page(&format!("out/{name}"));
        assert!(!text.contains("nabohund") && !text.contains("Nabohunde"), "{name}");
        assert!(TEXTS.iter().all(|(words, _, _)| !text.contains(words)), "{name}");
    }
    house.desk.says(&["results", "audit", "out", "--companion", "companion.json"], 0);
    // The same answers and codes may be published again.
    let (code, said, wrong) = house.publish("out", &more);
    assert_eq!(code, Some(0), "{said}{wrong}");
    // Other codes, or none, may not take their place.
    let (code, said, _) = house.publish("out", &[]);
    assert!(code == Some(1) && said.contains("--themes again"), "{said}");
    fs::write(house.path("t.csv"), house.page("t.csv").replace("trees+benches", "trees"))
        .expect("");
    let (code, said, _) = house.publish("out", &more);
    assert!(code == Some(1) && said.starts_with("not published"), "{said}");
}

#[test]
fn a_theme_that_all_but_few_name_is_hidden() {
    let house = House::open();
    house.written("t.csv");
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["question", "tag", "themes"]).expect("written");
    for (at, row) in rows(&house.path("t.csv")).iter().enumerate() {
        let themes = if at < 2 { "-" } else { "trees" };
        out.write_record([&row[0], &row[1], themes]).expect("written");
    }
    fs::write(house.path("t.csv"), out.into_inner().expect("text")).expect("written");
    let (code, _, wrong) = house.publish("out", &["--themes", "t.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    let figures = house.figures("out");
    assert!(figures.iter().all(|figure| figure.value.is_none()), "{figures:?}");
}

#[test]
fn quotes_need_two_people_the_texts_own_words_and_nothing_that_finds_anybody() {
    let house = House::open();
    house.written("t.csv");
    house.code(
        "t.csv",
        &[
            ("Plant", ["Plant flere træer […] og bænke", "Mette Lund", "Ali"]),
            ("Der mangler", ["Der mangler lys", "Mette Lund", "mette  lund"]),
            ("Der mangler", ["i parken om aftenen", "Mette Lund", ""]),
            ("Tak", ["Tak for en dårlig undersøgelse", "Mette Lund", "Ali"]),
            ("Flere", ["Ring til mig på 33 12 […] 34 56", "Mette Lund", "Ali"]),
        ],
    );
    let (code, _, wrong) = house.publish("out", &["--themes", "t.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    for why in ["same person", "one person only", "not part of the text", "phone number"] {
        assert!(wrong.contains(why), "{why} in {wrong}");
    }
    for page in ["out/index.html", "out/index.en.html"] {
        let page = house.page(page);
        assert_eq!(page.matches("<blockquote>").count(), 1);
        assert!(page.contains("<blockquote><p>Plant flere træer […] og bænke</p></blockquote>"));
    }
    let data = ["results.csv", "results.json", "results-excel.csv", "datapackage.json"];
    let has = |name: &&str| house.page(&format!("out/data/{name}")).contains("Plant flere");
    assert!(!data.iter().any(has), "quotes are on the page alone");
}

#[test]
fn what_was_erased_since_it_was_coded_drops_out() {
    let mut house = House::open();
    house.written("t.csv");
    house.code("t.csv", &[("Plant", ["Plant flere træer", "Mette Lund", "Ali"])]);
    let quoted = house.page("t.csv");
    let quoted = quoted.lines().find(|line| line.contains("Mette Lund")).expect("a row").to_owned();
    let key = TagKey::load(&house.path("answers.jsonl.themes.key")).expect("the key");
    let is_whose = |it: &&mut Response| quoted.contains(&key.tag(&[&it.uid, COMMENTS]));
    let whose = house.responses.iter_mut().find(is_whose).expect("its response");
    whose.answers.insert(COMMENTS.to_owned(), Answer::Unanswered);
    house.keep();
    let (code, _, wrong) = house.publish("out", &["--themes", "t.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(!house.page("out/index.html").contains("<blockquote>"));
    let (code, said, wrong) =
        house.themes("again.csv", &["--responses", "answers.jsonl", "--from", "t.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(said.contains("134 are coded already; 1 that were are gone"), "{said}");
    assert!(!house.page("again.csv").contains("Mette Lund"));
}

#[test]
fn a_sheet_of_other_answers_without_codes_or_with_unknown_ones_is_refused() {
    let house = House::open();
    house.written("t.csv");
    let refused = |sheet: &str, why: &str| {
        let (code, _, wrong) = house.publish("out", &["--themes", sheet]);
        assert!(code == Some(2) && wrong.contains(why), "{wrong}");
        assert!(!house.path("out").exists());
    };
    refused("t.csv", "no text has a theme");
    let text = house.page("t.csv");
    fs::write(house.path("unknown.csv"), text.replacen(",,,,,", ",birds,,,,", 1)).expect("written");
    refused("unknown.csv", "there is no theme `birds`");
    fs::write(house.path("other.csv"), "question,tag,themes\ncomments,t00,trees\n")
        .expect("written");
    refused("other.csv", "none of its texts");
    fs::remove_file(house.path("answers.jsonl.themes.key")).expect("there");
    refused("t.csv", "themes.key");
}

#[test]
fn a_central_keeps_the_key_and_logs_who_read_the_texts() {
    let house = House::open();
    let central = Central::create(&house.path("central"), Options::default()).expect("made");
    central.register(&house.survey).expect("known");
    for response in &house.responses {
        let structure = house.survey.structure.clone();
        let accepted = Accepted { structure, response: response.clone(), flags: Vec::new() };
        central.store_response(accepted).expect("stored");
    }
    let (code, said, wrong) = house.themes("t.csv", &["--data", "central", "--json"]);
    assert_eq!(code, Some(0), "{wrong}");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(said["texts"], 135);
    assert!(
        house.path("central/keys/themes.key").exists() && central.has_logged("exported").unwrap()
    );
    house.code("t.csv", &[]);
    let args = ["results", SHORT, "--data", "central", "--out", "out", "--preview"];
    let (code, _, wrong) = house.run(&[&args[..], &["--themes", "t.csv"]].concat());
    assert_eq!(code, Some(0), "{wrong}");
    assert_eq!(house.figures("out").len(), 3);
}

#[test]
fn two_coders_are_compared_and_the_first_is_published() {
    let house = House::open();
    house.written("t.csv");
    house.code("t.csv", &[]);
    let text = house.page("t.csv").replace("trees+benches", "trees");
    fs::write(house.path("second.csv"), text).expect("written");
    let (code, _, wrong) = house.publish("out", &["--themes", "t.csv", "--themes", "second.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    assert!(wrong.contains("trees: Cohen's kappa of 135 texts that both coded: 1.00"), "{wrong}");
    assert!(wrong.contains("benches: Cohen's kappa of 135 texts that both coded: 0.1"), "{wrong}");
    let benches = house.figures("out").into_iter().find(|one| one.choices[0] == "benches");
    assert!(benches.expect("a figure").value > house.figures("out")[2].value);
}

#[test]
fn coded_answers_and_quotes_show_no_violation() {
    let house = House::open();
    house.written("t.csv");
    house.code("t.csv", &[("Plant", ["Plant flere træer", "Mette Lund", "Ali"])]);
    let (code, _, wrong) = house.publish("content/results/kort", &["--themes", "t.csv"]);
    assert_eq!(code, Some(0), "{wrong}");
    house.desk.says(&["check"], 0);
    let place = Place::of(house.desk, Channel::Web, None);
    let Some(browser) = examiner(PHONE) else { return };
    for path in ["/r/kort/", "/en/r/kort/"] {
        browser.goto(&place.at(path));
        let quotes =
            browser.run("return document.querySelectorAll('blockquote').length", Vec::new());
        assert_eq!(quotes, 1, "{path}");
        assert_eq!(violations(&browser), Vec::<String>::new(), "{path}");
    }
}

/// Digits in random groups with random signs between, among words.
fn scattered(digits: &str, rng: &mut Rng) -> String {
    const SIGNS: [&str; 9] = ["", " ", "-", ".", "/", "\u{a0}", " - ", "  ", ") "];
    let wide = |digit: char| char::from_u32(digit as u32 + 0xfee0).expect("a full-width digit");
    let is_wide = rng.u8(0..4) == 0;
    let mut text = ["Ring ", "Mit nummer: ", "(", "se nr. ", ""][rng.usize(0..5)].to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 {
            text.push_str(SIGNS[rng.usize(0..SIGNS.len())]);
        }
        text.push(if is_wide { wide(digit) } else { digit });
    }
    text + ["", " tak", ".", ", hilsen", ")"][rng.usize(0..5)]
}

#[test]
fn no_cpr_or_phone_number_comes_past_the_guard_however_it_is_grouped() {
    let mut rng = Rng::with_seed(8);
    for _ in 0..4000 {
        let (day, month) = (rng.u32(1..=28), rng.u32(1..=12));
        let cpr = format!("{day:02}{month:02}{:02}{:04}", rng.u32(0..100), rng.u32(0..10_000));
        let text = scattered(&cpr, &mut rng);
        assert_eq!(guard::find(&text), Some(Finding::Cpr), "{text}");
        let phone = rng.u32(20_000_000..=99_999_999).to_string();
        let phone = format!("{}{phone}", ["", "45", "0045"][rng.usize(0..3)]);
        let text = scattered(&phone, &mut rng);
        assert!(guard::find(&text).is_some(), "{text}");
        // The twin: as many digits that words keep apart are no number.
        let apart: Vec<String> = phone.chars().map(|digit| format!("{digit} biler")).collect();
        assert_eq!(guard::find(&apart.join(", ")), None);
    }
}
