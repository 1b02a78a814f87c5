//! Random bytes as a sealed record, and as what is inside one.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/protocol/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::envelope(bytes);
});
