//! A file's pages and questions, for an editor's list of what is in it.

use std::ops::Range;

use lsp_types::{DocumentSymbol, SymbolKind};

use super::known::Known;
use super::place;
use super::workspace::At;

/// Pages, and the questions in each.
#[expect(deprecated, reason = "the protocol's type has a field that is no longer to be used")]
pub fn outline(file: &At) -> Vec<DocumentSymbol> {
    let known = Known::of(file.text, None);
    let symbol = |name: &str, kind, span: Range<usize>| {
        let heading = span.start + file.text[span.start..].find('\n').unwrap_or(0);
        DocumentSymbol {
            name: if name.is_empty() { "---".to_owned() } else { name.to_owned() },
            detail: None,
            kind,
            tags: None,
            deprecated: None,
            range: place::range(file.text, &span),
            selection_range: place::range(file.text, &(span.start..heading.min(span.end))),
            children: None,
        }
    };
    let page_starts: Vec<usize> = known.pages.iter().map(|page| page.at).collect();
    let starts: Vec<usize> = known.questions.iter().map(|question| question.at).collect();
    let next = |after: usize, starts: &[usize]| {
        starts.iter().copied().find(|start| *start > after).unwrap_or(file.text.len())
    };
    let mut symbols = Vec::new();
    for page in &known.pages {
        let end = next(page.at, &page_starts);
        let inside = known.questions.iter().filter(|q| page.at <= q.at && q.at < end);
        let children = inside.map(|question| {
            let span = question.at..next(question.at, &starts).min(end);
            symbol(&question.text, SymbolKind::FIELD, span)
        });
        let mut whole = symbol(&page.title, SymbolKind::NAMESPACE, page.at..end);
        whole.children = Some(children.collect());
        symbols.push(whole);
    }
    symbols
}
