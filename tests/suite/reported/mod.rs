//! The page of a survey's results, made from made-up answers and built into a site: what it says, what its
//! charts may say, and how it looks in a real browser.

mod looked_at;
pub mod made_up;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use borgerpanel::results::figure::{Figure, Measure, Value};
use borgerpanel::site::{self, Options, content};
use calamine::{Data, Reader as _, Xlsx};

use crate::authors::{self, Desk};
use crate::browser::place;

const GREEN: &str = "groenne-omraader";
/// With a question of every kind; the tests' own.
const EVERY: &str = "alle";
const BIKES: &str = "cykelparkering";

/// A built site with results of two surveys, and the figures of the first: made once, since answers that
/// follow a survey's rules take their time to make up.
fn shared() -> &'static (Desk, Vec<Figure>) {
    static SHARED: OnceLock<(Desk, Vec<Figure>)> = OnceLock::new();
    SHARED.get_or_init(|| {
        let desk = place::desk();
        let figures = made_up::publish(&desk, GREEN);
        made_up::publish(&desk, EVERY);
        build(&desk);
        (desk, figures)
    })
}

/// The same content, to be served.
fn desk() -> Desk {
    let desk = place::desk();
    authors::copy(&shared().0.path("content"), &desk.path("content"));
    desk
}

fn build(desk: &Desk) {
    let options = Options {
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
        kiosk: None,
    };
    let outcome = site::build(&options).expect("it can be read and written");
    assert!(outcome.site.is_some(), "{:#?}", outcome.diagnostics);
}

fn page(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path("public").join(name)).expect("a page")
}

/// The values of an attribute of every element called `tag` whose class has the word `class`.
fn values<'h>(html: &'h str, tag: &str, class: &str, attribute: &str) -> Vec<&'h str> {
    let value = |element: &'h str, name: &str| -> Option<&'h str> {
        let after = element.split_once(&format!(" {name}=\""))?.1;
        Some(after.split_once('"')?.0)
    };
    let elements = html.split('<').filter_map(|rest| {
        let element = rest.split_once('>')?.0;
        element.strip_prefix(tag).is_some_and(|rest| rest.starts_with(' ')).then_some(element)
    });
    elements
        .filter(|element| {
            value(element, "class").is_some_and(|words| words.split(' ').any(|it| it == class))
        })
        .filter_map(|element| value(element, attribute))
        .collect()
}

#[test]
fn the_page_says_what_was_found_before_anything_else() {
    let (desk, _) = shared();
    let danish = page(desk, "r/groenne-omraader/index.html");
    let at = |text: &str| danish.find(text).unwrap_or_else(|| panic!("no {text}"));
    let order = [
        "Hvad synes du om byens grønne områder?</h1>",
        "Eksempeldata",
        "Halvdelen bruger et grønt område",
        " svaret fra 1. november 2026 til 20. november 2026",
        "Hvor ofte bruger du et grønt område i København?</h3>",
        "Det gør kommunen</h2>",
        "Ligner de, der har svaret, byen?",
        "15–24 år fylder 17\u{a0}% af byen og 6\u{a0}% af svarene.",
        "Usikkerheden (fx ",
        "“Har du mere på hjerte om byens grønne områder?”",
        "/r/groenne-omraader/data/results.xlsx",
    ];
    assert!(order.windows(2).all(|two| at(two[0]) < at(two[1])), "{order:?}");
    let english = page(desk, "en/r/groenne-omraader/index.html");
    assert!(english.contains("<html lang=\"en\"") && english.contains("What the city does</h2>"));
    assert!(english.contains("answered between 1 November 2026 and 20 November 2026"));
    assert!(!english.contains("results_") && !danish.contains("results_"), "a word is missing");
    let every = page(desk, "en/r/alle/index.html");
    assert!(
        every.contains("There is no certain change since 2025.") && !every.contains("results_")
    );
}

#[test]
fn a_list_of_results_leads_with_the_first_finding() {
    let (desk, _) = shared();
    for name in ["r/index.html", "index.html"] {
        let list = page(desk, name);
        assert!(
            list.contains("Halvdelen bruger et grønt område mindst en gang om ugen."),
            "{name}"
        );
        assert!(list.contains("href=\"/r/groenne-omraader/\""));
    }
    assert!(page(desk, "en/r/index.html").contains("Half use a green area"));
}

#[test]
fn findings_wait_for_the_results() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("content/results")).expect("a folder");
    let path = desk.path("content/results/cykelparkering.md");
    fs::write(path, "- Der mangler plads ved stationerne.\n").expect("written");
    build(&desk);
    assert!(!page(&desk, "index.html").contains("Der mangler plads"));
    assert!(!desk.path("public/r/index.html").exists());
}

#[test]
fn bars_are_as_long_as_published_shares_and_no_others() {
    let (desk, figures) = shared();
    let html = page(desk, "r/groenne-omraader/index.html");
    let mut drawn: Vec<&str> = values(&html, "rect", "value", "width");
    let is_bar = |figure: &&Figure| {
        figure.group.is_none() && figure.row.is_none() && figure.measure == Measure::Percent
    };
    let shares = figures.iter().filter(is_bar);
    let mut published: Vec<String> = shares
        .map(|figure| figure.value.map_or_else(|| "0".to_owned(), |value| value.to_string()))
        .collect();
    drawn.sort_unstable();
    published.sort_unstable();
    assert_eq!(drawn, published);
}

#[test]
fn parts_of_a_row_are_as_wide_as_their_shares() {
    let (desk, figures) = shared();
    let html = page(desk, "r/groenne-omraader/index.html");
    let mut drawn: Vec<i64> = values(&html, "rect", "part", "width")
        .into_iter()
        .map(|width| width.parse().expect("a whole number"))
        .collect();
    let parts = figures.iter().filter(|it| {
        it.group.is_none()
            && it.row.is_some()
            && it.measure == Measure::Percent
            && it.choices != ["x"]
    });
    let width = |figure: &Figure| match figure.value {
        Some(Value::Percent(percent)) => 2 * i64::from(percent),
        _ => 0,
    };
    let mut published: Vec<i64> = parts.map(width).collect();
    let hidden = values(&html, "rect", "hidden", "width").len();
    drawn.sort_unstable();
    published.sort_unstable();
    assert_eq!(drawn.len(), published.len() + hidden);
    assert!(published.iter().all(|width| drawn.contains(width)));
}

#[test]
fn no_page_of_results_says_more_than_a_tenth_or_brings_a_style() {
    let (desk, _) = shared();
    for slug in [GREEN, EVERY] {
        for file in ["index.html", "index.en.html"] {
            let path = desk.path("content/results").join(slug).join(file);
            let html = fs::read_to_string(path).expect("a page");
            assert!(!html.contains("style=") && !html.contains("<script"), "{slug}");
            let finer = html.as_bytes().windows(4).any(|four| {
                four[0].is_ascii_digit()
                    && matches!(four[1], b'.' | b',')
                    && four[2..].iter().all(u8::is_ascii_digit)
            });
            assert!(!finer, "{slug}/{file}");
            let svgs = html.matches("class=\"chart ").count();
            assert!(svgs > 5 && html.matches("<title ").count() == svgs, "{slug}: {svgs}");
            assert!(html.matches("<table>").count() >= svgs);
        }
    }
}

#[test]
fn a_workbook_has_the_figures_and_nothing_finer() {
    let (desk, figures) = shared();
    let path = desk.path("content/results/groenne-omraader/data/results.xlsx");
    let mut book: Xlsx<_> = calamine::open_workbook(path).expect("a workbook");
    assert_eq!(book.sheet_names(), ["Resultater"]);
    let rows = book.worksheet_range("Resultater").expect("a sheet");
    let written: Vec<String> = rows.rows().skip(1).map(|row| row[7].to_string()).collect();
    let published = figures.iter();
    let published: Vec<String> = published
        .map(|figure| match figure.value {
            Some(Value::Tenths(tenths)) if tenths % 10 == 0 => (tenths / 10).to_string(),
            Some(value) => value.to_string(),
            None => "·".to_owned(),
        })
        .collect();
    assert_eq!(written, published);
    let whole = |cell: &Data| !matches!(cell, Data::Float(number) if number.fract() != 0.0);
    assert!(rows.rows().skip(1).all(|row| whole(&row[5])));
}

#[test]
fn the_same_report_gives_the_same_bytes() {
    let again = place::desk();
    made_up::publish(&again, EVERY);
    let folder = "content/results/alle";
    for name in ["index.html", "data/results.xlsx", "data/results-excel.csv", "data/dcat.jsonld"] {
        let read = |desk: &Desk| fs::read(desk.path(folder).join(name)).expect("a file");
        assert!(read(&shared().0) == read(&again), "{name}");
    }
}

/// What a page is made from and what it comes to, to be read in a review: `UPDATE_DOCS=1` writes both anew.
#[test]
fn a_page_and_the_answers_it_is_made_from_are_as_they_were() {
    let desk = Desk::new();
    let content = content::load(&desk.path("content")).expect("content");
    let definition = content.surveys.iter().find(|one| one.slug == BIKES).expect("a survey");
    let lines = made_up::lines(definition, 80, 3);
    made_up::publish_lines(&desk, BIKES, &lines);
    let html = fs::read_to_string(desk.path("content/results/cykelparkering/index.html"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/results");
    for (name, made) in [("example.jsonl", lines), ("example.html", html.expect("a page"))] {
        let path = folder.join(name);
        if std::env::var_os("UPDATE_DOCS").is_some() {
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(&path, &made).expect("written");
        }
        let golden = fs::read_to_string(&path).unwrap_or_default();
        for (at, (made, golden)) in made.lines().zip(golden.lines()).enumerate() {
            assert_eq!(made, golden, "{name}, line {}", at + 1);
        }
        assert_eq!(made.len(), golden.len(), "{name} (UPDATE_DOCS=1 rewrites it)");
    }
}

#[test]
fn too_few_answers_are_said_to_be_too_few() {
    let desk = Desk::new();
    made_up::publish_lines(&desk, BIKES, "");
    build(&desk);
    assert!(page(&desk, "r/cykelparkering/index.html").contains("Der er for få svar til"));
}

#[test]
fn findings_of_no_survey_are_told() {
    let desk = Desk::new();
    fs::create_dir_all(desk.path("content/results")).expect("a folder");
    fs::write(desk.path("content/results/borte.md"), "- Noget.\n").expect("written");
    let told = desk.says(&["check", "--json"], 1);
    assert!(told.contains("borte"), "{told}");
}

#[test]
fn the_style_of_the_staffs_pages_does_not_reach_into_the_results_that_they_show() {
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/default");
    let read = |name: &str| fs::read_to_string(theme.join(name)).expect("a file of the theme");
    let styles = read("css/desk.css") + &read("css/rooms.css");
    // A rule of the staff's own begins with what else it is about: `form.who`, `.desk .notice`.
    let bare: Vec<&str> = styles
        .lines()
        .filter_map(|line| line.trim().strip_prefix('.')?.split([' ', ',', '{', ':']).next())
        .collect();
    assert!(bare.contains(&"ways"), "{bare:?}");
    for name in ["results-body.html", "results-question.html", "results-table.html"] {
        let html = read(&format!("templates/{name}"));
        let classes = html.split("class=\"").skip(1).filter_map(|rest| rest.split_once('"'));
        for class in classes.flat_map(|(classes, _)| classes.split(' ')) {
            assert!(!bare.contains(&class), "{name}: .{class} is also a rule of the staff's pages");
        }
    }
}
