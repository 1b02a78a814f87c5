//! Random bytes as what a central or a kiosk says.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/protocol/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    oracle::receipt(bytes);
});
