//! Style sheets and scripts without what only their readers need: comments, indentation, spaces.
//! Nothing is renamed, joined or reordered; shorter forms are left to compression, as getting them
//! wrong costs more than they save.

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
    let mut rest = js;
    while let Some(sign) = rest.chars().next() {
        let (kind, length) = token(rest, &out);
        let (part, after) = rest.split_at(length.max(sign.len_utf8()).min(rest.len()));
        rest = after;
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
    fn a_script_loses_comments_and_spaces_and_nothing_else() {
        for (js, want) in [
            ("// a\n/** b\n * c */\nconst x = \"// d\"; // e\n", "const x=\"// d\";\n"),
            ("let t = `f\n    // g\n  `;\n/* h */ y();\n", "let t=`f\n    // g\n  `;y();\n"),
            ("a = b\n+ +c - -d;\n", "a=b\n+ +c- -d;\n"),
            ("return /[/ ]{2} x/.test(s) / 2;\n", "return /[/ ]{2} x/.test(s)/2;\n"),
            ("if (a) {\n  b()\n}\nc()\n", "if(a){b()}\nc()\n"),
            ("x = (y) => /a b/.exec(y) ?? [];\n", "x=(y)=>/a b/.exec(y)??[];\n"),
            ("const { a, b = 1 } = it;\n", "const{a,b=1}=it;\n"),
        ] {
            assert_eq!(squeeze_script(js), want);
        }
    }
}
