//! Whatever bytes are imported as a workbook, the answer is a survey or a reason. Twin:
//! tests/suite/foreign/accounting.rs.
#![no_main]

use borgerpanel::foreign;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = b"PK\x03\x04".to_vec();
    file.extend_from_slice(bytes);
    let _ = foreign::import(&file, "form");
    let _ = foreign::import(bytes, "form");
});
