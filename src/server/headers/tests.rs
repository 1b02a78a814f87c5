//! Who may ask, who may post, and what every reply carries.

use super::*;
use crate::server::http::Method;

fn request(headers: &[(&str, &str)]) -> Request {
    let named = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Request {
        method: Method::Post,
        path: "/".to_owned(),
        query: String::new(),
        headers: headers.iter().map(named).collect(),
        body: Vec::new(),
        peer: IpAddr::from([127, 0, 0, 1]),
    }
}

fn hosts() -> Hosts {
    let listen = "127.0.0.1:8080".parse().expect("an address");
    Hosts::new(listen, &["Panel.kk.dk".to_owned(), "kiosk.local:8443".to_owned()])
}

#[test]
fn answers_for_its_own_hosts_only() {
    for host in
        ["127.0.0.1:8080", "localhost:8080", "panel.kk.dk", "PANEL.kk.dk:443", "panel.kk.dk:80"]
    {
        assert!(hosts().host_allowed(&request(&[("host", host)])), "{host}");
    }
    for host in [
        "evil.dk",
        "127.0.0.1",
        "127.0.0.1:80",
        "panel.kk.dk.evil.dk",
        "panel.kk.dk:8080",
        "kiosk.local",
        "evil.dk:8080",
        "",
        ":8080",
        "panel.kk.dk:",
        "panel.kk.dk:+80",
        "panel.kk.dk:99999",
        "a@panel.kk.dk",
        "10.0.0.1:8080",
    ] {
        assert!(!hosts().host_allowed(&request(&[("host", host)])), "{host}");
    }
    assert!(!hosts().host_allowed(&request(&[])));
    assert!(!hosts().host_allowed(&request(&[("host", "panel.kk.dk"), ("host", "panel.kk.dk")])));
}

#[test]
fn listening_everywhere_takes_any_address_but_no_name() {
    let hosts = Hosts::new("0.0.0.0:8080".parse().expect("an address"), &[]);
    for host in ["192.168.1.7:8080", "localhost:8080", "[::1]:8080"] {
        assert!(hosts.host_allowed(&request(&[("host", host)])), "{host}");
    }
    assert!(!hosts.host_allowed(&request(&[("host", "rebound.evil.dk:8080")])));
    let six = Hosts::new("[::1]:8080".parse().expect("an address"), &[]);
    assert!(six.host_allowed(&request(&[("host", "[::1]:8080")])));
    assert!(!six.host_allowed(&request(&[("host", "127.0.0.1:8080")])));
}

#[test]
fn takes_posts_from_its_own_pages() {
    let allowed = |headers: &[(&str, &str)]| hosts().origin_allowed(&request(headers));
    assert!(allowed(&[("origin", "http://127.0.0.1:8080")]));
    assert!(allowed(&[("origin", "https://panel.kk.dk")]));
    assert!(allowed(&[("origin", "https://kiosk.local:8443")]));
    assert!(allowed(&[]), "no browser, or an old one");
    assert!(allowed(&[("origin", "null")]));
    assert!(allowed(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
    assert!(allowed(&[("sec-fetch-site", "same-origin")]));
}

#[test]
fn takes_no_posts_from_elsewhere() {
    let allowed = |headers: &[(&str, &str)]| hosts().origin_allowed(&request(headers));
    for origin in [
        "http://evil.dk",
        "https://panel.kk.dk.evil.dk",
        "https://panel.kk.dk:8080",
        "http://127.0.0.1",
        "http://127.0.0.1:8081",
        "panel.kk.dk",
        "",
        "NULL",
        "ftp://panel.kk.dk",
        "https://panel.kk.dk/",
        "https://evil@panel.kk.dk",
        "http://panel.kk.dk:443",
        "null null",
        "://panel.kk.dk",
    ] {
        assert!(!allowed(&[("origin", origin)]), "{origin:?}");
    }
    for site in ["cross-site", "same-site", "none", "", "Same-Origin, cross-site"] {
        assert!(!allowed(&[("sec-fetch-site", site)]), "{site:?}");
        assert!(!allowed(&[("origin", "null"), ("sec-fetch-site", site)]), "{site:?}");
    }
    assert!(!allowed(&[("origin", "null"), ("origin", "https://panel.kk.dk")]));
    assert!(!allowed(&[("origin", "https://panel.kk.dk"), ("origin", "https://panel.kk.dk")]));
    assert!(!allowed(&[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")]));
}

#[test]
fn every_reply_is_complete_and_caches_only_hashed_assets() {
    let header = |response: &Response, name: &str| {
        response
            .headers
            .iter()
            .filter(|(there, _)| *there == name)
            .map(|(_, value)| value.clone())
            .next()
    };
    let mut page = Response::html(422, "x");
    complete(&mut page, "/s/tryg/");
    for (name, value) in ALWAYS {
        assert_eq!(header(&page, name).as_deref(), Some(value));
    }
    assert_eq!(header(&page, "Cache-Control").as_deref(), Some("no-store"));

    let mut asset = Response::bytes(200, "text/css", "x");
    complete(&mut asset, "/assets/survey.0f3a9c21.css");
    assert!(header(&asset, "Cache-Control").is_some_and(|value| value.ends_with("immutable")));
    let mut missing = Response::html(404, "x");
    complete(&mut missing, "/assets/survey.0f3a9c21.css");
    assert_eq!(header(&missing, "Cache-Control").as_deref(), Some("no-store"));

    let policy = framed_policy("'none'", "'self'");
    assert_eq!(
        policy,
        POLICY.replace("frame-ancestors 'none'", "frame-src 'none'; frame-ancestors 'self'")
    );
    let mut framed = Response::html(200, "x").with("Content-Security-Policy", &policy);
    complete(&mut framed, "/");
    assert_eq!(header(&framed, "Content-Security-Policy").as_deref(), Some(policy.as_str()));
    assert!(!is_hashed_asset("/assets/survey.css") && !is_hashed_asset("/s/a.0f3a9c21.css"));
}
