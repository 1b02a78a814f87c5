//! Random bytes as a posted form: no panic, never more fields than allowed.
#![no_main]

use borgerpanel::server::form;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(fields) = form::parse(bytes) {
        assert!(fields.0.len() <= form::FIELDS_MAX);
    }
});
