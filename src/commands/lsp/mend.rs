//! The changes that would mend what is wrong.

use std::path::Path;

use lsp_types::{CodeAction, CodeActionKind, TextEdit, Uri, WorkspaceEdit};

use super::place;
use super::workspace::{At, show};

/// The changes that would mend what is wrong in `range`.
pub fn mend(file: &At, uri: &Uri, range: lsp_types::Range) -> Vec<CodeAction> {
    let Some(content) = file.content() else { return Vec::new() };
    let language = file.workspace.language(file.path);
    let here = content.diagnostics.iter().filter(|note| Path::new(&note.file) == file.path);
    let touched =
        here.filter_map(|note| Some((show(note, file.text, language), note.fix.as_ref()?)));
    touched
        .filter(|(shown, _)| shown.range.start <= range.end && range.start <= shown.range.end)
        .map(|(shown, fix)| {
            let edit =
                TextEdit { range: place::range(file.text, &fix.span), new_text: fix.text.clone() };
            CodeAction {
                title: fix_title(file, &fix.text),
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![shown]),
                edit: Some(WorkspaceEdit {
                    changes: Some([(uri.clone(), vec![edit])].into()),
                    ..WorkspaceEdit::default()
                }),
                is_preferred: Some(true),
                ..CodeAction::default()
            }
        })
        .collect()
}

fn fix_title(file: &At, text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    match line {
        "" => file.say("Remove it", "Fjern det").to_owned(),
        line => format!("{} {line}", file.say("Change it to", "Ret det til")),
    }
}
