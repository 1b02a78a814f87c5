//! Building a site: the tree it makes, what it refuses, and the pages a citizen sees.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use borgerpanel::diag::Language;
use borgerpanel::site::{self, Mode, Options, Outcome, SurveyPage, release};
use borgerpanel::survey::{Fields, Problem};

const SETTINGS: &str = r#"name = "Prøvepanelet"
languages_required = ["da", "en"]
[controller]
name = "Byen"
dpo_contact = "dpo@example.dk"
[accessibility]
statement_url = "/was/"
phone = "12 34 56 78"
"#;

const SURVEY: &str = r#"---
title: Hvad synes du?
summary: Om parken.
closes: 2026-12-31
---

Tak, fordi du er med.

# Parken {#park}

## Hvor tit kommer du her? {#often required}

- ( ) Tit {#daily}
- ( ) Aldrig {#never goto=end}
- ( ) Andet: ____ {#other}

## Hvad laver du her? {#what max=2}

- [ ] Går {#walk}
- [ ] Løber {#run}
- [ ] Ikke noget {#none exclusive}

## Hvordan er her? {#rate required}

|                | Skidt {#1} | Godt {#2} | Ved ikke {#x dontknow} |
|----------------|:----------:|:---------:|:----------------------:|
| Rent {#clean}  |            |           |                        |
| Trygt {#safe}  |            |           |                        |

## Hvor glad er du for den? {#nps scale=0..10}

- 0: Slet ikke
- 10: Meget

## Hvor gammel er du? {#age number min=15 max=120 unit="år"}

## Mere? {#more maxlength=200}
____
____
____
"#;

const SURVEY_EN: &str = r#"---
title: What do you think?
summary: About the park.
---

Thank you for being here.

# The park {#park}

## How often do you come here? {#often}

- ( ) Often {#daily}
- ( ) Never {#never}
- ( ) Something else: ____ {#other}

## What do you do here? {#what}

- [ ] Walk {#walk}
- [ ] Run {#run}
- [ ] Nothing {#none}

## How is it here? {#rate}

|                | Bad {#1} | Good {#2} | Don't know {#x} |
|----------------|:--------:|:---------:|:---------------:|
| Clean {#clean} |          |           |                 |
| Safe {#safe}   |          |           |                 |

## How happy are you with it? {#nps}

- 0: Not at all
- 10: Very

## How old are you? {#age unit="years"}

## More? {#more}
____
____
____
"#;

/// A content folder of its own, to change and build.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a temporary folder") };
        place.write("content/site.toml", SETTINGS);
        place.write(
            "content/_index.md",
            "---\ntitle: Få indflydelse\nlead: Svar.\n---\n\n[Om](/om/)\n",
        );
        place.write("content/_index.en.md", "---\ntitle: Have a say\n---\n\nHello\n");
        place.write("content/pages/om.md", "---\ntitle: Om os\n---\n\n## Hvem?\n\nVi.\n");
        place.write("content/pages/om.en.md", "---\ntitle: About us\n---\n\nWe.\n");
        place.write("content/surveys/park.md", SURVEY);
        place.write("content/surveys/park.en.md", SURVEY_EN);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a file");
        assert!(text.contains(from), "{from} in {name}");
        self.write(name, &text.replace(from, to));
    }

    fn build(&self) -> Outcome {
        self.build_with(None)
    }

    fn build_with(&self, theme: Option<&str>) -> Outcome {
        let theme = theme.map(|name| self.path(name));
        let options =
            Options { content: self.path("content"), theme, out: self.path("public"), kiosk: None };
        site::build(&options).expect("it can be read and written")
    }

    fn refused(&self, theme: Option<&str>) -> String {
        let outcome = self.build_with(theme);
        assert!(outcome.site.is_none(), "it was built");
        let told = outcome.diagnostics.iter();
        told.map(|one| {
            let at = outcome.sources.get(&one.file).map_or("", |text| &text[one.span.clone()]);
            format!("{}: {} [{at}]\n", one.entry.code, one.message(Language::English))
        })
        .collect()
    }

    fn page(&self, name: &str) -> String {
        let path = self.path("public").join(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// Every file below `folder`, hashed names shortened: `assets/app.*.css`.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            out.insert(name, fs::read(&path).expect("a file"));
        }
    }
    out
}

fn names(folder: &Path) -> Vec<String> {
    let star = |name: &String| {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            [stem, hash, ending] if hash.len() == 12 => format!("{stem}.*.{ending}"),
            [stem, ending] if stem.len() > 64 => format!("versions/*.{ending}"),
            _ => name.clone(),
        }
    };
    tree(folder).keys().map(star).collect()
}

#[test]
fn makes_the_addresses_of_the_contract() {
    let place = Place::new();
    place.build();
    let want = [
        "404.html",
        "assets/IBMPlexSans-Regular-Latin1.*.woff2",
        "assets/IBMPlexSans-SemiBold-Latin1.*.woff2",
        "assets/aloud.*.js",
        "assets/fonts/OFL.txt",
        "assets/icon.*.svg",
        "assets/kiosk.*.js",
        "assets/page.*.css",
        "assets/page.*.css",
        "assets/page.*.js",
        "assets/paper-park.*.css",
        "assets/paper-park.*.css",
        "assets/paper.*.css",
        "assets/results.*.css",
        "assets/scene.*.svg",
        "assets/staff.*.css",
        "assets/survey.*.css",
        "assets/survey.*.js",
        "en/404.html",
        "en/index.html",
        "en/kode/index.html",
        "en/om/index.html",
        "en/s/park/index.html",
        "en/s/park/papir/index.html",
        "en/s/park/tak/index.html",
        "en/was/index.html",
        "index.html",
        "kode/index.html",
        "om/index.html",
        "s/park/index.html",
        "s/park/papir/index.html",
        "s/park/tak/index.html",
        "was/index.html",
    ];
    let mut found = names(&place.path("public"));
    found.sort();
    assert_eq!(found, want);
    let release = names(&place.path("public.release"));
    for name in [
        "Caddyfile",
        "articles.json",
        "kiosk/en/s/park/index.html",
        "kiosk/kiosk/index.html",
        "kiosk/s/park/index.html",
        "nginx.conf",
        "site.json",
        "surveys/park.json",
        "versions/*.json",
    ] {
        assert!(release.iter().any(|found| found == name), "{name} in {release:?}");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes_and_nothing_is_written_twice() {
    let place = Place::new();
    place.build();
    let first = (tree(&place.path("public")), tree(&place.path("public.release")));
    let again = place.build();
    assert_eq!((again.changes.written, again.changes.removed), (0, 0));
    let other = Place::new();
    other.build();
    let second = (tree(&other.path("public")), tree(&other.path("public.release")));
    assert_eq!(first.0, second.0);
    assert_eq!(first.1, second.1);
}

#[test]
fn removes_what_it_made_and_nothing_else() {
    let place = Place::new();
    place.build();
    place.write("public/robots.txt", "mine");
    fs::remove_file(place.path("content/surveys/park.md")).expect("removed");
    fs::remove_file(place.path("content/surveys/park.en.md")).expect("removed");
    let outcome = place.build();
    assert!(outcome.changes.removed > 0);
    assert!(!place.path("public/s").exists());
    assert!(!place.path("public.release/kiosk/s").exists());
    assert!(!place.path("public.release/surveys").exists());
    assert_eq!(place.page("robots.txt"), "mine");
    // Answers to the page as it was may still come.
    assert_eq!(names(&place.path("public.release/versions")).len(), 1);
}

#[test]
fn one_theme_file_is_replaced() {
    let place = Place::new();
    place.write(
        "theme/templates/page.html",
        "{% extends \"base.html\" %}{% block main %}MIT{% endblock %}",
    );
    place.write("theme/templates/pages.html", "");
    let outcome = place.build_with(Some("theme"));
    assert!(place.page("om/index.html").contains("MIT"));
    assert!(place.page("index.html").contains("Få indflydelse"));
    let warnings: Vec<_> = outcome.diagnostics.iter().map(|one| one.entry.code).collect();
    assert_eq!(warnings, ["unknown-theme-file"]);
    let opened = release::open(&place.path("public.release"), &place.path("public"));
    let opened = opened.expect("the release is complete");
    let article = opened.renderer.article("om", "da").expect("the page").clone();
    let page = opened.renderer.article_page(&article, Mode::Web).expect("rendered");
    assert_eq!(page, place.page("om/index.html"));
}

#[test]
fn site_toml_names_the_theme() {
    let place = Place::new();
    place.edit("content/site.toml", "name = \"Prøvepanelet\"", "name = \"P\"\ntheme = \"by\"");
    place.write("themes/by/text/da.toml", "[ui]\nsend = \"Af sted\"\n");
    place.build();
    assert!(place.page("s/park/index.html").contains("Af sted"));
}

#[test]
fn refuses_colours_that_cannot_be_read() {
    let place = Place::new();
    let css = site::Theme::builtin()
        .text("css/theme.css")
        .replace("--muted: #46535f", "--muted: #aaaaaa");
    place.write("theme/css/theme.css", &css);
    let told = place.refused(Some("theme"));
    assert!(told.contains("low-contrast: --muted on --paper: a contrast of 2.1"), "{told}");
    assert!(told.contains("but 4.5:1 is needed [--muted: #aaaaaa"), "{told}");
    assert!(!place.path("public").exists());
}

#[test]
fn a_broken_template_names_its_file_and_line() {
    let told = broken("templates/page.html", "{% if %}");
    assert!(told.contains("page.html:1"), "{told}");
}

#[test]
fn a_broken_script_names_its_file_and_line() {
    let told = broken("js/kiosk/visit.js", "const idle = 1;\nconst away = ;\n");
    assert!(told.contains("line 2: ") && told.contains("js/kiosk/visit.js"), "{told}");
}

/// What is said of a theme with this file.
fn broken(file: &str, text: &str) -> String {
    let place = Place::new();
    place.write(&format!("theme/{file}"), text);
    let options = Options {
        content: place.path("content"),
        theme: Some(place.path("theme")),
        out: place.path("public"),
        kiosk: None,
    };
    site::build(&options).expect_err("a file of the theme is broken").to_string()
}

#[test]
fn refuses_links_that_lead_nowhere_and_says_where_they_are() {
    let place = Place::new();
    place.edit("content/pages/om.md", "Vi.", "Se [det](/omm/) og [det](/om/#hvem).");
    let told = place.refused(None);
    assert!(told.contains("broken-link: nothing answers at `/omm/` [/omm/]"), "{told}");
    place.edit("content/pages/om.md", "(/omm/)", "(/en/om/)");
    place.edit("content/pages/om.md", "(/om/#hvem)", "(#survey-form)");
    let told = place.refused(None);
    assert!(told.contains("[#survey-form]"), "{told}");
}

#[test]
fn refuses_links_out_of_a_kiosk() {
    let place = Place::new();
    place.edit(
        "content/surveys/park.md",
        "Tak, fordi du er med.",
        "Se [her](https://example.dk/).",
    );
    place.edit("content/surveys/park.en.md", "Thank you for being here.", "See [here](/en/om/).");
    let told = place.refused(None);
    assert!(told.contains("kiosk-link"), "{told}");
    assert!(told.contains("[https://example.dk/]"), "{told}");
    place.edit("content/surveys/park.md", "closes:", "channels: [web]\ncloses:");
    assert!(place.build().site.is_some());
    assert!(!place.path("public.release/kiosk/s").exists());
}

#[test]
fn refuses_names_that_cannot_be_addresses() {
    let place = Place::new();
    place.write("content/README.md", "for people who write here");
    place.write("content/pages/_index.md", "---\ntitle: a\n---\n");
    place.write("content/pages/Om Os.md", "---\ntitle: a\n---\n");
    place.write("content/pages/kiosk.md", "---\ntitle: a\n---\n");
    place.write("content/pages/om.de.md", "---\ntitle: a\n---\n");
    place.write("content/pages/alene.en.md", "---\ntitle: a\n---\n");
    place.write("content/pages/uden.md", "---\ntitel: a\n---\n");
    let told = place.refused(None);
    for code in [
        "file-name: `Om Os`",
        "file-name: `_index`",
        "address-taken: the address `/kiosk/`",
        "unknown-language: `de`",
        "translation-without-base",
        "missing-translation-file: the language `en` is required, but `uden.en.md`",
        "page-front-matter",
        "[titel]",
    ] {
        assert!(told.contains(code), "{code} in {told}");
    }
}

#[test]
fn a_folder_without_settings_is_an_error_with_advice() {
    let place = Place::new();
    let options = Options {
        content: place.path("nowhere"),
        theme: None,
        out: place.path("public"),
        kiosk: None,
    };
    let error = site::build(&options).expect_err("there is nothing");
    assert!(error.to_string().contains("--content"), "{error}");
}

#[test]
fn a_page_follows_the_contract_of_the_form() {
    let place = Place::new();
    place.build();
    let page = place.page("s/park/index.html");
    for part in [
        r#"<html lang="da" class="web">"#,
        r#"<input type="hidden" name="_id" value="">"#,
        r#"<form id="survey-form" method="post" novalidate autocomplete="off">"#,
        r#"<input type="radio" id="q-often-daily" name="often" value="daily">"#,
        r#"name="often.other.text""#,
        r#"<input type="checkbox" id="q-what-run" name="what" value="run">"#,
        r#"<input type="radio" id="q-rate-safe-2" name="rate.safe" value="2">"#,
        r#"<input type="radio" id="q-nps-10" name="nps" value="10">"#,
        r#"inputmode="numeric" id="q-age" name="age""#,
        r#"<textarea id="q-more" name="more""#,
        r#"name="_switch" value="en""#,
        r#"<script type="application/json" id="survey">{"#,
        r#""slug":"park"}"#,
        "Det tager cirka",
        "Vi spørger ikke om dit navn",
        "dpo@example.dk",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.to_lowercase().contains("anonym"));
    assert!(!page.contains(" style=") && !page.contains(" onclick="), "the policy forbids it");
    let english = place.page("en/s/park/index.html");
    assert!(english.contains(r#"<html lang="en""#) && english.contains("How often do you come"));
    let kiosk = place.path("public.release/kiosk/s/park/index.html");
    let kiosk = fs::read_to_string(kiosk).expect("the kiosk's page");
    assert!(kiosk.contains(r#"data-mode="kiosk" data-idle="90" data-warning="30""#));
    assert!(kiosk.contains(r#"<dialog id="idle""#));
    assert!(!kiosk.contains("href=\"http"));
}

#[test]
fn a_static_host_sends_the_headers_our_servers_send() {
    let mut reply = borgerpanel::server::http::Response::html(200, "");
    borgerpanel::server::headers::complete(&mut reply, "/");
    for (name, value) in reply.headers.iter().filter(|(name, _)| *name != "Content-Type") {
        for snippet in [site::snippets::nginx(), site::snippets::caddy()] {
            assert!(snippet.contains(&format!("{name} \"{value}\"")), "{name}: {value}");
        }
    }
}

#[test]
fn a_served_page_gets_an_id_in_its_one_hole() {
    let place = Place::new();
    place.build();
    let page = place.page("s/park/index.html");
    assert_eq!(page.matches(site::render::ID_HOLE).count(), 1);
    let id = "0123456789abcdef0123456789abcdef";
    let served = site::render::with_id(&page, id);
    assert!(served.contains(&format!(r#"name="_id" value="{id}""#)));
    assert_eq!(served.len(), page.len() + id.len());
}

#[test]
fn text_that_would_end_the_data_block_is_escaped() {
    let place = Place::new();
    place.edit("content/surveys/park.md", "## Mere?", "## Mere \\</script>\\<b>?");
    place.build();
    let page = place.page("s/park/index.html");
    assert!(!page.contains("</script><b>"), "it broke out");
    let data = page.split(r#"id="survey">"#).nth(1).expect("the data").split("</script>").next();
    let data: serde_json::Value = serde_json::from_str(data.expect("an end")).expect("JSON");
    assert!(data["pages"][0]["questions"][5].get("text").is_none(), "the page has it already");
}

fn fields(list: &[(&str, &str)]) -> Fields {
    Fields(list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
}

#[test]
fn a_page_sent_back_keeps_answers_and_names_every_problem_twice() {
    let place = Place::new();
    let site = place.build().site.expect("built");
    let kept = fields(&[
        ("often", "other"),
        ("often.other.text", "\"><script>"),
        ("what", "walk"),
        ("what", "run"),
        ("rate.clean", "2"),
        ("age", "tolv"),
        ("more", "</textarea>æ"),
    ]);
    let mut row = Problem::new("required-row", "rate");
    row.row = Some("safe".to_owned());
    let problems = [row, Problem::new("number-format", "age"), Problem::new("stale", "gone")];
    let definition = site.survey("park").expect("the survey");
    let nudges = [Problem::new("expected", "nps")];
    let page = SurveyPage {
        definition,
        lang: "da",
        mode: Mode::Web,
        kept: &kept,
        problems: &problems,
        nudges: &nudges,
    };
    let html = site.renderer.survey(&page).expect("rendered");
    for part in [
        "<title>Fejl: Hvad synes du?",
        "Der er 3 problemer",
        r##"<a href="#q-rate-safe-1">Vælg et svar til: “Trygt”</a>"##,
        r##"<a href="#q-age">"##,
        r##"<a href="#survey-form">"##,
        r#"value="other" checked"#,
        r#"name="what" value="walk" checked"#,
        r#"name="what" value="run" checked"#,
        r#"name="rate.clean" value="2" checked"#,
        r#"value="tolv""#,
        r#"aria-invalid="true""#,
        r#"<p class="problem" id="problem-rate-safe">"#,
        r##"<a href="#q-nps-0">Du har ikke svaret på: “Hvor glad er du for den?”</a>"##,
        r#"<p class="problem nudge" id="problem-nps">"#,
        r#"<input type="hidden" name="_asked" value="nps">"#,
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("Vælg et svar til: “Trygt”").count(), 2);
    assert!(!html.contains("\"><script>") && !html.contains("</textarea>æ"));
}

#[test]
fn every_fault_has_a_page_in_both_languages() {
    let place = Place::new();
    let site = place.build().site.expect("built");
    for status in [400, 403, 404, 405, 408, 409, 410, 413, 415, 429, 500, 503] {
        let fault = site::Fault::Status(status);
        let da = site.renderer.fault(fault, "da", Mode::Kiosk).expect("rendered");
        let en = site.renderer.fault(fault, "en", Mode::Web).expect("rendered");
        assert!(da != en && da.contains("<h1>") && !da.contains("error_"), "{status}");
    }
    let page = |fault| site.renderer.fault(fault, "da", Mode::Kiosk).expect("rendered");
    assert!(page(site::Fault::Status(503)).contains("Terminalen kan ikke gemme svar lige nu"));
    assert!(page(site::Fault::NotEnrolled).contains("kan ikke gemme svar"));
}

#[test]
fn lists_say_what_is_open_coming_and_closed() {
    use borgerpanel::site::Listed;
    use borgerpanel::survey::Phase;
    let place = Place::new();
    let site = place.build().site.expect("built");
    let definition = site.survey("park").expect("the survey");
    let home = |phase| {
        let listed = [Listed { definition, phase: Some(phase), results: false }];
        (
            site.renderer.home("da", &listed).expect("rendered"),
            site.renderer.only_open(&listed, "en"),
        )
    };
    let (open, only) = home(Phase::Open);
    assert!(open.contains("href=\"/s/park/\"") && open.contains("Svar senest 31. december 2026"));
    assert_eq!(only.as_deref(), Some("/en/s/park/"));
    let (closed, only) = home(Phase::Closed);
    assert!(!closed.contains("href=\"/s/park/\"") && closed.contains("Lukkede 31. december 2026"));
    assert_eq!(only, None);
    let closed = Listed { definition, phase: Some(Phase::Closed), results: false };
    let gone = site.renderer.unavailable(&closed, "da", Mode::Web);
    assert!(gone.expect("rendered").contains("Den lukkede 31. december 2026."));
}

#[test]
fn the_shipped_content_builds_without_a_word_and_within_its_budget() {
    let out = tempfile::tempdir().expect("a temporary folder");
    let options = Options {
        content: Path::new(env!("CARGO_MANIFEST_DIR")).join("content"),
        theme: None,
        out: out.path().join("public"),
        kiosk: None,
    };
    let outcome = site::build(&options).expect("it can be read");
    let told: Vec<_> =
        outcome.diagnostics.iter().map(|one| one.message(Language::English)).collect();
    assert!(told.is_empty(), "{told:#?}");
    let (address, weight) = outcome.heaviest.expect("there are surveys");
    assert!(weight <= site::build::WEIGHT_MAX, "/{address}: {weight} bytes");
    // A page has one style sheet and one script, and none of them is a survey's with more.
    for (name, bytes) in tree(&out.path().join("public/assets")) {
        let counted = name.ends_with(".css") || name.ends_with(".js");
        assert!(!counted || bytes.len() <= 20_000, "{name}: {} bytes", bytes.len());
    }
}
