//! What the gate lets through and what not, without a socket.

use proptest::prelude::*;

use super::*;

fn read(text: impl AsRef<[u8]>) -> Result<Head, Refusal> {
    let bytes = text.as_ref();
    let end = find_end(bytes, 0)?.expect("a whole head");
    parse(&bytes[..end])
}

fn refusal(text: impl AsRef<[u8]>) -> Refusal {
    read(text).expect_err("a refusal")
}

fn post(lines: &str) -> Result<Head, Refusal> {
    read(format!("POST /s/x/ HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

#[test]
fn reads_a_clean_head() {
    let head = read(
        "POST /s/tryg/?a=b HTTP/1.1\r\nHost: panel.kk.dk\r\nContent-Length: 12\r\n\
         Content-Type:  application/x-www-form-urlencoded \r\nCookie: a=b\r\nConnection: keep-alive\r\n\r\n",
    )
    .expect("a clean head");
    assert_eq!(head.method, Method::Post);
    assert_eq!(head.target, "/s/tryg/?a=b");
    assert_eq!((head.length, head.keep_alive, head.chunks), (12, true, true));
    let names: Vec<_> = head.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["host", "content-type", "cookie"]);
    assert_eq!(head.headers[1].1, "application/x-www-form-urlencoded");
}

#[test]
fn http_1_0_and_close_do_not_keep_the_connection() {
    assert!(!read("GET / HTTP/1.0\r\nHost: a\r\n\r\n").expect("1.0").keep_alive);
    let close = read("GET / HTTP/1.1\r\nHost: a\r\nConnection: Foo, Close\r\n\r\n");
    assert!(!close.expect("close").keep_alive);
}

#[test]
fn refuses_odd_lengths() {
    for value in ["+5", "-1", "5, 5", "5,6", "0x5", "5 5", "", "٥", "05", "5.0", "1e3"] {
        let refused = post(&format!("Content-Length: {value}\r\n"));
        assert_eq!(refused.expect_err("odd"), Refusal::Length, "{value:?}");
    }
    let twice = "Content-Length: 5\r\ncontent-length: 5\r\n";
    assert_eq!(post(twice).expect_err("twice"), Refusal::LengthTwice);
    assert_eq!(post("").expect_err("missing"), Refusal::LengthMissing);
    let huge =
        post("Content-Length: 99999999999999999999999999\r\n").expect("a length all the same");
    assert_eq!(huge.length, u64::MAX);
}

#[test]
fn refuses_every_transfer_encoding() {
    for line in [
        "Transfer-Encoding: chunked",
        "transfer-encoding: identity",
        "Transfer-Encoding: x\r\nContent-Length: 3",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding:",
    ] {
        let refused = post(&format!("{line}\r\n")).expect_err(line);
        assert_eq!(refused, Refusal::TransferEncoding, "{line}");
    }
    for line in ["Transfer-Encoding : chunked", " Transfer-Encoding: chunked", "X: a\r\n chunked"] {
        assert_eq!(post(&format!("{line}\r\n")).expect_err(line), Refusal::Syntax, "{line}");
    }
}

#[test]
fn wants_exactly_one_good_host() {
    assert_eq!(refusal("GET / HTTP/1.1\r\n\r\n"), Refusal::HostMissing);
    assert_eq!(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), Refusal::HostTwice);
    for host in ["", "a b", "a/b", "a@b", "<", "a,b"] {
        let text = format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n");
        assert_eq!(refusal(text), Refusal::Host, "{host:?}");
    }
    for host in ["a", "127.0.0.1:8080", "[::1]:8080"] {
        assert!(read(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n")).is_ok(), "{host}");
    }
}

#[test]
fn refuses_other_addresses_than_paths() {
    for target in ["http://a/", "*", "a", "/a#b", "/ø", "a:80"] {
        let text = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert!(matches!(refusal(text), Refusal::Target | Refusal::Syntax), "{target}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(TARGET_BYTES_MAX));
    assert_eq!(refusal(long), Refusal::TargetTooLong);
}

#[test]
fn knows_three_methods_and_two_versions() {
    for method in ["PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "get", "BREW"] {
        let text = format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(refusal(text), Refusal::Method, "{method}");
    }
    for version in ["HTTP/2.0", "HTTP/0.9", "HTTP/1.2"] {
        let text = format!("GET / {version}\r\nHost: a\r\n\r\n");
        assert!(matches!(refusal(text), Refusal::Version | Refusal::Syntax), "{version}");
    }
}

#[test]
fn refuses_bare_line_feeds_before_the_head_is_whole() {
    for text in ["GET / HTTP/1.1\nHost", "\n", "GET / HTTP/1.1\r\nHost: a\n", "GET /\r\n\nX"] {
        assert_eq!(find_end(text.as_bytes(), 0), Err(Refusal::BareLineFeed), "{text:?}");
    }
    for text in ["GET /\rX", "GET /\0", "\x16\x03\x01\x02", "GET / HTTP/1.1\r\nA: \x7f"] {
        assert_eq!(find_end(text.as_bytes(), 0), Err(Refusal::ControlCharacter), "{text:?}");
    }
}

#[test]
fn bounds_the_head() {
    let line = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "a".repeat(HEAD_BYTES_MAX));
    assert_eq!(find_end(line.as_bytes(), 0), Err(Refusal::HeadTooLarge));
    let target = format!("GET /{}", "a".repeat(TARGET_BYTES_MAX + 100));
    assert_eq!(find_end(target.as_bytes(), 0), Err(Refusal::TargetTooLong));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(HEADERS_MAX));
    assert_eq!(refusal(many), Refusal::TooManyHeaders);
}

#[test]
fn refuses_bodies_where_none_is_expected_and_unknown_expectations() {
    let get = "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(refusal(get), Refusal::BodyUnexpected);
    assert!(read(get.replace('5', "0")).is_ok());
    let expect = post("Content-Length: 1\r\nExpect: 200-maybe\r\n").expect_err("an expectation");
    assert_eq!(expect, Refusal::Expectation);
    let waits = post("Content-Length: 1\r\nExpect: 100-Continue\r\n").expect("a known one");
    assert!(waits.expects_continue);
}

#[test]
fn drops_what_a_client_must_not_say() {
    let head = read(
        "GET / HTTP/1.1\r\nHost: a\r\nX-Gate-Peer: 1.2.3.4\r\nX-Forwarded-For: 9.9.9.9\r\n\
         X-FORWARDED-FOR: 1.1.1.1, ::ffff:10.0.0.7\r\nUpgrade: h2c\r\nTE: trailers\r\nX-Real-IP: 1.1.1.1\r\n\r\n",
    )
    .expect("a head");
    assert_eq!(head.headers, [("host".to_owned(), "a".to_owned())]);
    assert_eq!(head.forwarded_for, "10.0.0.7".parse().ok());
}

#[test]
fn hands_on_ascii_only() {
    let head = read("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=æ\r\n\r\n").expect("a head");
    assert_eq!(head.headers[1].1, "a=%C3%A6");
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Ok(Some(end)) = find_end(&bytes, 0) {
            let _ = parse(&bytes[..end]);
        }
    }

    #[test]
    fn what_passes_is_clean(lines in proptest::collection::vec("[A-Za-z-]{1,18}: ?[ -~æ\t]{0,20}", 0..8)) {
        let text = format!("POST /a HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n", lines.join("\r\n"));
        if let Ok(head) = read(text) {
            for (name, value) in &head.headers {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte) || byte == b'\t'));
                prop_assert!(name != "transfer-encoding" && name != "content-length");
            }
        }
    }

    /// However a head is cut into pieces, the verdict is the same.
    #[test]
    fn pieces_do_not_matter(text in "(GET / HTTP/1.1|[ -~]{0,20})(\r\n|\n)(Host: a\r\n)?[ -~\r\n]{0,30}", cut in 1usize..9) {
        let bytes = text.as_bytes();
        let mut seen = 0;
        let mut pieces = Ok(None);
        while seen < bytes.len() && pieces == Ok(None) {
            let next = (seen + cut).min(bytes.len());
            pieces = find_end(&bytes[..next], seen);
            seen = next;
        }
        prop_assert_eq!(pieces, find_end(bytes, 0));
    }
}
