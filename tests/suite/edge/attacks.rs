//! Clients that mean harm, and a visitor who comes in the middle of it.

use super::*;

/// Limits with a shorter patience, so that a test need not wait for the real one.
fn impatient() -> Limits {
    Limits {
        head: Duration::from_secs(1),
        request: Duration::from_secs(2),
        write: Duration::from_secs(2),
        ..Limits::default()
    }
}

/// Whether the server has closed this connection; what it said before is thrown away.
fn is_closed(stream: &mut TcpStream) -> bool {
    stream.set_nonblocking(true).expect("no waiting");
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

#[test]
fn half_sent_bodies_hold_nobody_up_and_end() {
    let site = Site::start(impatient());
    let mut clients: Vec<_> = (0..200).map(|_| site.connect()).collect();
    for stream in &mut clients {
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf";
        stream.write_all(head.as_bytes()).expect("sent");
    }
    for _ in 0..5 {
        site.visit("200 half-sent bodies");
    }
    until("all are closed", || {
        clients.iter().all(|stream| is_closed(&mut stream.try_clone().expect("a handle")))
    });
    let handled = site.handled();
    assert_eq!(handled, 5, "only the visitor's requests came inside");
}

#[test]
fn dripping_heads_end_in_time() {
    let site = Site::start(impatient());
    let mut clients: Vec<_> = (0..300).map(|_| site.connect()).collect();
    let begun = Instant::now();
    let mut visits = 0;
    while !clients.is_empty() {
        assert!(begun.elapsed() < PATIENCE, "{} still alive", clients.len());
        clients.retain_mut(|stream| stream.write_all(b"G").is_ok() && !is_closed(stream));
        if visits < 5 {
            site.visit("300 dripping heads");
            visits += 1;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(site.handled(), visits);
}

#[test]
fn clients_that_never_read_hold_nobody_up() {
    let site = Site::start(impatient());
    let mut clients: Vec<_> = (0..30).map(|_| site.connect()).collect();
    for (count, stream) in clients.iter_mut().enumerate() {
        let path = if count % 2 == 0 { "/big" } else { "/bytes" };
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())
            .expect("sent");
    }
    for _ in 0..5 {
        site.visit("30 clients that never read");
    }
    drop(clients);
    until("downloads work again", || body(&site.get("/big")).len() == BIG);
}

#[cfg(unix)]
#[test]
fn sent_and_reset_does_no_harm() {
    use rustix::net::sockopt::set_socket_linger;
    let site = Site::start(Limits::default());
    for round in 0..500 {
        let mut stream = site.connect();
        // Lingering for no time makes closing a reset.
        set_socket_linger(&stream, Some(Duration::ZERO)).expect("an option");
        let text = match round % 3 {
            0 => "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            1 => "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
            _ => "GET /bytes HTTP/1.1\r\nHost",
        };
        stream.write_all(text.as_bytes()).expect("sent");
    }
    site.visit("500 resets");
}

#[test]
fn the_idle_give_way_when_places_are_scarce() {
    let site = Site::start(Limits { connections_max: 40, ..Limits::default() });
    let clients: Vec<_> = (0..120).map(|_| site.connect()).collect();
    site.visit("three times as many idle connections as places");
    drop(clients);
}

#[test]
fn half_bodies_and_lazy_readers_give_way_when_places_are_scarce() {
    let site = Site::start(Limits { connections_max: 24, ..Limits::default() });
    let mut clients: Vec<_> = (0..40).map(|_| site.connect()).collect();
    for (count, stream) in clients.iter_mut().enumerate() {
        let text = match count % 2 {
            0 => "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nhalf",
            _ => "GET /big HTTP/1.1\r\nHost: a\r\n\r\n",
        };
        stream.write_all(text.as_bytes()).expect("sent");
    }
    // Two rounds of a second each before it is this one's turn: not the usual bound.
    let begun = Instant::now();
    assert_eq!(status(&site.get("/")), 200);
    assert!(begun.elapsed() < 2 * VISITOR, "{:?}", begun.elapsed());
}

#[test]
fn memory_is_bounded_for_all_together() {
    let site = Site::start(Limits { memory_bytes_max: 2 << 20, ..impatient() });
    let mut clients: Vec<_> = (0..8).map(|_| site.connect()).collect();
    let half = vec![b'a'; 600_000];
    let mut refused = 0;
    for stream in &mut clients {
        let head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        // The refused ones may be closed before all of it is sent.
        refused += usize::from(stream.write_all(&half).is_err());
    }
    site.visit("more bodies than memory");
    for stream in &mut clients {
        // The others wait for the rest of their bodies.
        stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        refused += usize::from(status(&read_all(stream)) == 503);
    }
    assert!(refused >= 4, "{refused} of 8 refused: 3 fit into the bound");
}
