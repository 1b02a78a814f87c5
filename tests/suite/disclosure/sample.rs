//! The reference sample: how much of it is hidden, and that nobody is found in it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use borgerpanel::response::record::Background;
use borgerpanel::response::targets::Variable;
use borgerpanel::results::audit;
use borgerpanel::results::item::{Choice, Given, Item, Person, Shape, Ticks};
use borgerpanel::results::table::Split;

use super::{Survey, audited};

type Row = HashMap<String, String>;

fn rows(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/weighting").join(name);
    let text = fs::read_to_string(path).expect("a fixture");
    let mut read = csv::Reader::from_reader(text.as_bytes());
    let head = read.headers().expect("a head").clone();
    let row = |row: csv::StringRecord| {
        head.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
    };
    read.records().map(|record| row(record.expect("a row"))).collect()
}

fn choices(ids: &[&str]) -> Vec<Choice> {
    let exclusive = |id: &str| id.ends_with("none");
    let choice = |(at, id): (usize, &&str)| Choice {
        id: (*id).to_owned(),
        value: Some(at as f64),
        exclusive: exclusive(id),
    };
    ids.iter().enumerate().map(choice).collect()
}

fn single(rows: &[Row], column: &str, ids: &[&str]) -> Item {
    let given =
        |row: &Row| ids.iter().position(|id| *id == row[column]).map_or(Given::Open, Given::One);
    Item {
        question: column.to_owned(),
        row: None,
        shape: Shape::Ordered,
        choices: choices(ids),
        routed: false,
        ticks: Ticks::default(),
        totals_only: false,
        given: rows.iter().map(given).collect(),
    }
}

fn multiple(rows: &[Row]) -> Item {
    let ids = ["q2_1", "q2_2", "q2_3", "q2_4", "q2_5", "q2_6", "q2_none"];
    let given = |row: &Row| match row["q2_1"].as_str() {
        "-1" => Given::NotAsked,
        _ => Given::Many((0..ids.len()).filter(|&at| row[ids[at]] == "1").collect()),
    };
    Item {
        question: "q2".to_owned(),
        row: None,
        shape: Shape::Multiple,
        choices: choices(&ids),
        routed: true,
        ticks: Ticks::default(),
        totals_only: false,
        given: rows.iter().map(given).collect(),
    }
}

fn ranking(rows: &[Row]) -> Item {
    let ids = ["q6_r1", "q6_r2", "q6_r3", "q6_r4", "q6_r5"];
    let given = |row: &Row| {
        let place = |id: &str| row[id].parse::<usize>().expect("a place");
        let mut ranked: Vec<usize> = (0..ids.len()).filter(|&at| place(ids[at]) > 0).collect();
        ranked.sort_by_key(|&at| place(ids[at]));
        Given::Ranked(ranked)
    };
    Item {
        question: "q6".to_owned(),
        row: None,
        shape: Shape::Ranking { places: 3 },
        choices: choices(&ids),
        routed: false,
        ticks: Ticks::default(),
        totals_only: false,
        given: rows.iter().map(given).collect(),
    }
}

/// Questions q1 to q4 and q6, by district, gender, age and education.
pub fn reference() -> Survey {
    let rows: Vec<Row> = rows("respondents.csv")
        .into_iter()
        .filter(|row| row["bydel"] != "Bor ikke i København")
        .collect();
    let known = |text: &String| (!text.is_empty()).then(|| text.clone());
    let person = |row: &Row| Person {
        background: Background {
            district: known(&row["bydel"]),
            gender: known(&row["koen"]),
            age: known(&row["alder"]),
            education: known(&row["udd"]),
        },
        ..Person::default()
    };
    let scale: Vec<String> = (0..=10).map(|step| step.to_string()).collect();
    let scale: Vec<&str> = scale.iter().map(String::as_str).collect();
    let satisfied =
        ["Meget utilfreds", "Utilfreds", "Hverken/eller", "Tilfreds", "Meget tilfreds", "Ved ikke"];
    let mut items =
        vec![single(&rows, "q1", &satisfied), multiple(&rows), single(&rows, "q3", &scale)];
    items.extend(["q4_1", "q4_2", "q4_3"].map(|column| single(&rows, column, &scale[1..6])));
    items.push(ranking(&rows));
    let weights: HashMap<String, f64> = self::rows("weights.csv")
        .into_iter()
        .map(|row| (row["id"].clone(), row["w_B5"].parse().expect("a weight")))
        .collect();
    let order = |variable: Variable, ids: &[&str]| {
        Split::ordered(variable, ids.iter().map(|id| (*id).to_owned()).collect())
    };
    let districts = [
        "Indre By",
        "Østerbro",
        "Nørrebro",
        "Vesterbro/Kongens Enghave",
        "Valby",
        "Vanløse",
        "Brønshøj-Husum",
        "Bispebjerg",
        "Amager Øst",
        "Amager Vest",
    ];
    let education = [
        "Grundskole",
        "Gymnasial",
        "Erhvervsfaglig",
        "Kort videregående",
        "Mellemlang videregående",
        "Bachelor",
        "Lang videregående",
        "Ph.d.",
    ];
    Survey {
        people: rows.iter().map(person).collect(),
        items,
        splits: vec![
            order(Variable::District, &districts),
            Split::fixed(Variable::Gender, vec!["Kvinde".to_owned(), "Mand".to_owned()]),
            order(Variable::Age, &["16-24", "25-34", "35-49", "50-64", "65-79", "80+"]),
            order(Variable::Education, &education),
        ],
        weights: Some(rows.iter().map(|row| weights[&row["id"]]).collect()),
        required: false,
    }
}

#[test]
fn the_reference_sample_is_safe_and_hides_little() {
    let mut survey = reference();
    for is_weighted in [true, false] {
        if !is_weighted {
            survey.weights = None;
        }
        let published = survey.publish(7);
        let report = audited(&published);
        assert!(report.is_safe(), "weighted {is_weighted}: {report:#?}");
        assert_eq!((report.items, report.witnesses), (7, 2 * report.targets));
        assert!(report.targets > 250, "{} targets", report.targets);
        // Without the companion it is one of many outsiders'.
        let alone = audit::audit(&published.open, None);
        assert!(alone.is_safe(), "weighted {is_weighted}: {alone:#?}");
        let shares = published.open.figures.iter().filter(|figure| figure.measure.is_share());
        let shares: Vec<_> = shares.collect();
        let hidden = shares.iter().filter(|figure| figure.value.is_none()).count();
        assert!(hidden * 100 <= 15 * shares.len(), "{hidden} of {}", shares.len());
    }
}
