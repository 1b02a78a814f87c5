//! The city's panel and a district's asked the same, by the real command: together they tell of nobody, though
//! each by itself is fine.

use std::fs;

use borgerpanel::response::Response;
use borgerpanel::results::audit;
use borgerpanel::results::figure::{Figure, Group, Measure, Value};
use borgerpanel::results::item::Shape;
use borgerpanel::results::sheet::Sheet;
use borgerpanel::site::content;

use super::{Published, STREET, Survey, ask};
use crate::authors::Desk;
use crate::reported::made_up;

const CITY: &str = "gaden";
const LOCAL: &str = "gaden-oesterbro";
/// Of the city's survey; no more, so that every percent of a district is one count.
const DISTRICT: usize = 88;

/// A site on which both surveys are, and what was answered.
struct Town {
    desk: Desk,
    city: Vec<Response>,
    local: Vec<Response>,
}

impl Town {
    /// Where all but `without` of the city's respondents in the district answered its own survey, too.
    fn of(without: usize) -> Town {
        let desk = Desk::new();
        ask(&desk, CITY, STREET);
        let local = STREET.replace("sample: open", "sample: panel");
        ask(&desk, LOCAL, &local.replace("panels: [kbh]", "panels: [oesterbro]"));
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let of = |slug: &str| surveys.iter().find(|one| one.slug == slug).expect("a survey");
        let lines = made_up::lines(of(CITY), 330, 41);
        let read = |line: &str| serde_json::from_str(line).expect("a response");
        let mut city: Vec<Response> = lines.lines().map(read).collect();
        let others = ["valby", "amager-vest", "noerrebro", "vanloese"];
        for (place, response) in city.iter_mut().enumerate() {
            let district = if place < DISTRICT { "oesterbro" } else { others[place % 4] };
            response.background.district = Some(district.to_owned());
            response.background.gender = Some(["female", "male"][place % 2].to_owned());
            response.background.age = Some(["25-34", "45-54"][place / 2 % 2].to_owned());
            response.background.education = None;
        }
        let version = of(LOCAL).version.clone();
        let again = |response: &Response| Response {
            uid: format!("{:0>32}", format!("f{}", &response.uid[20..])),
            survey: LOCAL.to_owned(),
            version: version.clone(),
            invited: true,
            ..response.clone()
        };
        let local = city[without..DISTRICT].iter().map(again).collect();
        Town { desk, city, local }
    }

    fn publish(&self, slug: &str, out: &str) -> Vec<Figure> {
        let responses = if slug == CITY { &self.city } else { &self.local };
        let line = |response| serde_json::to_string(response).expect("JSON") + "\n";
        let lines: String = responses.iter().map(line).collect();
        fs::write(self.desk.path("answers.jsonl"), lines).expect("written");
        self.desk.says(&["results", slug, "--responses", "answers.jsonl", "--out", out], 0);
        let csv = self.desk.path(out).join("data/results.csv");
        Sheet::from_csv(&fs::read_to_string(csv).expect("figures")).expect("ours").figures
    }
}

/// Whoever lives in a district where nobody answered joins the next one's group.
fn is_district(group: &Group) -> bool {
    group.categories.iter().any(|one| one == "oesterbro")
}

/// How many of a group of so many gave an answer, where the percent is that of one count alone.
fn count(figure: &Figure, people: usize) -> Option<i64> {
    let Some(Value::Percent(percent)) = figure.value else { return None };
    let is_it =
        |count: &usize| (100.0 * *count as f64 / people as f64).round() == f64::from(percent);
    let mut counts = (0..=people).filter(is_it);
    let count = counts.next()?;
    counts.next().is_none().then_some(count as i64)
}

/// What is learned of those who answered the city's survey alone, by question and choice: the district less
/// its own panel. Questions that everybody has to answer, so that percents are of all.
fn subtracted(city: &[Figure], local: &[Figure], local_people: usize) -> Vec<(String, i64)> {
    let of_district = city.iter().filter(|figure| {
        figure.group.as_ref().is_some_and(is_district)
            && figure.measure == Measure::Percent
            && figure.question == "close"
    });
    let less = |figure: &Figure| {
        let own = local.iter().find(|own| {
            (&own.question, &own.choices, &own.group) == (&figure.question, &figure.choices, &None)
        })?;
        let apart = count(figure, DISTRICT)? - count(own, local_people)?;
        Some((figure.choices.join("+"), apart))
    };
    of_district.filter_map(less).collect()
}

#[test]
fn the_few_who_are_in_the_district_and_not_in_its_panel_are_not_found_by_subtraction() {
    let town = Town::of(3);
    let place = "content/results/gaden";
    // The twin: each published as if the other were not there.
    let naive = town.publish(LOCAL, "naive");
    let city = town.publish(CITY, place);
    let found = subtracted(&city, &naive, DISTRICT - 3);
    let answered: i64 = found.iter().map(|(_, people)| people).sum();
    assert!(answered > 0, "the naive publication stands: no attack: {found:?}");
    let told = town.desk.says(&["results", "audit", "naive", "--earlier", place], 1);
    assert!(told.contains("may be the same but for 3"), "{told}");
    let told = town.desk.says(&["results", "audit", place, "--earlier", "naive"], 1);
    assert!(told.contains("may be the same but for 3"), "{told}");
    // Beside the city's, which it finds on the site itself.
    let local = town.publish(LOCAL, "content/results/gaden-oesterbro");
    assert_eq!(subtracted(&city, &local, DISTRICT - 3), []);
    town.desk.says(&["results", "audit", "content/results/gaden-oesterbro", "--earlier", place], 0);
}

#[test]
fn a_district_of_which_enough_are_not_in_its_panel_has_results_of_both() {
    let town = Town::of(20);
    let place = "content/results/gaden-oesterbro";
    let local = town.publish(LOCAL, place);
    assert!(local.iter().any(|figure| figure.question == "close" && figure.value.is_some()));
    let city = town.publish(CITY, "content/results/gaden");
    let is_of_district = |figure: &&Figure| figure.group.as_ref().is_some_and(is_district);
    assert!(city.iter().filter(is_of_district).any(|figure| figure.value.is_some()));
    let args = ["results", "audit", "content/results/gaden", "--earlier", place];
    town.desk.says(&args, 0);
}

/// Districts in place of ages, and `district` alone asked where it is named.
fn of_districts(mut published: Published, local: Option<&str>) -> Published {
    let open = &mut published.open;
    let groups = open.figures.iter_mut().filter_map(|figure| figure.group.as_mut());
    groups.for_each(|group| group.variable = "district".to_owned());
    for table in &mut published.companion.items[0].tables[1..] {
        table.variable = "district".to_owned();
    }
    if let Some(district) = local {
        open.survey = "local".to_owned();
        open.districts = vec![district.to_owned()];
        open.figures.retain(|figure| figure.group.is_none());
        published.companion.items[0].tables.truncate(1);
    }
    published
}

#[test]
fn what_one_hides_the_other_does_not_show() {
    // 2 of 88 in the district answered c0, and beside them either of two equal cells is hidden.
    let district = vec![2, 43, 43];
    let city = Survey::of_ages(Shape::Ordered, &[district.clone(), vec![30, 40, 30], vec![0; 3]]);
    let local = Survey::of_ages(Shape::Ordered, &[district, vec![0; 3]]);
    let hidden = |published: &Published, group: Option<&str>| -> Vec<String> {
        let of = |figure: &&Figure| {
            let own = figure.group.as_ref().map(|group| group.categories.join("+"));
            own.as_deref() == group && figure.measure == Measure::Percent && figure.value.is_none()
        };
        let figures = published.open.figures.iter().filter(of);
        figures.map(|figure| figure.choices.join("+")).collect()
    };
    let city = of_districts(city.publish(5), None);
    let locals = (0..40).map(|seed| of_districts(local.publish(seed), Some("g0")));
    let (mut alike, mut different) = (0, 0);
    for local in locals {
        assert!(audit::audit(&local.open, Some(&local.companion)).is_safe());
        let others = [local.open.clone()];
        let report = audit::audit_beside(&city.open, Some(&city.companion), &others);
        if hidden(&local, None) == hidden(&city, Some("g0")) {
            assert!(report.is_safe(), "{report:#?}");
            alike += 1;
        } else {
            // 88 less 43 less 43: c0, though neither says so.
            let found = report.r#unsafe.iter().any(|cell| cell.variable == "district");
            assert!(found, "{report:#?}");
            different += 1;
        }
    }
    assert!(audit::audit(&city.open, Some(&city.companion)).is_safe());
    assert!(alike > 0 && different > 0, "{alike} and {different}: the seed decides nothing");
}
