//! QR codes: an address somebody can point a phone at. [`Qr::of`] gives what `templates/qr.html`
//! draws, one path in an SVG of one unit a module, so that a page needs no picture beside it.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};
use serde::Serialize;

/// White modules on every side; ISO/IEC 18004 asks for four.
const QUIET: i32 = 4;

/// A code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Qr {
    /// The side in modules, the quiet zone included.
    pub size: i32,
    /// The black modules as the data of one SVG path.
    pub path: String,
}

impl Qr {
    /// The code of `text`; none where it is too long for any (some 2,300 bytes).
    ///
    /// Error correction M mends 15 % of the code, enough for a fold or a coffee stain; where a
    /// better level makes it no larger, it gets that.
    pub fn of(text: &str) -> Option<Qr> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count() as i32;
                if run > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        Some(Qr { size: code.size() + 2 * QUIET, path })
    }

    /// A picture that stands by itself, for letters.
    pub fn svg(&self) -> String {
        let Qr { size, path } = self;
        format!(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {size} {size}' \
             shape-rendering='crispEdges'><path d='{path}'/></svg>"
        )
    }
}

/// The code of `text` in half blocks, two rows of modules a line, for a terminal: light on dark, as most
/// terminals are; phones read either.
pub fn terminal(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let is_light = |x: i32, y: i32| !code.get_module(x, y);
    let block = |x: i32, y: i32| match (is_light(x, y), is_light(x, y + 1)) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    };
    let range = || -QUIET..code.size() + QUIET;
    let line = |y: i32| range().map(|x| block(x, y)).collect::<String>();
    Some(range().step_by(2).map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels a module: what a camera sees is never one.
    const PIXELS: usize = 4;

    /// The picture of a code's path, black where it is true.
    fn draw(qr: &Qr) -> Vec<Vec<bool>> {
        let side = qr.size as usize;
        let mut modules = vec![vec![false; side]; side];
        for run in qr.path.split('M').skip(1) {
            let number = |text: &str| text.parse::<usize>().expect("a number");
            let (x, rest) = run.split_once(' ').expect("x and y");
            let (y, rest) = rest.split_once('h').expect("a run");
            let (width, _) = rest.split_once('v').expect("a height");
            modules[number(y)][number(x)..][..number(width)].fill(true);
        }
        modules
    }

    fn read(qr: &Qr) -> String {
        let modules = draw(qr);
        let side = modules.len() * PIXELS;
        let mut picture = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
            if modules[y / PIXELS][x / PIXELS] { 0 } else { 255 }
        });
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1, "one code");
        grids[0].decode().expect("it can be read").1
    }

    #[test]
    fn a_phone_reads_what_was_written() {
        for text in [
            "https://panel.example.dk/s/groenne-omraader/",
            "https://panel.example.dk/en/s/fritid-og-biblioteker/",
            "k9",
            "æøå 🌳",
            &"a".repeat(600),
        ] {
            assert_eq!(read(&Qr::of(text).expect("it fits")), text);
        }
    }

    #[test]
    fn a_code_stands_in_white() {
        let modules = draw(&Qr::of("https://panel.example.dk/s/a/").expect("it fits"));
        let side = modules.len();
        let edge = |at: usize| at < QUIET as usize || at >= side - QUIET as usize;
        for (y, row) in modules.iter().enumerate() {
            let black = row.iter().enumerate().filter(|(_, black)| **black);
            assert!(black.into_iter().all(|(x, _)| !edge(x) && !edge(y)));
        }
    }

    #[test]
    fn what_fits_no_code_has_none() {
        assert_eq!(Qr::of(&"a".repeat(5000)), None);
    }
}
