//! The views for people with SQL tools, made from the shipped surveys.

use std::collections::BTreeMap;

use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::store::central::response::Accepted;
use borgerpanel::store::record::Uid;
use borgerpanel::store::{Central, Options};
use borgerpanel::survey::{Answer, Definition};
use rusqlite::Connection;
use rusqlite::types::Value;

use crate::language::Site;
use crate::responses::shipped;

fn made_up(definition: &Definition, seed: u64) -> Accepted {
    let survey = definition.base();
    let context = Context { today: "2026-11-24".to_owned(), channel: "web".to_owned() };
    let mut rng = fastrand::Rng::with_seed(seed);
    let fields = sample::fill_in(survey, &context, &mut rng);
    let evaluation = evaluate(survey, &fields, &context);
    let about = Circumstances {
        uid: Uid::random().to_string(),
        kiosk: None,
        lang: "da".to_owned(),
        duration_s: Some(60),
        shown: BTreeMap::new(),
        context,
    };
    Accepted {
        structure: definition.structure.clone(),
        response: compose(survey, &evaluation, about, &["15-24".to_owned(), "25+".to_owned()]),
        flags: Vec::new(),
    }
}

fn view_of(definition: &Definition) -> String {
    format!("survey_{}", definition.slug.replace('-', "_"))
}

/// The row of a response in its survey's view, by column.
fn row(desk: &Connection, view: &str, uid: &str) -> BTreeMap<String, Value> {
    let sql = format!(
        "SELECT v.* FROM {view} AS v JOIN response AS r ON r.id = v.response
         WHERE lower(hex(r.uid)) = ?1"
    );
    let mut query = desk.prepare(&sql).expect("a view");
    let names: Vec<String> = query.column_names().map(str::to_owned).collect();
    let read = |row: &rusqlite::Row<'_>| {
        let values = names.iter().enumerate().map(|(at, name)| Ok((name.clone(), row.get(at)?)));
        values.collect::<rusqlite::Result<BTreeMap<_, _>>>()
    };
    query.query_row([uid], read).expect("its row")
}

#[test]
fn every_answer_is_in_its_column() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let desk = Connection::open(central.path()).expect("opened");
    for definition in shipped() {
        central.register(&definition).expect("registered");
        for seed in 0..5 {
            let accepted = made_up(&definition, seed);
            central.store_response(accepted.clone()).expect("stored");
            let row = row(&desk, &view_of(&definition), &accepted.response.uid);
            assert_eq!(row["day"], Value::Text("2026-11-24".to_owned()));
            for (id, answer) in &accepted.response.answers {
                check(&row, id, answer);
            }
        }
    }
}

/// Columns that a question shares its name with have a number; these are left to the unit tests.
fn check(row: &BTreeMap<String, Value>, id: &str, answer: &Answer) {
    let name = id.replace(['-', '.'], "_");
    match answer {
        Answer::Unanswered => {}
        Answer::Number(number) => match &row[&name] {
            Value::Integer(value) => assert_eq!(number.as_i64(), Some(*value), "{id}"),
            Value::Real(value) => assert_eq!(number.as_f64(), Some(*value), "{id}"),
            other => panic!("{id} is {other:?}"),
        },
        Answer::Text(text) => {
            let name = if id.contains('.') { format!("{name}_text") } else { name };
            if !["district", "gender", "age", "education"].contains(&name.as_str()) {
                assert_eq!(row[&name], Value::Text(text.clone()), "{id}");
            }
        }
        Answer::Choices(chosen) => {
            let ticked = row.iter().filter(|(column, value)| {
                column.starts_with(&format!("{name}_")) && **value == Value::Integer(1)
            });
            assert_eq!(ticked.count(), chosen.len(), "{id}");
            for choice in chosen {
                let column = format!("{name}_{}", choice.replace('-', "_"));
                assert_eq!(row[&column], Value::Integer(1), "{id}");
            }
        }
        Answer::Rows(rows) => {
            for (part, column) in rows {
                let name = format!("{name}_{}", part.replace('-', "_"));
                assert_eq!(row[&name], Value::Text(column.clone()), "{id}");
            }
        }
        Answer::RowChoices(rows) => {
            for (part, columns) in rows {
                for column in columns {
                    let name =
                        format!("{name}_{}_{}", part.replace('-', "_"), column.replace('-', "_"));
                    assert_eq!(row[&name], Value::Integer(1), "{id}");
                }
            }
        }
        Answer::Points(points) => {
            for (choice, points) in points {
                let name = format!("{name}_{}", choice.replace('-', "_"));
                assert_eq!(row[&name], Value::Integer(points.as_i64().expect("whole")), "{id}");
            }
        }
    }
}

#[test]
fn the_long_view_has_every_answer_on_a_line() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let definition = shipped().remove(0);
    let accepted = made_up(&definition, 1);
    central.store_response(accepted.clone()).expect("stored");
    let lines: usize = accepted
        .response
        .answers
        .values()
        .map(|answer| match answer {
            Answer::Choices(chosen) => chosen.len(),
            Answer::Rows(rows) => rows.len(),
            Answer::RowChoices(rows) => rows.values().map(Vec::len).sum(),
            Answer::Points(points) => points.len(),
            _ => 1,
        })
        .sum();
    let desk = Connection::open(central.path()).expect("opened");
    let count = |sql| desk.query_row(sql, [], |row| row.get::<_, isize>(0)).expect("counted");
    assert_eq!(count("SELECT count(*) FROM answer"), lines as isize);
    desk.execute("UPDATE response SET body = NULL, erased = '{}'", []).expect("erased");
    assert_eq!(count("SELECT count(*) FROM answer"), 0);
}

fn of_every_form(slug: &str) -> Definition {
    let text = "---\ntitle: A\n---\n{{include \"blocks/faelles.md\"}}\n\n\
                ## Hvad er vigtigst? {#rank required}\n\n1. Træer {#trees}\n2. Bænke {#bench}\n\n\
                ## Hvordan deler du? {#share share=10 required}\n\n- A {#a}\n- B {#b}\n\n\
                ## Hvad passer? {#fits required}\n\n|  | X {#x} | Y {#y} |\n|--|--|--|\n\
                | R {#r} | [ ] | [ ] |\n";
    let block = "## Hvor ofte cykler du? {#cycle required}\n\n- Tit {#much}\n- Sjældent {#rare}\n";
    let site =
        Site::new().with(&format!("surveys/{slug}.md"), text).with("blocks/faelles.md", block);
    let compiled = site.compile(slug, &[]);
    compiled.definition.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

#[test]
fn every_form_of_answer_has_its_lines_and_its_columns() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let definition = of_every_form("nord");
    central.register(&definition).expect("registered");
    let desk = Connection::open(central.path()).expect("opened");
    for seed in 0..20 {
        let accepted = made_up(&definition, seed);
        central.store_response(accepted.clone()).expect("stored");
        let row = row(&desk, "survey_nord", &accepted.response.uid);
        let Some(Answer::Choices(ranked)) = accepted.response.answers.get("rank") else { panic!() };
        assert_eq!(row["rank_1"], Value::Text(ranked[0].clone()));
        for (id, answer) in &accepted.response.answers {
            if id != "rank" {
                check(&row, id, answer);
            }
        }
    }
    let first = "SELECT count(*) FROM answer WHERE question = 'rank' AND nth = 1";
    let count = |sql| desk.query_row(sql, [], |row| row.get::<_, isize>(0)).expect("counted");
    assert_eq!(count(first), 20);
    let shared = "SELECT sum(value) FROM answer WHERE question = 'share'";
    assert_eq!(count(shared), 200);
    let ticked = "SELECT count(*) FROM answer WHERE question = 'fits' AND part = 'r' AND value IN ('x', 'y')";
    assert!(count(ticked) >= 20);
}

#[test]
fn questions_that_two_panels_share_can_be_compared() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let desk = Connection::open(central.path()).expect("opened");
    let shared = || {
        let sql =
            "SELECT count(DISTINCT survey), count(*) FROM shared_answer WHERE question = 'cycle'";
        desk.query_row(sql, [], |row| Ok((row.get::<_, isize>(0)?, row.get::<_, isize>(1)?)))
            .expect("counted")
    };
    for (slug, expected) in [("nord", (0, 0)), ("syd", (2, 6))] {
        let definition = of_every_form(slug);
        central.register(&definition).expect("registered");
        for seed in 0..3 {
            central.store_response(made_up(&definition, seed)).expect("stored");
        }
        assert_eq!(shared(), expected, "{slug}");
    }
}

#[test]
fn an_older_structure_keeps_a_view_of_its_own() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let older = shipped().remove(0);
    let newer =
        Definition { version: "cd".repeat(32), structure: "ef".repeat(32), ..older.clone() };
    central.register(&older).expect("registered");
    central.store_response(made_up(&older, 1)).expect("stored");
    central.register(&newer).expect("registered");
    central.store_response(made_up(&newer, 2)).expect("stored");
    central.store_response(made_up(&newer, 3)).expect("stored");
    let desk = Connection::open(central.path()).expect("opened");
    let count = |view: &str| {
        let sql = format!("SELECT count(*) FROM {view}");
        desk.query_row(&sql, [], |row| row.get::<_, isize>(0)).expect("counted")
    };
    assert_eq!(count(&view_of(&newer)), 2);
    assert_eq!(count(&format!("{}_{}", view_of(&older), &older.structure[..8])), 1);
}

#[test]
fn answers_of_a_test_are_kept_and_counted_nowhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let desk = Connection::open(central.path()).expect("opened");
    let definition = of_every_form("nord");
    central.register(&definition).expect("registered");
    central.register(&of_every_form("syd")).expect("registered");
    for seed in 0..6 {
        let mut accepted = made_up(&definition, seed);
        if seed % 2 == 0 {
            accepted.response.channel = "preview".to_owned();
        }
        central.store_response(accepted).expect("stored");
    }
    let count = |from: &str| {
        let sql = format!("SELECT count(DISTINCT response) FROM {from}");
        desk.query_row(&sql, [], |row| row.get::<_, isize>(0)).expect("counted")
    };
    let rows = |sql: &str| desk.query_row(sql, [], |row| row.get::<_, isize>(0)).expect("counted");
    for view in ["survey_nord", "answer", "shared_answer"] {
        assert_eq!(count(view), 3, "{view}");
    }
    assert_eq!(rows("SELECT count(*) FROM response"), 6);
    // Whatever view there is: none looks at `response` past `counted`.
    let past = "SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name NOT IN ('counted', 'record')
                AND sql LIKE '%FROM response%'";
    assert_eq!(rows(past), 0);
}

#[test]
fn views_from_before_the_test_mode_count_no_tests_either() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let central = Central::create(folder.path(), Options::default()).expect("made");
    let desk = Connection::open(central.path()).expect("opened");
    let definition = of_every_form("nord");
    central.register(&definition).expect("registered");
    let sql = |name: &str| {
        let found = "SELECT sql FROM sqlite_schema WHERE name = ?1";
        desk.query_row(found, [name], |row| row.get::<_, String>(0)).expect("a view")
    };
    let now = sql("survey_nord");
    let before = now.replace("FROM counted WHERE", "FROM response WHERE");
    let own = "CREATE VIEW survey_mine AS SELECT count(*) AS n FROM response";
    desk.execute_batch(&format!("DROP VIEW survey_nord; {before}; {own}")).expect("as it was");
    central.register(&definition).expect("registered again");
    assert_eq!((sql("survey_nord"), sql("survey_mine")), (now, own.to_owned()));
}
