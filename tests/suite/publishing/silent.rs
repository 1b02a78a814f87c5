//! Questions of which a page has nothing to show, and what it says in their place.

use std::fs;

use borgerpanel::response::Response;
use borgerpanel::site::content;
use borgerpanel::survey::answer::Answer;

use super::House;
use crate::authors::Desk;
use crate::reported::made_up;

const SURVEY: &str = "---\ntitle: Aftalen\nbackground: ask\n---\n\n\
    ## Hvad synes du? {#think required}\n\n- Ja {#yes}\n- Nej {#no}\n- Måske {#maybe}\n\n\
    ## Vil du være med? {#agree consent required}\n\n- [ ] Ja, det vil jeg {#yes}\n\n\
    ## Kom du hele vejen igennem? {#through required}\n\n- Ja {#yes}\n- Nej {#no}\n";
const ENGLISH: &str = "---\ntitle: The deal\n---\n\n\
    ## What do you think? {#think}\n\n- Yes {#yes}\n- No {#no}\n- Maybe {#maybe}\n\n\
    ## Will you take part? {#agree}\n\n- [ ] Yes, I will {#yes}\n\n\
    ## Did you get to the end? {#through}\n\n- Yes {#yes}\n- No {#no}\n";

/// Answers to the survey.
fn house(change: impl Fn(usize, &mut Response)) -> House {
    let desk = Desk::new();
    for (name, text) in [("aftalen.md", SURVEY), ("aftalen.en.md", ENGLISH)] {
        fs::write(desk.path(&format!("content/surveys/{name}")), text).expect("a survey");
    }
    let found = content::load(&desk.path("content")).expect("content");
    let survey = found.surveys.into_iter().find(|one| one.slug == "aftalen");
    let survey = survey.unwrap_or_else(|| panic!("{:#?}", found.diagnostics));
    let lines = made_up::lines(&survey, 240, 5);
    let read = |line: &str| serde_json::from_str(line).expect("a response");
    let mut responses: Vec<Response> = lines.lines().map(read).collect();
    responses.iter_mut().enumerate().for_each(|(at, response)| change(at, response));
    House { responses, slug: "aftalen", desk }
}

#[test]
fn a_consent_is_a_question_without_figures() {
    let house = house(|_, _| ());
    house.published("out", &[]);
    let figures = house.figures("out").figures;
    assert!(figures.iter().all(|one| one.question != "agree"), "nothing but yes can be sent");
    assert!(figures.iter().any(|one| one.question == "think" && one.value.is_some()));
    for (name, why) in [
        ("index.html", "“Vil du være med?”: man kunne kun svare ved at sige ja."),
        ("index.en.html", "“Will you take part?”: nobody could answer without saying yes."),
    ] {
        let page = fs::read_to_string(house.path("out").join(name)).expect("a page");
        assert!(page.contains(why) && !page.contains("id=\"q-agree\""), "{name}");
    }
    house.desk.says(&["results", "audit", "out"], 0);
}

#[test]
fn a_question_of_which_nothing_is_shown_is_one_sentence() {
    let house = house(|_, response| {
        response.answers.insert("through".to_owned(), Answer::Text("yes".to_owned()));
    });
    house.published("out", &[]);
    let figures = house.figures("out").figures;
    let of_it: Vec<_> = figures.iter().filter(|one| one.question == "through").collect();
    assert!(!of_it.is_empty() && of_it.iter().all(|one| one.value.is_none()), "all hidden");
    for (name, sentence) in [
        ("index.html", "Tallene for spørgsmålet vises ikke, så ingen kan genkendes."),
        (
            "index.en.html",
            "The figures for this question are not shown, so that nobody can be recognised.",
        ),
    ] {
        let page = fs::read_to_string(house.path("out").join(name)).expect("a page");
        let part = |id: &str| {
            let rest = page.split_once(&format!("<section class=\"result\" id=\"q-{id}\">"));
            rest.expect("the question").1.split_once("</section>").expect("its end").0.to_owned()
        };
        let (silent, other) = (part("through"), part("think"));
        assert!(silent.contains(sentence), "{silent}");
        for empty in ["<table", "<svg", "<details", "·"] {
            assert!(!silent.contains(empty), "{empty} in {silent}");
        }
        assert!(other.contains("<table") && other.contains("<svg") && !other.contains(sentence));
    }
    house.desk.says(&["results", "audit", "out"], 0);
}

/// Choices of `think`, by person.
fn charted(choose: impl Fn(usize) -> &'static str) -> [String; 2] {
    let house = house(|at, response| {
        let choice = Answer::Text(choose(at).to_owned());
        response.answers.insert("think".to_owned(), choice);
    });
    // Unweighted, shares are those of the counts.
    fs::remove_dir_all(house.path("content/targets")).expect("gone");
    house.published("out", &[]);
    ["index.html", "index.en.html"].map(|name| {
        let page = fs::read_to_string(house.path("out").join(name)).expect("a page");
        let chart = page.split_once("id=\"c-q-think-0\"").map(|it| it.1.to_owned());
        let chart = chart.or_else(|| Some(page.split_once("c-q-think-0")?.1.to_owned()));
        chart.expect("a chart").split_once("</desc>").expect("its words").0.to_owned()
    })
}

#[test]
fn a_chart_calls_no_choice_the_largest_that_others_are_as_large_as() {
    let [danish, english] = charted(|at| ["yes", "maybe", "no", "yes", "maybe"][at % 5]);
    assert!(danish.contains("Størst er “Ja” og “Måske” med 40\u{a0}% hver."), "{danish}");
    assert!(english.contains("The largest are “Yes” and “Maybe” with 40% each."), "{english}");
    let [danish, english] = charted(|at| ["yes", "maybe", "no"][at % 3]);
    assert!(danish.contains("“Ja”, “Nej” og “Måske” med 33\u{a0}% hver."), "{danish}");
    assert!(english.contains("“Yes”, “No” and “Maybe” with 33% each."), "{english}");
    let [danish, english] = charted(|at| ["yes", "maybe", "no", "yes"][at % 4]);
    assert!(danish.contains("Størst er “Ja” med 50\u{a0}%."), "{danish}");
    assert!(english.contains("The largest is “Yes” with 50%."), "{english}");
}
