//! docs/diagnostics.md: a golden for every code an author can be shown. Each bad example makes
//! exactly the message on the page, each mended one none at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use borgerpanel::clock::SystemClock;
use borgerpanel::diag::{self, Diagnostic, Language, Sources};
use borgerpanel::mail::template;
use borgerpanel::site::{self, Options, Theme, content};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/diagnostics.md");

pub const SETTINGS: &str = r#"name = "Prøvepanelet"
[controller]
name = "Byen"
dpo_contact = "dpo@example.dk"
[accessibility]
statement_url = "https://example.dk/was"
phone = "12 34 56 78"
[panels.kbh]
name = "Prøvepanelet"
"#;

const SURVEY: &str = "---\ntitle: Prøve\n---\n\n## Hvad synes du? {#think}\n\n____\n";

/// The front matter of an example that has none; its line is counted in messages.
pub const FRONT: &str = "---\ntitle: Prøve\n---\n\n";

/// A block between fences.
#[derive(Debug, Clone)]
pub struct Block {
    /// What stands behind the opening fence.
    pub info: String,
    pub text: String,
    /// The lines of the page between the fences.
    pub lines: std::ops::Range<usize>,
}

/// One code: the bad files, the message, the mended files.
#[derive(Debug)]
struct Example {
    code: String,
    bad: Vec<Block>,
    told: Block,
    mended: Vec<Block>,
}

fn read_examples(page: &str) -> Vec<Example> {
    let lines: Vec<&str> = page.lines().collect();
    let starts = |at: &usize| lines[*at].starts_with("### `");
    let mut at = 0;
    let mut examples = Vec::new();
    while let Some(start) = (at..lines.len()).find(starts) {
        at =
            (start + 1..lines.len()).find(|at| lines[*at].starts_with("##")).unwrap_or(lines.len());
        // An example's own headings stand between fences.
        while open_fence(&lines[start..at]) {
            at = (at + 1..lines.len())
                .find(|at| lines[*at].starts_with("##"))
                .unwrap_or(lines.len());
        }
        let code = lines[start].trim_start_matches("### `").trim_end_matches('`').to_owned();
        let mut bad = blocks(&lines, start..at);
        let told = bad.iter().position(|block| block.info == "text");
        let told = told.unwrap_or_else(|| panic!("{code} has no block with the message"));
        let mended = bad.split_off(told + 1);
        let told = bad.pop().expect("found on the line above");
        assert!(!bad.is_empty() && !mended.is_empty(), "{code} lacks an example");
        examples.push(Example { code, bad, told, mended });
    }
    examples
}

fn open_fence(lines: &[&str]) -> bool {
    lines.iter().filter(|line| line.starts_with("```")).count() % 2 == 1
}

pub fn blocks(lines: &[&str], range: std::ops::Range<usize>) -> Vec<Block> {
    let fences: Vec<usize> = range.filter(|at| lines[*at].starts_with("```")).collect();
    fences
        .chunks_exact(2)
        .map(|pair| Block {
            info: lines[pair[0]].trim_start_matches('`').to_owned(),
            text: lines[pair[0] + 1..pair[1]].iter().map(|line| format!("{line}\n")).collect(),
            lines: pair[0] + 1..pair[1],
        })
        .collect()
}

/// The file a block is, and its bytes.
fn file(block: &Block) -> (String, Vec<u8>) {
    let name = block.info.split_once(' ').map_or("", |(_, name)| name);
    if let Some(name) = name.strip_suffix(" (latin-1)") {
        let latin = |sign: char| u8::try_from(u32::from(sign)).expect("a letter of Latin-1");
        return (name.to_owned(), block.text.chars().map(latin).collect());
    }
    if let Some(name) = name.strip_suffix(" (70 KB)") {
        return (name.to_owned(), format!("{}<!--{}-->", block.text, "x".repeat(70_000)).into());
    }
    match name {
        "" => ("surveys/a.md".to_owned(), format!("{FRONT}{}", block.text).into()),
        "theme/css/theme.css" => (name.to_owned(), recoloured(&block.text).into()),
        name => (name.to_owned(), block.text.clone().into()),
    }
}

/// The built-in theme with one colour exchanged.
fn recoloured(line: &str) -> String {
    let theme = Theme::builtin();
    let css = theme.text("css/theme.css");
    let name = line.split(':').next().expect("a line `--name: colour;`");
    let old = css.lines().find(|own| own.trim_start().starts_with(name)).expect("a known colour");
    css.replacen(old.trim(), line.trim(), 1)
}

/// What finds a code: reading the content, or only a build of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Reading,
    Building,
}

fn found_by(code: &str) -> By {
    let building = borgerpanel::site::catalogue::ALL.iter().any(|entry| entry.code == code);
    if building { By::Building } else { By::Reading }
}

/// Makes a small site of these files, and says what was wrong with it: the codes, and the report.
pub fn judge(blocks: &[Block], by: By) -> (BTreeSet<&'static str>, String) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let mut files = BTreeMap::from([
        ("site.toml".to_owned(), SETTINGS.into()),
        ("_index.md".to_owned(), b"---\ntitle: Velkommen\n---\n".to_vec()),
        ("surveys/a.md".to_owned(), SURVEY.into()),
    ]);
    files.extend(blocks.iter().map(file));
    for (name, bytes) in &files {
        let beside = name.strip_prefix("theme/").map(|name| format!("theme/{name}"));
        let path = place.path().join(beside.unwrap_or_else(|| format!("content/{name}")));
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("written");
    }
    let theme = Some(place.path().join("theme")).filter(|folder| folder.exists());
    let folder = place.path().join("content");
    let (notes, sources) = match by {
        By::Reading => {
            let read = content::load(&folder).expect("the examples can be read");
            let mails = template::load(&folder, "da").expect("the examples can be read");
            let (mut notes, mut sources) = (read.diagnostics, read.sources);
            notes.extend(mails.diagnostics);
            sources.extend(mails.sources);
            (notes, sources)
        }
        By::Building => {
            let out = place.path().join("public");
            let options = Options { content: folder, theme, out, kiosk: None };
            let outcome =
                site::build::release(&options, &SystemClock).expect("the examples can be read");
            (outcome.diagnostics, outcome.sources)
        }
    };
    let codes = notes.iter().map(|note| note.entry.code).collect();
    (codes, report(&notes, &sources, place.path()))
}

fn report(notes: &[Diagnostic], sources: &Sources, place: &Path) -> String {
    let report = diag::report(notes, sources, Language::English);
    let place = format!("{}/", place.display());
    let content = format!("{place}content/");
    let lines = report.lines().map(|line| {
        let line = line.replace(&content, "").replace(&place, "");
        line.trim_end().to_owned() + "\n"
    });
    lines.collect::<String>().trim_end().to_owned() + "\n"
}

#[test]
fn every_code_has_an_example() {
    let page = fs::read_to_string(PAGE).expect("the page is there");
    let shown: Vec<String> = read_examples(&page).into_iter().map(|one| one.code).collect();
    let catalogues = borgerpanel::survey::catalogue::ALL.iter();
    let all = catalogues.chain(borgerpanel::site::catalogue::ALL);
    let all = all.chain(borgerpanel::mail::catalogue::ALL);
    let known: BTreeSet<String> = all.map(|entry| entry.code.to_owned()).collect();
    let once: BTreeSet<String> = shown.iter().cloned().collect();
    assert_eq!(shown.len(), once.len(), "a code stands on the page twice: {shown:?}");
    assert_eq!(once, known);
}

#[test]
fn every_example_says_what_the_page_shows() {
    let page = fs::read_to_string(PAGE).expect("the page is there");
    let mut lines: Vec<String> = page.lines().map(str::to_owned).collect();
    let mut wrong = String::new();
    // From the end, so that the lines of those before stay where they are.
    for example in read_examples(&page).into_iter().rev() {
        let by = found_by(&example.code);
        let (codes, told) = judge(&example.bad, by);
        if !codes.contains(example.code.as_str()) {
            wrong.push_str(&format!("{}: not made by its example:\n{told}\n", example.code));
        }
        let (codes, left) = judge(&example.mended, by);
        if !codes.is_empty() {
            wrong.push_str(&format!("{}: its mended example:\n{left}\n", example.code));
        }
        if told != example.told.text {
            wrong.push_str(&format!("{}: says\n{told}\n", example.code));
            lines.splice(example.told.lines, told.lines().map(str::to_owned));
        }
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PAGE, lines.join("\n") + "\n").expect("written");
    }
    assert!(wrong.is_empty(), "docs/diagnostics.md (UPDATE_DOCS=1 rewrites it)\n{wrong}");
}
