//! Whatever text is imported as a LimeSurvey structure, the answer is a survey or a reason. Twin:
//! tests/suite/foreign/accounting.rs.
#![no_main]

use borgerpanel::foreign;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = foreign::import(format!("class\tname\ttext\n{text}").as_bytes(), "survey");
    let _ = foreign::import(text.as_bytes(), "survey");
});
