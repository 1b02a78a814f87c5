//! Style sheets and scripts without what only their readers need: comments, indentation, spaces.
//! Nothing is reordered, and only names that cannot be anything else get shorter; other forms are
//! left to compression, as getting them wrong costs more than they save.

use std::collections::{BTreeMap, BTreeSet};

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

/// Drops a script's comments, and the spaces that no word needs. Line ends stay but after signs that
/// cannot end a statement, so that none is put in or taken away where JavaScript counts them.
pub(super) fn squeeze_script(js: &str) -> String {
    let mut out = String::with_capacity(js.len());
    let mut gap = Gap::None;
    for (kind, part) in parts(js) {
        let sign = part.chars().next().unwrap_or_default();
        match kind {
            Token::Space => gap = gap.max(if part.contains('\n') { Gap::Line } else { Gap::Space }),
            Token::Comment => gap = gap.max(Gap::Space),
            Token::Text => {
                out.push_str(gap.between(out.chars().next_back(), sign));
                out.push_str(part);
                gap = Gap::None;
            }
        }
    }
    out.push('\n');
    out
}

/// Constants that follow one another share one `const`; a single parameter stands without brackets.
fn with_fewer_words(script: &str) -> String {
    let parts: Vec<(Token, &str)> = parts(script).collect();
    let part = |at: usize| parts.get(at).map_or("", |(_, part)| *part);
    let mut out = String::with_capacity(script.len());
    // For each bracket that is open, whether a `const` is being read directly in it.
    let mut constant = vec![false];
    let mut at = 0;
    while at < parts.len() {
        let (kind, text) = parts[at];
        let innermost = constant.len() - 1;
        let single = text == "(" && is_name(part(at + 1)) && part(at + 2) == ")";
        if single && part(at + 3) == "=" && part(at + 4) == ">" {
            if out.ends_with(|sign: char| sign.is_alphanumeric() || "_$".contains(sign)) {
                out.push(' ');
            }
            out.push_str(part(at + 1));
            at += 3;
            continue;
        }
        if text == ";" && constant[innermost] && part(at + 1) == "const" {
            out.push(',');
            at += if parts.get(at + 2).is_some_and(|(kind, _)| *kind == Token::Space) {
                3
            } else {
                2
            };
            continue;
        }
        match text {
            "const" => constant[innermost] = !out.ends_with("export "),
            ";" => constant[innermost] = false,
            "(" | "[" | "{" => constant.push(false),
            // The outermost has no end.
            ")" | "]" | "}" if innermost > 0 => drop(constant.pop()),
            // A statement may have ended here.
            _ if kind == Token::Space && text.contains('\n') => constant[innermost] = false,
            _ => {}
        }
        out.push_str(text);
        at += 1;
    }
    out
}

/// Shorter names for what squeezed scripts that are joined into one declare. A name is changed
/// everywhere or nowhere, so that what hides what stays the same; it is kept where it stands for a
/// key of an object too, or in a template.
pub(super) fn shorten<'a>(scripts: impl IntoIterator<Item = &'a mut String>) {
    let scripts: Vec<&mut String> = scripts.into_iter().collect();
    let (mut all, mut declared, mut kept) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for script in &scripts {
        for (role, name) in uses(script) {
            all.insert(name.to_owned());
            match role {
                Role::Declared => drop(declared.insert(name.to_owned())),
                Role::Key => drop(kept.insert(name.to_owned())),
                Role::Value => {}
            }
        }
    }
    let free = short_names().filter(|name| !all.contains(name));
    let renamed = declared.difference(&kept).filter(|name| name.len() > 2);
    let renamed: BTreeMap<&str, String> = renamed.map(String::as_str).zip(free).collect();
    for script in scripts {
        *script = with_fewer_words(&with_names(script, &renamed));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Declared,
    Value,
    /// A member or key, or what may be one.
    Key,
}

/// `A`, `B` … `Z`, `AA`, `AB` …
fn short_names() -> impl Iterator<Item = String> {
    let letters = || (b'A'..=b'Z').map(char::from);
    let double =
        letters().flat_map(move |first| letters().map(move |second| format!("{first}{second}")));
    letters().map(String::from).chain(double)
}

/// Every name in a script and what it stands for there. Words in a template count as names.
fn uses(script: &str) -> Vec<(Role, &str)> {
    let tokens: Vec<&str> = tokens(script).collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if is_name(token) {
            found.push((role(&tokens, at), *token));
        } else if token.starts_with('`') {
            found.extend(words(token).map(|word| (Role::Key, word)));
        }
    }
    found
}

fn role(tokens: &[&str], at: usize) -> Role {
    let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at]);
    let after = tokens.get(at + 1).copied().unwrap_or_default();
    match (before(1), after) {
        (".", _) if before(2) == "." => Role::Value,
        ("." | "#", _) | (_, ":") => Role::Key,
        ("{" | ",", "," | "}" | "=") => Role::Key,
        ("function", _) if before(2) == "export" => Role::Key,
        ("const" | "let", _) if before(2) == "export" => Role::Key,
        ("function" | "const" | "let", _) => Role::Declared,
        (before, "(") if before != "function" && is_method(&tokens[at + 1..]) => Role::Key,
        _ => Role::Value,
    }
}

/// Whether the brackets that `tokens` begin with are followed by a body: `name(…) {…}`.
fn is_method(tokens: &[&str]) -> bool {
    let mut depth = 0;
    let end = tokens.iter().position(|token| {
        match *token {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.and_then(|end| tokens.get(end + 1)).is_some_and(|after| *after == "{")
}

fn with_names(script: &str, names: &BTreeMap<&str, String>) -> String {
    let parts = parts(script).map(|(_, part)| names.get(part).map_or(part, String::as_str));
    parts.collect()
}

/// The tokens of a squeezed script without the space between them.
fn tokens(script: &str) -> impl Iterator<Item = &str> {
    parts(script).filter(|(kind, _)| *kind == Token::Text).map(|(_, part)| part)
}

/// The whole of a script in tokens.
fn parts(script: &str) -> impl Iterator<Item = (Token, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &script[at..];
        let sign = rest.chars().next()?;
        let (kind, length) = token(rest, &script[..at]);
        let length = length.max(sign.len_utf8()).min(rest.len());
        at += length;
        Some((kind, &rest[..length]))
    })
}

fn is_name(token: &str) -> bool {
    token.starts_with(|sign: char| sign.is_alphabetic() || "_$".contains(sign))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| !(sign.is_alphanumeric() || "_$".contains(sign)))
        .filter(|word| is_name(word))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Space,
    Comment,
    Text,
}

/// What stands between two tokens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
}

impl Gap {
    /// What has to stay of it.
    fn between(self, before: Option<char>, after: char) -> &'static str {
        let Some(before) = before else { return "" };
        let word = |sign: char| sign.is_alphanumeric() || "_$#".contains(sign);
        match self {
            Gap::Line if !(",;{([=&|?:".contains(before) || "}])".contains(after)) => "\n",
            // Two signs or words that would become another one.
            Gap::Space | Gap::Line
                if word(before) && word(after)
                    || before == after && "+-/&|<>=?".contains(before)
                    || (word(before) && after == '/') =>
            {
                " "
            }
            _ => "",
        }
    }
}

/// The first token of `rest`, and how many bytes it has; `before` tells a pattern from a division.
fn token(rest: &str, before: &str) -> (Token, usize) {
    let spaces = rest.len() - rest.trim_start().len();
    if spaces > 0 {
        return (Token::Space, spaces);
    }
    if rest.starts_with("//") {
        return (Token::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Token::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    let first = rest.chars().next().unwrap_or_default();
    let length = match first {
        '"' | '\'' | '`' => enclosed(rest, first),
        '/' if begins_pattern(before) => enclosed(rest, '/'),
        first if first.is_alphanumeric() || "_$#".contains(first) => {
            let end = |sign: char| !(sign.is_alphanumeric() || "_$#".contains(sign));
            rest.find(end).unwrap_or(rest.len())
        }
        first => first.len_utf8(),
    };
    (Token::Text, length)
}

/// After a sign that wants a value, and after `return`, a slash begins a pattern.
fn begins_pattern(before: &str) -> bool {
    before.is_empty()
        || before.ends_with("return")
        || before.ends_with(|sign| "(,=:[!&|?{};>\n".contains(sign))
}

/// The bytes of a text, template or pattern up to the sign that ends it; in a pattern's class the
/// sign ends nothing.
fn enclosed(rest: &str, end: char) -> usize {
    let (mut escaped, mut class) = (false, false);
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if end == '/' => class = true,
            ']' if end == '/' => class = false,
            sign if sign == end && !class => return at + end.len_utf8(),
            _ => {}
        }
    }
    rest.len()
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
    fn a_name_gets_shorter_where_it_is_nothing_else() {
        let shortened = |script: &str| {
            let mut scripts = [script.to_owned()];
            shorten(scripts.iter_mut());
            scripts[0].clone()
        };
        for (js, want) in [
            (
                "function first(a){return first(a);}const last=[...first(1)];",
                "function A(a){return A(a);}const B=[...A(1)];",
            ),
            // A variable of the same name goes along.
            (
                "const walk=1;function go(walk){return walk.on;}",
                "const A=1;function go(A){return A.on;}",
            ),
            ("export function kept(){}kept();", "export function kept(){}kept();"),
            ("const name=1;it.name;", "const name=1;it.name;"),
            ("const name=1;({name});", "const name=1;({name});"),
            ("const name=1;({name:2});", "const name=1;({name:2});"),
            ("const name=1;const{name=2}=it;", "const name=1,{name=2}=it;"),
            ("const name=1;({name(){}});", "const name=1;({name(){}});"),
            ("const name=1;`${name}`;", "const name=1;`${name}`;"),
            ("const name=1;\"name\";", "const A=1;\"name\";"),
            ("const name=1;A(name);", "const B=1;A(B);"),
            ("history.back();", "history.back();"),
        ] {
            assert_eq!(shortened(js), want);
        }
    }

    #[test]
    fn a_script_loses_comments_and_spaces_and_nothing_else() {
        for (js, want) in [
            ("// a\n/** b\n * c */\nconst x = \"// d\"; // e\n", "const x=\"// d\";\n"),
            ("let t = `f\n    // g\n  `;\n/* h */ y();\n", "let t=`f\n    // g\n  `;y();\n"),
            ("a = b\n+ +c - -d;\n", "a=b\n+ +c- -d;\n"),
            ("return /[/ ]{2} x/.test(s) / 2;\n", "return /[/ ]{2} x/.test(s)/2;\n"),
            ("if (a) {\n  b()\n}\nc()\n", "if(a){b()}\nc()\n"),
            ("x = (y) => /a b/.exec(y) ?? [];\n", "x=y=>/a b/.exec(y)??[];\n"),
            ("const { a, b = 1 } = it;\n", "const{a,b=1}=it;\n"),
            (
                "const a = () => { const b = 1; const [c] = b; c(); };\nconst d = 2;\n",
                "const a=()=>{const b=1,[c]=b;c();},d=2;\n",
            ),
            ("for (const a of b) c();\nconst d = 1;\n", "for(const a of b)c();const d=1;\n"),
            ("const a = 1\nb(); const c = 2;\n", "const a=1\nb();const c=2;\n"),
            ("return (a) => a + ((b) => b)(a);\n", "return a=>a+(b=>b)(a);\n"),
        ] {
            assert_eq!(with_fewer_words(&squeeze_script(js)), want);
        }
    }
}
