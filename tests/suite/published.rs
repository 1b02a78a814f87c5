//! What a citizen sees after an answer: what happens next, an invitation to a panel, and results once
//! they are published.

use std::fs;

use borgerpanel::diag::Language;
use borgerpanel::server::app::Channel;
use borgerpanel::site::{self, Listed, Mode, Options, Site};
use borgerpanel::survey::Phase;

use crate::authors::Desk;
use crate::browser::place::Place;

fn build(desk: &Desk) -> site::Outcome {
    let options = Options {
        content: desk.path("content"),
        theme: None,
        out: desk.path("public"),
        kiosk: None,
    };
    site::build(&options).expect("it can be read and written")
}

fn built(desk: &Desk) -> Site {
    let outcome = build(desk);
    let told: Vec<_> =
        outcome.diagnostics.iter().map(|one| one.message(Language::English)).collect();
    outcome.site.unwrap_or_else(|| panic!("{told:#?}"))
}

/// Puts results of `slug` where the build looks for them.
fn publish(desk: &Desk, slug: &str) {
    let folder = desk.path("content/results").join(slug);
    fs::create_dir_all(folder.join("data")).expect("a folder");
    let page = format!("<p>614 har svaret. <a href=\"/r/{slug}/data/results.csv\">Tal</a></p>");
    fs::write(folder.join("index.html"), page).expect("written");
    fs::write(folder.join("data/results.csv"), "survey,question\n").expect("written");
}

fn settings(desk: &Desk, from: &str, to: &str) {
    let path = desk.path("content/site.toml");
    let text = fs::read_to_string(&path).expect("the settings");
    assert!(text.contains(from), "{from} in {text}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

fn page(desk: &Desk, name: &str) -> String {
    fs::read_to_string(desk.path("public").join(name)).expect("a page")
}

#[test]
fn results_get_the_sites_frame_and_their_data_lie_beside_them() {
    let desk = Desk::new();
    publish(&desk, "cykelparkering");
    built(&desk);
    let danish = page(&desk, "r/cykelparkering/index.html");
    assert!(danish.contains("<h1>Er der plads til din cykel?</h1>") && danish.contains("614"));
    assert!(danish.contains("class=\"bar\"") && danish.contains("<title>Resultater: "));
    // Where nobody translated them, they are shown as they are, and said to be so.
    assert!(page(&desk, "en/r/cykelparkering/index.html").contains("<html lang=\"da\""));
    assert_eq!(page(&desk, "r/cykelparkering/data/results.csv"), "survey,question\n");
    let home = page(&desk, "index.html");
    assert!(home.contains("<h2>Resultater</h2>") && home.contains("href=\"/r/cykelparkering/\""));
}

#[test]
fn a_link_in_results_that_leads_nowhere_is_told() {
    let desk = Desk::new();
    publish(&desk, "cykelparkering");
    let path = desk.path("content/results/cykelparkering/index.html");
    fs::write(path, "<p><a href=\"/r/cykelparkering/data/tal.csv\">Tal</a></p>").expect("written");
    let outcome = build(&desk);
    assert!(outcome.site.is_none());
    assert_eq!(outcome.diagnostics[0].entry.code, "broken-link");
}

#[test]
fn lists_and_closed_pages_lead_to_results_on_the_web_alone() {
    let desk = Desk::new();
    publish(&desk, "cykelparkering");
    let site = built(&desk);
    assert!(site.has_results("cykelparkering") && !site.has_results("havnebade"));
    let definition = site.survey("cykelparkering").expect("the survey");
    let listed = Listed { definition, phase: Some(Phase::Closed), results: true };
    let home = site.renderer.home("da", &[listed]).expect("rendered");
    assert!(!home.contains("Afsluttede undersøgelser") && home.contains("Se resultaterne"));
    assert!(home.contains("Der er ingen åbne undersøgelser lige nu"));
    let gone = |mode| site.renderer.unavailable(&listed, "en", mode).expect("rendered");
    assert!(gone(Mode::Web).contains("href=\"/en/r/cykelparkering/\""));
    assert!(!gone(Mode::Kiosk).contains("/r/"));
    let without = Listed { results: false, ..listed };
    let home = site.renderer.home("da", &[without]).expect("rendered");
    assert!(home.contains("Afsluttede undersøgelser") && !home.contains("Resultater"));
}

#[test]
fn the_home_page_of_the_day_shows_results_of_surveys_by_invitation_too() {
    let desk = Desk::new();
    publish(&desk, "cykelparkering");
    let path = desk.path("content/surveys/cykelparkering.md");
    let text = fs::read_to_string(&path).expect("the survey");
    fs::write(path, text.replacen("sample: open", "sample: panel", 1)).expect("written");
    let place = Place::of(desk, Channel::Web, None);
    let home = ureq::get(&place.at("/")).call().expect("a page").body_mut().read_to_string();
    let home = home.expect("text");
    assert!(home.contains("href=\"/r/cykelparkering/\""), "{home}");
    let results = ureq::get(&place.at("/r/cykelparkering/")).call().expect("a page");
    assert_eq!(results.status(), 200);
    let data = ureq::get(&place.at("/r/cykelparkering/data/results.csv")).call().expect("a file");
    assert_eq!(data.headers()["content-type"], "text/csv; charset=utf-8");
}

#[test]
fn a_thank_you_says_what_happens_next_and_promises_no_panel_that_nobody_can_join() {
    let desk = Desk::new();
    let path = desk.path("content/surveys/groenne-omraader.md");
    let text = fs::read_to_string(&path).expect("the survey");
    fs::write(path, text.replacen("---\n", "---\ncloses: 2031-12-31\n", 1)).expect("written");
    fs::remove_dir_all(desk.path("content/panels")).expect("no forms");
    built(&desk);
    let thanks = page(&desk, "s/groenne-omraader/tak/index.html");
    assert!(!page(&desk, "index.html").contains("/panel/"));
    for part in ["Hvad sker der nu?", "åben til 31. december 2031", "borgerpanelet@example.dk"] {
        assert!(thanks.contains(part), "{part} in {thanks}");
    }
    assert!(!thanks.contains("Vil du spørges igen?"));
}

#[test]
fn a_form_of_the_sites_own_is_a_link_at_home_and_on_a_kiosk() {
    let desk = Desk::new();
    built(&desk);
    let web = page(&desk, "s/groenne-omraader/tak/index.html");
    assert!(web.contains("<a class=\"button\" href=\"/panel/kbh/\">"), "{web}");
    let english = page(&desk, "en/s/groenne-omraader/tak/index.html");
    assert!(english.contains("href=\"/en/panel/kbh/\""), "{english}");
    let kiosk = desk.path("public.release/kiosk/s/groenne-omraader/tak/index.html");
    let kiosk = fs::read_to_string(kiosk).expect("a page");
    assert!(kiosk.contains("href=\"/panel/kbh/\"") && !kiosk.contains("class=\"qr\""), "{kiosk}");
    assert!(desk.path("public.release/kiosk/panel/kbh/index.html").exists());
    assert!(page(&desk, "index.html").contains("href=\"/panel/kbh/\""));
}

#[test]
fn a_panel_one_can_join_is_a_link_at_home_and_a_code_on_a_kiosk() {
    let desk = Desk::new();
    settings(&desk, "# join =", "join =");
    built(&desk);
    let address = "panel.example.dk/bliv-medlem";
    let web = page(&desk, "s/groenne-omraader/tak/index.html");
    assert!(web.contains(&format!("<a class=\"button\" href=\"https://{address}\">")), "{web}");
    assert!(web.contains("Bliv medlem af Københavns Borgerpanel") && !web.contains("class=\"qr\""));
    let kiosk = desk.path("public.release/kiosk/s/groenne-omraader/tak/index.html");
    let kiosk = fs::read_to_string(kiosk).expect("a page");
    assert!(kiosk.contains("class=\"qr\"") && !kiosk.contains("https://"), "{kiosk}");
    assert!(kiosk.contains(&format!("<strong class=\"address\">{address}</strong>")));
    assert!(!kiosk.contains("Resultaterne bliver vist her"), "a kiosk shows none");
}

#[test]
fn who_asks_and_why_stands_on_the_start_page_without_opening_anything() {
    let desk = Desk::new();
    built(&desk);
    let start = page(&desk, "s/groenne-omraader/index.html");
    let asks = start.split("<p class=\"asks\">").nth(1).and_then(|rest| rest.split("</p>").next());
    let want = "Det er Københavns Kommune (eksempel), der spørger. Dine svar hjælper os med at \
                vælge, hvor byens parker skal forbedres først.";
    assert_eq!(asks, Some(want));
}
