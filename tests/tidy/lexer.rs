//! Rust cut into tokens, well enough to judge imports and names: comments, texts, numbers and
//! lifetimes are dropped, so that none of them is taken for code.

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Word(String),
    /// `::`, the one sign of two characters that matters here.
    Path,
    Sign(char),
}

/// A token, with the line it stands on (from 1).
#[derive(Debug, Clone)]
pub struct Token {
    pub kind: Kind,
    pub line: usize,
    /// Inside a module under `#[cfg(test)]`.
    pub in_test: bool,
}

impl Token {
    /// Whether it is this word.
    pub fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Word(own) if own == word)
    }
}

/// The tokens of a source.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { rest: source, line: 1, out: Vec::new() };
    while let Some(next) = lexer.rest.chars().next() {
        lexer.take_one(next);
    }
    mark_tests(&mut lexer.out);
    lexer.out
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    out: Vec<Token>,
}

impl Lexer<'_> {
    fn take_one(&mut self, next: char) {
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some(length) = text_literal(self.rest) {
            self.skip(length);
        } else if next == '\'' {
            self.skip(quote(self.rest));
        } else if next == '_' || next.is_alphabetic() {
            let end = self.rest.find(|c: char| c != '_' && !c.is_alphanumeric());
            let word = self.rest[..end.unwrap_or(self.rest.len())].to_owned();
            self.push(word.len(), Kind::Word(word));
        } else if next.is_ascii_digit() {
            let end = self.rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric());
            self.skip(end.unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("::") {
            self.push(2, Kind::Path);
        } else if next.is_whitespace() {
            self.skip(next.len_utf8());
        } else {
            self.push(next.len_utf8(), Kind::Sign(next));
        }
    }

    fn push(&mut self, length: usize, kind: Kind) {
        self.out.push(Token { kind, line: self.line, in_test: false });
        self.skip(length);
    }

    fn skip(&mut self, length: usize) {
        let (skipped, rest) = self.rest.split_at(length);
        self.line += skipped.matches('\n').count();
        self.rest = rest;
    }
}

/// The length of the block comment at the start of `text`; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of the string literal at the start of `text`, with its prefix; none where there is none.
fn text_literal(text: &str) -> Option<usize> {
    let prefix = text.find(|c| !matches!(c, 'b' | 'c' | 'r'))?;
    let hashes = text[prefix..].find(|c| c != '#')?;
    let open = prefix + hashes;
    if prefix > 2 || !text[open..].starts_with('"') {
        return None;
    }
    if text[..prefix].contains('r') {
        let close = format!("\"{}", "#".repeat(hashes));
        return Some(
            text[open + 1..].find(&close).map_or(text.len(), |at| open + 1 + at + close.len()),
        );
    }
    if hashes > 0 {
        return None;
    }
    let mut escaped = false;
    for (at, c) in text[open + 1..].char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(open + 1 + at + 1),
            _ => {}
        }
    }
    Some(text.len())
}

/// The length of the character literal at the start of `text`, or of the quote of a lifetime.
fn quote(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            let after = chars.nth(1).map_or(text.len(), |(at, _)| at);
            text[after - 1..].find('\'').map_or(1, |at| after - 1 + at + 1).max(1)
        }
        Some((at, c)) if text[at + c.len_utf8()..].starts_with('\'') => at + c.len_utf8() + 1,
        _ => 1,
    }
}

/// Marks what stands in the braces after `#[cfg(test)]`.
fn mark_tests(tokens: &mut [Token]) {
    let mut at = 0;
    while at + 4 < tokens.len() {
        let starts = tokens[at].is("cfg")
            && tokens[at + 1].kind == Kind::Sign('(')
            && tokens[at + 2].is("test")
            && tokens[at + 3].kind == Kind::Sign(')');
        at += 1;
        if !starts {
            continue;
        }
        let mut depth = 0_usize;
        for token in &mut tokens[at..] {
            token.in_test = true;
            at += 1;
            match token.kind {
                Kind::Sign('{') => depth += 1,
                Kind::Sign('}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                Kind::Sign(';') if depth == 0 => break,
                _ => {}
            }
        }
    }
}

#[test]
fn texts_and_comments_are_no_code() {
    let source =
        "// a\nlet x = \"b // \\\" c\"; /* d /* e */ f */ r#\"g \" h\"# '\"' '\\'' i\n'j: k";
    let words: Vec<(String, usize)> = tokens(source)
        .into_iter()
        .filter_map(|token| match token.kind {
            Kind::Word(word) => Some((word, token.line)),
            _ => None,
        })
        .collect();
    let expected = [("let", 2), ("x", 2), ("i", 2), ("j", 3), ("k", 3)];
    assert_eq!(words, expected.map(|(word, line)| (word.to_owned(), line)));
}

#[test]
fn knows_what_is_a_test() {
    let source = "a { b } #[cfg(test)] mod t { c { d } e } f #[cfg(test)] mod g; h";
    let tested: Vec<String> = tokens(source)
        .into_iter()
        .filter(|token| token.in_test)
        .filter_map(|token| match token.kind {
            Kind::Word(word) if word.len() == 1 => Some(word),
            _ => None,
        })
        .collect();
    assert_eq!(tested, ["t", "c", "d", "e", "g"]);
}
