//! What is refused, with which status, and that nobody inside sees any of it.

use super::*;

fn post(site: &Site, lines: &str, body: &str) -> String {
    site.ask(format!("POST /echo HTTP/1.1\r\nHost: a\r\n{lines}\r\n{body}"))
}

#[test]
fn refuses_what_has_two_readings() {
    let site = Site::start(Limits::default());
    let smuggled = "hello\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    for (lines, wanted) in [
        ("Content-Length: 1000000000000\r\n", 413),
        ("Content-Length: 1048577\r\n", 413),
        ("Content-Length: 99999999999999999999999\r\n", 413),
        ("Content-Length: +5\r\n", 400),
        ("Content-Length: -5\r\n", 400),
        ("Content-Length: 5, 5\r\n", 400),
        ("Content-Length: 5,6\r\n", 400),
        ("Content-Length: 0x5\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", 400),
        ("Content-Length: 5\r\nContent-Length: 5\r\n", 400),
        ("Content-Length : 5\r\n", 400),
        (" Content-Length: 5\r\n", 400),
        ("X: a\r\n b\r\nContent-Length: 5\r\n", 400),
        ("X: a\rContent-Length: 5\r\n", 400),
        ("X: a\nContent-Length: 5\r\n", 400),
        ("X: a\0b\r\nContent-Length: 5\r\n", 400),
        ("Host: b\r\nContent-Length: 5\r\n", 400),
        ("Transfer-Encoding: chunked\r\n", 501),
        ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 501),
        ("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", 501),
        ("Transfer-Encoding: xchunked\r\n", 501),
        ("Transfer-Encoding: chunked, identity\r\n", 501),
        ("Transfer-Encoding:\tchunked\r\n", 501),
        ("tRANSFER-eNCODING: chunked\r\n", 501),
        ("Transfer-Encoding : chunked\r\n", 400),
        ("Transfer-Encoding\r\n", 400),
        ("Expect: 200-please\r\nContent-Length: 5\r\n", 417),
        ("", 411),
    ] {
        let reply = post(&site, lines, smuggled);
        assert_eq!(status(&reply), wanted, "{lines:?}: {reply}");
        assert_eq!(reply.matches("HTTP/1.1 ").count(), 1, "one reply: {lines:?}");
        assert!(reply.contains("Gå til forsiden"), "with a page: {lines:?}");
    }
    assert_eq!(site.handled(), 0);
    site.visit("after all refusals");
}

#[test]
fn refuses_other_requests_than_it_serves() {
    let site = Site::start(Limits::default());
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(9000));
    let wide = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "a".repeat(17_000));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(64));
    for (text, wanted) in [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.0\r\n\r\n", 400),
        ("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET /\r\n\r\n", 400),
        ("GET / x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 400),
        ("\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
        ("GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET /#a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET //a@b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 501),
        (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("\r\n\r\n", 400),
        ("GET / HTTP/1.7\r\nHost: a\r\n\r\n", 400),
        ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("get / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        ("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (long.as_str(), 414),
        (wide.as_str(), 431),
        (many.as_str(), 431),
    ] {
        let reply = site.ask(text);
        let got = status(&reply);
        // 505 says it as well for a version that is none of ours.
        assert!(got == wanted || (wanted == 400 && got == 505), "{text:?}: {reply}");
        assert!(reply.contains("Connection: close"), "{text:?}");
    }
    assert!(site.ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").contains("Allow: GET, HEAD, POST"));
    assert_eq!(site.handled(), 0);
}

#[test]
fn every_refusal_carries_the_security_headers_and_the_servers_own_page() {
    let page = |status: u16| Response::html(status, format!("<p>Vores side {status}</p>"));
    let site = Site::start(Limits { error_page: Arc::new(page), ..Limits::default() });
    for (reply, code) in [
        (site.ask("GET / HTTP/1.1\r\n\r\n"), 400),
        (site.get("/panic"), 500),
        (site.get("/missing"), 404),
    ] {
        assert_eq!(
            (status(&reply), body(&reply)),
            (code, format!("<p>Vores side {code}</p>").as_str())
        );
        for name in ["Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"] {
            assert_eq!(reply.matches(&format!("{name}: ")).count(), 1, "{name} in {reply}");
        }
        assert!(reply.contains("Cache-Control: no-store\r\n"), "{reply}");
        assert!(!reply.contains("tiny-http"), "{reply}");
    }
}

#[test]
fn a_handler_cannot_inject_headers() {
    let site = Site::start(Limits::default());
    let reply = site.get("/inject");
    assert_eq!(status(&reply), 500);
    assert!(!reply.contains("Set-Cookie"), "{reply}");
    assert!(site.get("/oslo").contains("Location: /s/%C3%B8/\r\n"));
}

#[test]
fn believes_only_the_trusted_proxy() {
    let ask = |site: &Site, lines: &str| {
        let text = format!("GET /peer HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{lines}\r\n");
        body(&site.ask(text)).to_owned()
    };
    let alone = Site::start(Limits::default());
    let forged = "X-Forwarded-For: 9.9.9.9\r\nX-Gate-Peer: 9.9.9.9\r\nX-Gate-Id: 0\r\n";
    assert_eq!(ask(&alone, forged), "127.0.0.1");

    let trusted_proxy = Some([127, 0, 0, 1].into());
    let behind = Site::start(Limits { trusted_proxy, ..Limits::default() });
    assert_eq!(ask(&behind, "X-Forwarded-For: 6.6.6.6, 10.1.2.3\r\n"), "10.1.2.3");
    assert_eq!(
        ask(&behind, "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 2001:db8::1\r\n"),
        "2001:db8::1"
    );
    assert_eq!(ask(&behind, "X-Forwarded-For: 6.6.6.6, nonsense\r\n"), "127.0.0.1");
    assert_eq!(ask(&behind, ""), "127.0.0.1");
}

#[test]
fn one_address_gets_its_share_only() {
    let site = Site::start(Limits { per_address_max: Some(3), ..Limits::default() });
    let mut held: Vec<_> = (0..3).map(|_| site.connect()).collect();
    for stream in &mut held {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
        let mut piece = [0; 15];
        stream.read_exact(&mut piece).expect("served");
        assert_eq!(&piece, b"HTTP/1.1 200 OK");
    }
    let reply = site.get("/");
    assert_eq!(status(&reply), 429, "{reply}");
    assert!(reply.contains("Retry-After: "), "{reply}");
    drop(held);
    until("the share is given back", || status(&site.get("/")) == 200);
}

#[test]
fn behind_the_proxy_requests_are_counted_by_visitor() {
    let site = Site::start(Limits {
        per_address_max: Some(1),
        trusted_proxy: Some([127, 0, 0, 1].into()),
        ..Limits::default()
    });
    let from = |address: &str, path: &str| {
        let text = format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Forwarded-For: {address}\r\n\r\n"
        );
        status(&site.ask(text))
    };
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| from("10.0.0.1", "/slow"));
        until("the slow one is inside", || site.handled() > 0);
        assert_eq!(from("10.0.0.1", "/"), 429);
        assert_eq!(from("10.0.0.2", "/"), 200);
        assert_eq!(slow.join().expect("served"), 200);
    });
    until("the share is given back", || from("10.0.0.1", "/") == 200);
}
