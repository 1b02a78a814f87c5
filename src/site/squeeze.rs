//! Style sheets and scripts without what only their readers need.
//!
//! A style sheet loses comments and spaces. A script is rewritten by a minifier made for it, which
//! knows the language: shorter names, shorter forms, nothing that is never used.

use oxc_allocator::Allocator;
use oxc_ast::ast::Program;
use oxc_codegen::{Codegen, CodegenOptions, CommentOptions};
use oxc_minifier::{CompressOptions, MangleOptions, Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;

/// Drops a style sheet's comments and the spaces that nothing needs; what is quoted stays as it is.
pub(super) fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(sign) = rest.chars().next() {
        let length = match sign {
            '/' if rest.starts_with("/*") => {
                let end = rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
                rest = &rest[end..];
                continue;
            }
            '"' | '\'' => quoted(rest, sign),
            _ => sign.len_utf8(),
        };
        match sign {
            sign if sign.is_whitespace() => push_space(&mut out),
            '{' | '}' | ';' | ',' | '>' => push_sign(&mut out, sign),
            '0' if rest.as_bytes().get(1) == Some(&b'.') && ends_number(&out) => {}
            _ => out.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    out
}

/// A space, where the sign before it does not do its work.
fn push_space(out: &mut String) {
    if !out.is_empty() && !out.ends_with([' ', '{', '}', ';', ',', ':', '>', '(']) {
        out.push(' ');
    }
}

/// A sign that needs no space before it; the last declaration of a block needs no semicolon.
fn push_sign(out: &mut String, sign: char) {
    if out.ends_with(' ') {
        out.pop();
    }
    if sign == '}' && out.ends_with(';') {
        out.pop();
    }
    out.push(sign);
}

/// Whether a number may begin here, so that `0.5` is `.5`.
fn ends_number(out: &str) -> bool {
    !out.ends_with(|sign: char| sign.is_alphanumeric() || "._-#".contains(sign))
        || out.ends_with(":-")
        || out.ends_with(" -")
}

/// The bytes of a text in quotes, the quotes included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            sign if sign == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The shortest form of a module; what it exports keeps its name.
///
/// # Errors
/// As [`check_script`].
pub(super) fn squeeze_script(js: &str) -> Result<String, String> {
    let arena = Allocator::default();
    let mut program = parse(&arena, js)?;
    let shortest = MinifierOptions {
        mangle: Some(MangleOptions { top_level: true, ..MangleOptions::default() }),
        compress: Some(CompressOptions::smallest()),
    };
    let made = Minifier::new(shortest).minify(&arena, &mut program);
    let bare = CodegenOptions { comments: CommentOptions::disabled(), ..CodegenOptions::minify() };
    let written = Codegen::new().with_options(bare).with_scoping(made.scoping).build(&program);
    Ok(written.code + "\n")
}

/// Reads a module to see whether it is one.
///
/// # Errors
/// Where it is no JavaScript: what is wrong, and in which line.
pub(super) fn check_script(js: &str) -> Result<(), String> {
    parse(&Allocator::default(), js).map(|_| ())
}

fn parse<'a>(arena: &'a Allocator, js: &'a str) -> Result<Program<'a>, String> {
    let parsed = Parser::new(arena, js, SourceType::mjs()).parse();
    let Some(wrong) = parsed.errors.first() else { return Ok(parsed.program) };
    let at = wrong.labels.iter().flatten().next().map_or(0, |label| label.offset());
    let line = 1 + js.bytes().take(at).filter(|byte| *byte == b'\n').count();
    Err(format!("line {line}: {}", wrong.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_style_sheet_keeps_its_rules() {
        for (css, want) in [
            ("/*/ a */\n.a {\n  color: red; /* b */\n}\n\n", ".a{color:red}"),
            (".b, .c > d {\n  margin: 0 auto;\n}\n", ".b,.c>d{margin:0 auto}"),
            (".a :focus, a:focus {\n  top: -0.5rem;\n}", ".a :focus,a:focus{top:-.5rem}"),
            (
                ".a { width: calc(0.5rem + 10.05px - 0.2em) }",
                ".a{width:calc(.5rem + 10.05px - .2em)}",
            ),
            (
                ".a::after { content: \"/* 0.5 ; */ \\\"} \"; }",
                ".a::after{content:\"/* 0.5 ; */ \\\"} \"}",
            ),
            (
                "@media (min-width: 60rem) and (width > 0.5rem) { a { b: c } }",
                "@media (min-width:60rem) and (width>.5rem){a{b:c}}",
            ),
            ("a { --h: #0a0.b; --v: var(--a-0); }", "a{--h:#0a0.b;--v:var(--a-0)}"),
        ] {
            assert_eq!(squeeze(css), want);
        }
    }

    #[test]
    fn a_script_loses_names_and_comments_but_not_what_others_call() {
        let js = "// a\nconst counted = [];\nexport function count(thing) {\n  counted.push({ thing });\n}\n";
        let want = "const e=[];export function count(t){e.push({thing:t})}\n";
        assert_eq!(squeeze_script(js).as_deref(), Ok(want));
    }

    #[test]
    fn what_is_no_script_is_said_with_its_line() {
        let wrong = squeeze_script("const a = 1;\nconst b = ;\n").expect_err("it is no script");
        assert!(wrong.starts_with("line 2: "), "{wrong}");
    }
}
