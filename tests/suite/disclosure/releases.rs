//! A second release of other answers, by the real command: where enough people came to and went from every
//! group, and never otherwise.

use std::fs;
use std::path::PathBuf;

use borgerpanel::response::Response;
use borgerpanel::results::figure::Figure;
use borgerpanel::results::sheet::Sheet;
use borgerpanel::site::content;
use borgerpanel::survey::answer::Answer;

use super::{STREET, ask};
use crate::authors::{self, Desk};
use crate::reported::made_up;

const SLUG: &str = "gaden";

/// A desk, and answers that come in two batches.
struct House {
    desk: Desk,
    responses: Vec<Response>,
    late: Vec<Response>,
}

impl House {
    fn of(many: u32, late: u32, seed: u64) -> House {
        let desk = Desk::new();
        ask(&desk, SLUG, STREET);
        let surveys = content::load(&desk.path("content")).expect("content").surveys;
        let survey = surveys.iter().find(|one| one.slug == SLUG).expect("the survey");
        let lines = made_up::lines(survey, many + late, seed);
        let read = |line: &str| serde_json::from_str(line).expect("a response");
        let mut responses: Vec<Response> = lines.lines().map(read).collect();
        for (place, response) in responses.iter_mut().enumerate() {
            response.background.education = None;
            // Few districts and two ages, so that each group is one of many.
            let districts = ["valby", "oesterbro", "noerrebro"];
            response.background.district = Some(districts[place % 3].to_owned());
            response.background.gender = Some(["female", "male"][place / 3 % 2].to_owned());
            response.background.age = Some(["25-34", "45-54"][place / 6 % 2].to_owned());
        }
        let late = responses.split_off(many as usize);
        House { desk, responses, late }
    }

    fn publish(&self, code: i32) -> String {
        let line = |response| serde_json::to_string(response).expect("JSON") + "\n";
        let lines: String = self.responses.iter().map(line).collect();
        fs::write(self.desk.path("answers.jsonl"), lines).expect("written");
        let args = ["results", SLUG, "--responses", "answers.jsonl", "--out", "out"];
        self.desk.says(&[&args[..], &["--companion", "companion.json"]].concat(), code)
    }

    fn figures(&self, out: &str) -> Vec<Figure> {
        let text = fs::read_to_string(self.path(out).join("data/results.csv")).expect("figures");
        Sheet::from_csv(&text).expect("ours").figures
    }

    fn path(&self, name: &str) -> PathBuf {
        self.desk.path(name)
    }
}

#[test]
fn many_late_answers_make_a_second_release_that_hides_what_the_first_hid() {
    let mut house = House::of(300, 240, 51);
    house.publish(0);
    let first = house.figures("out");
    authors::copy(&house.path("out"), &house.path("first"));
    house.responses.append(&mut house.late);
    house.publish(0);
    let second = house.figures("out");
    assert_ne!(first, second, "the late answers count");
    assert!(second.iter().any(|figure| figure.group.is_some() && figure.value.is_some()));
    let mut both = 0;
    for figure in second.iter().filter(|figure| figure.measure.is_share()) {
        let before = first.iter().find(|one| {
            (&one.question, &one.row, &one.choices, &one.group, one.measure)
                == (&figure.question, &figure.row, &figure.choices, &figure.group, figure.measure)
        });
        if let Some(before) = before {
            assert_eq!(before.value.is_some(), figure.value.is_some(), "{figure:?}");
            both += 1;
        }
    }
    assert!(both > 10, "{both} figures are in both");
    let args = ["results", "audit", "out", "--companion", "companion.json", "--earlier", "first"];
    house.desk.says(&args, 0);
    // The same again is no third release; and what came before the last still counts.
    house.publish(0);
    assert_eq!(house.figures("out"), second);
    let companion = fs::read_to_string(house.path("companion.json")).expect("a companion");
    assert_eq!(companion.matches("\"presence\":").count(), 2);
    for response in &house.responses {
        assert!(!companion.contains(&response.uid), "who was there is not to be read from it");
    }
    house.responses.truncate(303);
    let said = house.publish(1);
    assert!(said.contains("gained 3 and lost 0") || said.contains("gained 0 and lost"), "{said}");
}

#[test]
fn one_who_came_for_another_is_seen_though_no_number_changes() {
    let mut house = House::of(240, 60, 52);
    house.publish(0);
    let first = house.figures("out");
    // Somebody of the same groups, who answered the same: the files could not tell.
    let mut other = house.responses[0].clone();
    other.uid = house.late[0].uid.clone();
    house.responses[0] = other;
    let said = house.publish(1);
    assert!(said.contains("gained 1 and lost 1 people"), "{said}");
    assert_eq!(house.figures("out"), first, "nothing was written");
}

#[test]
fn few_in_one_group_are_few_though_many_came() {
    let mut house = House::of(240, 60, 53);
    house.publish(0);
    let mut late = std::mem::take(&mut house.late);
    for response in &mut late[..56] {
        response.background.district = Some("valby".to_owned());
    }
    for response in &mut late[56..] {
        response.background.district = Some("oesterbro".to_owned());
    }
    house.responses.extend(late);
    let said = house.publish(1);
    assert!(said.contains("oesterbro gained 4 and lost 0 people"), "{said}");
    // Nobody knows who was in a release whose companion is gone.
    fs::remove_file(house.path("companion.json")).expect("gone");
    assert!(house.publish(1).contains("not published"));
}

/// Nobody is small in either release, and the two together would say what each of sixty gave.
#[test]
fn newcomers_who_answered_alike_are_not_told_by_a_second_release() {
    let mut house = House::of(300, 60, 54);
    house.publish(0);
    let first = house.figures("out");
    assert!(first.iter().any(|figure| figure.value.is_some()));
    let mut late = std::mem::take(&mut house.late);
    for response in &mut late {
        let no = Answer::Choices(vec!["no".to_owned()]);
        response.answers.insert("close".to_owned(), no);
    }
    house.responses.extend(late);
    house.publish(0);
    let second = house.figures("out");
    let shown: Vec<_> = second.iter().filter(|figure| figure.value.is_some()).collect();
    assert!(shown.is_empty(), "{shown:?}");
}
