//! The theme's tokens, read from its file of colours, so that a build can measure them and draw with
//! them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

/// The theme's file of tokens.
pub const FILE: &str = "css/theme.css";

/// The tokens of one block by name, each with its place and its value.
pub type Tokens<'a> = BTreeMap<&'a str, (Range<usize>, &'a str)>;

/// The selectors in `css` that begin with `:root`, each with the bytes between its braces.
pub fn blocks(css: &str) -> Vec<(&str, Range<usize>)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(open) = css[from..].find('{').map(|at| from + at) {
        let Some(close) = css[open..].find('}').map(|at| open + at) else { break };
        let selector = css[from..open].rsplit("*/").next().unwrap_or_default().trim();
        if selector.starts_with(":root") {
            out.push((selector, open + 1..close));
        }
        from = close + 1;
    }
    out
}

/// Whether the block of this selector holds the colours of high contrast.
pub fn is_high(selector: &str) -> bool {
    selector.contains("data-contrast")
}

/// What `block` declares.
pub fn read(css: &str, block: Range<usize>) -> Tokens<'_> {
    let mut tokens = Tokens::new();
    let mut at = block.start;
    for declaration in css[block].split(';') {
        let start = at;
        at += declaration.len() + 1;
        let bare = declaration.rsplit("*/").next().unwrap_or_default();
        let Some((name, value)) = bare.split_once(':') else { continue };
        let from = start + declaration.len() - bare.len();
        let name_at = from + (name.len() - name.trim_start().len());
        tokens.insert(name.trim(), (name_at..from + bare.trim_end().len(), value.trim()));
    }
    tokens
}

/// The plain tokens: what holds where nobody asked for high contrast.
pub fn plain(css: &str) -> Tokens<'_> {
    let block = blocks(css).into_iter().find(|(selector, _)| !is_high(selector));
    block.map(|(_, block)| read(css, block)).unwrap_or_default()
}

/// A drawing in the theme's colours: a picture beside a page sees none of the page's tokens, so
/// `var(--brand)` becomes the colour here.
pub fn paint<'s>(drawing: &'s str, tokens: &Tokens<'_>) -> Cow<'s, str> {
    let mut out = Cow::Borrowed(drawing);
    for (name, (_, value)) in tokens {
        let written = format!("var({name})");
        if out.contains(&written) {
            out = Cow::Owned(out.replace(&written, value));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = "/* a: b; */\n:root { --brand: #0d3b4c; /* {no} */ --radius: 1rem }
        :root[data-contrast=\"high\"] { --brand: #ffffff; }";

    #[test]
    fn the_plain_tokens_are_not_those_of_high_contrast() {
        let css = CSS.replace("{no}", "no");
        let tokens = plain(&css);
        assert_eq!(tokens["--brand"].1, "#0d3b4c");
        assert_eq!(&css[tokens["--radius"].0.clone()], "--radius: 1rem");
        assert_eq!(blocks(&css).len(), 2);
    }

    #[test]
    fn a_drawing_gets_the_colours_it_names() {
        let css = CSS.replace("{no}", "no");
        let painted = paint(r##"<path fill="var(--brand)"/><path fill="#fff"/>"##, &plain(&css));
        assert_eq!(painted, r##"<path fill="#0d3b4c"/><path fill="#fff"/>"##);
    }
}
