//! The look of another city: its tokens and its logo, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use borgerpanel::diag::Language;
use borgerpanel::site::{self, Options, Outcome, Theme, tokens};

use crate::authors::Desk;

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The shipped content in the theme of this folder, and the folder its pages lie in.
fn built(theme: &Path) -> (Outcome, tempfile::TempDir) {
    let out = tempfile::tempdir().expect("a temporary folder");
    let options = Options {
        content: source("content"),
        theme: Some(theme.to_owned()),
        out: out.path().join("public"),
        kiosk: None,
    };
    (site::build(&options).expect("it can be read and written"), out)
}

fn told(outcome: &Outcome) -> Vec<String> {
    outcome.diagnostics.iter().map(|one| one.message(Language::English)).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let (mut names, mut todo) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder");
                names.push(name.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    names.sort();
    names
}

/// The text of the only file below `assets/` that begins and ends so.
fn asset(out: &Path, start: &str, end: &str) -> String {
    let assets = out.join("public/assets");
    let found = files(&assets);
    let name = found.iter().find(|name| name.starts_with(start) && name.ends_with(end));
    fs::read_to_string(assets.join(name.expect("there is one"))).expect("text")
}

#[test]
fn another_city_is_its_tokens_and_its_logo() {
    let nordby = source("themes/nordby");
    assert_eq!(files(&nordby), ["css/theme.css", "images/logo.svg"]);
    let (outcome, out) = built(&nordby);
    assert_eq!(told(&outcome), Vec::<String>::new());
    let page = fs::read_to_string(out.path().join("public/index.html")).expect("the home page");
    assert!(page.contains(r#"<img class="logo" src="/assets/logo."#), "{page}");
    assert!(page.contains(r#"alt="" width="48" height="48""#) && !page.contains("class=\"mark\""));
    // The font is its readers' own: the built-in one is not fetched.
    assert!(!page.contains("rel=\"preload\""), "{page}");
}

#[test]
fn drawings_are_in_the_colours_of_the_theme() {
    let (_, out) = built(&source("themes/nordby"));
    let css = fs::read_to_string(source("themes/nordby/css/theme.css")).expect("the tokens");
    let brand = tokens::plain(&css)["--brand"].1;
    for name in ["icon.", "scene."] {
        let drawing = asset(out.path(), name, ".svg");
        assert!(drawing.contains(brand) && !drawing.contains("var("), "{drawing}");
    }
}

#[test]
fn behind_the_logo_stays_what_it_was_drawn_for() {
    let (_, out) = built(&source("themes/nordby"));
    assert!(asset(out.path(), "page.", ".css").contains(":root{--plate:#ffffff}"));
}

#[test]
fn an_empty_drawing_leaves_it_out() {
    let desk = Desk::new();
    let theme = desk.path("themes/tom/images");
    fs::create_dir_all(&theme).expect("a folder");
    fs::write(theme.join("scene.svg"), "").expect("a file");
    let (outcome, out) = built(&desk.path("themes/tom"));
    assert_eq!(told(&outcome), Vec::<String>::new());
    for page in ["index.html", "s/groenne-omraader/index.html"] {
        let page = fs::read_to_string(out.path().join("public").join(page)).expect("a page");
        assert!(!page.contains("scene"), "{page}");
    }
}

#[test]
fn a_new_theme_builds_as_it_is_and_says_how_it_is_chosen() {
    let desk = Desk::new();
    let said = desk.says(&["new", "theme", "vestby"], 0);
    assert!(said.contains("`theme = \"vestby\"` in content/site.toml"), "{said}");
    let folder = desk.path("themes/vestby");
    assert_eq!(files(&folder), ["css/theme.css", "images/logo.svg"]);
    let css = fs::read_to_string(folder.join("css/theme.css")).expect("the tokens");
    for token in tokens::plain(Theme::builtin_text(tokens::FILE)).keys() {
        assert!(css.contains(&format!("  {token}: ")), "{token} is missing in {css}");
    }
    let settings = fs::read_to_string(desk.path("content/site.toml")).expect("the settings");
    let settings = settings.replace("theme = \"default\"", "theme = \"vestby\"");
    fs::write(desk.path("content/site.toml"), settings).expect("written");
    assert!(desk.says(&["build"], 0).contains("built"));
    let page = fs::read_to_string(desk.path("public/index.html")).expect("the home page");
    assert!(page.contains("class=\"logo\""));
}

#[test]
fn a_new_theme_writes_over_nothing() {
    let desk = Desk::new();
    desk.says(&["new", "theme", "vestby"], 0);
    let css = desk.path("themes/vestby/css/theme.css");
    fs::write(&css, "mine").expect("written");
    let again = desk.run(&["new", "theme", "vestby"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("choose another name"));
    assert_eq!(fs::read_to_string(&css).expect("still there"), "mine");
    for name in ["default", "Vest By"] {
        let odd = desk.run(&["new", "theme", name]);
        assert_eq!(odd.status.code(), Some(2), "{name}");
    }
    assert!(!desk.path("themes/default").exists());
}
