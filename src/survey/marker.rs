//! What a line of answers begins with, `( )`, `[ ]` or `10:`, and what is nearly that.

/// `( )`, `[ ]` or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    Plain,
    Round,
    Square,
}

/// The marker at the start of an item's text, and how many bytes it takes with the spaces around.
pub fn read_marker(raw: &str) -> (Marker, usize) {
    let text = raw.trim_start();
    let lead = raw.len() - text.len();
    let marker = match text.get(..3) {
        Some("( )" | "(x)" | "(X)") => Marker::Round,
        Some("[ ]" | "[x]" | "[X]") => Marker::Square,
        _ if text.starts_with("()") => return (Marker::Round, lead + 2),
        _ if text.starts_with("[]") => return (Marker::Square, lead + 2),
        _ => return (Marker::Plain, 0),
    };
    (marker, lead + 3)
}

/// How long the beginning of a choice is that looks like a slip in `( )` or `[ ]`.
pub fn broken_marker(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if ")]".contains(first) {
        return Some(1);
    }
    if !"([".contains(first) {
        // `= ) A`: the bracket became another sign.
        let rest = &text[first.len_utf8()..];
        let lost = !first.is_alphanumeric()
            && rest.starts_with([' '])
            && rest[1..].starts_with([')', ']']);
        return lost.then_some(first.len_utf8() + 2);
    }
    let mut signs = text.char_indices().skip(1).take(3);
    let close = signs.find(|(_, sign)| ")]([{}".contains(*sign));
    let inside = close.map_or("", |(at, _)| &text[1..at]);
    let is_word = inside.chars().any(char::is_alphabetic);
    let gap = inside.starts_with(' ') || inside.ends_with(' ');
    match close {
        // `[ u] A`: a sign slipped in beside the space.
        Some((at, _)) if gap && inside.chars().count() == 2 => Some(at + 1),
        // `[a](b)` is a link, `(5)` and `(a)` are words in brackets.
        Some((at, _)) if !is_word && !inside.chars().all(|sign| sign.is_ascii_digit()) => {
            Some(at + 1)
        }
        Some(_) => None,
        None => text[1..].starts_with(' ').then_some(1),
    }
}

/// `10:` at the beginning of a scale's label.
pub fn label_marker(text: &str) -> Option<&str> {
    let end = text.find(':')?;
    let digits = text[..end].trim_end().trim_start_matches('-');
    let number = !digits.is_empty() && digits.chars().all(|sign| sign.is_ascii_digit());
    number.then(|| &text[..=end])
}

/// How far a bracket reaches that closes a marker a second time, as in `[ ]] A`.
pub fn left_over(label: &str) -> Option<usize> {
    let text = label.trim_start();
    text.starts_with([')', ']']).then_some(label.len() - text.len() + 1)
}

/// Signs of which most are underscores: an answer line with a slip in it.
pub fn is_broken_line(text: &str) -> bool {
    let lines = text.matches('_').count();
    lines >= 2 && text.chars().count() - lines <= 2 && text.len() <= 12
}

/// `#Title` and `-A` are text to Markdown, where a heading or a choice was meant.
pub fn sign_without_space(text: &str) -> Option<&str> {
    let hashes = text.len() - text.trim_start_matches('#').len();
    let taken = if text.starts_with('-') { 1 } else { hashes };
    (1..=6).contains(&taken).then(|| &text[..taken])
}

/// The empty marker of one that is ticked.
pub fn ticked(text: &str) -> Option<&'static str> {
    match text.get(..3)? {
        "(x)" | "(X)" => Some("( )"),
        "[x]" | "[X]" => Some("[ ]"),
        _ => None,
    }
}
