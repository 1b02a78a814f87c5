//! LimeSurvey's expressions as the tokens that [`crate::foreign::xpath`] parses.

use crate::foreign::xpath::Token;

/// Longer expressions are not read.
const LENGTH_MAX: usize = 8_000;

/// The tokens of a relevance equation.
///
/// # Errors
/// What in it has no meaning.
pub fn lex(text: &str) -> Result<Vec<Token>, String> {
    if text.len() > LENGTH_MAX {
        return Err("it is too long".to_owned());
    }
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(sign) = rest.chars().next() {
        let length = if matches!(sign, '\'' | '"') {
            let end = rest[1..].find(sign).ok_or("a quote is never closed")?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else if sign.is_ascii_digit() {
            let part = |s: char| s.is_ascii_alphanumeric() || s == '.';
            let end = rest.find(|s: char| !part(s)).unwrap_or(rest.len());
            let number = rest[..end].parse().map_err(|_| {
                format!("`{}` names a question by its number, not by its code", &rest[..end])
            })?;
            tokens.push(Token::Number(number));
            end
        } else if sign.is_alphabetic() || sign == '_' {
            let part = |s: char| s.is_alphanumeric() || "_.".contains(s);
            let end = rest.find(|s: char| !part(s)).unwrap_or(rest.len());
            tokens.push(word(&rest[..end], rest[end..].trim_start().starts_with('('))?);
            end
        } else {
            let (found, token) = SIGNS
                .into_iter()
                .find(|(found, _)| rest.starts_with(found))
                .ok_or_else(|| format!("the sign `{sign}` has no meaning in a condition"))?;
            tokens.push(match token {
                "and" | "or" => Token::Name(token.to_owned()),
                sign => Token::Sign(sign),
            });
            found.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

const SIGNS: [(&str, &str); 15] = [
    ("&&", "and"),
    ("||", "or"),
    ("==", "="),
    ("!=", "!="),
    ("<=", "<="),
    (">=", ">="),
    ("!", "!"),
    ("<", "<"),
    (">", ">"),
    ("=", "="),
    ("(", "("),
    (")", ")"),
    (",", ","),
    ("-", "-"),
    ("+", "+"),
];

fn word(text: &str, is_call: bool) -> Result<Token, String> {
    let lower = text.to_lowercase();
    Ok(match lower.as_str() {
        "and" | "or" => Token::Name(lower),
        "eq" => Token::Sign("="),
        "ne" => Token::Sign("!="),
        "lt" => Token::Sign("<"),
        "le" => Token::Sign("<="),
        "gt" => Token::Sign(">"),
        "ge" => Token::Sign(">="),
        "strlen" if is_call => Token::Name("string-length".to_owned()),
        "intval" | "floatval" if is_call => Token::Name("number".to_owned()),
        _ if is_call => Token::Name(text.to_owned()),
        _ => {
            let (name, suffix) = text.split_once('.').unwrap_or((text, "NAOK"));
            if !["NAOK", "code", "value", "valueNAOK"].contains(&suffix) {
                return Err(format!("`.{suffix}` of an answer has no counterpart"));
            }
            Token::Var(name.to_owned())
        }
    })
}
