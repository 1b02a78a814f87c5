//! `panel simulate`, run as the real program: what the balanced draw changes, and for whom.

use std::fs;

use serde_json::Value;

use crate::authors::Desk;

const YEAR: [&str; 10] =
    ["panel", "simulate", "--members", "5000", "--surveys", "3", "--size", "1200", "--seed", "11"];

#[test]
fn a_made_up_year_says_that_it_is_one_and_halves_the_largest_gap() {
    let desk = Desk::new();
    let told = desk.says(&YEAR, 0);
    assert!(told.starts_with("SYNTHETIC: nobody in this panel exists"), "{told}");
    assert!(told.contains("population: EXAMPLE"), "{told}");
    assert!(told.contains("\ndrawn at random\n") && told.contains("\ndrawn with --balance\n"));
    assert_eq!(desk.says(&YEAR, 0), told, "a seed gives one year");
    let json = desk.says(&[&YEAR[..], &["--json"]].concat(), 0);
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["synthetic"], true);
    for gap in ["mean_gap_expected", "mean_gap_answers"] {
        let of = |year: &str| json[year][gap].as_f64().expect("a number");
        assert!(of("balanced") < 0.5 * of("random"), "{gap}: {json}");
    }
    for year in ["random", "balanced"] {
        assert_eq!(json[year]["load"]["more"], 0, "the cap");
        assert_eq!(json[year]["surveys"].as_array().map(Vec::len), Some(3));
        assert!(json[year]["surveys"][2]["invited"] == 1200);
    }
}

#[test]
fn a_wrong_targets_file_is_refused_line_by_line() {
    let desk = Desk::new();
    let path = desk.path("content/targets/koebenhavn.csv");
    let text = fs::read_to_string(&path).expect("the example");
    fs::write(&path, text.replace("district,valby,56000", "district,valby,56.000"))
        .expect("written");
    let refused = desk.run(&YEAR);
    let why = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("koebenhavn.csv: line 11: `56.000` is no number of people"), "{why}");
    let missing = desk.run(&[&YEAR[..], &["--targets", "none.csv"]].concat());
    assert_eq!(missing.status.code(), Some(2));
    let why = String::from_utf8_lossy(&missing.stderr);
    assert!(why.contains("none.csv") && why.contains("--targets FILE"), "{why}");
}
