//! Any text as a condition: read, or refused with a reason and a place.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/parsing/oracle.rs"]
mod oracle;

fuzz_target!(|text: &str| oracle::judge_condition(text));
