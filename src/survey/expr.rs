//! The syntax of conditions: `age >= 18 and (often != never or what has sport)`.
//!
//! ```text
//! or      = and { "or" and }
//! and     = not { "and" not }
//! not     = "not" not | "(" or ")" | "answered" left | left test
//! left    = id [ "." row ] | "count" "(" id ")"
//! test    = ("==" | "!=" | "<" | "<=" | ">" | ">=") value | "has" value | "in" "(" value { "," value } ")"
//! value   = word | 'text in single quotes'
//! ```

use std::ops::Range;

/// A condition as written; names are not yet looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Answered(Left),
    Test { left: Left, op: Op, right: Vec<Word>, span: Range<usize> },
}

/// What stands between the sides of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Has,
}

/// The left side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub name: Word,
    /// `rate.clean`
    pub row: Option<Word>,
    /// `count(what)`
    pub counted: bool,
}

/// A name, a code, a number or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub span: Range<usize>,
    pub quoted: bool,
}

/// Why a condition cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub span: Range<usize>,
    /// In English and in Danish, as messages to authors show it.
    pub why: [String; 2],
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Word),
    Sign(&'static str, Range<usize>),
}

impl Token {
    fn span(&self) -> &Range<usize> {
        match self {
            Token::Word(word) => &word.span,
            Token::Sign(_, span) => span,
        }
    }
}

const QUESTION_ID: [&str; 2] = ["the id of a question", "et spørgsmåls id"];

/// Nesting deeper than this is a mistake, and would use up the stack.
const DEPTH_MAX: usize = 32;

/// Reads `text`, which begins at the byte `offset` of its file.
///
/// # Errors
/// Where and why it cannot be read.
pub fn parse(text: &str, offset: usize) -> Result<Expr, Unreadable> {
    let end = offset + text.len();
    let tokens = lex(text, offset)?;
    let mut parser = Parser { tokens: &tokens, at: 0, end, depth: 0 };
    let expr = parser.or()?;
    match parser.peek() {
        None => Ok(expr),
        Some(token) => Err(Unreadable {
            span: token.span().clone(),
            why: here(["`and`, `or` or nothing", "`and`, `or` eller ingenting"]),
        }),
    }
}

fn lex(text: &str, offset: usize) -> Result<Vec<Token>, Unreadable> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(sign) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = if sign.is_whitespace() {
            sign.len_utf8()
        } else if rest.starts_with("<>") {
            let why = ["write `!=`", "skriv `!=`"].map(str::to_owned);
            return Err(Unreadable { span: offset + at..offset + at + 2, why });
        } else if let Some(found) = ["==", "!=", "<=", ">=", "<", ">", "(", ")", ","]
            .into_iter()
            .find(|s| rest.starts_with(s))
        {
            tokens.push(Token::Sign(found, offset + at..offset + at + found.len()));
            found.len()
        } else if sign == '\'' {
            let close = rest[1..].find('\'').ok_or_else(|| Unreadable {
                span: offset + at..offset + text.len(),
                why: ["the `'` is never closed".to_owned(), "`'` bliver aldrig lukket".to_owned()],
            })?;
            let span = offset + at..offset + at + close + 2;
            let text = rest[1..=close].to_owned();
            tokens.push(Token::Word(Word { text, span, quoted: true }));
            close + 2
        } else {
            let length = word_length(rest);
            if let Some(swapped) = ["=>", "=<"].into_iter().find(|s| rest.starts_with(s)) {
                let why = if swapped == "=>" {
                    ["write `>=`", "skriv `>=`"]
                } else {
                    ["write `<=`", "skriv `<=`"]
                };
                let span = offset + at..offset + at + swapped.len();
                return Err(Unreadable { span, why: why.map(str::to_owned) });
            }
            if length == 0 {
                return Err(unknown_sign(sign, offset + at));
            }
            let span = offset + at..offset + at + length;
            tokens.push(Token::Word(Word { text: rest[..length].to_owned(), span, quoted: false }));
            length
        };
        at += length;
    }
    Ok(tokens)
}

fn word_length(rest: &str) -> usize {
    rest.find(|sign: char| !(sign.is_alphanumeric() || "_-.:".contains(sign))).unwrap_or(rest.len())
}

fn unknown_sign(sign: char, at: usize) -> Unreadable {
    let why = match sign {
        '=' => ["equality is written `==`", "lighed skrives `==`"],
        '&' => ["write `and`", "skriv `and`"],
        '|' => ["write `or`", "skriv `or`"],
        '!' => {
            ["write `not`, or `!=` between two sides", "skriv `not`, eller `!=` mellem to sider"]
        }
        _ => ["a sign here means nothing", "et tegn her betyder ingenting"],
    };
    let why = why.map(str::to_owned);
    Unreadable { span: at..at + sign.len_utf8(), why }
}

fn here(what: [&str; 2]) -> [String; 2] {
    [format!("there should be {} here", what[0]), format!("her skulle stå {}", what[1])]
}

struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn keyword(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(Token::Word(word)) if !word.quoted && word.text == wanted);
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(sign, _)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn expected<T>(&self, what: [&str; 2]) -> Result<T, Unreadable> {
        let span = self.peek().map_or(self.end..self.end, |token| token.span().clone());
        Err(Unreadable { span, why: here(what) })
    }

    fn or(&mut self) -> Result<Expr, Unreadable> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return self.expected(["less nesting", "færre parenteser"]);
        }
        let mut parts = vec![self.and()?];
        while self.keyword("or") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(single_or(parts, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Unreadable> {
        let mut parts = vec![self.not()?];
        while self.keyword("and") {
            parts.push(self.not()?);
        }
        Ok(single_or(parts, Expr::And))
    }

    fn not(&mut self) -> Result<Expr, Unreadable> {
        // A loop, so that `not not not …` does not use up the stack.
        let mut negations = 0;
        while self.keyword("not") {
            negations += 1;
        }
        let inner = self.primary()?;
        Ok(if negations % 2 == 1 { Expr::Not(Box::new(inner)) } else { inner })
    }

    fn primary(&mut self) -> Result<Expr, Unreadable> {
        if self.sign("(") {
            let inner = self.or()?;
            return if self.sign(")") { Ok(inner) } else { self.expected(["`)`"; 2]) };
        }
        if self.keyword("answered") {
            return Ok(Expr::Answered(self.left()?));
        }
        let start = self.peek().map_or(self.end, |token| token.span().start);
        let left = self.left()?;
        if left.name.text.starts_with(|sign: char| sign.is_ascii_digit()) {
            let why = [
                "the question stands on the left: `age >= 18`",
                "spørgsmålet står til venstre: `age >= 18`",
            ];
            return Err(Unreadable { span: left.name.span, why: why.map(str::to_owned) });
        }
        let Some(op) = self.op() else {
            if self.keyword("not") {
                let span = self.tokens[self.at - 1].span().clone();
                let why = [
                    "`not` stands first: `not a in (b, c)`",
                    "`not` står først: `not a in (b, c)`",
                ];
                return Err(Unreadable { span, why: why.map(str::to_owned) });
            }
            return self.expected([
                "`==`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `has`",
                "`==`, `!=`, `<`, `<=`, `>`, `>=`, `in` eller `has`",
            ]);
        };
        let right = if op == Op::In { self.values()? } else { vec![self.value()?] };
        let end = self.tokens[self.at - 1].span().end;
        Ok(Expr::Test { left, op, right, span: start..end })
    }

    fn op(&mut self) -> Option<Op> {
        let signs = [
            ("==", Op::Eq),
            ("!=", Op::Ne),
            ("<=", Op::Le),
            (">=", Op::Ge),
            ("<", Op::Lt),
            (">", Op::Gt),
        ];
        for (sign, op) in signs {
            if self.sign(sign) {
                return Some(op);
            }
        }
        if self.keyword("in") {
            return Some(Op::In);
        }
        self.keyword("has").then_some(Op::Has)
    }

    fn left(&mut self) -> Result<Left, Unreadable> {
        let is_count = matches!(self.peek(), Some(Token::Word(word)) if word.text == "count")
            && matches!(self.tokens.get(self.at + 1), Some(Token::Sign("(", _)));
        if is_count {
            self.at += 2;
            let name = self.word(QUESTION_ID)?;
            let left = Left { name, row: None, counted: true };
            return if self.sign(")") { Ok(left) } else { self.expected(["`)`"; 2]) };
        }
        let word = self.word(QUESTION_ID)?;
        let Some(dot) = word.text.find('.') else {
            return Ok(Left { name: word, row: None, counted: false });
        };
        let middle = word.span.start + dot;
        let part =
            |text: &str, span: Range<usize>| Word { text: text.to_owned(), span, quoted: false };
        Ok(Left {
            name: part(&word.text[..dot], word.span.start..middle),
            row: Some(part(&word.text[dot + 1..], middle + 1..word.span.end)),
            counted: false,
        })
    }

    fn word(&mut self, what: [&str; 2]) -> Result<Word, Unreadable> {
        match self.peek() {
            Some(Token::Word(word)) if !word.quoted && !is_reserved(&word.text) => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => self.expected(what),
        }
    }

    fn value(&mut self) -> Result<Word, Unreadable> {
        match self.peek() {
            Some(Token::Word(word)) if word.quoted => {
                let word = word.clone();
                self.at += 1;
                Ok(word)
            }
            _ => self.word([
                "a choice, a number or a text in single quotes",
                "et svar, et tal eller en tekst i enkelte anførselstegn",
            ]),
        }
    }

    fn values(&mut self) -> Result<Vec<Word>, Unreadable> {
        if !self.sign("(") {
            return self.expected(["`(`, as in `in (a, b)`,", "`(` som i `in (a, b)`"]);
        }
        let mut values = vec![self.value()?];
        while self.sign(",") {
            values.push(self.value()?);
        }
        if self.sign(")") { Ok(values) } else { self.expected(["`,` or `)`", "`,` eller `)`"]) }
    }
}

fn single_or(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() == 1 { parts.remove(0) } else { join(parts) }
}

/// The words of the language that cannot be ids.
pub const RESERVED: &[&str] = &["end", "and", "or", "not", "in", "has", "answered", "count"];

/// Whether `word` is one of [`RESERVED`].
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_closer_than_or() {
        let Ok(Expr::Or(parts)) = parse("a == b or c != d and e has f", 0) else { panic!() };
        assert_eq!(parts.len(), 2);
        assert!(matches!(&parts[1], Expr::And(both) if both.len() == 2));
    }

    #[test]
    fn reads_rows_counts_lists_and_texts() {
        assert!(matches!(parse("rate.clean == 3", 0), Ok(Expr::Test { left, .. })
            if left.row.as_ref().is_some_and(|row| row.text == "clean" && row.span == (5..10))));
        assert!(
            matches!(parse("count(what) >= 2", 0), Ok(Expr::Test { left, .. }) if left.counted)
        );
        assert!(
            matches!(parse("a in (b, 'c d')", 0), Ok(Expr::Test { right, .. }) if right.len() == 2)
        );
        assert!(matches!(parse("not not answered x", 0), Ok(Expr::Answered(_))));
    }

    #[test]
    fn says_where_and_why() {
        let wrong = parse("a = b", 10).expect_err("one `=`");
        assert_eq!((wrong.span, wrong.why[0].as_str()), (12..13, "equality is written `==`"));
        for (text, why) in [
            ("a => 3", "write `>=`"),
            ("a =< 3", "write `<=`"),
            ("a <> b", "write `!=`"),
            ("3 < a", "the question stands on the left: `age >= 18`"),
            ("a not in (b)", "`not` stands first: `not a in (b, c)`"),
        ] {
            assert_eq!(parse(text, 0).expect_err(text).why[0], why);
        }
        assert_eq!(parse("a ==", 0).expect_err("no value").span, 4..4);
        assert_eq!(parse("(a == b", 0).expect_err("open").span, 7..7);
        assert!(parse(&"(".repeat(10_000), 0).is_err());
        assert!(parse("a == b c", 0).is_err());
        assert!(parse("", 0).is_err());
    }
}
