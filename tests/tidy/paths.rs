//! The paths a module names, as full paths from the crate's root.

use crate::lexer::{Kind, Token};

/// A path and the line it stands on.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    pub path: Vec<String>,
    pub line: usize,
}

/// The module a file holds: `src/site/pages.rs` is `site::pages`.
pub fn module_of(file: &str) -> Vec<String> {
    let inner = file.strip_prefix("src/").unwrap_or(file);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let mut parts: Vec<String> = inner.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// Every path into the own crate (`crate::…`, `super::…`), wherever it stands; groups in braces are
/// taken apart.
pub fn own(module: &[String], tokens: &[Token]) -> Vec<Named> {
    let mut found = Vec::new();
    // Inline modules deepen what `super` means: their names, each with the braces open outside it.
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::Sign('{') => {
                if let Some(name) = inline_module(&tokens[..at]) {
                    inside.push((name, depth));
                }
                depth += 1;
            }
            Kind::Sign('}') => {
                depth = depth.saturating_sub(1);
                inside.pop_if(|(_, outside)| *outside == depth);
            }
            Kind::Word(word) if (word == "crate" || word == "super") && starts(tokens, at) => {
                let names = inside.iter().map(|(name, _)| name.clone());
                let here: Vec<String> = module.iter().cloned().chain(names).collect();
                for path in tree(tokens, at) {
                    found.push(Named { path: absolute(&here, &path), line: token.line });
                }
            }
            _ => {}
        }
    }
    found
}

/// Every line that names something of the third-party crate `name`.
pub fn third_party(name: &str, tokens: &[Token]) -> Vec<usize> {
    let names = |at: usize| {
        let leads = tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Path);
        let imported = at > 0 && tokens[at - 1].is("use");
        let in_middle = at > 1 && tokens[at - 1].kind == Kind::Path && is_name(&tokens[at - 2]);
        tokens[at].is(name) && (leads || imported) && !in_middle
    };
    (0..tokens.len()).filter(|at| names(*at)).map(|at| tokens[at].line).collect()
}

fn is_name(token: &Token) -> bool {
    matches!(token.kind, Kind::Word(_)) && !token.is("use")
}

/// The name of the inline module whose brace comes next.
fn inline_module(before: &[Token]) -> Option<String> {
    match before {
        [.., module, Token { kind: Kind::Word(name), .. }] if module.is("mod") => {
            Some(name.clone())
        }
        _ => None,
    }
}

/// Whether a path begins at `at`: not in the middle of one, and not `pub(super)`.
fn starts(tokens: &[Token], at: usize) -> bool {
    let goes_on = tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Path);
    let in_middle = at > 0 && tokens[at - 1].kind == Kind::Path;
    goes_on && !in_middle
}

/// The paths of the use tree or expression path at `at`.
fn tree(tokens: &[Token], at: usize) -> Vec<Vec<String>> {
    let mut cursor = at;
    branch(tokens, &mut cursor)
}

fn branch(tokens: &[Token], at: &mut usize) -> Vec<Vec<String>> {
    let mut path = Vec::new();
    while let Some(token) = tokens.get(*at) {
        match &token.kind {
            Kind::Word(word) => path.push(word.clone()),
            Kind::Sign('{') => {
                let ends = group(tokens, at);
                return ends.into_iter().map(|end| [path.clone(), end].concat()).collect();
            }
            // A glob, or the angle bracket of a type.
            _ => break,
        }
        *at += 1;
        match tokens.get(*at) {
            Some(next) if next.kind == Kind::Path => *at += 1,
            _ => break,
        }
    }
    vec![path]
}

/// The paths between the braces at `at`; leaves `at` behind the closing one.
fn group(tokens: &[Token], at: &mut usize) -> Vec<Vec<String>> {
    let mut ends = Vec::new();
    *at += 1;
    while let Some(token) = tokens.get(*at) {
        match token.kind {
            Kind::Sign('}') => {
                *at += 1;
                break;
            }
            Kind::Word(_) if token.is("as") => *at += 2,
            Kind::Word(_) => ends.extend(branch(tokens, at)),
            _ => *at += 1,
        }
    }
    ends
}

/// From the root: `super` steps out of `here`, `self` stays.
fn absolute(here: &[String], path: &[String]) -> Vec<String> {
    let mut full = here.to_vec();
    for part in path {
        match part.as_str() {
            "crate" => full.clear(),
            "super" => {
                full.pop();
            }
            "self" => {}
            name => full.push(name.to_owned()),
        }
    }
    full
}

#[cfg(test)]
fn owned(file: &str, source: &str) -> Vec<String> {
    let tokens = crate::lexer::tokens(source);
    own(&module_of(file), &tokens).into_iter().map(|named| named.path.join("::")).collect()
}

#[test]
fn takes_groups_apart() {
    let source = "use crate::{site::{self, view as v}, store::outbox::Outbox};\nuse crate::diag;";
    let expected = ["site", "site::view", "store::outbox::Outbox", "diag"];
    assert_eq!(owned("src/server/app.rs", source), expected);
}

#[test]
fn follows_super_out_of_the_room() {
    let source = "use super::super::store::X; mod tests { use super::*; use super::super::pages; }
        fn f() { super::super::survey::g::<u8>() } pub(super) fn h() {}";
    let expected = ["store::X", "site::view", "site::pages", "survey::g"];
    assert_eq!(owned("src/site/view.rs", source), expected);
}

#[test]
fn tells_a_crate_from_a_module_of_its_name() {
    let lines = |source: &str| third_party("tera", &crate::lexer::tokens(source));
    assert_eq!(lines("use tera;\nuse tera::Value;\nlet x = tera::y();"), [1, 2, 3]);
    assert_eq!(lines("use crate::site::tera::Value; let tera = 1; // tera::x"), [0_usize; 0]);
    assert_eq!(lines("use {std::fs, tera::Value}; use ::tera::Map;"), [1, 1]);
}
