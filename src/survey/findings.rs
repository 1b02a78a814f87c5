//! What staff found in a survey's answers, as they write it for everybody: `content/results/<slug>.md`.
//!
//! ```text
//! - Syv ud af ti bruger et grønt område hver uge.
//! - De fleste savner træer langs gaderne.
//!
//! ## Det gør kommunen
//!
//! I 2027 plantes 400 træer.
//! ```
//!
//! A list of findings, the most important first, then a heading of their choice and what the city does.
//! The page of results and mails to members read the same file.

use super::catalogue as c;
use super::model::Text;
use super::prose;
use super::source::Notes;

/// The findings of one survey in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// A sentence each, the most important first.
    pub found: Vec<Text>,
    /// What the city does, and what that is called; none where it is not decided yet.
    pub does: Option<Action>,
}

/// What becomes of the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Action {
    /// As in "Det gør kommunen".
    pub title: Text,
    pub body: Text,
}

/// Reads a file; what is wrong in its Markdown is noted.
pub fn read(text: &str, notes: &mut Notes) -> Findings {
    let mut findings = Findings::default();
    let heading = lines(text).find(|(_, line)| line.starts_with('#'));
    let list_end = heading.map_or(text.len(), |(at, _)| at);
    let mut open: Option<std::ops::Range<usize>> = None;
    for (at, line) in lines(&text[..list_end]) {
        let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "));
        match (item, &mut open) {
            (Some(item), open) => {
                let start = at + line.len() - item.len();
                findings.found.extend(
                    open.replace(start..at + line.len()).map(|range| sentence(text, range, notes)),
                );
            }
            // A finding goes on in the next line; an empty one ends it.
            (None, Some(range)) if !line.trim().is_empty() => range.end = at + line.len(),
            (None, open) => {
                findings.found.extend(open.take().map(|range| sentence(text, range, notes)));
            }
        }
    }
    findings.found.extend(open.map(|range| sentence(text, range, notes)));
    if let Some((at, line)) = heading {
        let title = line.trim_start_matches('#');
        let start = at + line.len() - title.len();
        let title = prose::line(text, start..at + line.len(), notes);
        let body = prose::paragraphs(text, at + line.len()..text.len(), notes);
        findings.does = Some(Action { title, body });
    }
    for pipe in std::mem::take(&mut notes.pipes) {
        // There is no answer here to show.
        notes.add(&c::UNKNOWN_ID, pipe.span).arg("name", pipe.name).arg("known", "–");
    }
    findings
}

/// One line of text, also where it was written in several that begin with spaces.
fn sentence(text: &str, range: std::ops::Range<usize>, notes: &mut Notes) -> Text {
    let said = prose::line(text, range, notes);
    let plain: Vec<&str> = said.plain.split_whitespace().collect();
    Text { plain: plain.join(" "), ..said }
}

/// The lines of a text and where each begins; without their ends.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_well(text: &str) -> Findings {
        let mut notes = Notes::new("results/park.md");
        let findings = read(text, &mut notes);
        assert!(notes.list.is_empty(), "{:?}", notes.list);
        findings
    }

    fn plain(findings: &Findings) -> Vec<&str> {
        findings.found.iter().map(|text| text.plain.as_str()).collect()
    }

    #[test]
    fn findings_come_first_and_what_the_city_does_below_a_heading() {
        let text = "- **Syv af ti** kommer hver uge.\n- De savner\n  træer.\n\n## Det gør kommunen\n\n\
            Vi planter [400 træer](/traer/).\n\n- Nu\n";
        let findings = read_well(text);
        assert_eq!(plain(&findings), ["Syv af ti kommer hver uge.", "De savner træer."]);
        assert_eq!(findings.found[0].html, "<strong>Syv af ti</strong> kommer hver uge.");
        let does = findings.does.expect("an action");
        assert_eq!(does.title.plain, "Det gør kommunen");
        assert!(
            does.body.html.contains("<a href=\"/traer/\">") && does.body.html.contains("<li>Nu")
        );
    }

    #[test]
    fn either_part_may_be_missing() {
        assert_eq!(plain(&read_well("* Et\n\n* To")), ["Et", "To"]);
        assert!(read_well("* Et").does.is_none());
        let only = read_well("# What the city does\n\nNothing yet.\n");
        assert!(only.found.is_empty() && only.does.is_some());
        assert_eq!(read_well(""), Findings::default());
    }

    #[test]
    fn html_is_noted_and_left_out() {
        let mut notes = Notes::new("results/park.md");
        let findings = read("- Et <script>alert(1)</script>\n", &mut notes);
        assert!(!notes.list.is_empty());
        assert!(!findings.found[0].html.contains("<script"));
    }
}
