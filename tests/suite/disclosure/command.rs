//! `borgerpanel results audit` on folders as they are published.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use borgerpanel::results::figure::{Figure, Value};
use borgerpanel::results::item::Shape;
use borgerpanel::results::open_data::{COLUMNS, Spoken, excel_csv};
use borgerpanel::results::sheet::Sheet;
use borgerpanel::results::workbook::workbook;
use tempfile::TempDir;

use super::{Published, Survey, value};

fn survey(first: usize) -> Survey {
    Survey::of_ages(
        Shape::Ordered,
        &[vec![first, 48, 50], vec![30, 40, 30], vec![25, 35, 40], vec![0; 3]],
    )
}

fn write(folder: &Path, published: &Published) {
    let data = folder.join("data");
    fs::create_dir_all(&data).expect("a folder");
    let sheet = Sheet { survey: "s".to_owned(), figures: published.open.figures.clone() };
    fs::write(data.join("results.csv"), sheet.to_csv().expect("text")).expect("written");
    fs::write(data.join("results.json"), published.open.to_json()).expect("written");
    let spoken: Vec<Spoken> = sheet.figures.iter().map(spoken).collect();
    let heads = COLUMNS.map(str::to_owned);
    let excel = excel_csv(&heads, &sheet.figures, &spoken);
    fs::write(data.join("results-excel.csv"), excel).expect("written");
    let book = workbook("Results", &heads, &sheet.figures, &spoken).expect("a workbook");
    fs::write(data.join("results.xlsx"), book).expect("written");
    fs::write(folder.join("index.html"), page(&sheet.figures)).expect("written");
}

/// Words that are ids.
fn spoken(figure: &Figure) -> Spoken {
    let group = figure.group.as_ref();
    Spoken {
        choice: figure.choices.join("+"),
        group: group.map_or_else(|| "all".to_owned(), |group| group.categories.join("+")),
        measure: figure.measure.name().to_owned(),
        ..Spoken::default()
    }
}

/// The two tables of the one question, and nothing else.
fn page(figures: &[Figure]) -> String {
    let label = |figure: &Figure| match figure.choices.is_empty() {
        true => figure.measure.name().to_owned(),
        false => figure.choices.join("+"),
    };
    let written = |value: Option<Value>| value.map(|value| value.to_string()).unwrap_or_default();
    let shown = |figure: &Figure| figure.value.map_or("·".to_owned(), |value| value.to_string());
    let of = |group: &str| {
        figures.iter().filter(|figure| spoken(figure).group == group).collect::<Vec<_>>()
    };
    let mut total = String::new();
    for figure in of("all") {
        let ends = format!("{}–{}", written(figure.low), written(figure.high));
        total += &format!(
            "<tr><th>{}<td>{}<td>{}</tr>",
            label(figure),
            shown(figure),
            ends.trim_matches('–')
        );
    }
    let mut groups: Vec<String> = figures.iter().map(|figure| spoken(figure).group).collect();
    groups.dedup();
    let heads: String = of("all").iter().map(|it| format!("<th>{}", label(it))).collect();
    let row = |group: &String| {
        let own = of(group);
        let cell =
            |it: &&Figure| format!("<td>{} {} {}", shown(it), written(it.low), written(it.high));
        let cells: String = own.iter().map(cell).collect();
        format!("<tr><th>{group}<td>{}{cells}</tr>", own[0].n)
    };
    let rows: String = groups.iter().map(row).collect();
    format!(
        "<table><caption id=t-q-q></caption><tr><th>Answer<th>Share<th>Interval</tr>{total}</table>\
         <table><caption id=t-q-q-0-age></caption><tr><th>Group<th>People{heads}</tr>{rows}</table>"
    )
}

fn audit(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_borgerpanel"))
        .args(["results", "audit"])
        .arg(folder)
        .args(more)
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr);
    (status.code(), said)
}

#[test]
fn says_whether_a_publication_is_safe_and_if_not_who_is_found_where() {
    let (folder, house) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let mut published = survey(2).publish(5);
    write(folder.path(), &published);
    let companion = house.path().join("companion.json");
    fs::write(&companion, published.companion.to_json()).expect("written");
    let companion = companion.to_str().expect("a name");
    let (code, said) = audit(folder.path(), &["--companion", companion]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("safe: 1 questions, "), "{said}");
    let (code, said) = audit(folder.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.trim_end().ends_with("without the companion"), "{said}");

    // One cell is shown that was hidden for the sake of another.
    let others = ["c1", "c2"].map(|choice| value(&mut published.open, choice, "g0").is_none());
    for (choice, percent) in [("c1", 48), ("c2", 50)] {
        *value(&mut published.open, choice, "g0") = Some(Value::Percent(percent));
    }
    assert!(others.contains(&true));
    write(folder.path(), &published);
    let (code, said) = audit(folder.path(), &["--companion", companion]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(
            "unsafe: q, age g0, c0: whoever reads this finds that it cannot be 5 or more"
        ),
        "{said}"
    );
    let (code, said) = audit(folder.path(), &["--json"]);
    assert_eq!(code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(report["unsafe"][0]["group"], "g0");
}

#[test]
fn a_release_one_respondent_later_is_refused_with_the_reason() {
    let (before, after) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    write(before.path(), &survey(20).publish(5));
    write(after.path(), &survey(21).publish(5));
    let earlier = before.path().to_str().expect("a name");
    let (code, said) = audit(after.path(), &["--earlier", earlier]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("has 319 people and had 318"), "{said}");
    assert!(said.contains("learns what one person answered"), "{said}");
    write(after.path(), &survey(20).publish(5));
    assert_eq!(audit(after.path(), &["--earlier", earlier]).0, Some(0));
}

#[test]
fn what_an_earlier_release_showed_is_known_and_what_it_hid_stays_hidden() {
    let (before, after) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let mut published = survey(2).publish(5);
    write(before.path(), &published);
    let hidden =
        ["c1", "c2"].into_iter().find(|choice| value(&mut published.open, choice, "g0").is_none());
    let hidden = hidden.expect("one is hidden for c0");
    *value(&mut published.open, hidden, "g0") =
        Some(Value::Percent(if hidden == "c1" { 48 } else { 50 }));
    write(after.path(), &published);
    let earlier = before.path().to_str().expect("a name");
    let (code, said) = audit(after.path(), &["--earlier", earlier]);
    assert_eq!(code, Some(1));
    assert!(said.contains("is shown, and was hidden before"), "{said}");
    // The other way round the earlier release has given it away.
    let (code, said) = audit(before.path(), &["--earlier", after.path().to_str().expect("a name")]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("unsafe: q, age g0, c0"), "{said}");
}

#[test]
fn a_file_that_is_finer_or_not_there_is_named() {
    let folder = TempDir::new().expect("a folder");
    let (code, said) = audit(folder.path(), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("results.csv") && said.contains("help: name the folder"), "{said}");
    write(folder.path(), &survey(20).publish(5));
    fs::write(folder.path().join("chart.svg"), "<text>31,4 %</text>").expect("written");
    let (code, said) = audit(folder.path(), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("broken: chart.svg says 31,4, which is finer"), "{said}");
    assert!(said.contains("broken: chart.svg is no file of results"), "{said}");
}

#[test]
fn figures_that_were_changed_in_one_of_the_two_files_are_named() {
    let folder = TempDir::new().expect("a folder");
    write(folder.path(), &survey(20).publish(5));
    let csv = folder.path().join("data/results.csv");
    let whole = fs::read_to_string(&csv).expect("figures");
    for (changed, told) in [
        (
            whole.replacen("s,q,,c0,age,g0,118,", "s,q,,c0,age,g0,119,", 1),
            "do not say the same: q, age g0, c0",
        ),
        (
            whole.replacen("s,q,,c0,age,g0,118,percent,17", "s,q,,c0,age,g0,118,percent,16.9", 1),
            "`16.9` is finer",
        ),
        (whole.lines().map(|line| line.to_owned() + "\n").skip(1).collect(), "results.csv: "),
        (
            whole.lines().take(3).map(|line| line.to_owned() + "\n").collect(),
            "results.csv has 2 figures",
        ),
    ] {
        assert_ne!(changed, whole, "{told}");
        fs::write(&csv, &changed).expect("written");
        let (code, said) = audit(folder.path(), &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("broken: ") && said.contains(told), "{said}");
    }
}
