//! Made-up answers to shipped surveys, tabulated and published where the build looks for results. The
//! figures are plain unweighted shares: how they are weighed and protected is tested elsewhere.

use std::fs;

use borgerpanel::response::record::{Background, Response};
use borgerpanel::response::targets::Variable;
use borgerpanel::response::{Circumstances, Context, compose, evaluate, sample};
use borgerpanel::results::figure::{Figure, Group, Measure, Value};
use borgerpanel::results::item::{Given, Item, Shape};
use borgerpanel::results::open_data::{About, data_package, dcat, excel_csv};
use borgerpanel::results::page::{
    DataFile, NotWeighted, Report, Represented, Shares, Told, Weighting, Withheld, lay_out,
};
use borgerpanel::results::sample::{Gathered, Gathering, Sample, read_lines};
use borgerpanel::results::scope::Scope;
use borgerpanel::results::trend::{Point, Tracked, Trend};
use borgerpanel::results::workbook::workbook;
use borgerpanel::site::content::Content;
use borgerpanel::site::{Renderer, Theme, content};
use borgerpanel::survey::Definition;
use fastrand::Rng;

use crate::authors::Desk;

const AGES: [&str; 7] = ["15-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+"];

/// What staff wrote, in both languages.
const FINDINGS: [(&str, &str); 2] = [
    (
        "md",
        "- Halvdelen bruger et grønt område mindst en gang om ugen.\n- Mange savner **træer** langs \
         gaderne.\n- Aftenerne er det, flest er utilfredse med.\n\n## Det gør kommunen\n\nI 2027 \
         planter vi 400 træer og sætter lys op ved søerne.\n",
    ),
    (
        "en.md",
        "- Half use a green area at least once a week.\n- Many miss **trees** along the streets.\n- \
         Most complaints are about the evenings.\n\n## What the city does\n\nIn 2027 we plant 400 \
         trees and put up lights by the lakes.\n",
    ),
];

/// Responses as a central would have stored them, as the lines of a file.
pub fn lines(definition: &Definition, many: u32, seed: u64) -> String {
    let mut rng = Rng::with_seed(seed);
    let mut text = String::new();
    for uid in 0..many {
        let response = response(definition, uid, &mut rng);
        text.push_str(&serde_json::to_string(&response).expect("JSON"));
        text.push('\n');
    }
    text
}

fn response(definition: &Definition, uid: u32, rng: &mut Rng) -> Response {
    let kiosk = rng.bool();
    let day = format!("2026-11-{:02}", rng.u32(1..=20));
    let channel = if kiosk { "kiosk" } else { "web" };
    let context = Context { today: day, channel: channel.to_owned() };
    let fields = sample::fill_in(definition.base(), &context, rng);
    let evaluation = evaluate(definition.base(), &fields, &context);
    assert!(evaluation.problems.is_empty(), "{:?}", evaluation.problems);
    let about = Circumstances {
        uid: format!("{uid:032x}"),
        kiosk: kiosk.then(|| ["Valby", "Vanløse"][rng.usize(0..2)].to_owned()),
        lang: "da".to_owned(),
        duration_s: Some(rng.u32(20..400)),
        shown: Default::default(),
        context,
    };
    compose(definition.base(), &evaluation, about, &AGES.map(str::to_owned))
}

/// The file read back into a sample.
pub fn gather(definition: &Definition, text: &str) -> Gathered {
    let scope = Scope::default();
    let mut gathering = Gathering::new(definition, &[], &scope);
    for response in read_lines(text) {
        gathering.add(&response.expect("a response"));
    }
    gathering.finish()
}

/// Figures of everybody and of every group with 30 people; a share of fewer than 5 is hidden.
pub fn figures(sample: &Sample) -> Vec<Figure> {
    let mut figures = Vec::new();
    for item in &sample.items {
        let everybody = vec![true; sample.people.len()];
        figures.extend(of_part(item, None, &everybody));
        for variable in Variable::ALL {
            for id in categories(sample, variable) {
                let of = |who: &Background| variable.of(who) == Some(&id);
                let part: Vec<bool> =
                    sample.people.iter().map(|person| of(&person.background)).collect();
                if part.iter().filter(|inside| **inside).count() >= 30 {
                    let categories = vec![id.clone()];
                    let group = Group { variable: variable.name().to_owned(), categories };
                    figures.extend(of_part(item, Some(group), &part));
                }
            }
        }
    }
    figures
}

fn categories(sample: &Sample, variable: Variable) -> Vec<String> {
    let of = |person: &borgerpanel::results::item::Person| {
        variable.of(&person.background).map(str::to_owned)
    };
    let mut ids: Vec<String> = sample.people.iter().filter_map(of).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn of_part(item: &Item, group: Option<Group>, part: &[bool]) -> Vec<Figure> {
    let inside = item.given.iter().zip(part).filter(|(_, inside)| **inside).map(|(given, _)| given);
    let asked = inside.clone().filter(|given| given.is_asked()).count() as u32;
    let answered: Vec<&Given> = inside.filter(|given| given.is_answered()).collect();
    let n = if group.is_some() { asked } else { (answered.len() as u32 + 5) / 10 * 10 };
    let figure = |choices: Vec<String>, measure, value: Option<Value>| Figure {
        question: item.question.clone(),
        row: item.row.clone(),
        choices,
        group: group.clone(),
        n,
        measure,
        low: value.map(|value| moved(value, -3)),
        high: value.map(|value| moved(value, 3)),
        value,
    };
    let base = answered.len().max(1) as f64;
    let share = |id: &str, measure, holds: &dyn Fn(&Given) -> bool| {
        let many = answered.iter().filter(|given| holds(given)).count();
        let value = (many >= 5).then(|| Value::of_share(many as f64 / base));
        figure(vec![id.to_owned()], measure, value)
    };
    let mut made = Vec::new();
    for (at, choice) in item.choices.iter().enumerate() {
        let id = choice.id.as_str();
        match item.shape {
            Shape::Ranking { places } => {
                let place = |given: &Given| match given {
                    Given::Ranked(ranked) => ranked.iter().position(|one| *one == at),
                    _ => None,
                };
                made.push(share(id, Measure::First, &|given| place(given) == Some(0)));
                made.push(share(id, Measure::Top, &|given| place(given).is_some()));
                let points = |given: &&Given| place(given).map_or(0, |it| places as usize - it);
                let sum: usize = answered.iter().map(points).sum();
                let borda = Some(Value::of_mean(sum as f64 / base));
                made.push(figure(vec![id.to_owned()], Measure::Borda, borda));
            }
            Shape::Budget => {
                let part = |given: &&Given| match given {
                    Given::Points(points) => points[at] / points.iter().sum::<f64>(),
                    _ => 0.0,
                };
                let mean = answered.iter().map(part).sum::<f64>() / base;
                let value = Some(Value::of_share(mean));
                made.push(figure(vec![id.to_owned()], Measure::Percent, value));
            }
            _ => made.push(share(id, Measure::Percent, &|given| match given {
                Given::One(one) => *one == at,
                Given::Many(many) => many.contains(&at),
                _ => false,
            })),
        }
    }
    let hidden = made.iter().any(|figure| figure.value.is_none());
    let value = |given: &&Given| match given {
        Given::One(one) => item.choices[*one].value,
        Given::Number(number) => Some(*number),
        _ => None,
    };
    let mut values: Vec<f64> = answered.iter().filter_map(value).collect();
    values.sort_by(f64::total_cmp);
    if values.len() >= 30 {
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let shown = |value| (!hidden).then(|| Value::of_mean(value));
        made.push(figure(Vec::new(), Measure::Mean, shown(mean)));
        if item.shape == Shape::Number {
            for (measure, quarter) in [(Measure::Q1, 1), (Measure::Median, 2), (Measure::Q3, 3)] {
                let value = values[values.len() * quarter / 4];
                made.push(Figure {
                    low: None,
                    high: None,
                    ..figure(Vec::new(), measure, shown(value))
                });
            }
        }
    }
    made
}

fn moved(value: Value, by: i64) -> Value {
    match value {
        Value::Percent(percent) => {
            let moved = (i64::from(percent) + by).clamp(0, 100);
            Value::Percent(u8::try_from(moved).expect("a percent"))
        }
        Value::Tenths(tenths) => Value::Tenths(tenths + by),
    }
}

/// Results of `slug` in the content folder of a desk, as the program is to publish them; the figures.
pub fn publish(desk: &Desk, slug: &str) -> Vec<Figure> {
    let loaded = content::load(&desk.path("content")).expect("content");
    let definition = loaded.surveys.iter().find(|one| one.slug == slug).expect("a survey");
    publish_lines(desk, slug, &lines(definition, 450, 8))
}

/// The same of these responses; without any there are no figures.
pub fn publish_lines(desk: &Desk, slug: &str, lines: &str) -> Vec<Figure> {
    let loaded = content::load(&desk.path("content")).expect("content");
    let definition = loaded.surveys.iter().find(|one| one.slug == slug).expect("a survey").clone();
    let gathered = gather(&definition, lines);
    let few = gathered.sample.people.is_empty();
    let figures = if few { Vec::new() } else { figures(&gathered.sample) };
    let folder = desk.path("content/results").join(slug);
    fs::create_dir_all(folder.join("data")).expect("a folder");
    for (ending, text) in FINDINGS {
        let name = format!("content/results/{slug}.{ending}");
        fs::write(desk.path(&name), text).expect("written");
    }
    // Once more, with what staff found.
    let loaded = content::load(&desk.path("content")).expect("content");
    let weighting = Weighting {
        source: "Københavns Statistikbank, KKBEF1".to_owned(),
        date: "2026-01-01".to_owned(),
        population: "borgere på 15 år og derover".to_owned(),
        variables: ["district", "gender", "age"].map(str::to_owned).to_vec(),
        dropped: vec![("education".to_owned(), NotWeighted::Unknown)],
        bounds_tenths: Some((2, 60)),
        merged: vec![("age".to_owned(), vec!["65-74".to_owned(), "75+".to_owned()])],
        is_merged_by_force: false,
        raised_from_tenths: Some(50),
    };
    let withheld =
        [Withheld { question: "barriers".to_owned(), row: None, variable: "district".to_owned() }];
    // With a question of every kind, some of them were asked before, and some otherwise.
    let trends = if slug == "alle" { trends(&definition, &figures) } else { Vec::new() };
    let report = Report {
        definition: &definition,
        named_by: &loaded.signups,
        figures: &figures,
        counted: &gathered.sample.counted,
        invited: None,
        others: None,
        left_out: &gathered.left_out,
        weighting: Some(&weighting),
        represented: &represented(),
        evenness: None,
        withheld: if slug == "groenne-omraader" { &withheld } else { &[] },
        moved_unflagged: Some(1),
        threshold: 5,
        min_group: 30,
        example: true,
        coded: &[],
        files: &files(),
        trends: &trends,
    };
    write(&loaded, &report, &folder);
    figures
}

/// The first questions, and the first matrix, as if they had been answered the same a year before.
fn trends(definition: &Definition, figures: &[Figure]) -> Vec<Trend> {
    let asked = lay_out(definition.base(), figures);
    let matrix = asked.iter().position(|one| one.items.len() > 1);
    let chosen = (0..3).chain(matrix.filter(|at| *at >= 3));
    let point = |day: &str, told: &Told| Point {
        day: day.to_owned(),
        n: told.n,
        part: told.total.clone(),
        is_weighted: true,
    };
    let tracked = |told: &Told| Tracked {
        row: told.row.clone(),
        shape: told.shape,
        points: vec![point("2025-11-20", told), point("2026-11-20", told)],
    };
    let trend = |at: usize| Trend {
        question: asked[at].id.clone(),
        items: asked[at].items.iter().map(tracked).collect(),
        unlike: vec!["2023-05-01".to_owned()],
    };
    chosen.map(trend).collect()
}

fn files() -> Vec<DataFile> {
    let named = [
        ("results.csv", "csv"),
        ("results-excel.csv", "excel"),
        ("results.xlsx", "xlsx"),
        ("datapackage.json", "package"),
        ("dcat.jsonld", "dcat"),
    ];
    named.map(|(name, kind)| DataFile { name: name.to_owned(), kind: kind.to_owned() }).to_vec()
}

fn write(loaded: &Content, report: &Report<'_>, folder: &std::path::Path) {
    let theme = Theme::builtin();
    let renderer = Renderer::new(&theme, &loaded.config, &loaded.articles).expect("a theme");
    let slug = report.definition.slug.as_str();
    for (lang, name) in [("da", "index.html"), ("en", "index.en.html")] {
        let findings = loaded.findings_in(slug, lang);
        let html = renderer.results_body(report, findings, lang).expect("a page");
        fs::write(folder.join(name), html).expect("written");
    }
    let (heads, spoken) = renderer.results_spoken(report, "da");
    let title = |lang: &str| {
        let survey = report.definition.in_language(lang);
        (lang.to_owned(), survey.title.plain.clone())
    };
    let about = About {
        slug: slug.to_owned(),
        titles: vec![title("da"), title("en")],
        publisher: loaded.config.controller.name.clone(),
        site: "https://panel.example.dk".to_owned(),
        days: report.counted.days.clone(),
        example: true,
        ..About::default()
    };
    let data = folder.join("data");
    let sheet = workbook("Resultater", &heads, report.figures, &spoken).expect("a workbook");
    fs::write(data.join("results.xlsx"), sheet).expect("written");
    let excel = excel_csv(&heads, report.figures, &spoken);
    fs::write(data.join("results-excel.csv"), excel).expect("written");
    // The tidy table has a writer and tests of its own.
    fs::write(data.join("results.csv"), "survey,question\n").expect("written");
    fs::write(data.join("datapackage.json"), data_package(&about)).expect("written");
    let names: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
    fs::write(data.join("dcat.jsonld"), dcat(&about, &names)).expect("written");
}

fn represented() -> Vec<Represented> {
    let row = |id: &str, population, answered, weighted| Shares {
        categories: vec![id.to_owned()],
        population,
        answered,
        weighted: Some(weighted),
        ..Shares::default()
    };
    let age = vec![
        row("15-24", 17, 6, 16),
        row("25-34", 28, 21, 28),
        row("35-44", 17, 16, 17),
        row("45-54", 13, 17, 13),
        row("55-64", 11, 18, 12),
        row("65-74", 8, 14, 8),
        row("75+", 6, 8, 6),
    ];
    let gender = vec![row("female", 51, 54, 51), row("male", 49, 46, 49)];
    vec![
        Represented { variable: "age".to_owned(), rows: age, dissimilarity: 19 },
        Represented { variable: "gender".to_owned(), rows: gender, dissimilarity: 3 },
    ]
}
