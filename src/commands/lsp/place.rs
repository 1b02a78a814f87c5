//! Places as the protocol counts them: lines from 0, and in a line UTF-16 code units, so that æ is
//! one and an emoji two. Addresses of files, too.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use lsp_types::{Position, Uri};

/// Where the byte `at` is; within a character, where that begins; past the end, the end.
pub fn position(text: &str, at: usize) -> Position {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = &text[..at];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let character = before[start..].encode_utf16().count();
    Position { line: whole(line), character: whole(character) }
}

/// Where `span` is.
pub fn range(text: &str, span: &Range<usize>) -> lsp_types::Range {
    let start = position(text, span.start);
    lsp_types::Range { start, end: position(text, span.end.max(span.start)) }
}

/// The byte at `position`; past the end of its line, that end.
pub fn offset(text: &str, position: Position) -> usize {
    let mut start = 0;
    for line in text.split_inclusive('\n').take(position.line as usize) {
        start += line.len();
    }
    let line = text[start..].split('\n').next().unwrap_or_default();
    let mut units = 0;
    for (at, sign) in line.char_indices() {
        if units >= position.character as usize {
            return start + at;
        }
        units += sign.len_utf16();
    }
    start + line.len()
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The file an address names, if it names one.
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let is_file = uri.scheme().is_some_and(|scheme| scheme.as_str().eq_ignore_ascii_case("file"));
    let path = uri.path().as_estr().decode().into_string().ok()?.into_owned();
    // `file:///C:/a.md` is C:/a.md.
    let path = if cfg!(windows) { path.trim_start_matches('/').to_owned() } else { path };
    is_file.then(|| PathBuf::from(path))
}

/// The address of a file.
pub fn uri(path: &Path) -> Option<Uri> {
    let path = path.to_string_lossy().replace('\\', "/");
    let mut address = String::from(if path.starts_with('/') { "file://" } else { "file:///" });
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                address.push(char::from(byte));
            }
            _ => write!(address, "%{byte:02X}").expect("writing to a string never fails"),
        }
    }
    address.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_utf_16() {
        let text = "# Æble\n## 🌳 Øl {reqired}\n";
        let at = text.find("reqired").expect("it is there");
        let there = Position { line: 1, character: 10 };
        assert_eq!(position(text, at), there);
        assert_eq!(offset(text, there), at);
        assert_eq!(position(text, text.find('🌳').expect("it is there") + 1).character, 3);
        assert_eq!(offset(text, Position { line: 0, character: 99 }), "# Æble".len());
        assert_eq!(offset(text, Position { line: 99, character: 0 }), text.len());
        assert_eq!(position(text, 999), Position { line: 2, character: 0 });
    }

    #[test]
    fn addresses_keep_their_letters() {
        let file = Path::new("/tmp/grønne områder/a b.md");
        let address = uri(file).expect("an address");
        assert_eq!(address.as_str(), "file:///tmp/gr%C3%B8nne%20omr%C3%A5der/a%20b.md");
        assert_eq!(path(&address).as_deref(), Some(file));
        assert_eq!(path(&"untitled:Untitled-1".parse().expect("an address")), None);
    }
}
