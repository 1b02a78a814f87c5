//! What the word under the cursor means.

use std::ops::Range;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind};

use super::known::Question;
use super::place;
use super::spot::{self, Expected};
use super::workspace::At;
use crate::survey::frontmatter::{self, Required};
use crate::survey::prescan;
use crate::survey::source::Notes;
use crate::survey::vocabulary;

/// What stands at the byte `at` means.
pub fn hover(file: &At, at: usize) -> Option<Hover> {
    let mut ignored = Notes::new("");
    let front = frontmatter::read(file.text, Required::No, &mut ignored);
    let within = |span: &Range<usize>| span.start <= at && at < span.end;
    if let Some(key) = front.keys.iter().find(|key| within(&key.span)) {
        let known = vocabulary::key(&key.name)?;
        let said = file.say(known.en, known.da);
        return Some(shown(
            file,
            &key.span,
            format!("{said}\n\n`{}: {}`", known.name, known.example),
        ));
    }
    let scan = prescan::scan(file.text, front.body, &mut ignored);
    let mut attributes = scan.attributes.iter().flat_map(|found| &found.list);
    let attribute = attributes.find(|attribute| within(&attribute.span))?;
    let in_value = attribute.value.is_some() && within(&attribute.value_span);
    if in_value && ["if", "check", "from", "goto"].contains(&attribute.name.as_str()) {
        return hover_name(file, &attribute.value_span, at);
    }
    let known = vocabulary::attribute(&attribute.name)?;
    let written = match known.value {
        _ if known.name == "#" => format!("#{}", known.value.unwrap_or_default()),
        Some(value) => format!("{}={value}", known.name),
        None => known.name.to_owned(),
    };
    let said = file.say(known.en, known.da);
    Some(shown(file, &attribute.span, format!("{said}\n\n`{{{written}}}`")))
}

/// What a name in a condition, a skip or a `from` stands for.
fn hover_name(file: &At, value: &Range<usize>, at: usize) -> Option<Hover> {
    let is_part = |sign: char| sign.is_alphanumeric() || "_-".contains(sign);
    let start = value.start + file.text[value.start..at].trim_end_matches(is_part).len();
    let end = at + file.text[at..value.end].find(|c| !is_part(c)).unwrap_or(value.end - at);
    let word = &file.text[start..end];
    let known = file.known();
    let named = |codes: &[(String, String)]| {
        let found = codes.iter().find(|(id, _)| id == word)?;
        Some(format!("`{word}`: {}", found.1))
    };
    let words = match spot::expected(&file.text[value.start..end]) {
        Expected::Row(id) => named(&known.question(id)?.rows),
        Expected::Code(left) => named(known.codes(left)),
        _ => None,
    };
    let page = || known.pages.iter().find(|page| page.id.as_deref() == Some(word));
    let words = words
        .or_else(|| known.question(word).map(describe))
        .or_else(|| page().map(|page| format!("`{word}`: {}", page.title)))?;
    Some(shown(file, &(start..end), words))
}

fn describe(question: &Question) -> String {
    let mut words = format!("**{}**\n\n`{}` ({})\n", question.text, question.id, question.kind);
    let mut list = |codes: &[(String, String)]| {
        if !codes.is_empty() {
            words.push('\n');
        }
        for (id, text) in codes {
            words.push_str(&format!("- `{id}` {text}\n"));
        }
    };
    list(&question.rows);
    list(&question.choices);
    words
}

fn shown(file: &At, span: &Range<usize>, value: String) -> Hover {
    Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value }),
        range: Some(place::range(file.text, span)),
    }
}
