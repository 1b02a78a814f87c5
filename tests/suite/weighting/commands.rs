//! `results weight` and `results estimate`, run as the real program.

use std::fs;

use serde_json::Value;

use super::{Table, path};
use crate::authors::Desk;

/// The reference's files and what has to be said of them.
fn reference() -> Vec<String> {
    let file = |name: &str| path(name).to_string_lossy().into_owned();
    let (respondents, targets) = (file("respondents.csv"), file("targets.csv"));
    ["--respondents", &respondents, "--targets", &targets, "--source", "made up", "--id", "id"]
        .into_iter()
        .chain(["--out-of-scope", "bydel=Bor ikke i København"])
        .map(str::to_owned)
        .collect()
}

/// Runs `results WHICH` with words that a space splits, and the reference's after them.
fn on_the_reference(desk: &Desk, words: &str) -> String {
    let reference = reference();
    let words: Vec<&str> = words.split(' ').chain(reference.iter().map(String::as_str)).collect();
    desk.says(&words, 0)
}

fn json(told: &str) -> Value {
    serde_json::from_str(told).expect("JSON")
}

#[test]
fn a_csv_is_weighed_and_the_figures_are_told() {
    let desk = Desk::new();
    let told = json(&on_the_reference(&desk, "results weight --out w.csv --json"));
    let known = Table::read("diagnostics.csv");
    let of = |name: &str| known.numbers(name)[1];
    let near = |name: &str, known: f64, by: f64| {
        let found = told[name].as_f64().expect("a number");
        assert!((found - known).abs() <= by, "{name}: {found} is not {known}");
    };
    near("n", 1981.0, 0.0);
    near("out_of_scope", 19.0, 0.0);
    near("n_eff", of("n_eff_kish"), 1e-6);
    near("deff", of("deff_kish"), 1e-6);
    near("g_min", 0.2, 1e-6);
    near("g_max", 5.0, 1e-6);
    near("gap", 0.0, 1e-9);
    assert_eq!((&told["source"], &told["feasible"]), (&"made up".into(), &true.into()));
    assert_eq!(told["steps"][0]["step"], "merged");
    assert_eq!(told["steps"][1]["into"], "Lang videregående");
    let ages = &told["margins"][2];
    assert_eq!((&ages["variable"], &ages["is_raked"]), (&"alder".into(), &true.into()));
    assert_eq!(ages["groups"][4]["categories"], serde_json::json!(["65-79", "80+"]));
    let share = |of: &str| ages["groups"][0][of].as_f64().expect("a share");
    assert!((share("target_share") - share("weighted_share")).abs() < 1e-9);

    let written = fs::read_to_string(desk.path("w.csv")).expect("weights");
    assert!(written.starts_with("id,w\n1,0.589072923"), "{}", &written[..40]);
    let written = Table::of(&written);
    let weights = Table::read("weights.csv");
    assert_eq!(written.column("id"), weights.column("id"));
    for (w, known) in written.numbers("w").iter().zip(weights.numbers("w_B5")) {
        assert!((w - known).abs() <= 1e-6, "{w} is not {known}");
    }
    let mean = written.numbers("w").iter().sum::<f64>() / 1981.0;
    assert!((mean - 1.0).abs() < 1e-11, "{mean}");

    let plain = json(&on_the_reference(&desk, "results weight --cap none --json"));
    assert!((plain["g_max"].as_f64().expect("a number") - known.numbers("max")[0]).abs() < 1e-6);
    assert_eq!((&plain["high"], &plain["low"]), (&Value::Null, &0.0.into()));
    let three = on_the_reference(&desk, "results weight --cap 3");
    assert!(three.contains("cap 3 is infeasible: no weights up to 3 meet all margins"), "{three}");
}

#[test]
fn every_row_of_the_reference_is_among_the_estimates() {
    let desk = Desk::new();
    for (scheme, cap) in [("A", "none"), ("B5", "5")] {
        let told = json(&on_the_reference(&desk, &format!("results estimate --cap {cap} --json")));
        let text = |row: &Value, name: &str| row[name].as_str().expect("a text").to_owned();
        let key = |row: &Value| {
            let group = text(row, "domain_value").replace("65-79+80+", "65+");
            [text(row, "question"), text(row, "category"), text(row, "domain"), group]
        };
        let rows = told.as_array().expect("rows");
        let rows: std::collections::HashMap<_, _> =
            rows.iter().map(|row| (key(row), row)).collect();
        let mut seen = 0;
        let estimates = Table::read("estimates.csv");
        for known in estimates.rows().filter(|row| row["scheme"] == scheme) {
            let key =
                ["question", "category", "domain", "domain_value"].map(|name| known[name].clone());
            let row = rows.get(&key).unwrap_or_else(|| panic!("no row {key:?}"));
            let number = |name: &str| known[name].parse::<f64>().expect("a number");
            let found = |name: &str| row[name].as_f64().expect("a number");
            assert!((found("estimate") - number("est")).abs() < 1e-9 * number("est").max(1.0));
            assert_eq!(row["n"], number("n"));
            assert_eq!(row["kind"], known["kind"].as_str());
            let (se, within) = match known["se_type"].as_str() {
                "fixed" => (found("se_fixed"), 1e-9),
                _ => (found("se_calibrated"), 1e-8),
            };
            let off = (se - number("se")).abs();
            assert!(off <= within * number("se") || off < 1e-15, "{known:?} {row}");
            if known["se_type"] == "calibrated" && known["ci_low_kg"] != "NA" {
                assert!((found("low") - number("ci_low_kg")).abs() <= 1e-3, "{known:?} {row}");
                assert!((found("high") - number("ci_high_kg")).abs() <= 1e-3, "{known:?} {row}");
            }
            seen += 1;
        }
        assert_eq!(seen, 1344);
        let medians = rows.get(&["q5", "p50", "alle", "alle"].map(str::to_owned)).expect("a row");
        assert_eq!(medians["estimate"], 25.0);
        if scheme == "A" {
            let test = ["q1", "rao_scott", "alder", ""].map(str::to_owned);
            let test = rows.get(&test).expect("a row");
            let table = Table::read("rao_scott.csv");
            for (found, known) in
                [("estimate", "F"), ("ndf", "ndf"), ("ddf", "ddf"), ("p", "p"), ("n", "n")]
            {
                let (found, known) =
                    (test[found].as_f64().expect("a number"), table.numbers(known)[0]);
                assert!((found / known - 1.0).abs() < 1e-6, "{found} is not {known}");
            }
        }
    }
    let table = on_the_reference(&desk, "results estimate");
    assert!(table.starts_with("Not for publication") && table.contains("\nq2 opt1"), "{table}");
}

const TARGETS: &str = "# source: a register\n# date: 2026-01-01\n# population: adults\n\
    variable,category,population,merge_with\n\
    land,nord,400,\nland,syd,300,\nland,øst,200,nord\nland,vest,100,\n\
    sex,k,500,\nsex,m,500,\n";

/// A column of `land` with so many each, all of them `k` and `m` in turn; a row `k;m`.
fn people(counts: &[(&str, usize)]) -> String {
    let mut text = "nr,land,sex\n".to_owned();
    let all = counts.iter().flat_map(|(land, n)| std::iter::repeat_n(land, *n));
    for (at, land) in all.enumerate() {
        text += &format!("{at},{land},{}\n", if at % 3 == 0 { "m" } else { "k" });
    }
    text
}

fn weigh(desk: &Desk, people: &str, targets: &str, more: &[&str]) -> (Option<i32>, String, String) {
    fs::write(desk.path("p.csv"), people).expect("written");
    fs::write(desk.path("t.csv"), targets).expect("written");
    let words = ["results", "weight", "--respondents", "p.csv", "--targets", "t.csv", "--id", "nr"];
    let output = desk.run(&[&words, more].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn other_names_neighbours_and_strangers_are_weighed_too() {
    let desk = Desk::new();
    let people =
        people(&[("nord", 90), ("syd", 60), ("øst", 12), ("vest", 45), ("ude", 20), ("", 7)]);
    let (code, told, _) = weigh(&desk, &people, TARGETS, &["--json", "--out-of-scope", "land=ude"]);
    assert_eq!(code, Some(0));
    let told = json(&told);
    assert_eq!((&told["n"], &told["out_of_scope"]), (&214.into(), &20.into()));
    let land = &told["margins"][0];
    assert_eq!(land["groups"][0]["categories"], serde_json::json!(["nord", "øst"]));
    assert_eq!(land["unknown"]["n"], 7);
    let share = land["groups"][0]["weighted_share"].as_f64().expect("a share");
    assert!((share - 0.6 * 207.0 / 214.0).abs() < 1e-9, "{share}");
    let unknown = land["unknown"]["weighted_share"].as_f64().expect("a share");
    assert!((unknown - 7.0 / 214.0).abs() < 1e-9, "it keeps its share");
    // Without being told so, those from elsewhere are unknown.
    let (_, told, _) = weigh(&desk, &people, TARGETS, &["--json"]);
    assert_eq!(json(&told)["margins"][0]["unknown"]["n"], 27);
}

#[test]
fn what_cannot_be_weighed_is_refused_by_name() {
    let desk = Desk::new();
    let fine = people(&[("nord", 90), ("syd", 60), ("øst", 40), ("vest", 45)]);
    let refused = |people: &str, targets: &str, more: &[&str]| {
        let (code, out, err) = weigh(&desk, people, targets, more);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{err}");
        err
    };
    let bare = TARGETS.split_once("variable").map(|(_, rows)| format!("variable{rows}"));
    let bare = bare.expect("a head");
    let why = refused(&fine, &bare, &[]);
    assert!(why.contains("t.csv: it does not say where its figures come from"), "{why}");
    assert_eq!(weigh(&desk, &fine, &bare, &["--source", "a register"]).0, Some(0));
    let why =
        refused(&fine, &TARGETS.replace("land,syd,300", "land,syd,0").replace("400", "700"), &[]);
    assert!(why.contains("60 respondents have `syd` of land, of which there are none"), "{why}");
    let why = refused(&fine, &TARGETS.replace("sex,m,500", "sex,m,590"), &[]);
    assert!(why.contains("the margins are not of one population: land 1000, sex 1090"), "{why}");
    let why = refused(&fine.replace("land", "egn"), TARGETS, &[]);
    assert!(why.contains("no column `land`") && why.contains("there are nr, egn, sex"), "{why}");
    let why = refused(&fine, TARGETS, &["--out-of-scope", "by=Ude"]);
    assert!(why.contains("no column `by`, and --out-of-scope names it"), "{why}");
    let why = refused(&format!("{fine}3,nord,k\n"), TARGETS, &[]);
    assert!(why.contains("has `3` twice"), "{why}");
    let why = refused("nr,land,sex\n1,ude,k\n", TARGETS, &["--out-of-scope", "land=ude"]);
    assert!(why.contains("nobody is left to weigh"), "{why}");
    let (code, _, err) = weigh(&desk, &fine, TARGETS, &["--cap", "0.5"]);
    assert!(code == Some(2) && err.contains("a number from 1 to 1000, or `none`"), "{err}");
}

#[test]
fn a_handful_and_a_single_district_are_left_as_they_are_and_it_is_said() {
    let desk = Desk::new();
    let (code, told, _) = weigh(&desk, &people(&[("nord", 7), ("syd", 5)]), TARGETS, &[]);
    assert_eq!(code, Some(0));
    assert!(told.contains("not weighted by land: everybody is in one group of it"), "{told}");
    assert!(told.contains("not weighted by sex: k has 8 people"), "{told}");
    assert!(told.contains("weights from 1.000 to 1.000"), "{told}");
    let (_, told, _) = weigh(&desk, &people(&[("vest", 300)]), TARGETS, &["--json"]);
    let told = json(&told);
    assert_eq!(
        (&told["margins"][0]["is_raked"], &told["margins"][1]["is_raked"]),
        (&false.into(), &true.into())
    );
}
