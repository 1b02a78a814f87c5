//! Random bytes as a request's head: no panic, and what passes is clean.
#![no_main]

use borgerpanel::server::gate::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(end)) = parse::find_end(bytes, 0)
        && let Ok(head) = parse::parse(&bytes[..end])
    {
        assert!(head.target.starts_with('/'));
        for (name, value) in &head.headers {
            assert!(name.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(value.bytes().all(|byte| byte.is_ascii() && byte != b'\r' && byte != b'\n'));
        }
    }
});
