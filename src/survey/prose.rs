//! Markdown as safe HTML and as plain text: one line of it (a heading, a choice), or whole
//! paragraphs. Raw HTML, pictures and links to other schemes are noted and left out.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::catalogue as c;
use super::model::Text;
use super::source::{Notes, nfc};

/// Before a line that could begin a list or a quote; taken away again afterwards. A punctuation
/// mark, since `_` opens emphasis behind one but not behind a letter.
const GUARD: char = '\u{2016}';

/// The Markdown extensions of the language.
pub fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

/// One line of text: a heading's, a choice's, a cell's. `range` is trimmed first.
pub fn line(source: &str, range: Range<usize>, notes: &mut Notes) -> Text {
    let range = trim(source, range);
    // A line wrapped in the source is one line to the reader, whatever its parts begin with.
    let joined = source[range.clone()].replace('\n', " ");
    let marked = format!("{GUARD}{joined}");
    let shift = range.start as isize - GUARD.len_utf8() as isize;
    let text = render(&marked, shift, notes);
    let html = text.html.trim().trim_start_matches("<p>").trim_end_matches("</p>");
    Text { html: html.replacen(GUARD, "", 1), plain: text.plain.replacen(GUARD, "", 1) }
}

/// Paragraphs, lists and small headings.
pub fn paragraphs(source: &str, range: Range<usize>, notes: &mut Notes) -> Text {
    render(&source[range.clone()], range.start as isize, notes)
}

fn trim(source: &str, range: Range<usize>) -> Range<usize> {
    let text = &source[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    start..start.max(range.start + text.trim_end().len())
}

fn render(markdown: &str, shift: isize, notes: &mut Notes) -> Text {
    let place = |span: &Range<usize>| {
        let at = |offset: usize| (offset as isize + shift).max(0) as usize;
        at(span.start)..at(span.end)
    };
    let mut events = Vec::new();
    let mut plain = String::new();
    for (event, span) in Parser::new_ext(markdown, options()).into_offset_iter() {
        note_forbidden(&event, place(&span), notes);
        note_braces(&event, markdown, &span, place(&span), notes);
        add_plain(&event, &mut plain);
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Start(Tag::HtmlBlock | Tag::Image { .. })
            | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => {}
            Event::Text(text) => events.push(Event::Text(CowStr::from(nfc(&text)))),
            other => events.push(other),
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    Text { html: out.trim_end().to_owned(), plain: nfc(plain.trim()) }
}

fn note_forbidden(event: &Event, span: Range<usize>, notes: &mut Notes) {
    match event {
        Event::Html(_) | Event::InlineHtml(_) => {
            notes.add(&c::RAW_HTML, span);
        }
        Event::Start(Tag::Image { .. }) => {
            notes.add(&c::IMAGE, span);
        }
        Event::Start(Tag::Link { dest_url, .. }) if !is_safe_link(dest_url) => {
            notes.add(&c::BAD_LINK, span).arg("url", dest_url);
        }
        _ => {}
    }
}

/// Links leave by https, mailto or tel, or stay on the site.
pub fn is_safe_link(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some(scheme) if !scheme.contains(['/', '?', '#']) => {
            ["https", "mailto", "tel"].contains(&scheme.to_ascii_lowercase().as_str())
        }
        _ => !url.starts_with("//") && !url.starts_with('\\') && !url.is_empty(),
    }
}

/// Braces left in a text are attributes in the wrong place, or piping.
fn note_braces(
    event: &Event,
    markdown: &str,
    span: &Range<usize>,
    place: Range<usize>,
    notes: &mut Notes,
) {
    let Event::Text(text) = event else { return };
    let escaped = markdown[..span.start].ends_with('\\');
    let Some(open) = text.find('{').filter(|open| !(escaped && *open == 0)) else { return };
    // The event's text equals its source but for escapes, which pulldown-cmark splits off.
    let start = place.start + open;
    if text[open..].starts_with("{{") {
        let name = if text[open..].contains("include") { "{{include}}" } else { "{{…}}" };
        notes.add(&c::NOT_BUILT, start..place.end).arg("name", name);
    } else {
        let close = text[open..].find('}').map_or(text.len(), |close| open + close + 1);
        notes.add(&c::STRAY_BRACES, start..place.start + close).arg("text", &text[open..close]);
    }
}

fn add_plain(event: &Event, plain: &mut String) {
    match event {
        Event::Text(text) | Event::Code(text) => plain.push_str(text),
        Event::SoftBreak => plain.push(' '),
        Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::Heading(_)) => {
            plain.push('\n');
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(source: &str) -> (Text, Vec<&'static str>) {
        let mut notes = Notes::new("a.md");
        let text = line(source, 0..source.len(), &mut notes);
        (text, notes.list.iter().map(|note| note.entry.code).collect())
    }

    #[test]
    fn a_line_is_never_a_list_or_a_quote() {
        assert_eq!(line_of("1. Hvor bor du?").0.html, "1. Hvor bor du?");
        assert_eq!(line_of("> 100").0, Text { html: "&gt; 100".into(), plain: "> 100".into() });
        assert_eq!(line_of("- 5 grader").0.plain, "- 5 grader");
    }

    #[test]
    fn keeps_emphasis_and_unescapes() {
        let (text, notes) = line_of(r"Hvad er *bedst* \{i byen\}?");
        assert_eq!(text.html, "Hvad er <em>bedst</em> {i byen}?");
        assert_eq!(text.plain, "Hvad er bedst {i byen}?");
        assert_eq!(notes, Vec::<&str>::new());
    }

    #[test]
    fn refuses_html_pictures_braces_and_odd_links() {
        assert_eq!(line_of("a <b>c</b>").1, ["raw-html", "raw-html"]);
        assert_eq!(line_of("a ![b](c.png)").1, ["image"]);
        assert_eq!(line_of("a {b} c").1, ["stray-braces"]);
        assert_eq!(line_of("Kære {{name or \"du\"}} c").1, ["not-built-yet"]);
        assert_eq!(line_of("[x](javascript:alert)").1, ["bad-link"]);
        assert_eq!(line_of("[x](/om/) [y](https://example.dk)").1, Vec::<&str>::new());
    }

    #[test]
    fn spans_point_into_the_file() {
        let source = "## Hej <b>";
        let mut notes = Notes::new("a.md");
        line(source, 3..source.len(), &mut notes);
        assert_eq!(&source[notes.list[0].span.clone()], "<b>");
    }
}
