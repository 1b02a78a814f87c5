//! Building a site of 1,000 generated surveys: the first time, and when nothing has changed.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use borgerpanel::site::{self, Options};

const SURVEYS: usize = 1_000;

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let content = folder.path().join("content");
    generate(&content, SURVEYS);
    let options = Options { content, theme: None, out: folder.path().join("public"), kiosk: None };
    let (first, written) = build(&options);
    let (second, rewritten) = build(&options);
    let floor = write_floor(folder.path(), written);
    println!("build of {SURVEYS} surveys of 12 questions in 2 languages");
    println!("  first build              {first:>10.2?}  {written} files written");
    println!("  nothing changed          {second:>10.2?}  {rewritten} files written");
    println!("  floor: as many files, each written and fsynced alone {floor:>10.2?}");
    println!("  ratio first build / floor {:>6.2}\n", first.as_secs_f64() / floor.as_secs_f64());
}

fn build(options: &Options) -> (Duration, usize) {
    let begun = Instant::now();
    let outcome = site::build(options).expect("a build");
    assert!(outcome.site.is_some(), "{:?}", outcome.diagnostics);
    (begun.elapsed(), outcome.changes.written)
}

/// The same number of files of 40 KB through the durable way, without any rendering.
fn write_floor(folder: &Path, files: usize) -> Duration {
    let floor = folder.join("floor");
    fs::create_dir(&floor).expect("a folder");
    let bytes = vec![b'x'; 40_000];
    let begun = Instant::now();
    for number in 0..files {
        let path = floor.join(format!("{number}.html"));
        let access = borgerpanel::durable::Access::Shared;
        borgerpanel::durable::replace_file(&path, &bytes, access).expect("written");
    }
    begun.elapsed()
}

/// A content folder with so many surveys.
pub fn generate(content: &Path, surveys: usize) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    fs::create_dir_all(content.join("surveys")).expect("a folder");
    for name in ["site.toml", "_index.md", "_index.en.md"] {
        fs::copy(shipped.join(name), content.join(name)).expect("copied");
    }
    for folder in ["pages", "blocks"] {
        fs::create_dir_all(content.join(folder)).expect("a folder");
        for entry in fs::read_dir(shipped.join(folder)).expect("listed") {
            let entry = entry.expect("an entry");
            fs::copy(entry.path(), content.join(folder).join(entry.file_name())).expect("copied");
        }
    }
    for number in 0..surveys {
        for lang in ["", ".en"] {
            let path = content.join(format!("surveys/survey-{number}{lang}.md"));
            fs::write(path, survey(number, lang.is_empty())).expect("written");
        }
    }
}

fn survey(number: usize, base: bool) -> String {
    let mut text = format!("---\ntitle: Undersøgelse {number}\nsummary: Et eksempel\n");
    text.push_str(if base { "background: none\n---\n\n" } else { "---\n\n" });
    for page in 0..3 {
        let _ = writeln!(text, "# Side {page} {{#p{page}}}\n");
        for question in 0..4 {
            let id = format!("q{page}{question}");
            let required = if base && question == 0 { " required" } else { "" };
            let _ = writeln!(text, "## Spørgsmål {page}.{question}? {{#{id}{required}}}\n");
            for (choice, label) in ["Ja", "Måske", "Nej"].iter().enumerate() {
                let _ = writeln!(text, "- ( ) {label} {{#c{choice}}}");
            }
            text.push('\n');
        }
    }
    text
}
