//! A posted form's bytes become [`Fields`]: strictly, so that nobody is stored as somebody's guess.
//!
//! Elsewhere broken percent-encoding passes as text and broken UTF-8 as question marks; here both
//! are errors, as no browser sends them and what else sends them is not a visitor.

use super::http::Request;
use crate::survey::Fields;

/// The most fields a form may have; the largest survey has some hundred.
pub const FIELDS_MAX: usize = 2_000;

/// The one content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Why a body is no form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    #[error("the body is not an URL-encoded form")]
    ContentType,
    #[error("a percent sign is not followed by two hex digits")]
    Percent,
    #[error("a name or value is not UTF-8")]
    Utf8,
    #[error("a character that must be percent-encoded is not")]
    Raw,
    #[error("more than {FIELDS_MAX} fields")]
    TooMany,
}

impl FormError {
    /// The status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            FormError::ContentType => 415,
            FormError::TooMany => 413,
            FormError::Percent | FormError::Utf8 | FormError::Raw => 400,
        }
    }
}

/// The fields of a request's form.
///
/// # Errors
/// See [`FormError::status`] for how each is answered.
pub fn read(request: &Request) -> Result<Fields, FormError> {
    if !is_form(request) {
        return Err(FormError::ContentType);
    }
    parse(&request.body)
}

/// Whether the content type, given once, is a form's in UTF-8.
fn is_form(request: &Request) -> bool {
    let mut types = request.headers.iter().filter(|(name, _)| name == "content-type");
    let (Some((_, value)), None) = (types.next(), types.next()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(FORM));
    named && parts.all(|part| part.is_empty() || is_utf8_charset(part))
}

fn is_utf8_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) => {
            let value = value.trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("charset") && value.eq_ignore_ascii_case("utf-8")
        }
        None => false,
    }
}

/// Parses `name=value&name=value`; empty parts are passed over, a part without `=` has no value.
///
/// # Errors
/// On anything but `application/x-www-form-urlencoded` in UTF-8.
pub fn parse(body: &[u8]) -> Result<Fields, FormError> {
    let mut fields = Vec::new();
    for part in body.split(|byte| *byte == b'&').filter(|part| !part.is_empty()) {
        if fields.len() == FIELDS_MAX {
            return Err(FormError::TooMany);
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&part[..at], &part[at + 1..]),
            None => (part, &b""[..]),
        };
        fields.push((decode(name)?, decode(value)?));
    }
    Ok(Fields(fields))
}

/// Decodes `+` and `%XX`.
fn decode(text: &[u8]) -> Result<String, FormError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().and_then(hex), rest.next().and_then(hex));
                high.zip(low).map(|(high, low)| high * 16 + low).ok_or(FormError::Percent)?
            }
            byte if byte.is_ascii_graphic() => *byte,
            _ => return Err(FormError::Raw),
        });
    }
    String::from_utf8(decoded).map_err(|_| FormError::Utf8)
}

/// A hex digit's value.
pub(super) fn hex(digit: &u8) -> Option<u8> {
    char::from(*digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::http::Method;
    use proptest::prelude::*;

    fn pairs(body: &str) -> Vec<(String, String)> {
        parse(body.as_bytes()).expect("a form").0
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    fn typed(types: &[&str]) -> bool {
        is_form(&Request {
            method: Method::Post,
            path: "/".to_owned(),
            query: String::new(),
            headers: types.iter().map(|value| pair("content-type", value)).collect(),
            body: Vec::new(),
            peer: [127, 0, 0, 1].into(),
        })
    }

    #[test]
    fn reads_what_browsers_send() {
        assert_eq!(
            pairs("q=a+b&q=%C3%A6%c3%B8%C3%A5&what.other.text=100%25%0D%0Aja&empty=&_v=0f"),
            [
                pair("q", "a b"),
                pair("q", "æøå"),
                pair("what.other.text", "100%\r\nja"),
                pair("empty", ""),
                pair("_v", "0f")
            ]
        );
        assert_eq!(pairs("a=b=c&&d"), [pair("a", "b=c"), pair("d", "")]);
        assert_eq!(pairs(""), []);
    }

    #[test]
    fn refuses_broken_encodings() {
        for (body, error) in [
            ("a=%", FormError::Percent),
            ("a=%4", FormError::Percent),
            ("a=%zz", FormError::Percent),
            ("a=%+1", FormError::Percent),
            ("%G0=1", FormError::Percent),
            ("a=%FF", FormError::Utf8),
            ("a=%C3", FormError::Utf8),
            ("a=%ED%A0%80", FormError::Utf8),
            ("a=%C0%AF", FormError::Utf8),
            ("a=æ", FormError::Raw),
            ("a=b c", FormError::Raw),
            ("a=\0", FormError::Raw),
        ] {
            assert_eq!(parse(body.as_bytes()), Err(error), "{body:?}");
        }
    }

    #[test]
    fn bounds_the_number_of_fields() {
        assert_eq!(pairs(&"a=1&".repeat(FIELDS_MAX)).len(), FIELDS_MAX);
        assert_eq!(parse("a=1&".repeat(FIELDS_MAX + 1).as_bytes()), Err(FormError::TooMany));
    }

    #[test]
    fn knows_a_forms_content_type() {
        for good in [
            FORM,
            "Application/X-WWW-Form-URLEncoded; charset=UTF-8",
            &format!("{FORM};charset=\"utf-8\""),
        ] {
            assert!(typed(&[good]), "{good}");
        }
        for bad in [
            "",
            "text/plain",
            "multipart/form-data; boundary=x",
            &format!("{FORM}; charset=latin1"),
            &format!("{FORM}x"),
        ] {
            assert!(!typed(&[bad]), "{bad}");
        }
        assert!(!typed(&[]) && !typed(&[FORM, FORM]));
    }

    proptest! {
        #[test]
        fn never_panics(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&body);
        }

        #[test]
        fn reads_back_what_was_encoded(fields in proptest::collection::vec((".{1,8}", ".{0,8}"), 0..6)) {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            let parts: Vec<_> = fields.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
            prop_assert_eq!(parse(parts.join("&").as_bytes()).expect("a form").0, fields);
        }
    }
}
