//! The contrast of the theme's colours, pair by pair, as WCAG 2.2 measures it.
//!
//! Text needs 4.5:1 (1.4.3); what a control is known by and the progress need 3:1 (1.4.11).

use std::ops::Range;

use super::catalogue;
use super::tokens::{self, Tokens};
use crate::diag::Diagnostic;

const TEXT: f64 = 4.5;
const PART: f64 = 3.0;
/// Whatever lies behind the two lines of a focus ring, one of them stands out from it by 3:1 if they
/// differ by the square of that (technique C40 of WCAG).
const RING: f64 = 9.0;

/// The pairs that meet on a page, and the contrast each needs.
const PAIRS: &[(&str, &str, f64)] = &[
    // Text: of pages; of cards, choices, fields and dialogs; of what is chosen and of notices; of the
    // summary of problems.
    ("--ink", "--paper", TEXT),
    ("--ink", "--surface", TEXT),
    ("--ink", "--tint", TEXT),
    ("--ink", "--problem-tint", TEXT),
    // Hints and steps; hints within the rows of a matrix; the dates of a card under the pointer.
    ("--muted", "--paper", TEXT),
    ("--muted", "--surface", TEXT),
    ("--muted", "--tint", TEXT),
    // The name and the languages; what is chosen in rows, scales and maps, and buttons.
    ("--on-header", "--header", TEXT),
    ("--on-brand", "--brand", TEXT),
    // Links and quiet buttons: on a page; in a card; in a notice; below problems, to what was left open.
    ("--brand", "--paper", TEXT),
    ("--brand", "--surface", TEXT),
    ("--brand", "--tint", TEXT),
    ("--brand", "--problem-tint", TEXT),
    // A problem: at its question; in a row of a matrix, and the sign in its disc; in the summary.
    ("--problem", "--paper", TEXT),
    ("--problem", "--surface", TEXT),
    ("--problem", "--problem-tint", TEXT),
    // Borders, dashed ones too: against the page; against their own field; of areas against the rest
    // of a map, and of fields in a notice.
    ("--line", "--paper", PART),
    ("--line", "--surface", PART),
    ("--line", "--tint", PART),
    ("--accent", "--track", PART),
    // The ring of the focus; a key of the kiosk's keyboard under the finger.
    ("--focus", "--accent", RING),
];

/// Buttons get this much brighter under the pointer (`css/base.css`), text and all.
const HOVER: f64 = 1.15;
/// What buttons are made of.
const BUTTONS: &[(&str, &str)] = &[("--on-brand", "--brand"), ("--brand", "--paper")];

/// Everything wrong with the colours in `css`, the text of [`tokens::FILE`] at `file`. The plain
/// colours and those of high contrast are both held to `PAIRS`.
pub fn check(file: &str, css: &str) -> Vec<Diagnostic> {
    let mut check = Check { file, found: Vec::new() };
    let plain = tokens::plain(css);
    if plain.is_empty() {
        check.wrong_token(0..0, ":root", "there is no such block");
    }
    for (selector, block) in tokens::blocks(css) {
        let own = tokens::read(css, block);
        if tokens::is_high(selector) {
            // What it does not say is as in the plain block.
            let both = plain.clone().into_iter().chain(own).collect();
            check.pairs(&both, "high contrast, ");
        } else {
            check.pairs(&own, "");
        }
    }
    check.found
}

struct Check<'a> {
    file: &'a str,
    found: Vec<Diagnostic>,
}

impl Check<'_> {
    fn pairs(&mut self, tokens: &Tokens<'_>, set: &str) {
        for (front, behind, need) in PAIRS {
            self.pair(tokens, (front, behind), *need, |colour| colour, set);
        }
        for (front, behind) in BUTTONS {
            let set = format!("{set}under the pointer, ");
            self.pair(tokens, (front, behind), TEXT, brightened, &set);
        }
    }

    /// `change` is what happens to both colours before they meet; `set` says when that is.
    fn pair(
        &mut self,
        tokens: &Tokens<'_>,
        (front, behind): (&str, &str),
        need: f64,
        change: impl Fn([u8; 3]) -> [u8; 3],
        set: &str,
    ) {
        let (a, b) = (self.colour(tokens, front), self.colour(tokens, behind));
        let (Some(a), Some(b)) = (a, b) else { return };
        let figure = ratio(change(a), change(b));
        if figure < need {
            let mut low =
                Diagnostic::new(self.file, place(tokens, front), &catalogue::LOW_CONTRAST);
            // Cut, not rounded: 4.499 must not read as 4.50 and be refused all the same.
            let shown = (figure * 100.0).floor() / 100.0;
            low.arg("pair", format!("{set}{front} on {behind}"));
            low.arg("figure", format!("{shown:.2}")).arg("need", need);
            self.found.push(low);
        }
    }

    fn colour(&mut self, tokens: &Tokens<'_>, name: &str) -> Option<[u8; 3]> {
        let read = tokens.get(name).map(|(_, value)| hex_colour(value));
        match read.unwrap_or_else(|| Err("it is missing".to_owned())) {
            Ok(colour) => Some(colour),
            Err(why) => {
                self.wrong_token(place(tokens, name), name, &why);
                None
            }
        }
    }

    /// Told once a token, however many pairs it is in.
    fn wrong_token(&mut self, span: Range<usize>, name: &str, why: &str) {
        let is_it = |one: &Diagnostic| one.args.get("name").is_some_and(|known| known[0] == name);
        if !self.found.iter().any(is_it) {
            let mut wrong = Diagnostic::new(self.file, span, &catalogue::WRONG_TOKEN);
            wrong.arg("name", name).arg("why", why);
            self.found.push(wrong);
        }
    }
}

fn place(tokens: &Tokens<'_>, name: &str) -> Range<usize> {
    tokens.get(name).map_or(0..0, |(span, _)| span.clone())
}

fn brightened(colour: [u8; 3]) -> [u8; 3] {
    colour.map(|channel| (f64::from(channel) * HOVER).round().min(255.0) as u8)
}

/// `#rgb` or `#rrggbb`: others cannot be measured without a browser.
fn hex_colour(value: &str) -> Result<[u8; 3], String> {
    let unreadable = || format!("`{value}` is not a colour as in #0d3b4c");
    let digits = value.strip_prefix('#').ok_or_else(unreadable)?;
    let long: String = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        6 => digits.to_owned(),
        _ => return Err(unreadable()),
    };
    let number = u32::from_str_radix(&long, 16).map_err(|_| unreadable())?;
    let [_, red, green, blue] = number.to_be_bytes();
    Ok([red, green, blue])
}

/// The contrast ratio of WCAG 2.2 (relative luminance of sRGB), from 1 to 21.
pub fn ratio(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: [u8; 3]) -> f64 {
    let linear = colour.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
}

#[cfg(test)]
mod tests {
    use super::super::theme::Theme;
    use super::super::tokens::FILE as THEME_FILE;
    use super::*;
    use crate::diag::Language;

    #[test]
    fn measures_as_wcag_does() {
        assert!((ratio([0, 0, 0], [255, 255, 255]) - 21.0).abs() < 1e-9);
        // #767676 on white is the well-known lightest grey that passes.
        assert!(ratio([0x76; 3], [255; 3]) >= 4.5);
        assert!(ratio([0x77; 3], [255; 3]) < 4.5);
    }

    #[test]
    fn the_built_in_theme_passes() {
        let found = check(THEME_FILE, Theme::builtin_text(THEME_FILE));
        let told: Vec<_> = found.iter().map(|one| one.message(Language::English)).collect();
        assert!(told.is_empty(), "{told:#?}");
    }

    #[test]
    fn names_the_pair_and_the_figure() {
        let css = Theme::builtin_text(THEME_FILE).replace("--muted: #46535f", "--muted: #9aa5ae");
        let found = check(THEME_FILE, &css);
        let told = found[0].message(Language::English);
        assert_eq!(told, "--muted on --paper: a contrast of 2.27:1, but 4.5:1 is needed");
        assert!(css[found[0].span.clone()].starts_with("--muted: #9aa5ae"));
    }

    #[test]
    fn a_colour_it_cannot_measure_is_named_once() {
        let css = Theme::builtin_text(THEME_FILE).replace("--ink: #16222d", "--ink: navy");
        let found = check(THEME_FILE, &css);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message(Language::English).contains("`navy`"));
    }

    #[test]
    fn a_button_keeps_its_contrast_under_the_pointer() {
        let css = Theme::builtin_text(THEME_FILE).replacen("#0d3b4c", "#187a79", 1);
        let told: Vec<_> =
            check(THEME_FILE, &css).iter().map(|one| one.message(Language::English)).collect();
        assert!(
            told.iter().any(|line| line.starts_with("under the pointer, --on-brand on --brand")),
            "{told:#?}"
        );
        assert!(told.iter().all(|line| !line.starts_with("--on-brand on --brand")), "{told:#?}");
    }

    #[test]
    fn every_pair_can_be_refused() {
        let css = Theme::builtin_text(THEME_FILE);
        let block = &tokens::blocks(css)[0].1;
        let plain = tokens::plain(css);
        for (front, behind, _) in PAIRS {
            let (span, _) = &plain[front];
            let same = format!("{front}: {}", plain[behind].1);
            let mut changed = css.to_owned();
            changed.replace_range(span.clone(), &same);
            assert!(block.contains(&span.start));
            let found = check(THEME_FILE, &changed);
            let pair = format!("{front} on {behind}: a contrast of 1.00:1");
            let told: Vec<_> = found.iter().map(|one| one.message(Language::English)).collect();
            assert!(told.iter().any(|line| line.starts_with(&pair)), "{pair} in {told:#?}");
        }
    }
}
