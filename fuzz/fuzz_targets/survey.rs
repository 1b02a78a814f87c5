//! Any bytes as the files of a small site: what must hold of a compiled survey and its diagnostics.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/parsing/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::Parts::cut(bytes).judge();
});
