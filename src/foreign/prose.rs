//! A foreign text as Markdown that shows the same: what has a meaning in the survey language is
//! escaped, bold and italics are kept, other markup is taken away and named.
//!
//! Foreign texts are plain with a little Markdown and HTML (XLSForm), or HTML (LimeSurvey).

use unicode_normalization::UnicodeNormalization;

/// A text as Markdown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose {
    /// One a line of the original; none is empty.
    pub lines: Vec<String>,
    /// What was lost, in words.
    pub lost: Vec<String>,
}

impl Prose {
    /// On one line, for choices and cells.
    pub fn line(&self) -> String {
        self.lines.join(" ")
    }
}

/// How a placeholder for an earlier answer is written in a text.
pub trait Placeholder {
    /// The length of the placeholder that `text` begins with, and what stands in its place; or why
    /// nothing can.
    fn read(&self, text: &str) -> Option<(usize, Result<String, String>)>;
}

/// Texts without placeholders.
pub struct NoPlaceholder;

impl Placeholder for NoPlaceholder {
    fn read(&self, _: &str) -> Option<(usize, Result<String, String>)> {
        None
    }
}

/// Reads a foreign text.
pub fn convert(raw: &str, placeholders: &dyn Placeholder) -> Prose {
    let raw: String = raw.nfc().collect();
    let mut writer = Writer::default();
    let raw = raw.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{2028}', '\u{2029}'], "\n");
    let mut rest = raw.as_str();
    while let Some(sign) = rest.chars().next() {
        if let Some((length, found)) = placeholders.read(rest) {
            match found {
                Ok(piping) => writer.raw(&piping),
                Err(why) => {
                    writer.raw("…");
                    writer.lose(why);
                }
            }
            rest = &rest[length..];
        } else if let Some(tag) = Tag::read(rest) {
            writer.tag(&tag);
            rest = &rest[tag.length..];
        } else if let Some((length, found)) = entity(rest) {
            writer.sign(found);
            rest = &rest[length..];
        } else if let Some((length, text, url)) = link(rest) {
            writer.text(&format!("{text} ({url})"));
            writer.lose(format!("the link to {url} is a text now"));
            rest = &rest[length..];
        } else {
            writer.sign(sign);
            rest = &rest[sign.len_utf8()..];
        }
    }
    writer.finish()
}

/// Marks of bold and italics: private signs, so that what the text itself has of `*` stays apart.
const BOLD: char = '\u{e000}';
const ITALIC: char = '\u{e001}';
/// Around what is Markdown already.
const RAW: char = '\u{e002}';

#[derive(Default)]
struct Writer {
    out: String,
    lost: Vec<String>,
}

impl Writer {
    fn lose(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.lost.contains(&what) {
            self.lost.push(what);
        }
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '\n' => self.out.push('\n'),
            BOLD | ITALIC | RAW => {}
            _ if sign.is_whitespace() => self.out.push(' '),
            _ if sign.is_control() => {}
            _ => self.out.push(sign),
        }
    }

    fn text(&mut self, text: &str) {
        text.chars().for_each(|sign| self.sign(sign));
    }

    fn raw(&mut self, markdown: &str) {
        self.out.push(RAW);
        self.out.push_str(markdown);
        self.out.push(RAW);
    }

    fn tag(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            "br" | "p" | "div" | "li" | "ul" | "ol" | "tr" | "h1" | "h2" | "h3" | "h4" | "h5"
            | "h6" => {
                self.out.push('\n');
            }
            "b" | "strong" => self.out.push(BOLD),
            "i" | "em" => self.out.push(ITALIC),
            "img" => self.lose(format!("the picture {}", tag.attributes.trim())),
            "a" if tag.closing => {}
            "a" => self.lose(format!("the link {}", tag.attributes.trim())),
            // What says nothing by itself goes without a word.
            "span" | "td" | "th" | "table" | "tbody" | "thead" if tag.attributes.is_empty() => {}
            _ if tag.closing => {}
            name => self.lose(format!("the markup <{name}{}>", tag.attributes)),
        }
    }

    fn finish(self) -> Prose {
        let lines = self.out.split('\n').map(|line| line.split_whitespace().collect::<Vec<_>>());
        let lines = lines.map(|words| escaped(&words.join(" "))).filter(|line| !line.is_empty());
        Prose { lines: lines.collect(), lost: self.lost }
    }
}

/// A tag of HTML that forms are written with; `<` before anything else is a sign.
struct Tag {
    name: String,
    closing: bool,
    attributes: String,
    length: usize,
}

const TAGS: [&str; 34] = [
    "a", "b", "big", "br", "center", "div", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "li", "ol", "output", "p", "script", "small", "span", "strong", "style", "sub",
    "sup", "table", "tbody", "td", "tr", "u", "ul",
];

impl Tag {
    fn read(text: &str) -> Option<Tag> {
        let inner = text.strip_prefix('<')?;
        let end = inner.find('>')?;
        let inner = &inner[..end];
        let (closing, inner) = match inner.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, inner),
        };
        let name_end = inner.find(|s: char| !s.is_ascii_alphanumeric()).unwrap_or(inner.len());
        let name = inner[..name_end].to_ascii_lowercase();
        let attributes = inner[name_end..].trim_end_matches('/');
        let known = TAGS.contains(&name.as_str()) && !attributes.contains('<');
        let spaced = attributes.is_empty() || attributes.starts_with(char::is_whitespace);
        let attributes = attributes.trim_end().to_owned();
        (known && spaced).then_some(Tag { name, closing, attributes, length: end + 2 })
    }
}

fn entity(text: &str) -> Option<(usize, char)> {
    const NAMED: [(&str, char); 67] = [
        ("&amp;", '&'),
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&nbsp;", ' '),
        ("&apos;", '\''),
        ("&aelig;", 'æ'),
        ("&oslash;", 'ø'),
        ("&aring;", 'å'),
        ("&AElig;", 'Æ'),
        ("&Oslash;", 'Ø'),
        ("&Aring;", 'Å'),
        ("&auml;", 'ä'),
        ("&ouml;", 'ö'),
        ("&uuml;", 'ü'),
        ("&Auml;", 'Ä'),
        ("&Ouml;", 'Ö'),
        ("&Uuml;", 'Ü'),
        ("&szlig;", 'ß'),
        ("&eacute;", 'é'),
        ("&Eacute;", 'É'),
        ("&egrave;", 'è'),
        ("&ecirc;", 'ê'),
        ("&euml;", 'ë'),
        ("&agrave;", 'à'),
        ("&aacute;", 'á'),
        ("&acirc;", 'â'),
        ("&ccedil;", 'ç'),
        ("&iacute;", 'í'),
        ("&icirc;", 'î'),
        ("&iuml;", 'ï'),
        ("&ntilde;", 'ñ'),
        ("&oacute;", 'ó'),
        ("&ocirc;", 'ô'),
        ("&uacute;", 'ú'),
        ("&ugrave;", 'ù'),
        ("&eth;", 'ð'),
        ("&thorn;", 'þ'),
        ("&hellip;", '…'),
        ("&ndash;", '–'),
        ("&mdash;", '—'),
        ("&lsquo;", '‘'),
        ("&rsquo;", '’'),
        ("&sbquo;", '‚'),
        ("&ldquo;", '“'),
        ("&rdquo;", '”'),
        ("&bdquo;", '„'),
        ("&laquo;", '«'),
        ("&raquo;", '»'),
        ("&bull;", '•'),
        ("&middot;", '·'),
        ("&deg;", '°'),
        ("&euro;", '€'),
        ("&pound;", '£'),
        ("&sect;", '§'),
        ("&copy;", '©'),
        ("&reg;", '®'),
        ("&trade;", '™'),
        ("&times;", '×'),
        ("&frac12;", '½'),
        ("&sup2;", '²'),
        ("&shy;", '\u{ad}'),
        ("&rarr;", '→'),
        ("&larr;", '←'),
        ("&le;", '≤'),
        ("&ge;", '≥'),
        ("&ne;", '≠'),
    ];
    if let Some((name, sign)) = NAMED.iter().find(|(name, _)| text.starts_with(name)) {
        return Some((name.len(), *sign));
    }
    let digits = text.strip_prefix("&#")?;
    let end = digits.find(';').filter(|end| *end <= 7)?;
    let number = match digits[..end].strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits[..end].parse().ok()?,
    };
    Some((end + 3, char::from_u32(number)?))
}

/// `[text](https://…)`: a survey that is shown on kiosks has no links out of it.
fn link(text: &str) -> Option<(usize, &str, &str)> {
    let inner = text.strip_prefix('[')?;
    let (label, rest) = inner.split_once("](")?;
    let (url, _) = rest.split_once(')')?;
    let plain = !label.contains(['[', ']', '\n']) && !url.contains(['(', '\n', ' ']);
    let known = ["http://", "https://", "mailto:", "tel:"].iter().any(|s| url.starts_with(s));
    (plain && known).then_some((label.len() + url.len() + 4, label, url))
}

/// A line with what has a meaning escaped, and bold and italics as Markdown.
fn escaped(line: &str) -> String {
    let marked = balanced(&markdown_marks(line));
    let mut out = String::with_capacity(marked.len() + 8);
    let mut raw = false;
    let signs: Vec<char> = marked.trim().chars().collect();
    // Two bars on a line look like a table that broke, escaped ones too.
    let is_row = signs.iter().filter(|sign| **sign == '|').count() > 1;
    for (at, sign) in signs.iter().enumerate() {
        let before = at.checked_sub(1).map_or(' ', |before| signs[before]);
        let after = signs.get(at + 1).copied().unwrap_or(' ');
        match *sign {
            RAW => raw = !raw,
            _ if raw => out.push(*sign),
            BOLD => out.push_str("**"),
            ITALIC => out.push('*'),
            '|' if is_row => out.push_str("&#124;"),
            '\\' | '*' | '`' | '[' | ']' | '{' | '}' | '<' | '>' | '|' => escape(&mut out, *sign),
            // Within a word an underscore is one; at its edge it could open emphasis, or be a line
            // to write on.
            '_' if !(before.is_alphanumeric() && after.is_alphanumeric()) => escape(&mut out, '_'),
            '~' if before == '~' || after == '~' => escape(&mut out, '~'),
            '&' if after == '#' || after.is_ascii_alphabetic() => escape(&mut out, '&'),
            '#' if before == ' ' || before == '#' => escape(&mut out, '#'),
            _ => out.push(*sign),
        }
    }
    line_start(&out)
}

fn escape(out: &mut String, sign: char) {
    out.push('\\');
    out.push(sign);
}

/// What would begin a list, a rule or an underlined heading at the beginning of a line.
fn line_start(line: &str) -> String {
    let digits = line.len() - line.trim_start_matches(|sign: char| sign.is_ascii_digit()).len();
    let rest = &line[digits..];
    let opens = if digits == 0 {
        // `(x)` would be a choice that lost its dash.
        rest.starts_with(['-', '+', '='])
            || rest.starts_with('(') && rest.chars().nth(2) == Some(')')
    } else {
        // `10: I høj grad` would be the label of a scale.
        rest.starts_with(['.', ')', ':'])
    };
    if opens { format!("{}\\{rest}", &line[..digits]) } else { line.to_owned() }
}

/// `**bold**` and `*italics*` as marks, where both ends are there.
fn markdown_marks(line: &str) -> String {
    let mut line = line.to_owned();
    for (mark, sign) in [("**", BOLD), ("*", ITALIC)] {
        let mut from = 0;
        while let Some(open) = line[from..].find(mark).map(|at| from + at) {
            let start = open + mark.len();
            let Some(close) = line[start..].find(mark).map(|at| start + at) else { break };
            let inner = &line[start..close];
            let edge = |sign: Option<char>| sign.is_none_or(|sign| !sign.is_alphanumeric());
            let fits = !inner.is_empty()
                && inner.trim() == inner
                && !inner.contains(['*', BOLD, ITALIC])
                && edge(line[..open].chars().next_back())
                && edge(line[close + mark.len()..].chars().next());
            if fits {
                let replaced = format!("{sign}{inner}{sign}");
                from = open + replaced.len();
                line.replace_range(open..close + mark.len(), &replaced);
            } else {
                from = start;
            }
        }
    }
    line
}

/// Marks that have a partner on their line and stand where Markdown takes them for what they are; the
/// others go.
fn balanced(line: &str) -> String {
    let mut out = line.to_owned();
    for mark in [BOLD, ITALIC] {
        let parts: Vec<&str> = out.split(mark).collect();
        if parts.len().is_multiple_of(2) || parts.len() > 41 {
            out = out.replace(mark, "");
            continue;
        }
        let mut kept = String::new();
        for (at, part) in parts.iter().enumerate() {
            if at % 2 == 1 {
                kept.push_str(&emphasis(part, mark, &kept, parts[at + 1]));
            } else {
                kept.push_str(part);
            }
        }
        out = kept;
    }
    out
}

fn emphasis(inner: &str, mark: char, before: &str, after: &str) -> String {
    let trimmed = inner.trim();
    let word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    let inside = trimmed.starts_with(char::is_alphanumeric)
        && trimmed.ends_with(|s: char| s.is_alphanumeric() || ".,!?".contains(s));
    let joined = word(before.chars().next_back()) && inner == trimmed
        || word(after.chars().next()) && inner.trim_end() == inner;
    if !inside || joined || trimmed.contains([BOLD, ITALIC]) {
        return inner.to_owned();
    }
    let lead = &inner[..inner.len() - inner.trim_start().len()];
    let tail = &inner[inner.trim_end().len()..];
    format!("{lead}{mark}{trimmed}{mark}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(raw: &str) -> String {
        convert(raw, &NoPlaceholder).line()
    }

    #[test]
    fn escapes_what_has_a_meaning() {
        assert_eq!(line("Mere end <5 {kr} | ____"), r"Mere end \<5 \{kr\} \| \_\_\_\_");
        assert_eq!(line("- 5 grader"), r"\- 5 grader");
        assert_eq!(line("1. valg"), r"1\. valg");
        assert_eq!(line("10: I høj grad"), r"10\: I høj grad");
        assert_eq!(line("(x) ja"), r"\(x) ja");
        assert_eq!(line("a | b | c"), "a &#124; b &#124; c");
        assert_eq!(line("# 3 i C#"), r"\# 3 i C#");
        assert_eq!(line("snake_case og _x_"), r"snake_case og \_x\_");
        assert_eq!(line("2 * 3 * 4"), r"2 \* 3 \* 4");
        assert_eq!(line("R&D og &lang;"), r"R\&D og \&lang;");
        assert_eq!(line("Caf&eacute; &ndash; &rdquo;ja&rdquo;&hellip;"), "Café – ”ja”…");
    }

    #[test]
    fn keeps_bold_and_italics() {
        assert_eq!(line("Hvor <b>tit</b> er *du* **her**?"), "Hvor **tit** er *du* **her**?");
        assert_eq!(line("<strong>Vigtigt: </strong>ja"), r"Vigtigt: ja");
        assert_eq!(line("a **b"), r"a \*\*b");
    }

    #[test]
    fn breaks_lines_and_names_what_is_lost() {
        let prose = convert(
            "<p>Hej<br/>du</p>\r\n<font color=\"red\">nu</font> &aelig;&#248;",
            &NoPlaceholder,
        );
        assert_eq!(prose.lines, ["Hej", "du", "nu æø"]);
        assert_eq!(prose.lost, ["the markup <font color=\"red\">"]);
        let prose = convert("Se [her](https://example.dk/x)", &NoPlaceholder);
        assert_eq!(prose.line(), "Se her (https://example.dk/x)");
        assert_eq!(prose.lost.len(), 1);
    }
}
