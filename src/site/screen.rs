//! A kiosk's screen whose width is known: what a millimetre is on it, whatever its pixels are.

/// The custom property from which `css/kiosk.css` makes its sizes. In vw, so that a browser that scales
/// the page, or a screen of more pixels, changes nothing.
pub fn style(width_mm: u32) -> String {
    format!(":root{{--mm:{:.5}vw}}\n", 100.0 / f64::from(width_mm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_millimetre_is_a_share_of_the_width() {
        assert_eq!(style(500), ":root{--mm:0.20000vw}\n");
    }
}
