//! A whole request's way inside and its reply's way out.
//!
//! 1. wait for one of the places inside; 2. hand the request to tiny_http with `Connection: close`;
//! 3. take the reply; 4. send it to the client, however slow that is.
//!
//! A reply that fits into memory is taken whole first. A download or an event stream is passed on
//! piece by piece. The place is the worker's, so neither holds one meanwhile, but one of their own
//! kind.

use std::io::{ErrorKind, Read, Write};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use super::Gate;
use super::client::{Client, SLICE, Stop, Wait, is_pause};
use super::connection::{End, Whole};
use super::parse::OWN_PREFIX;
use super::refusal::Refusal;
use super::reply::{self, Framing, ReplyHead};
use crate::server::http::Method;
use crate::server::inner::{HELD_BYTES_MAX, ID_HEADER, PEER_HEADER, Socket, Ticket};
use crate::server::limits::Limits;
use crate::server::permits::{Deadline, Permit};

/// A reply's head is ours and small.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// A request that tiny_http has not taken by then met a dead listener: its accepting thread ends
/// on its first error.
const UNTAKEN: Duration = Duration::from_secs(2);

/// The pause after an error that time may mend: out of file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Bytes of a stream that are passed on at a time.
const PIECE: usize = 16 * 1024;

/// What came from inside so far.
struct Reply {
    head: ReplyHead,
    /// Bytes of the body that came with the head.
    first: Vec<u8>,
    socket: Socket,
}

/// Has `whole` answered; whether the connection may be used again.
pub fn answer(whole: &Whole, client: &mut Client, gate: &Arc<Gate>) -> Result<bool, End> {
    let mut reply = ask(whole, gate)?;
    let keep_alive = whole.head.keep_alive && !gate.is_stopping();
    let bodiless = whole.head.method == Method::Head || matches!(reply.head.status, 204 | 304);
    match reply.head.length {
        _ if bodiless => {
            let framing = reply.head.length.map_or(Framing::None, Framing::Length);
            send(client, gate, &reply.head.write(framing, keep_alive))?;
        }
        Some(length) if length <= HELD_BYTES_MAX as u64 => {
            let mut held = Permit::empty(&gate.memory);
            let bytes = take(&mut reply, length, &mut held, gate, keep_alive)?;
            drop(reply);
            send(client, gate, &bytes)?;
        }
        Some(length) => {
            download(reply, length, client, gate, keep_alive)?;
        }
        None => {
            return events(reply, client, gate, whole.head.chunks);
        }
    }
    Ok(keep_alive)
}

fn send(client: &mut Client, gate: &Gate, bytes: &[u8]) -> Result<(), Stop> {
    let long = Limits::allowance(gate.limits.write, bytes.len() as u64);
    client.write(bytes, Wait::new(long, gate.limits.crowded))
}

/// Hands the request in and waits for the reply's head. A request that tiny_http never took is
/// handed in once more: its ticket is void by then, so it cannot be answered twice.
fn ask(whole: &Whole, gate: &Arc<Gate>) -> Result<Reply, Refusal> {
    let mut place = gate.inside.take(gate.limits.slot_wait).ok_or(Refusal::Busy)?;
    let until = Deadline::within(gate.limits.reply);
    for _ in 0..2 {
        let ticket = gate.inner.ticket(place);
        let (mut socket, door) = connect(gate)?;
        let sent = write_request(&mut socket, whole, &ticket);
        match sent.and_then(|()| read_head(socket, &ticket, until)) {
            Ok(reply) => return Ok(reply),
            Err(_) => {
                // Taken: the handler has it, and only the handler knows what it did with it.
                place = ticket.void().ok_or(Refusal::Busy)?;
                gate.inner.reopen(door);
            }
        }
    }
    Err(Refusal::Busy)
}

fn connect(gate: &Gate) -> Result<(Socket, u64), Refusal> {
    let until = Deadline::within(gate.limits.slot_wait);
    loop {
        let (connected, door) = gate.inner.connect();
        match connected {
            Ok(socket) => return Ok((socket, door)),
            Err(_) if until.left().is_zero() => return Err(Refusal::Busy),
            Err(error) => {
                if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) {
                    gate.inner.reopen(door);
                }
                sleep(PAUSE);
            }
        }
    }
}

fn write_request(socket: &mut Socket, whole: &Whole, ticket: &Ticket) -> std::io::Result<()> {
    debug_assert!(ID_HEADER.starts_with(OWN_PREFIX) && PEER_HEADER.starts_with(OWN_PREFIX));
    let method = match whole.head.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
    };
    let mut bytes = format!(
        "{method} {} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n{PEER_HEADER}: {}\r\n\
         {ID_HEADER}: {ticket}\r\n",
        whole.head.target,
        whole.body.len(),
        whole.peer
    )
    .into_bytes();
    for (name, value) in &whole.head.headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    socket.set_write_timeout(Some(UNTAKEN))?;
    socket.write_all(&bytes)?;
    socket.write_all(&whole.body)
}

/// The reply's head, or an error where it cannot come any more.
fn read_head(mut socket: Socket, ticket: &Ticket, until: Deadline) -> std::io::Result<Reply> {
    let untaken = Deadline::within(UNTAKEN);
    let mut bytes = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let late = until.left().is_zero() || (untaken.left().is_zero() && !ticket.taken());
        if late || bytes.len() > HEAD_BYTES_MAX {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(SLICE))?;
        let count = match socket.read(&mut piece) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => count,
            Err(error) if is_pause(&error) => continue,
            Err(error) => return Err(error),
        };
        bytes.extend_from_slice(&piece[..count]);
        let parsed = reply::parse(&bytes).map_err(|_| ErrorKind::InvalidData)?;
        if let Some(head) = parsed {
            let first = bytes.split_off(head.end);
            return Ok(Reply { head, first, socket });
        }
    }
}

/// The client's whole reply, head and body, in memory.
fn take(
    reply: &mut Reply,
    length: u64,
    held: &mut Permit,
    gate: &Gate,
    keep_alive: bool,
) -> Result<Vec<u8>, End> {
    let mut bytes = reply.head.write(Framing::Length(length), keep_alive);
    let whole = bytes.len() + length as usize;
    if !held.grow_within(whole, gate.limits.memory_wait) {
        return Err(Refusal::Busy.into());
    }
    bytes.reserve_exact(whole - bytes.len());
    bytes.append(&mut reply.first);
    // Tiny_http has all of it at hand; a pause here is a bug, and must not hold a place for ever.
    let _ = reply.socket.set_read_timeout(Some(gate.limits.slot_wait));
    let missing = (whole - bytes.len().min(whole)) as u64;
    let read = (&mut reply.socket).take(missing).read_to_end(&mut bytes);
    if read.is_err() || bytes.len() != whole { Err(Refusal::Busy.into()) } else { Ok(bytes) }
}

/// Passes a long body on. Where it ends too early the connection breaks, so that nobody takes the
/// part for the whole.
fn download(
    mut reply: Reply,
    length: u64,
    client: &mut Client,
    gate: &Gate,
    keep_alive: bool,
) -> Result<(), End> {
    let mut wait = Wait::new(Limits::allowance(gate.limits.write, length), gate.limits.crowded);
    client.write(&reply.head.write(Framing::Length(length), keep_alive), wait)?;
    client.write(&reply.first, wait)?;
    let mut left = length.saturating_sub(reply.first.len() as u64);
    let mut piece = vec![0; 4 * PIECE];
    let _ = reply.socket.set_read_timeout(Some(gate.limits.slot_wait));
    while left > 0 {
        let count = reply.socket.read(&mut piece).map_err(|_| End::Silent)?;
        if count == 0 {
            return Err(End::Silent);
        }
        let useful = count.min(usize::try_from(left).unwrap_or(usize::MAX));
        wait = wait.moved(stalled(gate));
        client.write(&piece[..useful], wait)?;
        left -= useful as u64;
    }
    Ok(())
}

/// How long a stream's client may read nothing.
fn stalled(gate: &Gate) -> Duration {
    if gate.inner.downloads_crowded() { gate.limits.crowded } else { gate.limits.head }
}

/// Passes events on as they come, until they end, the client leaves or the server stops.
fn events(mut reply: Reply, client: &mut Client, gate: &Gate, chunks: bool) -> Result<bool, End> {
    let framing = if chunks { Framing::Chunks } else { Framing::Close };
    send(client, gate, &reply.head.write(framing, false))?;
    let first = std::mem::take(&mut reply.first);
    write_event(client, gate, &first, chunks)?;
    let mut piece = vec![0; PIECE];
    let _ = reply.socket.set_read_timeout(Some(SLICE));
    while !gate.is_stopping() {
        match reply.socket.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => write_event(client, gate, &piece[..count], chunks)?,
            Err(error) if is_pause(&error) => {}
            Err(_) => return Err(End::Silent),
        }
    }
    if chunks {
        send(client, gate, b"0\r\n\r\n")?;
    }
    Ok(false)
}

fn write_event(client: &mut Client, gate: &Gate, bytes: &[u8], chunks: bool) -> Result<(), Stop> {
    if bytes.is_empty() {
        return Ok(());
    }
    let wait = Wait::new(gate.limits.head, gate.limits.crowded);
    if !chunks {
        return client.write(bytes, wait);
    }
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    client.write(&chunk, wait)
}
