//! What somebody in a hurry types or puts in the wrong place: it is refused before anything is public or gone,
//! and what to do is said.

use std::fs;

use super::{GREEN, House, words};
use crate::authors::Desk;

const OWN: &str = "content/results/groenne-omraader";

impl House {
    /// What it says when it cannot be done; nothing of `out` is there then.
    fn cannot(&self, out: &str, more: &[&str]) -> String {
        let done = self.publish(out, more);
        let (said, complained) = words(&done);
        assert_eq!(done.status.code(), Some(2), "{said}{complained}");
        complained
    }
}

#[test]
fn a_file_that_results_does_not_write_is_refused_and_never_public() {
    let house = House::of(120, 21);
    house.published(OWN, &[]);
    fs::write(house.path(&format!("{OWN}.md")), "- De fleste er glade.\n").expect("findings");
    house.desk.says(&["check"], 0);
    for name in ["raw.jsonl", "data/my.csv", "data/composition.csv", "index.html.bak"] {
        let path = house.path(&format!("{OWN}/{name}"));
        fs::write(&path, "uid,answer\n").expect("written");
        let told = house.desk.says(&["check", "--lang", "en"], 1);
        assert!(told.contains("error[results-stray-file]"), "{name}: {told}");
        assert!(told.contains(&format!("`{name}`")) && told.contains("take it out"), "{told}");
        let built = house.desk.run(&["build", "--out", "public"]);
        assert_eq!(built.status.code(), Some(1), "{name}");
        assert!(words(&built).1.contains(name), "{name}");
        assert!(!house.path("public/r").exists(), "{name}");
        fs::remove_file(path).expect("taken out");
    }
    house.desk.says(&["build", "--out", "public"], 0);
    assert!(house.path("public/r/groenne-omraader/data/results.csv").is_file());
}

#[test]
fn no_command_writes_over_what_it_reads() {
    let desk = Desk::new();
    let table = "id,gender\n1,female\n2,male\n";
    let targets = "# source: a\n# date: 2026-01-01\n# population: b\nvariable,category,population\n\
                   gender,female,5\ngender,male,5\n";
    fs::write(desk.path("people.csv"), table).expect("written");
    fs::write(desk.path("targets.csv"), targets).expect("written");
    let weight = ["results", "weight", "--respondents", "people.csv", "--targets", "targets.csv"];
    for out in ["people.csv", "content/../people.csv", "targets.csv"] {
        let done = desk.run(&[&weight[..], &["--id", "id", "--out", out]].concat());
        let told = words(&done).1;
        assert_eq!(done.status.code(), Some(2), "{out}: {told}");
        assert!(told.contains("is read from there") && told.contains("help: "), "{out}: {told}");
        assert_eq!(fs::read_to_string(desk.path("people.csv")).expect("there"), table);
        assert_eq!(fs::read_to_string(desk.path("targets.csv")).expect("there"), targets);
    }
    desk.says(&[&weight[..], &["--id", "id", "--out", "weights.csv"]].concat(), 0);
}

#[test]
fn neither_results_nor_exports_write_over_the_answers_they_are_made_from() {
    let house = House::of(60, 22);
    house.published("first", &[]);
    let answers = fs::read(house.path("answers.jsonl")).expect("answers");
    let kept = |told: &str| {
        assert!(told.contains("is read from there"), "{told}");
        assert_eq!(fs::read(house.path("answers.jsonl")).expect("answers"), answers, "{told}");
    };
    let export = |format: &str, out: &str| {
        let args = ["export", GREEN, "--responses", "answers.jsonl", "--format", format];
        let done = house.desk.run(&[&args[..], &["--out", out]].concat());
        assert_eq!(done.status.code(), Some(2), "{format}");
        words(&done).1
    };
    for format in ["csv", "xlsx", "sav", "r", "ddi"] {
        kept(&export(format, "answers.jsonl"));
    }
    // The table lies beside the script, under the same name.
    fs::write(house.path("answers.csv"), &answers).expect("written");
    let args =
        ["export", GREEN, "--responses", "answers.csv", "--format", "r", "--out", "answers.R"];
    let done = house.desk.run(&args);
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(fs::read(house.path("answers.csv")).expect("answers"), answers);
    assert!(!house.path("answers.R").exists(), "nothing is written by halves");
    let survey = house.path("content/surveys/groenne-omraader.md");
    let text = fs::read(&survey).expect("the survey");
    let form = ["export", GREEN, "--format", "xlsform", "--out"];
    let form = [&form[..], &["content/surveys/groenne-omraader.md"]].concat();
    assert_eq!(house.desk.run(&form).status.code(), Some(2));
    assert_eq!(fs::read(&survey).expect("the survey"), text);

    kept(&house.cannot("out", &["--companion", "answers.jsonl"]));
    assert!(!house.path("out").exists());
    let targets = house.path("content/targets/koebenhavn.csv");
    fs::create_dir_all(house.path("out/data")).expect("a folder");
    fs::copy(targets, house.path("out/data/results.csv")).expect("a copy");
    let told = house.cannot("out", &["--targets", "out/data/results.csv"]);
    assert!(told.contains("is read from there"), "{told}");
}

#[test]
fn an_earlier_release_that_is_not_there_stops_the_next_one() {
    let house = House::of(120, 23);
    for missing in ["frist", "content"] {
        let told = house.cannot("out", &["--earlier", missing]);
        assert!(told.contains("earlier") && told.contains(missing), "{told}");
        assert!(told.contains("help: ") && !house.path("out").exists(), "{told}");
    }
    house.published("first", &[]);
    house.published("out", &["--earlier", "first"]);
    let done = house.desk.run(&["results", "audit", "out", "--earlier", "frist"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).1.contains("frist"), "{:?}", words(&done));
    house.desk.says(&["results", "audit", "out", "--earlier", "first"], 0);
}

#[test]
fn results_in_the_content_folder_have_one_place() {
    let house = House::of(120, 24);
    let elsewhere = [
        "content",
        "content/surveys/groenne-omraader",
        "content/results",
        "content/results/havnebade",
        "content/results/groenne-omraader/2026",
    ];
    for out in elsewhere {
        let told = house.cannot(out, &[]);
        assert!(told.contains(OWN), "it says where they belong: {told}");
        assert!(!house.path(out).join("index.html").exists(), "{out}");
    }
    house.desk.says(&["check"], 0);
    // The same place by another way is that place.
    house.published("x/../content/results/groenne-omraader", &[]);
    house.desk.says(&["build", "--out", "public"], 0);
    let page =
        fs::read_to_string(house.path("public/r/groenne-omraader/index.html")).expect("built");
    assert_eq!(page.matches("<html").count(), 1);
}

#[test]
fn what_is_refused_says_what_to_do() {
    let mut house = House::of(40, 25);
    let told = house.desk.run(&["results", GREEN, "--responses", ".", "--out", "out"]);
    assert!(words(&told).1.contains("help: "), "{:?}", words(&told));
    house.published("out", &[]);
    house.responses.truncate(38);
    let said = house.refused("out");
    assert!(said.starts_with("not published: ") && said.contains("\n  help: "), "{said}");
    house.responses.truncate(12);
    let said = house.refused("new");
    assert!(said.contains("fewer than 30") && said.contains("\n  help: "), "{said}");
}
