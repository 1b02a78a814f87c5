//! One character changed at a time, where a slip of the finger changes what a survey means.

use std::collections::BTreeMap;
use std::time::Instant;

use borgerpanel::diag::{self, Diagnostic, Place};
use borgerpanel::survey::Definition;
use fastrand::Rng;

use crate::language::Site;

const COUNT: usize = 1_000;

/// The bytes of a survey where a change can change the meaning: front matter, attributes, markers,
/// the bars and dashes of tables.
fn places(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let (mut at, mut front, mut fences) = (0, false, 0);
    for line in text.split_inclusive('\n') {
        let is_fence = line.trim_end() == "---" && fences < 2;
        fences += usize::from(is_fence);
        front = if is_fence { fences == 1 } else { front };
        let body = line.trim_end();
        if front || is_fence {
            // The words of a title are the author's own.
            let value =
                body.find(": ").filter(|_| is_wording(body)).map_or(body.len(), |at| at + 1);
            found.extend(at..at + value);
        } else {
            found.extend(marked(body).map(|offset| at + offset));
        }
        at += line.len();
    }
    found.retain(|at| text.is_char_boundary(*at));
    found
}

fn is_wording(line: &str) -> bool {
    ["title", "summary", "owner", "purpose", "legal_basis", "contact"]
        .iter()
        .any(|key| line.starts_with(key))
}

fn marked(line: &str) -> impl Iterator<Item = usize> + '_ {
    let (mut braced, mut quoted) = (0, false);
    let marker = marker(line);
    line.char_indices().filter_map(move |(at, sign)| {
        let inside = braced > 0 || sign == '{';
        match sign {
            '"' if braced > 0 => quoted = !quoted,
            '{' if !quoted => braced += 1,
            '}' if !quoted && braced > 0 => braced -= 1,
            _ => {}
        }
        let bar = line.trim_start().starts_with('|')
            && (sign == '|' || !line.contains(char::is_alphabetic));
        (inside || at < marker || bar).then_some(at)
    })
}

/// How much of a line is its marker: `## `, `- ( ) `, `1. `, `---`, `____`.
fn marker(line: &str) -> usize {
    let signs = "#-*[]()_ ";
    let end = line.find(|sign: char| !signs.contains(sign)).unwrap_or(line.len());
    if line.starts_with(['#', '-', '_']) { end } else { 0 }
}

#[derive(Debug)]
struct Mutation {
    slug: String,
    text: String,
    /// From 1.
    line: usize,
    told: String,
}

fn mutate(slug: &str, text: &str, rng: &mut Rng) -> Mutation {
    let at = *rng.choice(&places(text)).expect("a survey has marks");
    let sign = text[at..].chars().next().expect("a boundary");
    let mut changed = String::from(&text[..at]);
    let new = *rng.choice(b"abcdeginorstux0123459{}[]()#|-_=\"' .,:<>!").expect("signs") as char;
    let rest = &text[at + sign.len_utf8()..];
    let told = match rng.u8(..3) {
        0 => format!("{sign:?} taken out"),
        1 => {
            changed.push(new);
            format!("{sign:?} became {new:?}")
        }
        _ => {
            changed.push(new);
            changed.push(sign);
            format!("{new:?} before {sign:?}")
        }
    };
    changed.push_str(rest);
    let line = text[..at].matches('\n').count() + 1;
    Mutation { slug: slug.to_owned(), text: changed, line, told }
}

#[derive(Debug, PartialEq, Eq, Clone, Copy, PartialOrd, Ord)]
enum Verdict {
    /// It means what it meant.
    Same,
    /// Told on the line that was changed.
    RightLine,
    /// Told, but elsewhere.
    Elsewhere,
    /// It means something else, and nothing was said.
    Silent,
}

fn judge(
    base: &Definition,
    mutation: &Mutation,
    notes: &[Diagnostic],
    site: &Site,
    after: Option<Definition>,
) -> Verdict {
    let same = after
        .as_ref()
        .is_some_and(|after| after.version == base.version && after.settings == base.settings);
    if same {
        return Verdict::Same;
    }
    let sources = site.sources();
    let on_line = |note: &&Diagnostic| {
        let place = Place::of(&sources[&note.file], &note.span);
        note.file == format!("surveys/{}.md", mutation.slug)
            && (place.line..=place.end_line).contains(&mutation.line)
    };
    match notes.iter().find(on_line) {
        Some(_) => Verdict::RightLine,
        None if notes.is_empty() => Verdict::Silent,
        None => Verdict::Elsewhere,
    }
}

#[test]
fn a_changed_character_is_told_where_it_stands() {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    let mut rng = Rng::with_seed(seed);
    let shipped = Site::shipped();
    let slugs = shipped.slugs();
    let sources = shipped.sources();
    let bases: BTreeMap<&String, Definition> = slugs
        .iter()
        .map(|slug| (slug, shipped.compile(slug, &["da", "en"]).definition.expect("no errors")))
        .collect();
    let mut verdicts: BTreeMap<Verdict, usize> = BTreeMap::new();
    let (mut shown, mut times) = (String::new(), Vec::new());
    for _ in 0..COUNT {
        let slug = rng.choice(&slugs).expect("surveys");
        let path = format!("surveys/{slug}.md");
        let mutation = mutate(slug, &sources[&path], &mut rng);
        let site = shipped.clone().with(&path, &mutation.text);
        let begun = Instant::now();
        let mut compiled = site.compile(slug, &["da", "en"]);
        times.push(begun.elapsed());
        diag::sort(&mut compiled.diagnostics);
        let verdict =
            judge(&bases[slug], &mutation, &compiled.diagnostics, &site, compiled.definition);
        *verdicts.entry(verdict).or_default() += 1;
        if matches!(verdict, Verdict::Silent | Verdict::Elsewhere) {
            let line = mutation.text.lines().nth(mutation.line - 1).unwrap_or_default();
            let codes: Vec<String> = compiled
                .diagnostics
                .iter()
                .map(|n| {
                    format!(
                        "{}@{}:{}",
                        n.entry.code,
                        n.file,
                        Place::of(&site.sources()[&n.file], &n.span).line
                    )
                })
                .collect();
            shown.push_str(&format!(
                "{verdict:?} {slug}:{} {}: {line}   {codes:?}\n",
                mutation.line, mutation.told
            ));
        }
    }
    let count = |verdict| verdicts.get(&verdict).copied().unwrap_or_default();
    let changed = COUNT - count(Verdict::Same);
    times.sort();
    println!("seed {seed}: {verdicts:?}, a check takes {:?} (median)\n{shown}", times[COUNT / 2]);
    assert!(changed > COUNT / 2, "seed {seed}: {verdicts:?}");
    let told = count(Verdict::RightLine) as f64 / changed as f64;
    assert!(
        told >= 0.95,
        "seed {seed}: only {told:.3} of {changed} are told on their line\n{shown}"
    );
}
