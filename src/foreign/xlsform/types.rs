//! The `type` column: what a row is, in every spelling the standard allows and in those of old forms.

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// One of a list, several of it, or in an order; `or_other` adds a choice with a text field.
    Select {
        how: Select,
        list: String,
        or_other: bool,
    },
    Range,
    Integer,
    Decimal,
    Text,
    Note,
    Date,
    Time,
    DateTime,
    Acknowledge,
    /// A point, a line or an area.
    Geo,
    Begin(Block),
    End(Block),
    /// Known, and nothing here is like it: why it did not come over.
    Lost(&'static str),
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    One,
    Multiple,
    Rank,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    Group,
    Repeat,
}

/// What comes before a list's name, the longest first.
const SELECTS: [(&str, Select); 20] = [
    ("add select one prompt using", Select::One),
    ("add select multiple prompt using", Select::Multiple),
    ("select all that apply from", Select::Multiple),
    ("select all that apply", Select::Multiple),
    ("select multiple from", Select::Multiple),
    ("select multiple using", Select::Multiple),
    ("select one from", Select::One),
    ("select one using", Select::One),
    ("select one external", Select::One),
    ("select multiple", Select::Multiple),
    ("select one", Select::One),
    ("select1 from", Select::One),
    ("select from", Select::Multiple),
    ("q select1", Select::One),
    ("q select", Select::Multiple),
    ("select1", Select::One),
    ("selectone", Select::One),
    ("selectmultiple", Select::Multiple),
    ("select", Select::Multiple),
    ("rank", Select::Rank),
];

impl Type {
    /// Reads a cell of the `type` column.
    pub fn read(raw: &str) -> Type {
        let words: Vec<&str> = raw.split_whitespace().collect();
        // Underscores and spaces mean the same in the type, but not in a list's name.
        let Some(first) = words.first() else { return Type::Unknown };
        let mut plain: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        plain[0] = first.to_lowercase().replace(['_', '-'], " ");
        let line = plain.join(" ");
        if let Some(block) = block(&line) {
            return block;
        }
        if line.contains("from file") {
            return Type::Lost("its choices are in a file of their own, which is not read");
        }
        let original = format!("{} {}", plain[0], words[1..].join(" "));
        for (prefix, how) in SELECTS {
            let boundary = |rest: &str| rest.is_empty() || rest.starts_with(' ');
            if line.strip_prefix(prefix).is_some_and(boundary) {
                return select(how, original.get(prefix.len()..).unwrap_or_default());
            }
        }
        simple(&line)
    }
}

fn select(how: Select, rest: &str) -> Type {
    let rest = rest.trim();
    let lower = rest.to_lowercase();
    // A word of its own: a list may be called `color_other`.
    let ends = |tail: &&str| {
        lower.strip_suffix(*tail).is_some_and(|before| before.is_empty() || before.ends_with(' '))
    };
    let tail = ["or_other", "or other", "or specify other"].into_iter().find(ends);
    let list = tail.map_or(rest, |tail| rest.get(..rest.len() - tail.len()).unwrap_or(rest));
    Type::Select { how, list: list.trim().to_owned(), or_other: tail.is_some() }
}

fn block(line: &str) -> Option<Type> {
    let (is_begin, rest) = match (line.strip_prefix("begin"), line.strip_prefix("end")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return None,
    };
    let what = rest.strip_prefix([' ', '_'])?.trim();
    let block = match what.split([' ', '_']).next().unwrap_or_default() {
        "group" => Block::Group,
        "repeat" | "lgroup" | "loop" | "looped" => Block::Repeat,
        _ => return None,
    };
    Some(if is_begin { Type::Begin(block) } else { Type::End(block) })
}

fn simple(line: &str) -> Type {
    let line = line.strip_prefix("q ").unwrap_or(line);
    let line = line.strip_prefix("add ").unwrap_or(line);
    let line = line.strip_suffix(" prompt").unwrap_or(line);
    match line {
        "integer" | "int" => Type::Integer,
        "decimal" | "percentage" => Type::Decimal,
        "text" | "string" => Type::Text,
        "note" => Type::Note,
        "date" => Type::Date,
        "time" => Type::Time,
        "datetime" | "date time" => Type::DateTime,
        "range" => Type::Range,
        "acknowledge" | "trigger" => Type::Acknowledge,
        "geopoint" | "geotrace" | "geoshape" | "gps" | "location" | "osm" => Type::Geo,
        "image" | "photo" | "picture" | "audio" | "video" | "file" | "signature" => {
            Type::Lost("a survey takes no pictures, recordings or files")
        }
        "barcode" => Type::Lost("a survey scans no barcodes"),
        "calculate" => Type::Lost("a survey calculates nothing"),
        "hidden" => Type::Lost("a survey asks for nothing that cannot be seen"),
        "start" | "end" | "today" | "start time" | "end time" | "get start time"
        | "get end time" | "get today" => {
            Type::Lost("a response keeps its day and how long it took, and nothing finer")
        }
        "deviceid"
        | "device id"
        | "imei"
        | "subscriberid"
        | "subscriber id"
        | "simserial"
        | "sim id"
        | "phonenumber"
        | "phone number"
        | "username"
        | "email"
        | "get device id"
        | "get subscriber id"
        | "get sim id"
        | "get phone number"
        | "audit"
        | "start geopoint"
        | "background audio"
        | "background geopoint" => {
            Type::Lost("a response holds nothing about the device or who uses it")
        }
        "xml external" | "csv external" => Type::Lost("no other files are read"),
        _ if line.starts_with("uri:") => {
            Type::Lost("a response holds nothing about the device or who uses it")
        }
        _ => Type::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(raw: &str) -> (Select, String, bool) {
        match Type::read(raw) {
            Type::Select { how, list, or_other } => (how, list, or_other),
            other => panic!("{raw}: {other:?}"),
        }
    }

    #[test]
    fn reads_every_spelling_of_a_select() {
        assert_eq!(select("select_one yes_no"), (Select::One, "yes_no".into(), false));
        assert_eq!(select("Select One from Yes_No"), (Select::One, "Yes_No".into(), false));
        assert_eq!(select("select_multiple x or_other"), (Select::Multiple, "x".into(), true));
        assert_eq!(
            select("select all that apply from x or specify other"),
            (Select::Multiple, "x".into(), true)
        );
        assert_eq!(select("select_one color_other"), (Select::One, "color_other".into(), false));
        assert_eq!(select("select1 a"), (Select::One, "a".into(), false));
        assert_eq!(select("rank  ting"), (Select::Rank, "ting".into(), false));
    }

    #[test]
    fn reads_the_other_types() {
        assert_eq!(Type::read("begin_group"), Type::Begin(Block::Group));
        assert_eq!(Type::read("Begin Repeat"), Type::Begin(Block::Repeat));
        assert_eq!(Type::read("end group"), Type::End(Block::Group));
        assert_eq!(Type::read("dateTime"), Type::DateTime);
        assert_eq!(Type::read("end"), simple("end"));
        assert_eq!(Type::read("add integer prompt"), Type::Integer);
        assert!(matches!(Type::read("select_one_from_file x.csv"), Type::Lost(_)));
        assert!(matches!(Type::read("background-audio"), Type::Lost(_)));
        assert_eq!(Type::read("strange"), Type::Unknown);
    }
}
