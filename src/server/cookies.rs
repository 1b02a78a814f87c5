//! What a browser brings back: its cookie, and the token of a form.

use super::http::Request;
use crate::crypto::Digest;

/// The value of the cookie of this name. Two of the name are none: another page of the host has planted one.
pub fn only<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let headers = request.headers.iter().filter(|(header, _)| header == "cookie");
    let pairs = headers.flat_map(|(_, value)| value.split(';'));
    let mut ours = pairs.filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    match (ours.next(), ours.next()) {
        (only, None) => only,
        _ => None,
    }
}

/// Whether two secrets are the same: by their digests, so that how long it takes tells nothing.
pub fn is_same(one: &str, other: &str) -> bool {
    Digest::of(one.as_bytes()) == Digest::of(other.as_bytes())
}
