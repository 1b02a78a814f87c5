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

/// Drops a style sheet's comments, indentation and empty lines, and the spaces around its signs.
pub(super) fn squeeze(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut out = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        out.push_str(&line.replace(": ", ":").replace(" {", "{").replace(", ", ","));
        if line.ends_with('}') {
            out.push('\n');
        }
    }
    out
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
        let css = "/* a */\n.a {\n  color: red; /* b */\n}\n\n.b, .c {\n  margin: 0 auto;\n}\n";
        assert_eq!(squeeze(css), ".a{color:red;}\n.b,.c{margin:0 auto;}\n");
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
