//! A release is the same for every kiosk; a kiosk's own patience and screen are put in as it is served.
//!
//! What the build wrote from the site's rules is replaced: two attributes, the number that counts down,
//! and the style sheet, which gets a line more and, so that browsers fetch it anew, another address. A
//! site that was built for this very kiosk has nothing to replace.

use std::borrow::Cow;

use super::super::http::{Body, Response};
use crate::site::config::{KioskRules, OwnRules};
use crate::site::screen;

/// `response` as it is on this kiosk: `built` are the rules its page was made with.
pub(super) fn fit(response: Response, built: KioskRules, own: OwnRules) -> Response {
    let here = built.with(own);
    let is = |kind: &str| response.headers.iter().any(|(_, value)| value.starts_with(kind));
    let is_page = is("text/html");
    if here == built || !is_page && !is("text/css") {
        return response;
    }
    let Response { body: Body::Bytes(bytes), status, headers } = response else { return response };
    let fitted = match String::from_utf8(bytes) {
        Ok(page) if is_page => fit_page(&page, built, here).into_bytes(),
        Ok(css) => fit_style(css, here).into_bytes(),
        Err(bytes) => bytes.into_bytes(),
    };
    Response { status, headers, body: Body::Bytes(fitted) }
}

fn fit_page(page: &str, built: KioskRules, here: KioskRules) -> String {
    let times = |rules: KioskRules| {
        format!(
            r#" data-idle="{}" data-warning="{}""#,
            rules.idle_seconds, rules.idle_warning_seconds
        )
    };
    let countdown = |rules: KioskRules| format!("data-countdown>{}<", rules.idle_warning_seconds);
    let page = page.replacen(&times(built), &times(here), 1).replacen(
        &countdown(built),
        &countdown(here),
        1,
    );
    match here.screen_width_mm.filter(|_| built.screen_width_mm != here.screen_width_mm) {
        Some(width) => with_style(&page, width),
        None => page,
    }
}

/// The addresses of style sheets with the screen's width behind them.
fn with_style(page: &str, width_mm: u32) -> String {
    let mut parts = page.split(r#""/assets/"#);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(r#""/assets/"#);
        let part = match part.split_once('"') {
            Some((name, rest)) if name.ends_with(".css") => {
                Cow::Owned(format!("{name}?mm={width_mm}\"{rest}"))
            }
            _ => Cow::Borrowed(part),
        };
        out.push_str(&part);
    }
    out
}

fn fit_style(css: String, here: KioskRules) -> String {
    css + &here.screen_width_mm.map(screen::style).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<link href="/assets/page.0a.css"><script src="/assets/page.0b.js"></script>
<body data-mode="kiosk" data-idle="90" data-warning="30"><strong data-countdown>30</strong>"#;

    fn fitted(kind: &str, body: &str, own: OwnRules) -> String {
        let response = Response::bytes(200, kind, body);
        match fit(response, KioskRules::default(), own).body {
            Body::Bytes(bytes) => String::from_utf8(bytes).expect("text"),
            _ => String::new(),
        }
    }

    #[test]
    fn a_kiosks_own_patience_and_screen_are_put_in() {
        let own = OwnRules {
            idle_seconds: Some(45),
            idle_warning_seconds: Some(20),
            screen_width_mm: Some(500),
        };
        let page = fitted("text/html; charset=utf-8", PAGE, own);
        for part in
            [r#"data-idle="45" data-warning="20""#, "countdown>20<", "0a.css?mm=500\"", "0b.js\""]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(fitted("text/css", "a{}", own).ends_with(":root{--mm:0.20000vw}\n"));
        assert_eq!(fitted("text/javascript", "data-countdown>30<", own), "data-countdown>30<");
    }

    #[test]
    fn without_rules_of_its_own_it_is_the_sites() {
        assert_eq!(fitted("text/html", PAGE, OwnRules::default()), PAGE);
        assert_eq!(fitted("text/css", "a{}", OwnRules::default()), "a{}");
    }
}
