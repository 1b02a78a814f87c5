//! The XPath of forms, read into a tree. What it means is [`super::meaning`]'s business. LimeSurvey's expressions
//! are lexed elsewhere and parsed here: but for their signs they are built alike.
//!
//! ```text
//! or      = and { "or" and }
//! and     = test { "and" test }
//! test    = value [ ("=" | "!=" | "<" | "<=" | ">" | ">=") value ]
//! value   = "${" name "}" | "../" name | "." | number | 'text' | name | name "(" [ or { "," or } ] ")" | "(" or ")"
//! ```

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Or(Vec<Expr>),
    And(Vec<Expr>),
    Compare(&'static str, Box<Expr>, Box<Expr>),
    Call(String, Vec<Expr>),
    /// `${name}`
    Var(String),
    /// `.`
    Here,
    /// A column of the choices.
    Name(String),
    Number(f64),
    Text(String),
}

impl Expr {
    /// The columns of the choices that it speaks of.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Expr::Or(parts) | Expr::And(parts) | Expr::Call(_, parts) => {
                parts.iter().flat_map(Expr::names).collect()
            }
            Expr::Compare(_, left, right) => {
                left.names().into_iter().chain(right.names()).collect()
            }
            Expr::Name(name) => vec![name],
            Expr::Var(_) | Expr::Here | Expr::Number(_) | Expr::Text(_) => Vec::new(),
        }
    }
}

/// A piece of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Var(String),
    Name(String),
    Number(f64),
    Text(String),
    Sign(&'static str),
}

/// Nesting deeper than this is nobody's work, and would use up the stack.
const DEPTH_MAX: usize = 30;

/// Longer expressions are not read.
const LENGTH_MAX: usize = 8_000;

/// Reads an expression.
///
/// # Errors
/// Why it cannot be read.
pub fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > LENGTH_MAX {
        return Err("it is too long".to_owned());
    }
    // Spreadsheet programs curl quotes; readers of forms straighten them.
    let straight = text.replace(['‘', '’'], "'").replace(['“', '”'], "\"");
    parse_tokens(&lex(&straight)?)
}

/// Reads the tokens of an expression; `!` before a value is `not`.
///
/// # Errors
/// Why they cannot be read.
pub fn parse_tokens(tokens: &[Token]) -> Result<Expr, String> {
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    let expr = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(expr),
        Some(_) => Err("it calculates, or goes through paths".to_owned()),
    }
}

const SIGNS: [&str; 19] = [
    "!=", "<=", ">=", "==", "..", "//", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", ".", "[",
    "]",
];

fn lex(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(sign) = rest.chars().next() {
        let length = if let Some(inner) = rest.strip_prefix("${") {
            let end = inner.find('}').ok_or("a `${` is never closed")?;
            tokens.push(Token::Var(inner[..end].trim().to_owned()));
            end + 3
        } else if matches!(sign, '\'' | '"') {
            let end = rest[1..].find(sign).ok_or("a quote is never closed")?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else if sign.is_ascii_digit() || is_point_number(rest) {
            let end = rest.find(|s: char| !s.is_ascii_digit() && s != '.').unwrap_or(rest.len());
            let number = rest[..end].parse().map_err(|_| format!("`{}`", &rest[..end]))?;
            tokens.push(Token::Number(number));
            end
        } else if sign.is_alphabetic() || sign == '_' {
            let part = |s: char| s.is_alphanumeric() || "_-.:".contains(s);
            let end = rest.find(|s: char| !part(s)).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..end].to_owned()));
            end
        } else if let Some(found) = SIGNS.into_iter().find(|found| rest.starts_with(found)) {
            tokens.push(Token::Sign(found));
            found.len()
        } else {
            return Err(format!("the sign `{sign}` has no meaning in an expression"));
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_point_number(text: &str) -> bool {
    text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|s: char| s.is_ascii_digit()))
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        let mut parts = vec![self.and()?];
        while self.word("or") {
            parts.push(self.and()?);
        }
        self.depth -= 1;
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Or(parts) })
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut parts = vec![self.test()?];
        while self.word("and") {
            parts.push(self.test()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::And(parts) })
    }

    fn test(&mut self) -> Result<Expr, String> {
        let left = self.value()?;
        let op = match self.tokens.get(self.at) {
            Some(Token::Sign(sign @ ("!=" | "<" | "<=" | ">" | ">="))) => *sign,
            Some(Token::Sign("=" | "==")) => "==",
            _ => return Ok(left),
        };
        self.at += 1;
        Ok(Expr::Compare(op, Box::new(left), Box::new(self.value()?)))
    }

    fn value(&mut self) -> Result<Expr, String> {
        let token = self.tokens.get(self.at).ok_or("it ends too early")?;
        self.at += 1;
        match token {
            Token::Var(name) => Ok(Expr::Var(name.clone())),
            Token::Number(number) => Ok(Expr::Number(*number)),
            Token::Text(text) => Ok(Expr::Text(text.clone())),
            Token::Name(name) if self.sign("(") => Ok(Expr::Call(name.clone(), self.arguments()?)),
            Token::Name(name) => Ok(Expr::Name(name.clone())),
            Token::Sign("!") => {
                self.depth += 1;
                if self.depth > DEPTH_MAX {
                    return Err("it is nested too deeply".to_owned());
                }
                let inner = self.value()?;
                self.depth -= 1;
                Ok(Expr::Call("not".to_owned(), vec![inner]))
            }
            Token::Sign(".") => Ok(Expr::Here),
            // `../name` and `../../name`: names are there once in a form.
            Token::Sign("..") => loop {
                let found = self.sign("/").then(|| self.tokens.get(self.at)).flatten();
                self.at += 1;
                match found {
                    Some(Token::Name(name)) => return Ok(Expr::Var(name.clone())),
                    Some(Token::Sign("..")) => {}
                    _ => return Err("it goes through paths".to_owned()),
                }
            },
            Token::Sign("-") => {
                let Some(Token::Number(number)) = self.tokens.get(self.at) else {
                    return Err("it calculates".to_owned());
                };
                self.at += 1;
                Ok(Expr::Number(-number))
            }
            Token::Sign("(") => {
                let inner = self.or()?;
                if self.sign(")") {
                    Ok(inner)
                } else {
                    Err("it calculates, or a bracket is missing".to_owned())
                }
            }
            Token::Sign(sign) => Err(format!("`{sign}` stands where a value should")),
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expr>, String> {
        let mut list = Vec::new();
        if self.sign(")") {
            return Ok(list);
        }
        loop {
            list.push(self.or()?);
            if self.sign(")") {
                return Ok(list);
            }
            if !self.sign(",") {
                return Err("it calculates, or goes through paths".to_owned());
            }
        }
    }

    fn sign(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(sign)) if *sign == wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, wanted: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == wanted);
        self.at += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_forms_are_made_of() {
        let expr = parse("${a} = 'x' and (. >= -1.5 or not(selected(${b}, \"y\")))").expect("fine");
        let Expr::And(parts) = expr else { panic!("{expr:?}") };
        assert_eq!(
            parts[0],
            Expr::Compare("==", Box::new(Expr::Var("a".into())), Box::new(Expr::Text("x".into())))
        );
        assert!(matches!(&parts[1], Expr::Or(inner) if inner.len() == 2));
        assert_eq!(parse("../a = ‘x’"), parse("${a} = 'x'"));
        assert_eq!(parse("../../a = “x”"), parse("${a} = 'x'"));
    }

    #[test]
    fn refuses_without_falling_over() {
        for bad in
            ["", "${a", "'x", "${a} + 1", "../x/y", "a[1]", "${a} = ", "“x", "f(1 2)", "- - -"]
        {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&"(".repeat(4_000)).is_err());
        assert!(parse(&"not(".repeat(1_500)).is_err());
        assert!(parse(&"-".repeat(4_000)).is_err());
    }
}
