//! Front matter: the YAML between two lines `---`, cut by hand so that spans stay true.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use super::catalogue as c;
use super::source::Notes;

/// A key of the top level.
#[derive(Debug, Clone)]
pub struct Key {
    pub name: String,
    pub value: Value,
    /// The key's name.
    pub span: Range<usize>,
    /// What stands behind the colon, to the end of its line.
    pub value_span: Range<usize>,
}

/// The front matter of a file.
#[derive(Debug, Clone, Default)]
pub struct FrontMatter {
    pub keys: Vec<Key>,
    /// Where the file's own text begins.
    pub body: usize,
    /// The first line, for notes about what is missing.
    pub span: Range<usize>,
}

impl FrontMatter {
    /// The key of this name.
    pub fn find(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// Cuts and reads the front matter of `source`. Files of which it is not `required` may have none.
pub fn read(source: &str, required: Required, notes: &mut Notes) -> FrontMatter {
    let Some(inner_start) = source.strip_prefix("---").and_then(|rest| {
        let line_end = rest.find('\n')?;
        rest[..line_end].trim().is_empty().then_some(3 + line_end + 1)
    }) else {
        if required == Required::Yes {
            let end = source.find('\n').unwrap_or(source.len());
            notes.add(&c::NO_FRONT_MATTER, 0..end);
        }
        return FrontMatter::default();
    };
    let Some((inner_end, body)) = closing_line(source, inner_start) else {
        notes.add(&c::UNCLOSED_FRONT_MATTER, nearly_closing(source, inner_start).unwrap_or(0..3));
        return FrontMatter { body: source.len(), span: 0..3, ..FrontMatter::default() };
    };
    let keys = read_keys(source, inner_start..inner_end, notes);
    FrontMatter { keys, body, span: 0..3 }
}

/// Whether a file has to have front matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Required {
    Yes,
    No,
}

fn closing_line(source: &str, from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    for line in source[from..].split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((at, at + line.len()));
        }
        at += line.len();
    }
    None
}

/// A line that may have been meant to close it: `--`, `---x`.
fn nearly_closing(source: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    for line in source[from..].split_inclusive('\n') {
        let text = line.trim_end();
        let dashes = text.matches('-').count();
        if dashes >= 2 && text.chars().count() - dashes <= 1 {
            return Some(at..at + text.len());
        }
        at += line.len();
    }
    None
}

fn read_keys(source: &str, range: Range<usize>, notes: &mut Notes) -> Vec<Key> {
    let before = notes.list.len();
    let places = key_lines(source, range.clone(), notes);
    if notes.list.len() > before {
        // A key that is there twice is said once, and not again by YAML.
        return Vec::new();
    }
    // A colon of the text's own is said in words of its own, before YAML says it in its way.
    let colons: Vec<&Place> =
        places.iter().filter(|place| has_bare_colon(&source[place.value.clone()])).collect();
    for place in &colons {
        let value = source[place.value.clone()].trim();
        notes
            .add(&c::UNQUOTED_COLON, place.value.clone())
            .arg("key", &source[place.name.clone()])
            .arg("value", value)
            .fix(place.value.clone(), format!("\"{value}\""));
    }
    if !colons.is_empty() {
        return Vec::new();
    }
    match serde_saphyr::from_str::<BTreeMap<String, Value>>(&source[range.clone()]) {
        Ok(values) => {
            let place_of = |name: &String| {
                let known = places.iter().find(|place| source[place.name.clone()] == **name);
                known.cloned().unwrap_or_else(|| odd_place(source, &range, name))
            };
            let mut keys: Vec<Key> = values
                .into_iter()
                .map(|(name, value)| (place_of(&name), name, value))
                .map(|(at, name, value)| Key { name, value, span: at.name, value_span: at.value })
                .collect();
            keys.sort_by_key(|key| key.span.start);
            keys
        }
        // An empty mapping is null to YAML.
        Err(_) if source[range.clone()].trim().is_empty() => Vec::new(),
        Err(wrong) => {
            let span = place_of_mistake(source, &range, &wrong);
            let line = source[span.clone()].trim_end();
            let [en, da] = why(line, &wrong);
            let note = notes.add(&c::BAD_YAML, span).phrase("why", &en, &da);
            if let Some(quoted) = quoted(line) {
                note.arg("quoted", quoted);
            }
            Vec::new()
        }
    }
}

#[derive(Clone)]
struct Place {
    name: Range<usize>,
    value: Range<usize>,
}

/// Where a key stands that `key_lines` does not see: quoted, indented, or with odd signs in it.
fn odd_place(source: &str, range: &Range<usize>, name: &str) -> Place {
    let found = source[range.clone()].find(name);
    let start = range.start + found.unwrap_or(0);
    let line_end = source[start..range.end].find('\n').map_or(range.end, |end| start + end);
    let end = found.map_or(line_end, |_| (start + name.len()).min(line_end));
    Place { name: start..end, value: end..line_end }
}

/// The lines that begin with `key:` at column 1.
fn key_lines(source: &str, range: Range<usize>, notes: &mut Notes) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut at = range.start;
    for line in source[range].split_inclusive('\n') {
        let text = line.trim_end();
        let name_end = text.find(':').unwrap_or(0);
        let is_name = |sign: char| sign.is_alphanumeric() || sign == '_' || sign == '-';
        if name_end > 0 && text[..name_end].chars().all(is_name) {
            let start = at + name_end + 1;
            let value = &source[start..at + text.len()];
            let value = value.split(" #").next().unwrap_or(value);
            let lead = value.len() - value.trim_start().len();
            let value_start = (start + lead).min(at + text.len());
            let place = Place {
                name: at..at + name_end,
                value: value_start..value_start + value.trim().len(),
            };
            note_if_repeated(source, &places, &place, notes);
            places.push(place);
        }
        at += line.len();
    }
    places
}

fn note_if_repeated(source: &str, places: &[Place], place: &Place, notes: &mut Notes) {
    let name = &source[place.name.clone()];
    if places.iter().any(|earlier| &source[earlier.name.clone()] == name) {
        notes.add(&c::DUPLICATE_KEY, place.name.clone()).arg("name", name);
    }
}

/// `Trafik: din mening`: a colon and a space in a text that is neither quoted nor a list or mapping.
fn has_bare_colon(value: &str) -> bool {
    let quoted = value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '#']);
    !quoted && (value.contains(": ") || value.ends_with(':'))
}

/// A line whose text begins with a sign that YAML takes for its own, in quotes.
fn quoted(line: &str) -> Option<String> {
    let (name, value) = line.split_once(':')?;
    let value = value.trim();
    let odd = value.starts_with(['@', '%', '*', '&', '!', '`', '|', '>', '?']);
    (odd && !value.contains('"')).then(|| format!("{name}: \"{value}\""))
}

/// Why it cannot be read, in English and in Danish: what people stumble over in words of our own, the
/// rest as the YAML library says it, without its line, which is counted from the front matter's.
fn why(line: &str, wrong: &serde_saphyr::Error) -> [String; 2] {
    let value = line.split_once(':').map_or("", |(_, value)| value.trim());
    let sign = value.chars().next().unwrap_or(' ');
    let bare_key = line.split_once(':').is_some_and(|(name, value)| {
        !name.is_empty() && !name.contains([' ', '"']) && !value.starts_with([' ', '\t'])
    });
    if quoted(line).is_some() {
        return [
            format!("a text that begins with `{sign}` needs quotes"),
            format!("en tekst, der begynder med `{sign}`, skal stå i anførselstegn"),
        ];
    }
    let open = |sign: char| value.starts_with(sign) && value.matches(sign).count() % 2 == 1;
    let known = if open('"') || open('\'') {
        Some(["the quote is never closed", "anførselstegnet bliver aldrig lukket"])
    } else if line.starts_with([' ', '\t']) {
        Some(["the line is indented", "linjen er rykket ind"])
    } else if bare_key && !value.is_empty() {
        Some(["there is no space after the colon", "der mangler et mellemrum efter kolonet"])
    } else if value.matches(['[', '{']).count() != value.matches([']', '}']).count() {
        Some([
            "a bracket is never closed, or never opened",
            "en parentes mangler sin anden halvdel",
        ])
    } else if !line.contains(':') {
        Some(["the line has no colon", "linjen har intet kolon"])
    } else {
        None
    };
    if let Some(words) = known {
        return words.map(str::to_owned);
    }
    let first = wrong.to_string();
    let first = first.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let first = match first.split_once(": ") {
        Some((place, why)) if place.starts_with("line ") => why,
        _ => first,
    };
    [first.to_owned(), "linjen er ikke en nøgle med en værdi".to_owned()]
}

fn place_of_mistake(
    source: &str,
    range: &Range<usize>,
    wrong: &serde_saphyr::Error,
) -> Range<usize> {
    let line = wrong.location().map_or(1, |location| location.line().max(1) as usize);
    let start =
        source[range.clone()].split_inclusive('\n').take(line - 1).map(str::len).sum::<usize>()
            + range.start;
    let start = unbalanced(source, range.start..start).unwrap_or(start).min(range.end);
    let end = source[start..range.end].find('\n').map_or(range.end, |newline| start + newline);
    start..end
}

/// The first line that opens a bracket or a quotation it does not close: YAML reads on, and only
/// stumbles lines later.
fn unbalanced(source: &str, range: Range<usize>) -> Option<usize> {
    let mut at = range.start;
    for line in source[range].split_inclusive('\n') {
        let count = |sign: char| line.matches(sign).count();
        let value = line.split_once(": ").map_or("", |(_, value)| value.trim());
        let open_quote = value.starts_with('"') && count('"') % 2 == 1;
        if count('[') != count(']') || count('{') != count('}') || open_quote {
            return Some(at);
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(source: &str) -> (FrontMatter, Vec<&'static str>) {
        let mut notes = Notes::new("a.md");
        let front = read(source, Required::Yes, &mut notes);
        (front, notes.list.iter().map(|note| note.entry.code).collect())
    }

    #[test]
    fn reads_texts_dates_lists_and_flags() {
        let source = "---\ntitle: Byens grønne områder  # kort\nopens: 2026-11-01\npanels: [kbh]\n\
                      sensitive: true\norder: 10\n---\nHej\n";
        let (front, notes) = read_of(source);
        assert_eq!(notes, Vec::<&str>::new());
        assert_eq!(&source[front.body..], "Hej\n");
        let title = front.find("title").expect("title");
        assert_eq!(title.value, "Byens grønne områder");
        assert_eq!(&source[title.value_span.clone()], "Byens grønne områder");
        assert_eq!(front.find("opens").expect("opens").value, "2026-11-01");
        assert_eq!(front.find("sensitive").expect("sensitive").value, true);
        assert_eq!(front.find("order").expect("order").value, 10);
        assert_eq!(front.find("panels").expect("panels").value, serde_json::json!(["kbh"]));
    }

    #[test]
    fn an_unquoted_colon_has_its_own_message() {
        assert_eq!(read_of("---\ntitle: Trafik: din mening\n---\n").1, ["unquoted-colon"]);
        assert_eq!(read_of("---\ntitle: \"Trafik: din mening\"\n---\n").1, Vec::<&str>::new());
    }

    #[test]
    fn says_what_is_missing_or_open() {
        assert_eq!(read_of("# A\n").1, ["no-front-matter"]);
        assert_eq!(read_of("---\ntitle: A\n").1, ["unclosed-front-matter"]);
        assert_eq!(read_of("---\ntitle: [A\n---\n").1, ["bad-yaml"]);
        assert_eq!(read_of("---\ntitle: A\ntitle: B\n---\n").1, ["duplicate-key"]);
    }

    #[test]
    fn no_key_is_lost() {
        let source = "---\ntitle: A\nbackg\"ound: ask\n\"order\": 3\n---\n";
        let (front, notes) = read_of(source);
        assert_eq!(notes, Vec::<&str>::new());
        let names: Vec<&str> = front.keys.iter().map(|key| &source[key.span.clone()]).collect();
        assert_eq!(names, ["title", "backg\"ound", "order"]);
    }
}
