//! A server's start: the site is built where anything it is made from has changed, and only there.

use std::fs;
use std::path::PathBuf;

use borgerpanel::commands::serving::{Sources, bring_up_to_date, publish};
use borgerpanel::site::config::OwnRules;

use crate::authors;

/// A content folder, a theme beside it, and a kiosk's data.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().expect("a folder"));
        let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("content");
        authors::copy(&shipped, &place.path("content"));
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Whether a start built the site.
    fn starts(&self, idle_seconds: Option<u32>) -> bool {
        let (content, data) = (self.path("content"), self.path("data"));
        let kiosk = Some(OwnRules { idle_seconds, ..OwnRules::default() });
        let sources = Sources { content: &content, theme: None, data: &data, kiosk };
        let built = bring_up_to_date(&sources).expect("a site");
        assert_eq!(publish(&sources).expect("the site").site.surveys.len(), 6);
        built
    }

    fn append(&self, name: &str, more: &str) {
        let text = fs::read_to_string(self.path(name)).expect("a file");
        fs::write(self.path(name), text + more).expect("written");
    }
}

#[test]
fn a_start_builds_what_changed_and_nothing_else() {
    let place = Place::new();
    assert!(place.starts(None) && !place.starts(None));

    place.append("content/_index.md", "\nVelkommen.\n");
    assert!(place.starts(None) && !place.starts(None), "a text");

    fs::create_dir_all(place.path("themes/by/css")).expect("a folder");
    fs::write(place.path("themes/by/css/base.css"), "p{}").expect("a theme");
    assert!(place.starts(None) && !place.starts(None), "a theme beside the content");

    assert!(place.starts(Some(45)) && !place.starts(Some(45)), "the kiosk's own rules");

    fs::remove_file(place.path("data/site/public/om/index.html")).expect("a page");
    assert!(place.starts(Some(45)) && !place.starts(Some(45)), "a page that got lost");
}

#[test]
fn a_site_whose_building_failed_is_built_once_more() {
    let place = Place::new();
    place.starts(None);
    let survey = "content/surveys/havnebade.md";
    let sound = fs::read_to_string(place.path(survey)).expect("a survey");
    fs::write(place.path(survey), "---\ntitle: [\n---\n").expect("written");
    let (content, data) = (place.path("content"), place.path("data"));
    let sources = Sources { content: &content, theme: None, data: &data, kiosk: None };
    assert!(bring_up_to_date(&sources).is_err());
    fs::write(place.path(survey), sound).expect("written");
    assert!(place.starts(None), "nobody can say how far the failed one came");
}
