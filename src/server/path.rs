//! A request's path, decoded strictly: one way to write each, and none that leads out.

use super::form::hex;

/// Decodes `path` into its segments; a trailing slash makes a last, empty one.
///
/// `/s/tryg/` is `["s", "tryg", ""]`, `/` is `[""]`. `None` for everything that two readers could
/// understand in two ways: broken percent-encoding or UTF-8, a control character, an encoded
/// slash or a backslash, an empty segment within, `.` and `..` however they are written.
pub fn segments(path: &str) -> Option<Vec<String>> {
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let last = parts.len() - 1;
    let good = |(at, part): (usize, &&str)| {
        let segment = decode(part)?;
        (at == last || !segment.is_empty()).then_some(segment)
    };
    parts.iter().enumerate().map(good).collect()
}

fn decode(part: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes().iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => rest.next().and_then(hex)? * 16 + rest.next().and_then(hex)?,
            byte => *byte,
        });
    }
    let segment = String::from_utf8(decoded).ok()?;
    let odd = |c: char| c.is_control() || c == '/' || c == '\\';
    // A colon is a drive or a stream on Windows; no address of ours has one.
    let odd_name = segment == "." || segment == ".." || segment.contains(':');
    (!segment.contains(odd) && !odd_name).then_some(segment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decodes_ordinary_paths() {
        assert_eq!(segments("/"), Some(vec![String::new()]));
        assert_eq!(segments("/s/tryg/").expect("good"), ["s", "tryg", ""]);
        assert_eq!(segments("/en/om%20os/%C3%A6").expect("good"), ["en", "om os", "æ"]);
        assert_eq!(
            segments("/a..b/.well-known/...").expect("good"),
            ["a..b", ".well-known", "..."]
        );
    }

    #[test]
    fn refuses_whatever_leads_out_or_has_two_readings() {
        for path in [
            "",
            "s",
            "//",
            "//evil.dk/",
            "/a//b",
            "/../x",
            "/a/..",
            "/a/./b",
            "/%2e%2e/x",
            "/.%2E/x",
            "/%2e",
            "/a%2fb",
            "/a%5Cb",
            "/a\\b",
            "/%00",
            "/a%0d%0a",
            "/%",
            "/%4",
            "/%zz",
            "/%ff",
            "/%c0%ae%c0%ae/x",
            "/c:/x",
            "/%C2%85",
        ] {
            assert_eq!(segments(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn what_passes_stays_inside(path in "(/|[.]|%2[eEfF]|%5c|[a-z]|%[0-9a-f]{2}|\\PC){0,20}") {
            if let Some(parts) = segments(&path) {
                for part in parts {
                    prop_assert!(part != "." && part != ".." && !part.contains(['/', '\\', '\0']));
                }
            }
        }
    }
}
