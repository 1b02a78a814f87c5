//! Any text as a map: nothing but shapes comes out of it.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../tests/suite/parsing/oracle.rs"]
mod oracle;

fuzz_target!(|text: &str| oracle::judge_map(text));
