//! Messages on a stream: `Content-Length: n`, an empty line, n bytes of JSON.
//!
//! Read by hand, as `lsp_server`'s own reader ends at the first message it cannot read, and takes a
//! length at its word.

use std::io::{self, BufRead, Read, Write};

use lsp_server::Message;

/// More than any survey has, and less than any machine.
const MESSAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A header longer than this is none.
const LINE_BYTES_MAX: u64 = 4096;

/// The next message, or why something is none; nothing at the end of the stream.
///
/// # Errors
/// Where the stream cannot be read.
pub fn read(input: &mut impl BufRead) -> io::Result<Option<Result<Message, String>>> {
    let Some(length) = read_length(input)? else { return Ok(None) };
    let mut body = Vec::new();
    input.by_ref().take(length.min(MESSAGE_BYTES_MAX)).read_to_end(&mut body)?;
    if length > MESSAGE_BYTES_MAX {
        io::copy(&mut input.take(length - MESSAGE_BYTES_MAX), &mut io::sink())?;
        return Ok(Some(Err(format!("a message of {length} bytes is too long"))));
    }
    if (body.len() as u64) < length {
        return Ok(None);
    }
    let read = serde_json::from_slice(&body);
    Ok(Some(read.map_err(|wrong| format!("a message that cannot be read: {wrong}"))))
}

/// The length that the next headers tell; lines that are no header are passed over.
fn read_length(input: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if let (true, Some(length)) = (line.is_empty(), length) {
            return Ok(Some(length));
        }
        let named = line.split_once(':');
        let told = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("content-length"));
        length = told.and_then(|(_, told)| told.trim().parse().ok()).or(length);
    }
}

/// Writes a message.
///
/// # Errors
/// Where the stream cannot be written.
pub fn write(output: &mut impl Write, message: impl Into<Message>) -> io::Result<()> {
    message.into().write(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(mut input: &[u8]) -> Vec<&'static str> {
        let mut found = Vec::new();
        while let Some(message) = read(&mut input).expect("a stream that can be read") {
            found.push(match message {
                Ok(Message::Request(_)) => "request",
                Ok(Message::Notification(_)) => "notification",
                Ok(Message::Response(_)) => "response",
                Err(_) => "junk",
            });
        }
        found
    }

    #[test]
    fn goes_on_after_what_is_no_message() {
        let exit = "Content-Length: 17\r\n\r\n{\"method\":\"exit\"}";
        let input = format!(
            "nonsense\r\n\r\nContent-Length: 2\r\n\r\n{{}}content-length: 3\r\nX: y\r\n\r\n{{\u{1}x\
             Content-Length: many\r\n{exit}{exit}Content-Length: 99\r\n\r\n{{"
        );
        let all = ["junk", "junk", "notification", "notification"];
        assert_eq!(read_all(input.as_bytes()), all);
    }

    #[test]
    fn passes_over_a_message_too_long() {
        let mut input = format!("Content-Length: {}\r\n\r\n", MESSAGE_BYTES_MAX + 5).into_bytes();
        input.resize(input.len() + usize::try_from(MESSAGE_BYTES_MAX).expect("it fits") + 5, b' ');
        input.extend_from_slice(b"Content-Length: 17\r\n\r\n{\"method\":\"exit\"}");
        assert_eq!(read_all(&input), ["junk", "notification"]);
        assert_eq!(read_all(b"Content-Length: 18446744073709551615\r\n\r\n{}"), ["junk"]);
    }
}
