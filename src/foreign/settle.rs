//! Holds a draft up to the compiler: what it refuses and can be taken out is taken out and reported,
//! until what is left can be checked. So a condition never comes over wrong: it comes over, or it is
//! named.

use std::collections::HashSet;

use super::draft::{Answers, Draft, Rule, Words};
use super::markdown::{self, Part, Written};
use super::report::{Done, Place, Report};
use super::{Imported, Output};
use crate::diag::{Diagnostic, Language};
use crate::survey::compile::Shelf;
use crate::survey::format::{Role, format};
use crate::survey::{Facts, File, Files, Input, compile};

/// Taking something out can make something else wrong, but not for ever.
const ROUNDS_MAX: usize = 12;

/// Writes the draft, less what `check` would refuse.
pub fn settle(mut draft: Draft, mut report: Report) -> Imported {
    let mut files = written(&draft);
    for _ in 0..ROUNDS_MAX {
        let diagnostics = judge(&draft, &files);
        let mut mended = false;
        let mut seen: HashSet<Part> = HashSet::new();
        for note in diagnostics.iter().filter(|note| note.is_error()) {
            let Some(part) = part_at(&files[0], note) else { continue };
            if !seen.insert(part) {
                continue;
            }
            mended |= mend(&mut draft, part, note, &mut report);
        }
        if !mended {
            report_refused(&draft, &files, &diagnostics, &mut report);
            break;
        }
        files = written(&draft);
    }
    let sound = !judge(&draft, &files).iter().any(Diagnostic::is_error);
    let outputs = files.into_iter().enumerate().map(|(number, file)| {
        let role = if number == 0 { Role::Base } else { Role::Translation };
        let text = if sound { format(&file.text, role) } else { file.text };
        Output { name: file_name(&draft, number), text }
    });
    let files = outputs.collect();
    report.sort();
    Imported { files, report }
}

fn written(draft: &Draft) -> Vec<Written> {
    (0..draft.languages.len().max(1)).map(|language| markdown::write(draft, language)).collect()
}

fn file_name(draft: &Draft, language: usize) -> String {
    match language {
        0 => format!("{}.md", draft.slug),
        _ => format!("{}.{}.md", draft.slug, draft.languages[language]),
    }
}

fn base_language(draft: &Draft) -> String {
    let lang = draft.languages.first().filter(|lang| !lang.is_empty());
    lang.cloned().unwrap_or_else(|| "da".to_owned())
}

fn judge(draft: &Draft, files: &[Written]) -> Vec<Diagnostic> {
    let default_language = base_language(draft);
    let languages = draft.languages.clone();
    let facts = Facts { default_language, languages, lone: true, ..Facts::default() };
    let name = file_name(draft, 0);
    let names: Vec<String> = (1..files.len()).map(|number| file_name(draft, number)).collect();
    let translations = files.iter().skip(1).enumerate().map(|(at, file)| {
        let lang = draft.languages[at + 1].as_str();
        (lang, File { path: &names[at], text: &file.text })
    });
    let base = File { path: &name, text: &files[0].text };
    let survey = Files { base, translations: translations.collect() };
    compile(&Input { slug: &draft.slug, survey, shelf: &Shelf::default(), site: &facts })
        .diagnostics
}

/// The smallest part that a note lies in.
fn part_at(base: &Written, note: &Diagnostic) -> Option<Part> {
    let inside = base
        .marks
        .iter()
        .filter(|(range, _)| range.start <= note.span.start && note.span.start < range.end);
    inside.min_by_key(|(range, _)| range.len()).map(|(_, part)| *part)
}

/// Takes the part out, or says it in words where that is what is missing.
fn mend(draft: &mut Draft, part: Part, note: &Diagnostic, report: &mut Report) -> bool {
    if note.file != file_name(draft, 0) {
        return false;
    }
    let languages = draft.languages.clone();
    if note.entry.code == "cue-needed"
        && let Some(rule) = rule_of(draft, part).and_then(Option::as_mut)
    {
        rule.cue = Some(cue(&languages));
        return true;
    }
    let why = format!("check would say: {}", note.message(Language::English));
    match part {
        Part::Question(..) => false,
        Part::Setting(page, question, at) => {
            let settings = &mut draft.pages[page].questions[question].settings;
            let setting = settings.remove(at);
            report.add(&setting.place, &setting.source, Done::Dropped, why);
            true
        }
        part => {
            let Some(rule) = rule_of(draft, part).and_then(Option::take) else { return false };
            comment_on(draft, part, &rule);
            report.add(&rule.place, &rule.source, Done::Comment, why);
            true
        }
    }
}

fn rule_of(draft: &mut Draft, part: Part) -> Option<&mut Option<Rule>> {
    Some(match part {
        Part::PageIf(page) => &mut draft.pages[page].condition,
        Part::QuestionIf(page, question) => &mut draft.pages[page].questions[question].condition,
        Part::Check(page, question) => &mut draft.pages[page].questions[question].check,
        Part::ChoiceIf(page, question, at) => {
            match &mut draft.pages[page].questions[question].answers {
                Answers::List(_, choices) => &mut choices[at].condition,
                Answers::Table { rows, .. } => &mut rows[at].condition,
                Answers::Nothing | Answers::Lines(_) => return None,
            }
        }
        Part::Setting(..) | Part::Question(..) => return None,
    })
}

fn comment_on(draft: &mut Draft, part: Part, rule: &Rule) {
    let comment = format!("{} : {}", rule.place.header, rule.source);
    match part {
        Part::PageIf(page) => draft.pages[page].comments.push(comment),
        Part::QuestionIf(page, question)
        | Part::Check(page, question)
        | Part::ChoiceIf(page, question, _)
        | Part::Setting(page, question, _)
        | Part::Question(page, question) => {
            draft.pages[page].questions[question].comments.push(comment);
        }
    }
}

/// What a page without JavaScript says where the condition cannot be said in words.
fn cue(languages: &[String]) -> Words {
    let cue = |lang: &String| match lang.as_str() {
        "da" | "" => "Svar kun, hvis spørgsmålet passer til dig.",
        "de" => "Nur beantworten, wenn die Frage auf Sie zutrifft.",
        _ => "Answer only if this applies to you.",
    };
    languages.iter().map(|lang| cue(lang).to_owned()).collect()
}

/// What is left: named with its place in the result, since its author has to decide.
fn report_refused(
    draft: &Draft,
    files: &[Written],
    diagnostics: &[Diagnostic],
    report: &mut Report,
) {
    for note in diagnostics.iter().filter(|note| note.is_error()) {
        let number = (0..files.len()).find(|number| file_name(draft, *number) == note.file);
        let file = &files[number.unwrap_or(0)];
        let place = match part_at(file, note) {
            Some(Part::Question(page, question) | Part::QuestionIf(page, question)) => {
                draft.pages[page].questions[question].place.clone()
            }
            _ => Place::default(),
        };
        let end = note.span.end.min(file.text.len());
        let what = file.text.get(note.span.start..end).unwrap_or_default();
        report.add(&place, what, Done::Refused, note.message(Language::English));
    }
}
