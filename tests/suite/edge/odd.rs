//! Odd paths and odd header lines at a real kiosk.

use super::real::Kiosk;

/// What must lead nowhere, however it is written.
const ODD_PATHS: &[&str] = &[
    "/%00",
    "/s/groenne-omraader/%00",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%2f..%2fetc/passwd",
    "/../kiosk.db",
    "/assets/../../kiosk.db",
    "/assets/..%5c..%5ckiosk.db",
    "/..\\..\\kiosk.db",
    "//etc/passwd",
    "/s//groenne-omraader/",
    "/%c0%ae%c0%ae/kiosk.db",
    "/kiosk.db",
    "/site.json",
    "/built.json",
    "/index.html%00.txt",
    "/con",
    "/file:///etc/passwd",
    "/%252e%252e/kiosk.db",
];

/// What must not matter: everything is sent whole, as it is now.
const ODD_LINES: &[&str] = &[
    "Range: bytes=0-0",
    "Range: bytes=-1",
    "Range: bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8,9-9",
    "Range: bytes=99999999999999999999-",
    "If-Range: \"x\"",
    "If-None-Match: *",
    "If-Match: \"never\"",
    "If-Modified-Since: Fri, 99 Foo 9999 99:99:99 GMT",
    "Accept-Encoding: br;q=nan, \u{e6}",
    "Cookie: a=b; ; =; \u{ff}",
];

#[test]
fn odd_paths_lead_nowhere_and_odd_lines_change_nothing() {
    let kiosk = Kiosk::start(1_024);
    let long = format!("/s/{}/", "a".repeat(8_000));
    for path in ODD_PATHS.iter().copied().chain([long.as_str()]) {
        let reply = kiosk.get(path);
        let status = reply.get(9..12).unwrap_or_default();
        assert!(["400", "404", "414"].contains(&status), "{path}: {reply}");
        assert!(!reply.contains("root:") && !reply.contains("SQLite format"), "{path}: {reply}");
    }
    let whole = body(&kiosk.get("/om/")).to_owned();
    assert!(whole.ends_with("</html>\n"), "{whole}");
    for line in ODD_LINES {
        let host = kiosk.address;
        let head =
            format!("GET /om/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{line}\r\n\r\n");
        let reply = kiosk.ask(head);
        assert!(reply.starts_with("HTTP/1.1 200 ") && body(&reply) == whole, "{line}: {reply}");
    }
    assert!(!kiosk.log().contains("panicked"), "{}", kiosk.log());
}

fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}
