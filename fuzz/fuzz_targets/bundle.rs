//! Random bytes as a batch: the body of a POST, or a file of a stick.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/protocol/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::batch(bytes);
});
