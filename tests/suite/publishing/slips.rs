//! What somebody in a hurry types or puts in the wrong place: it is refused before anything is public or gone,
//! and what to do is said.

use std::fs;

use super::{GREEN, House, words};
use crate::authors::Desk;

const OWN: &str = "content/results/groenne-omraader";

impl House {
    /// What it says when it cannot be done; nothing of `out` is there then.
    fn cannot(&self, out: &str, more: &[&str]) -> String {
        let done = self.publish(out, more);
        let (said, complained) = words(&done);
        assert_eq!(done.status.code(), Some(2), "{said}{complained}");
        complained
    }
}

#[test]
fn a_file_that_results_does_not_write_is_refused_and_never_public() {
    let house = House::of(120, 21);
    house.published(OWN, &[]);
    fs::write(house.path(&format!("{OWN}.md")), "- De fleste er glade.\n").expect("findings");
    house.desk.says(&["check"], 0);
    for name in ["raw.jsonl", "data/my.csv", "data/composition.csv", "index.html.bak"] {
        let path = house.path(&format!("{OWN}/{name}"));
        fs::write(&path, "uid,answer\n").expect("written");
        let told = house.desk.says(&["check", "--lang", "en"], 1);
        assert!(told.contains("error[results-stray-file]"), "{name}: {told}");
        assert!(told.contains(&format!("`{name}`")) && told.contains("take it out"), "{told}");
        let built = house.desk.run(&["build", "--out", "public"]);
        assert_eq!(built.status.code(), Some(1), "{name}");
        assert!(words(&built).1.contains(name), "{name}");
        assert!(!house.path("public/r").exists(), "{name}");
        fs::remove_file(path).expect("taken out");
    }
    house.desk.says(&["build", "--out", "public"], 0);
    assert!(house.path("public/r/groenne-omraader/data/results.csv").is_file());
}
