//! The handbook for whoever stands beside the screen quotes what the screen says.

use std::fs;
use std::path::Path;

/// What stands in quotation marks in the lines of the table of states.
fn quoted(page: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && line.contains('"'));
    rows.flat_map(|row| row.split('"').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_state_it_names_is_in_the_screens_own_words() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect(path);
    let words = read("themes/default/text/da.toml");
    for page in ["docs/da/kiosk.md", "docs/kiosk-on-site.md"] {
        let quoted = quoted(&read(page));
        assert!(quoted.len() > 8, "{page}: {quoted:?}");
        for words_of_screen in quoted {
            let is_said = words.lines().any(|line| line.contains(&words_of_screen));
            assert!(is_said, "{page}: the screen never says {words_of_screen:?}");
        }
    }
}
