//! Every problem a page can have: said in words that tell what to do, the same in the summary and at the
//! field, the same from the script and from the server, in both languages; and what was written stays.

use std::collections::BTreeSet;
use std::fs;

use borgerpanel::server::app::Channel;
use serde_json::{Value, json};

use super::place::{self, Place};
use super::states::Tour;
use super::targets::strings;
use super::{Browser, PHONE};

/// A question for each problem, its id the problem's code.
const SURVEY: &str = "\
## Hvad synes du? {#expected expected}

____

## Vælg en {#required required}

- ( ) A {#a}
- ( ) B {#b}

## Vælg i hver linje {#required-row required}

|          | Nej {#no} | Ja {#yes} |
|----------|:---------:|:---------:|
| Ro {#r}  |           |           |
| Lys {#s} |           |           |

## Vælg to {#too-few min=2}

- [ ] A {#a}
- [ ] B {#b}
- [ ] C {#c}

## Vælg en eller ingen {#too-many max=1}

- [ ] A {#a}
- [ ] B {#b}
- [ ] C {#c}

## Vælg dem eller ingen {#exclusive}

- [ ] A {#a}
- [ ] B {#b}
- [ ] Ingen {#none exclusive}

## Et tal {#number-format number}

## Et stort tal {#number-min number min=5}

## Et lille tal {#number-max number max=5}

## Et lige tal {#number-step number step=2}

## Et år {#year-format year min=1900}

## Et ord {#too-long maxlength=5}

____

## Må vi? {#consent consent required}

- [ ] Ja, I må {#yes}

## To i rækkefølge {#ranking-short top=2 required}

1. A {#a}
2. B {#b}
3. C {#c}

## Del tre {#share-number share=3}

- A {#a}
- B {#b}

## Del fire {#share-sum share=4}

- A {#a}
- B {#b}

## En dag {#date-format date}

## En sen dag {#date-min date min=2020-05-01}

## En tidlig dag {#date-max date max=2020-05-01}

## Et klokkeslæt {#time-format time}

## Et sent klokkeslæt {#time-min time min=12:00}

## Et tidligt klokkeslæt {#time-max time max=12:00}

## En e-mail {#email-format email private}

## Et telefonnummer {#tel-format tel private}

## Et postnummer {#postcode-format postcode}

## Flere end fem {#check number check=\"check > 5\" message=\"Skriv et tal over fem.\"}
";

/// What is written or chosen; a field that is not named is left alone.
const WRITTEN: [(&str, &str); 27] = [
    ("too-few", "a"),
    ("too-many", "a"),
    ("too-many", "b"),
    ("exclusive", "a"),
    ("exclusive", "none"),
    ("number-format", "mange"),
    ("number-min", "4"),
    ("number-max", "6"),
    ("number-step", "3"),
    ("year-format", "99"),
    ("too-long", "Et langt ord"),
    ("ranking-short.1", "a"),
    ("share-number.a", "1,5"),
    ("share-number.b", "1,5"),
    ("share-sum.a", "2"),
    ("share-sum.b", "1"),
    ("date-format", "i går"),
    ("date-min", "30.4.2020"),
    ("date-max", "2.5.2020"),
    ("time-format", "morgen"),
    ("time-min", "8.00"),
    ("time-max", "18.00"),
    ("email-format", "kim"),
    ("tel-format", "123"),
    ("postcode-format", "0001"),
    ("check", "3"),
    ("required-row.r", "yes"),
];

/// How every sentence begins: with what to do. What was only left open is told as it is.
const BEGINNINGS: [&[&str]; 2] = [
    &["Svar", "Vælg", "Skriv", "Gør", "Sæt", "Fordel", "Giv", "Du har ikke svaret"],
    &["Answer", "Choose", "Write", "Shorten", "Tick", "Share", "Give", "You have not answered"],
];

fn place() -> Place {
    let desk = place::desk();
    let front = fs::read_to_string(desk.path("content/surveys/alle.md")).expect("a survey");
    let (front, _) = front.split_once("\n---\n").expect("front matter");
    fs::write(desk.path("content/surveys/fejl.md"), format!("{front}\n---\n\n{SURVEY}")).ok();
    let english = "---\ntitle: Faults\nsummary: All of them.\npurpose: To try the pages.\n\
        legal_basis: None.\n---\n\n";
    // A translation has the ids and, of what stands beside them, the message alone.
    let plain = |line: &str| match line.split_once(" {#") {
        Some((text, "check number check=\"check > 5\" message=\"Skriv et tal over fem.\"}")) => {
            format!("{text} {{#check message=\"Write a number above five.\"}}")
        }
        Some((text, rest)) if line.starts_with("## ") => {
            format!("{text} {{#{}}}", rest.split([' ', '}']).next().unwrap_or_default())
        }
        _ => line.replace(" exclusive", ""),
    };
    let lines: Vec<String> = SURVEY.lines().map(plain).collect();
    let english = format!("{english}{}\n", lines.join("\n"));
    fs::write(desk.path("content/surveys/fejl.en.md"), english).expect("written");
    Place::of(desk, Channel::Web, None)
}

/// Writes past the page's own care, which would not let some of it happen; the script hears of it once.
fn write_all(browser: &Browser) {
    let written: Vec<Value> = WRITTEN.iter().map(|(name, value)| json!([name, value])).collect();
    let write = "for (const [name, value] of arguments[0]) {
          for (const field of document.getElementsByName(name)) {
            if (!/radio|checkbox/.test(field.type)) field.value = value;
            else if (field.value === value) field.checked = true;
          }
        }
        document.getElementsByName('check')[0].dispatchEvent(new Event('input', { bubbles: true }))";
    browser.run(write, vec![written.into()]);
}

/// The lines of the summary, each with what is said at the question it leads to.
fn told(browser: &Browser) -> Vec<(String, String)> {
    let lines =
        "return [...document.querySelectorAll('#problems a')].map(({ hash, textContent }) => {
          const box = document.querySelector(hash).closest('.row, .question');
          const line = box.querySelector(':scope > .problem:not([hidden])');
          return [textContent, line?.textContent ?? 'nothing'];
        })";
    let Value::Array(lines) = browser.run(lines, Vec::new()) else { panic!("a list") };
    let text = |line: &Value, at: usize| line[at].as_str().unwrap_or_default().to_owned();
    lines.iter().map(|line| (text(line, 0), text(line, 1))).collect()
}

fn kept(browser: &Browser) -> Vec<String> {
    let fields = "return [...new FormData(document.querySelector('#survey-form'))]
          .filter(([name]) => !name.startsWith('_')).map(([name, value]) => `${name}=${value}`)";
    strings(browser.run(fields, Vec::new()))
}

#[test]
fn every_problem_says_what_to_do_and_the_script_and_the_server_say_the_same() {
    let place = place();
    let Some(browser) = Browser::start(PHONE) else { return };
    for (prefix, beginnings) in ["", "/en"].into_iter().zip(BEGINNINGS) {
        let tour = Tour { browser: &browser, place: &place, prefix, channel: Channel::Web };
        tour.open("/s/fejl/");
        browser.click("[data-action=start]");
        write_all(&browser);
        let written = kept(&browser);
        tour.go_on();
        let by_script = told(&browser);
        for (summary, field) in &by_script {
            assert_eq!(summary, field);
            let begins = beginnings.iter().any(|word| summary.starts_with(word));
            assert!(begins, "it says not what to do: {summary}");
        }
        let about = |code: &str| {
            let [alone, more] = [format!("{{#{code}}}"), format!("{{#{code} ")];
            let label = SURVEY.lines().find(|line| line.contains(&alone) || line.contains(&more));
            let label = label.and_then(|line| line[3..].split(" {#").next()).unwrap_or_default();
            by_script.iter().filter(|(text, _)| text.contains(&format!("“{label}”"))).count()
        };
        let codes = SURVEY.lines().filter_map(|line| line.strip_prefix("## ")?.split_once("{#"));
        let codes = codes.filter_map(|(_, rest)| rest.split([' ', '}']).next());
        let silent: BTreeSet<&str> = codes.filter(|code| about(code) == 0).collect();
        // A row is named by its own words, a check and its message by the author's.
        assert_eq!(silent, BTreeSet::from(["check", "required-row"]), "{by_script:#?}");
        assert_eq!(kept(&browser), written);
        // What comes back is read as the server wrote it.
        tour.without_scripts();
        browser.run("window.old = 1; document.querySelector('#survey-form').submit()", Vec::new());
        browser.wait_until("!window.old && document.querySelector('#problems:not(.nudges) li')");
        tour.with_scripts();
        browser.run("localStorage.clear()", Vec::new());
        assert_eq!(told(&browser), by_script, "what the page says that came back");
        assert_eq!(kept(&browser), written);
    }
}

#[test]
fn without_javascript_the_server_says_the_same_at_the_field_and_in_the_summary() {
    let place = place();
    let Some(browser) = Browser::start(PHONE.plain()) else { return };
    browser.goto(&place.at("/s/fejl/"));
    browser.run(
        "for (const [name, value] of arguments[0]) document.getElementsByName(name)[0].value = value",
        vec![json!([["number-format", "mange"], ["date-min", "30.4.2020"], ["ranking-short.1", "a"], ["ranking-short.2", "a"]])],
    );
    browser.click("[data-action=send]");
    browser.wait_until("document.querySelector('#problems li')");
    let lines = told(&browser);
    assert!(lines.iter().all(|(summary, field)| summary == field), "{lines:#?}");
    assert!(lines.iter().any(|(text, _)| text.starts_with("Giv hvert nummer")), "{lines:#?}");
    let marked = strings(browser.run(
        "return [...document.querySelectorAll('[aria-invalid=true]')].map((it) => it.name)",
        Vec::new(),
    ));
    for name in ["number-format", "date-min"] {
        assert!(marked.iter().any(|one| one == name), "{name} is not marked: {marked:?}");
    }
}

#[test]
fn a_form_of_an_older_survey_comes_back_with_its_answers() {
    let place = Place::patient(Channel::Web);
    let Some(browser) = Browser::start(PHONE) else { return };
    browser.goto(&place.at("/s/alle/#page-you"));
    browser.type_into("#q-name", "Kim");
    browser.run(
        "document.getElementsByName('_v')[0].value = '0'; document.querySelector('#survey-form').submit()",
        Vec::new(),
    );
    browser.wait_until("document.querySelector('#problems li')");
    let told = browser.text("#problems");
    assert!(told.contains("Undersøgelsen er ændret"), "{told}");
    assert_eq!(browser.run("return document.querySelector('#q-name').value", vec![]), "Kim");
}
