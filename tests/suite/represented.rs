//! Whom answers speak for, from the panel to the page: what is counted when a survey is over, what its page and its
//! files say of it, and the page of a panel, which changes once a quarter.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use borgerpanel::server::app::Channel;
use borgerpanel::store::members::member::{Fields, Member};
use borgerpanel::store::members::outgoing::Due;

use crate::authors::copy;
use crate::browser::axe::{examiner, violations};
use crate::browser::place::{self, Place};
use crate::browser::sight::Look;
use crate::browser::{LYING, PHONE};
use crate::panel::{Office, close, uid};
use crate::rotation::{done_on_day, told};

/// Members of sixteen backgrounds, fifteen of each: the token of each invitation, and whose background it is for.
fn panel(office: &Office) -> Vec<(String, String)> {
    let mut table = "email,birth_year,gender,district,education,language,panels\n".to_owned();
    for number in 0..240 {
        let of =
            |one: &'static str, other, bit: usize| if number >> bit & 1 == 0 { one } else { other };
        table += &format!(
            "m{number}@example.dk,{},{},{},{},da,kbh\n",
            of("1992", "1972", 0),
            of("female", "male", 1),
            of("valby", "vanloese", 2),
            of("vocational", "medium-higher", 3)
        );
    }
    fs::write(office.desk.path("people.csv"), table).expect("a table");
    office.desk.says(&["panel", "import", "people.csv"], 0);
    office.confirm_all();
    office.desk.says(&["invite", "parker"], 0);
    let members = office.members().all().expect("members");
    let background = |member: Member| {
        let Fields { birth_year, gender, district, education, .. } = member.fields;
        (member.id, format!("{gender:?} {birth_year} {district:?} {education:?}"))
    };
    let backgrounds: BTreeMap<_, _> = members.into_iter().map(background).collect();
    let mails = office.mails().remove("invitation").expect("mails");
    let of = |mail: &Due| (mail.token.expect("a link").to_hex(), backgrounds[&mail.member].clone());
    mails.iter().map(of).collect()
}

/// The value of a measure in the file.
fn value(file: &str, of: &str) -> String {
    let line = file.lines().find_map(|line| line.strip_prefix(of));
    line.unwrap_or_else(|| panic!("no {of} in {file}")).to_owned()
}

#[test]
fn a_page_says_whom_its_answers_speak_for_from_the_city_to_the_weighted_answers() {
    let office = Office::new();
    let running = office.run();
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    for (number, (token, background)) in panel(&office).iter().enumerate() {
        // Of each fifteen so many that all keep their background.
        let most = if background.contains("female") { 12 } else { 6 };
        let own = answers.entry(background.clone()).or_default();
        if *own < most {
            *own += 1;
            assert_eq!(office.answer(token, &uid(number as u32)).0, 303);
        }
    }
    close(&office, running);
    let out = "content/results/parker";
    office.desk.says(&["results", "parker", "--out", out], 0);
    office.desk.says(&["results", "audit", out], 0);
    let read = |name: &str| fs::read_to_string(office.desk.path(name)).expect("a file");
    let file = read(&format!("{out}/data/representativeness.csv"));
    // 284 of 560 of the city are women, 120 of 240 members, 96 of 144 answers.
    for (step, percent) in [
        ("population", "51"),
        ("panel", "50"),
        ("invited", "50"),
        ("answered", "67"),
        ("weighted", "51"),
    ] {
        assert_eq!(value(&file, &format!("gender,female,{step},")), percent, "{step}");
    }
    assert_eq!(value(&file, "gender,female,ratio,"), "1.3");
    assert_eq!(value(&file, "gender,male,ratio,"), "0.7");
    // 80 and 40 in a hundred: S is 0.2, so the indicator is 0.6.
    let evenness: u8 = value(&file, ",,evenness,").parse().expect("a number");
    assert!((58..=62).contains(&evenness), "{evenness}");
    for (page, said) in [
        (
            "index.html",
            [
                "Mand fylder 49\u{a0}% af byen og 33\u{a0}% af svarene",
                "R-indikatoren er",
                "(for mange)",
                "inviterede har svaret fra ",
            ],
        ),
        (
            "index.en.html",
            [
                "49% of the city and 33% of the answers",
                "R-indicator is",
                "(too many)",
                "people invited answered between ",
            ],
        ),
    ] {
        let html = read(&format!("{out}/{page}"));
        for said in said {
            assert!(html.contains(said), "{page}: no {said}");
        }
    }
    let html = read(&format!("{out}/index.html"));
    let heads = ["Byen", "Panelet", "Inviterede", "Svarene", "Vægtet", "Forskel (procentpoint)"];
    for head in heads {
        assert!(html.contains(&format!("<th scope=\"col\">{head}</th>")), "no {head}");
    }
    composition(&office);
    within_a_quarter(&office);
}

/// The page of the panel: published, the same again, not a changed one within a quarter, and after it.
fn composition(office: &Office) {
    let out = "content/results/panel-kbh";
    let publish = ["panel", "composition", "kbh", "--out", out];
    office.desk.says(&publish, 0);
    office.desk.says(&publish, 0);
    let read = |name: &str| fs::read_to_string(office.desk.path(name)).expect("a file");
    let file = read(&format!("{out}/data/composition.csv"));
    assert_eq!(value(&file, "gender,female,members,"), "120");
    assert_eq!(value(&file, "district,oesterbro,members,"), "·");
    let mut more = "email,birth_year,gender,district,education,language,panels\n".to_owned();
    (0..20)
        .for_each(|n| more += &format!("new{n}@example.dk,1972,female,valby,vocational,da,kbh\n"));
    fs::write(office.desk.path("more.csv"), more).expect("a table");
    office.desk.says(&["panel", "import", "more.csv"], 0);
    let running = office.run();
    office.confirm_all();
    drop(running);
    for day in [0, 89] {
        let refused = done_on_day(office, day, &publish);
        assert_eq!(refused.status.code(), Some(1), "{}", told(&refused));
        assert!(told(&refused).contains("would show who came or left"), "{}", told(&refused));
    }
    assert_eq!(read(&format!("{out}/data/composition.csv")), file, "nothing was written");
    let again = done_on_day(office, 91, &publish);
    assert!(again.status.success(), "{}", told(&again));
    let file = read(&format!("{out}/data/composition.csv"));
    assert_eq!(value(&file, "gender,female,members,"), "140");
    office.desk.says(&["check", "content"], 0);
    office.desk.says(&["build", "--out", "public"], 0);
    let page = read("public/r/panel-kbh/index.html");
    for said in [
        "Hvem er med i Københavns Borgerpanel?",
        "Mand fylder 49\u{a0}%",
        "Omkring 260 mennesker",
        "<svg",
    ] {
        assert!(page.contains(said), "no {said}");
    }
    assert!(read("public/en/r/panel-kbh/index.html").contains("Who is in"));
    assert!(read("public/r/index.html").contains("href=\"/r/panel-kbh/\""));
    assert_eq!(read("public/r/panel-kbh/data/composition.csv"), file);
    look_at_it(office);
}

/// A second survey of the panel that is over at the same time tells the same panel, though twenty have come since.
fn within_a_quarter(office: &Office) {
    let path = |slug: &str| office.desk.path(&format!("content/surveys/{slug}.md"));
    let closed = fs::read_to_string(path("parker")).expect("the survey");
    let open = closed.replace("2026-01-02", "2099-01-01");
    fs::write(path("traeer"), &open).expect("written");
    fs::copy(path("parker.en"), path("traeer.en")).expect("its translation");
    office.desk.says(&["invite", "traeer"], 0);
    fs::write(path("traeer"), closed).expect("written");
    let members = office.members();
    assert!(!members.invited("traeer").expect("invitations").is_empty(), "nobody was invited");
    let running = office.run();
    let begun = Instant::now();
    let steps = loop {
        if let Some(steps) = members.steps("traeer").expect("the database") {
            break steps;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "the survey was not closed");
        std::thread::sleep(Duration::from_millis(100));
    };
    drop(running);
    let first = members.steps("parker").expect("the database").expect("kept");
    assert_eq!(steps.panel["gender"]["female"], 120);
    assert_eq!((steps.panel, steps.counted), (first.panel, first.counted));
}

/// Nothing that axe finds, and nothing that runs over the edge.
fn look_at_it(office: &Office) {
    let desk = place::desk();
    copy(&office.desk.path("content"), &desk.path("content"));
    let place = Place::of(desk, Channel::Web, None);
    let Some(browser) = examiner(PHONE) else { return };
    for path in ["/r/panel-kbh/", "/en/r/panel-kbh/", "/r/"] {
        browser.goto(&place.at(path));
        for look in [Look::plain(PHONE), Look::plain(LYING)] {
            browser.wear(look);
            assert_eq!(violations(&browser), Vec::<String>::new(), "{path}, {look}");
            let sideways = "return document.documentElement.scrollWidth > innerWidth";
            assert!(browser.run(sideways, Vec::new()) == false, "{path}, {look} scrolls sideways");
        }
    }
}
