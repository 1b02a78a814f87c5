//! How the edge serves: kept connections, bodies, files, events, a full house, a graceful end.

use std::io::{BufRead, BufReader};

use super::*;

/// One reply with a length from a kept connection: its head and its body.
fn next_reply(reader: &mut BufReader<TcpStream>) -> (String, Vec<u8>) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let count = reader.read_line(&mut head).expect("a line");
        assert!(count > 0, "closed after {head:?}");
    }
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    (head, body)
}

#[test]
fn keeps_connections_and_answers_early_requests_in_order() {
    let site = Site::start(Limits::default());
    let mut stream = site.connect();
    let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
    for round in 0..50 {
        let body = "b".repeat(round * 300);
        let text = format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(text.as_bytes()).expect("sent");
        assert_eq!(next_reply(&mut reader).1.len(), body.len());
    }
    // All at once, and the last cut in two.
    let one = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
    stream.write_all(format!("{one}first{one}other{one}la").as_bytes()).expect("sent");
    assert_eq!(next_reply(&mut reader).1, b"first");
    assert_eq!(next_reply(&mut reader).1, b"other");
    stream.write_all(b"st.").expect("sent");
    assert_eq!(next_reply(&mut reader).1, b"last.");
}

#[test]
fn six_connections_of_a_browser_are_all_answered() {
    let site = Site::start(Limits::default());
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let mut stream = site.connect();
                let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
                for _ in 0..20 {
                    stream.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
                    assert_eq!(next_reply(&mut reader).1, b"<p>Hej</p>");
                }
            });
        }
    });
    assert_eq!(site.handled(), 120);
}

#[test]
fn takes_a_body_up_to_the_limit_and_says_continue() {
    let site = Site::start(Limits::default());
    let body = vec![b'z'; 1 << 20];
    let head = format!(
        "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = site.connect();
    stream.write_all(head.as_bytes()).expect("sent");
    let mut piece = [0; 25];
    stream.read_exact(&mut piece).expect("an interim reply");
    assert_eq!(&piece, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body).expect("sent");
    let reply = read_all(&mut stream);
    assert_eq!((status(&reply), super::body(&reply).len()), (200, body.len()));
}

#[test]
fn streams_files_and_long_replies_whole() {
    let site = Site::start(Limits::default());
    for (path, length) in [("/big", BIG), ("/bytes", BIG), ("/small", 9)] {
        let reply = site.get(path);
        assert_eq!(body(&reply).len(), length, "{path}");
        assert!(reply.contains(&format!("Content-Length: {length}\r\n")), "{path}");
        let head =
            site.ask(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        assert!(head.contains(&format!("Content-Length: {length}\r\n")), "{head}");
        assert_eq!(body(&head), "", "{path}");
    }
    assert_eq!(status(&site.get("/missing")), 404);
}

#[test]
fn a_file_cut_short_is_not_passed_off_as_whole() {
    let site = Site::start(Limits::default());
    let mut stream = site.connect();
    stream.write_all(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    let mut first = [0; 1024];
    stream.read_exact(&mut first).expect("a beginning");
    let file = std::fs::OpenOptions::new().write(true).open(site.folder.path().join("big"));
    file.expect("the file").set_len(1).expect("cut");
    let rest = read_all(&mut stream);
    assert!(rest.len() + first.len() < BIG, "the connection ends early, and so does the reply");
}

#[test]
fn events_reach_everybody_and_take_nobodys_place() {
    let site = Site::start(Limits { inside_max: 2, ..Limits::default() });
    let mut listeners: Vec<_> = (0..6).map(|_| site.connect()).collect();
    for stream in &mut listeners {
        stream.write_all(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
        let mut reader = BufReader::new(stream.try_clone().expect("a second handle"));
        let (head, _) = next_reply(&mut reader);
        assert!(head.contains("Content-Type: text/event-stream\r\n"), "{head}");
        assert!(head.contains("Transfer-Encoding: chunked\r\n"), "{head}");
    }
    site.visit("with six event streams and two places");
    let event = borgerpanel::server::reload::Event { name: "reload", data: "æble".to_owned() };
    site.reloads.publish(&event);
    for stream in &mut listeners {
        let mut text = String::new();
        let mut piece = [0; 512];
        while !text.contains("event: reload\ndata: æble\n\n") {
            let count = stream.read(&mut piece).expect("an event");
            assert!(count > 0, "ended after {text:?}");
            text.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
    }
}

#[test]
fn an_event_stream_ends_with_its_client() {
    let site = Site::start(Limits { streams_max: 1, ..Limits::default() });
    for _ in 0..3 {
        until("the one place for streams is free again", || {
            let mut stream = site.connect();
            stream.write_all(b"GET /events HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
            let mut piece = [0; 12];
            stream.read_exact(&mut piece).expect("a status");
            &piece == b"HTTP/1.1 200"
        });
    }
    until("streams that panic give their place back", || status(&site.get("/broken")) == 200);
    site.visit("after a stream that panicked");
}

#[test]
fn a_full_house_says_so() {
    let site = Site::start(Limits {
        inside_max: 2,
        slot_wait: Duration::from_millis(100),
        ..Limits::default()
    });
    std::thread::scope(|scope| {
        let slow: Vec<_> = (0..2).map(|_| scope.spawn(|| status(&site.get("/slow")))).collect();
        until("both places are taken", || site.handled() == 2);
        let reply = site.get("/");
        assert_eq!(status(&reply), 503, "{reply}");
        assert!(reply.contains("Retry-After: "), "{reply}");
        for slow in slow {
            assert_eq!(slow.join().expect("served"), 200);
        }
    });
    site.visit("after a full house");
}

#[test]
fn a_handler_that_never_ends_costs_its_visitor_only() {
    let site = Site::start(Limits {
        inside_max: 2,
        reply: Duration::from_millis(200),
        ..Limits::default()
    });
    assert_eq!(status(&site.get("/slow")), 503);
    site.visit("after a handler that took too long");
}

#[test]
fn a_panic_is_a_500_and_nothing_else() {
    let site = Site::start(Limits::default());
    for round in 0..40 {
        let reply = site.ask(
            "POST /panic HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
        );
        assert_eq!(status(&reply), 500, "round {round}: {reply}");
        assert!(!reply.contains("in confidence"), "{reply}");
    }
    site.visit("after forty panics");
}

#[test]
fn stops_gracefully() {
    let site = Site::start(Limits::default());
    let address = site.address();
    let idle = site.connect();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| site.get("/slow"));
        until("the slow one is inside", || site.handled() > 0);
        site.running.stop();
        site.running.wait();
        let reply = slow.join().expect("served");
        assert!(reply.ends_with("<p>Endelig</p>"), "what is inside is finished: {reply}");
    });
    assert!(TcpStream::connect_timeout(&address, VISITOR).is_err(), "nobody listens any more");
    drop(idle);
    // The address is free at once: a restart must not wait.
    let again = Site::listen(&address.to_string(), Limits::default());
    again.visit("after a restart");
}

#[test]
fn names_an_address_that_is_taken() {
    let site = Site::start(Limits::default());
    let handler = Arc::new(|_: &Request| Response::html(200, ""));
    let taken = Server::start(&site.address().to_string(), handler, Limits::default());
    let error = taken.err().expect("an error").to_string();
    assert!(error.contains(&site.address().to_string()) && error.contains("help:"), "{error}");
}
