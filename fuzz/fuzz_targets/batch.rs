//! Rows under a head that was signed.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/protocol/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::rows(bytes);
});
