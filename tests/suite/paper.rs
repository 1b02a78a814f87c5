//! The paper version: what is printed, in which order and under which numbers.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;

use borgerpanel::clock::FixedClock;
use borgerpanel::response::{Response, SetApart};
use borgerpanel::server::app::{App, Channel, Options, Published};
use borgerpanel::server::collect::{Collector, Refused, State};
use borgerpanel::server::headers::Hosts;
use borgerpanel::server::http::{Method, Request};
use borgerpanel::server::versions::Versions;
use borgerpanel::site::qr::Qr;
use borgerpanel::site::{self, Renderer, Theme, content};
use borgerpanel::survey::condition::{Condition, Operand, Value};
use borgerpanel::survey::kinds::Kind;
use borgerpanel::survey::map::{Area, Map};
use borgerpanel::survey::model::{Carried, Image};
use borgerpanel::survey::{Definition, Question};

use crate::authors::Desk;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/paper").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The survey of the fixture, and what its pages are made with; `hosts` as in `site.toml`.
fn made(hosts: &str) -> (Definition, Renderer) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let settings = format!(
        "name = \"Prøvepanelet\"\nhosts = {hosts}\n[controller]\nname = \"Byen\"\n\
         address = \"Gade 1\"\ndpo_contact = \"dpo@example.dk\"\n[accessibility]\n\
         statement_url = \"/was/\"\nphone = \"12 34 56 78\"\n"
    );
    std::fs::write(folder.path().join("site.toml"), settings).expect("settings");
    std::fs::write(folder.path().join("_index.md"), "---\ntitle: Hej\n---\n").expect("a page");
    std::fs::create_dir(folder.path().join("surveys")).expect("a folder");
    std::fs::write(folder.path().join("surveys/alt.md"), fixture("alt.md")).expect("a survey");
    let content = content::load(folder.path()).expect("it can be read");
    assert!(!content.has_errors(), "{:?}", content.diagnostics);
    let renderer = Renderer::new(&Theme::builtin(), &content.config, &content.articles);
    (content.surveys[0].clone(), renderer.expect("a theme"))
}

/// What a page shows, as lines of text: `( )` and `[ ]` to tick, `_` for a sign, `____` for a line.
fn shown(html: &str) -> Vec<String> {
    let drawn = [
        (r#"<span class="mark one"></span>"#, "( ) "),
        (r#"<span class="mark many"></span>"#, "[ ] "),
        (r#"<span class="amount"></span>"#, "[__] "),
        (r#"<span class="box"></span>"#, "_"),
        (r#"<span class="write"></span>"#, "____ "),
        ("</span>", " "),
        ("</th>", " "),
        ("&quot;", "\""),
    ];
    let body = html.split("<main>").nth(1).expect("a main part").split("</main>").next();
    let drawn = drawn
        .iter()
        .fold(body.unwrap_or_default().to_owned(), |text, (from, to)| text.replace(from, to));
    let mut text = String::new();
    for part in drawn.split('<') {
        text.push_str(part.split_once('>').map_or(part, |(_, after)| after));
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect()
}

/// The lines from the first page of questions on.
fn questions(html: &str) -> String {
    let lines = shown(html);
    let first = lines.iter().position(|line| line == "Om parken").expect("the first page");
    lines[first..].join("\n")
}

#[test]
fn every_question_is_there_once_with_its_number_its_cue_and_its_skips() {
    let (definition, renderer) = made("[]");
    let page = renderer.paper(&definition, "da").expect("rendered");
    assert_eq!(questions(&page), fixture("alt.txt").trim_end());
    for question in definition.base().questions().filter(|question| question.id != "screen") {
        let heading = format!(".</span> {}", question.text.html);
        assert_eq!(page.matches(&heading).count(), 1, "{}", question.id);
    }
    assert!(!page.contains("Hvor var skærmen?"), "nobody with a paper form is asked that");
    assert!(!page.contains(" style=") && !page.contains("<script"), "the policy forbids it");
}

#[test]
fn what_says_who_somebody_is_goes_on_a_sheet_of_its_own() {
    let (definition, renderer) = made("[]");
    let page = renderer.paper(&definition, "da").expect("rendered");
    let (form, sheet) = page.split_once("class=\"tear\"").expect("a last sheet");
    assert!(sheet.contains("Rives af") && sheet.contains("Hvem vil du skrive til?"));
    assert!(!form.contains("Hvem vil du skrive til?"));
    // Printed on both sides, its front must not be the back of answers.
    assert!(form.trim_end().ends_with("</p>\n<section") && form.contains("class=\"empty\""));
    let mut open = definition.clone();
    for question in open.languages.iter_mut().flat_map(|survey| &mut survey.pages[0].questions) {
        question.private = false;
    }
    let page = renderer.paper(&open, "da").expect("rendered");
    assert!(!page.contains("class=\"tear\"") && !page.contains("class=\"empty\""));
}

#[test]
fn the_address_on_the_web_is_there_as_text_and_as_a_code() {
    let (definition, renderer) = made("[\"panel.example.dk\", \"localhost\"]");
    let page = renderer.paper(&definition, "da").expect("rendered");
    let code = Qr::of("https://panel.example.dk/s/alt/").expect("it fits");
    assert!(page.contains(&format!("<path d=\"{}\"/>", code.path)));
    assert!(page.contains("panel.example.dk/<wbr>s/<wbr>alt/<wbr>"));
    let (definition, renderer) = made("[]");
    let page = renderer.paper(&definition, "da").expect("rendered");
    assert!(!page.contains("<svg") && !page.contains("svare på nettet:"), "there is no address");
}

#[test]
fn the_first_sheet_says_how_who_and_until_when() {
    let (definition, renderer) = made("[]");
    let lines = shown(&renderer.paper(&definition, "da").expect("rendered")).join("\n");
    for part in [
        "Tak, fordi du er med.",
        "( ) Runde felter",
        "[ ] Firkantede felter",
        "Aflever skemaet på biblioteket",
        "sende det til Byen, Gade 1.",
        "senest 31. december 2026",
        "Formål: At se, hvordan det bliver.",
        "dpo@example.dk",
        "Når du har afleveret skemaet",
    ] {
        assert!(lines.contains(part), "{part} in {lines}");
    }
    assert!(!lines.contains("Når du har sendt"), "nothing is sent");
}

#[test]
fn the_foot_of_every_sheet_names_the_version() {
    let (definition, renderer) = made("[]");
    let (path, css) = renderer.paper_foot(&definition, "da");
    let name = format!("Skema alt · {} · da", &definition.version[..8]);
    assert_eq!(css, format!("@page{{@bottom-left{{content:\"{name}\"}}}}\n"));
    let page = renderer.paper(&definition, "da").expect("rendered");
    assert!(page.contains(&format!("href=\"/{path}\"")));
    assert!(page.contains(&format!("<footer>{name}</footer>")));
}

/// The question with this id.
fn question<'d>(definition: &'d mut Definition, id: &str) -> &'d mut Question {
    let survey = &mut definition.languages[0];
    let mut questions = survey.pages.iter_mut().flat_map(|page| &mut page.questions);
    questions.find(|question| question.id == id).expect("the question")
}

#[test]
fn choices_of_an_earlier_question_are_all_there_and_one_line_says_which() {
    let (mut definition, renderer) = made("[]");
    for (chosen, told) in [
        (true, "Vælg kun blandt det, du valgte i spørgsmål 2."),
        (false, "Vælg kun blandt det, du ikke valgte i spørgsmål 2."),
    ] {
        let one = question(&mut definition, "rank");
        one.from = Some(Carried { q: "what".to_owned(), chosen });
        let has = |id: &str| Condition::Has {
            left: Operand::Q("what".to_owned()),
            right: Value::Text(id.to_owned()),
        };
        one.choices[0].condition = Some(Box::new(has("walk")));
        one.condition = Some(Condition::Or { of: vec![has("walk"), has("run")] });
        let page = questions(&renderer.paper(&definition, "da").expect("rendered"));
        assert!(page.contains(&format!("{told}\n3. Hvad er vigtigst?")), "{page}");
        assert!(page.contains("[__] Træer\n"), "{page}");
    }
}

#[test]
fn a_place_is_a_map_and_a_list_and_a_picture_stands_at_its_choice() {
    let (mut definition, renderer) = made("[]");
    let (id, shape) = ("valby".to_owned(), "<path d=\"M0 0L9 0 9 9Z\"/>".to_owned());
    let area = Area { id, shape, ..Area::default() };
    let map = Map { view_box: "0 0 9 9".to_owned(), areas: vec![area], ..Map::default() };
    definition.maps.insert("districts".to_owned(), map);
    let one = question(&mut definition, "district");
    one.kind = Kind::named("place").expect("a kind");
    one.map = Some("districts".to_owned());
    one.choices[1].image = Some(Image {
        src: "/assets/valby.0123456789ab.png".to_owned(),
        alt: "En \"gade\"".to_owned(),
        width: 300,
        height: 200,
    });
    let page = renderer.paper(&definition, "da").expect("rendered");
    assert!(page.contains("viewBox=\"0 0 9 9\"") && page.contains("<path d=\"M0 0L9 0 9 9Z\"/>"));
    assert!(page.contains("alt=\"En &quot;gade&quot;\" width=\"300\" height=\"200\""), "{page}");
    assert!(page.contains(">Valby</text>"), "the area has its name");
    assert!(questions(&page).contains("( ) Nørrebro\n( ) Valby"));
}

/// Nothing is answered here.
struct Nobody;

impl Collector for Nobody {
    fn store(&self, _: &Response, _: &[SetApart], _: &Definition) -> Result<(), Refused> {
        panic!("nothing was posted")
    }

    fn state(&self) -> State {
        State { can_store: true, word: "ok".to_owned(), unsynced: 0, disk_free_bytes: None }
    }
}

#[test]
fn it_is_served_as_long_as_its_survey_is_open_and_never_by_a_kiosk() {
    let desk = Desk::new();
    let options = site::Options {
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
        kiosk: None,
    };
    let site = site::build(&options).expect("a build").site.expect("no mistakes");
    for (channel, open, closed) in [(Channel::Web, 200, 410), (Channel::Kiosk, 404, 410)] {
        let options = Options {
            channel,
            kiosk: None,
            surveys: Vec::new(),
            clock: Arc::new(FixedClock("2026-11-24T10:00:00Z".parse().expect("a time"))),
            collector: Arc::new(Nobody),
            api: None,
        };
        let (site, versions) = (site.clone(), Versions::default());
        let app = App::new(options, Published { site, versions, release: String::new() });
        app.allow(Hosts::new("127.0.0.1:80".parse().expect("an address"), &[]));
        let status = |method, path: &str| {
            let headers = vec![("host".to_owned(), "127.0.0.1".to_owned())];
            let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
            let (path, query, body) = (path.to_owned(), String::new(), Vec::new());
            app.answer(&Request { method, path, query, headers, body, peer }).status
        };
        assert_eq!(status(Method::Get, "/s/groenne-omraader/papir/"), open);
        assert_eq!(status(Method::Get, "/en/s/groenne-omraader/papir/"), open);
        assert_eq!(status(Method::Get, "/s/cykelparkering/papir/"), closed);
        let refused = if open == 200 { 405 } else { 404 };
        assert_eq!(status(Method::Post, "/s/groenne-omraader/papir/"), refused);
    }
}

#[test]
fn only_the_start_page_at_home_leads_to_it() {
    let desk = Desk::new();
    let options = site::Options {
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
        kiosk: None,
    };
    site::build(&options).expect("a build").site.expect("no mistakes");
    let read = |path: &str| std::fs::read_to_string(desk.path(path)).expect("a page");
    let link = "<a href=\"papir/\">";
    assert!(read("public/s/groenne-omraader/index.html").contains(link));
    assert!(read("public/en/s/groenne-omraader/index.html").contains(link));
    assert!(!read("public.release/kiosk/s/groenne-omraader/index.html").contains(link));
    assert!(!desk.path("public.release/kiosk/s/groenne-omraader/papir").exists());
}
