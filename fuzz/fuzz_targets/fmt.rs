//! Any bytes as the files of a small site: `fmt` keeps what they mean, and runs once.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/parsing/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::Parts::cut(bytes).judge_format();
});
