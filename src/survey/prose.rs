//! Markdown as safe HTML and as plain text: one line of it (a heading, a choice), or whole
//! paragraphs. Raw HTML, pictures and links to other schemes are noted and left out.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::catalogue as c;
use super::model::Text;
use super::picture;
use super::pipe::{self, Piece};
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
    let text = render(&marked, shift, Show::WordsOnly, notes);
    let html = text.html.trim().trim_start_matches("<p>").trim_end_matches("</p>");
    Text { html: html.replacen(GUARD, "", 1), plain: text.plain.replacen(GUARD, "", 1) }
}

/// Paragraphs, lists and small headings.
pub fn paragraphs(source: &str, range: Range<usize>, notes: &mut Notes) -> Text {
    render(&source[range.clone()], range.start as isize, Show::Pictures, notes)
}

fn trim(source: &str, range: Range<usize>) -> Range<usize> {
    let text = &source[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    start..start.max(range.start + text.trim_end().len())
}

fn render(markdown: &str, shift: isize, pictures: Show, notes: &mut Notes) -> Text {
    let place = |span: &Range<usize>| {
        let at = |offset: usize| (offset as isize + shift).max(0) as usize;
        at(span.start)..at(span.end)
    };
    let (masked, pipes) = pipe::mask(markdown, shift, notes);
    notes.pipes.extend(pipes.iter().cloned());
    let mut pipes = pipes.into_iter();
    let (mut events, mut plain) = (Vec::new(), String::new());
    let mut picture: Option<Shown> = None;
    for (event, span) in Parser::new_ext(&masked, options()).into_offset_iter() {
        note_forbidden(&event, place(&span), notes);
        note_braces(&event, &masked, &span, place(&span), notes);
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                let (url, span) = (dest_url.to_string(), place(&span));
                picture = Some(Shown { url, span, alt: String::new() });
            }
            Event::End(TagEnd::Image) => {
                let shown = picture.take().and_then(|shown| shown.html(pictures, notes));
                events.extend(shown.map(|html| Event::InlineHtml(html.into())));
            }
            // The words of a picture are read aloud in its place.
            Event::Text(text) | Event::Code(text) if picture.is_some() => {
                picture.iter_mut().for_each(|shown| shown.alt.push_str(&nfc(&text)));
                plain.push_str(&text);
            }
            Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
            Event::Text(text) => add_text(&text, &mut pipes, &mut events, &mut plain),
            other => {
                add_plain(&other, &mut plain);
                events.push(other);
            }
        }
    }
    let mut out = String::new();
    html::push_html(&mut out, events.into_iter());
    Text { html: out.trim_end().to_owned(), plain: nfc(plain.trim()) }
}

/// Whether a text can show pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Pictures,
    WordsOnly,
}

/// A picture on its way into a text.
struct Shown {
    url: String,
    span: Range<usize>,
    alt: String,
}

impl Shown {
    fn html(self, show: Show, notes: &mut Notes) -> Option<String> {
        if show == Show::WordsOnly {
            notes.add(&c::IMAGE, self.span);
            return None;
        }
        let image = picture::find(&self.url, &self.alt, self.span, notes)?;
        let escaped =
            |text: &str| text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;");
        Some(format!(
            r#"<img src="{}" alt="{}" width="{}" height="{}" loading="lazy">"#,
            escaped(&image.src),
            escaped(&image.alt),
            image.width,
            image.height
        ))
    }
}

/// A text, with the answers it shows.
fn add_text(
    text: &str,
    pipes: &mut impl Iterator<Item = pipe::Pipe>,
    events: &mut Vec<Event<'_>>,
    plain: &mut String,
) {
    for piece in pipe::pieces(text, pipes) {
        match piece {
            Piece::Text(text) => {
                plain.push_str(text);
                events.push(Event::Text(CowStr::from(nfc(text))));
            }
            Piece::Pipe(pipe) => {
                plain.push_str(&pipe.otherwise);
                events.push(Event::InlineHtml(pipe::html(&pipe).into()));
            }
        }
    }
}

/// The picture a choice begins with, if it does: what it shows, and the bytes it takes.
pub fn leading_picture(
    source: &str,
    range: Range<usize>,
) -> Option<(String, String, Range<usize>)> {
    let range = trim(source, range);
    let text = source[range.clone()].starts_with("![").then(|| &source[range.clone()])?;
    let (mut url, mut alt) = (None, String::new());
    for (event, span) in Parser::new_ext(text, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) if span.start == 0 => {
                url = Some((dest_url.to_string(), range.start..range.start + span.end));
            }
            Event::Text(text) | Event::Code(text) if url.is_some() => alt.push_str(&nfc(&text)),
            Event::End(TagEnd::Image) => break,
            _ => {}
        }
    }
    url.map(|(url, span)| (url, alt, span))
}

fn note_forbidden(event: &Event, span: Range<usize>, notes: &mut Notes) {
    match event {
        Event::Html(_) | Event::InlineHtml(_) => {
            notes.add(&c::RAW_HTML, span);
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

/// Braces left in a text are attributes in the wrong place.
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
    let close = text[open..].find('}').map_or(text.len(), |close| open + close + 1);
    let entry = if text[open..].starts_with("{{") { &c::PIPE_SYNTAX } else { &c::STRAY_BRACES };
    notes.add(entry, start..place.start + close).arg("text", &text[open..close]);
}

fn add_plain(event: &Event, plain: &mut String) {
    match event {
        Event::Code(text) => plain.push_str(text),
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
        assert_eq!(line_of("Kære {{name}} c").1, ["pipe-syntax"]);
        assert_eq!(line_of("[x](javascript:alert)").1, ["bad-link"]);
        assert_eq!(line_of("[x](/om/) [y](https://example.dk)").1, Vec::<&str>::new());
    }

    #[test]
    fn shows_an_answer_where_it_is_piped() {
        let (text, notes) = line_of("Kære *{{name or \"<du>\"}}*, hej");
        assert_eq!(text.html, "Kære <em><span data-pipe=\"name\">&lt;du&gt;</span></em>, hej");
        assert_eq!(text.plain, "Kære <du>, hej");
        assert_eq!(notes, Vec::<&str>::new());
    }

    #[test]
    fn spans_point_into_the_file() {
        let source = "## Hej <b>";
        let mut notes = Notes::new("a.md");
        line(source, 3..source.len(), &mut notes);
        assert_eq!(&source[notes.list[0].span.clone()], "<b>");
    }
}
