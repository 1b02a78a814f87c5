//! Random text as a path: what passes stays inside.
#![no_main]

use borgerpanel::server::path;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for segment in path::segments(text).into_iter().flatten() {
        assert!(segment != "." && segment != ".." && !segment.contains(['/', '\\', '\0']));
    }
});
