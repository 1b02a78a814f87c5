//! Compiled texts as a form's cells: plain, with bold and italics as Markdown.

use crate::survey::Text;

/// A text, and what of it a cell cannot hold.
pub fn cell(text: &Text) -> (String, Vec<&'static str>) {
    let mut lost = Vec::new();
    let mut out = String::new();
    let mut rest = text.html.as_str();
    // Text between the tags of a placeholder is what stands there without an answer.
    let mut skipped = false;
    while let Some(sign) = rest.chars().next() {
        if sign == '<'
            && let Some(end) = rest.find('>')
        {
            tag(&rest[1..end], &mut out, &mut skipped, &mut lost);
            rest = &rest[end + 1..];
            continue;
        }
        let (text, length) = sign_of(rest, sign);
        if !skipped {
            out.push_str(&text);
        }
        rest = &rest[length..];
    }
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    (lines.join("\n"), lost)
}

fn tag(inner: &str, out: &mut String, skipped: &mut bool, lost: &mut Vec<&'static str>) {
    let name = inner.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
    match name {
        "strong" => out.push_str("**"),
        "em" => out.push('*'),
        "span" if inner.starts_with('/') => *skipped = false,
        "span" => {
            let pipe = inner.split("data-pipe=\"").nth(1).and_then(|rest| rest.split('"').next());
            if let Some(name) = pipe {
                out.push_str(&format!("${{{name}}}"));
                lost.push("what stands there without an answer");
                *skipped = true;
            }
        }
        "p" | "br" | "ul" | "ol" | "h3" | "h4" | "h5" | "h6" | "tr" => out.push('\n'),
        "li" if !inner.starts_with('/') => out.push_str("\n• "),
        "a" if !inner.starts_with('/') => lost.push("where a link leads"),
        "del" if !inner.starts_with('/') => lost.push("that a text is struck out"),
        _ => {}
    }
}

fn sign_of(rest: &str, sign: char) -> (String, usize) {
    for (entity, text) in
        [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")]
    {
        if rest.starts_with(entity) {
            return (text.to_owned(), entity.len());
        }
    }
    // A form would look for a question of that name.
    if rest.starts_with("${") {
        return ("$ {".to_owned(), 2);
    }
    (sign.to_string(), sign.len_utf8())
}

/// A language as forms name it.
pub fn language(code: &str) -> String {
    let name = match code {
        "da" => "Dansk",
        "en" => "English",
        "de" => "Deutsch",
        "sv" => "Svenska",
        "ar" => "العربية",
        "tr" => "Türkçe",
        "pl" => "Polski",
        "uk" => "Українська",
        other => other,
    };
    format!("{name} ({code})")
}
