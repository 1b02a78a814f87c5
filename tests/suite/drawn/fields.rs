//! What random forms say: mostly what fits the question's kind, well or badly written.

use fastrand::Rng;
use serde_json::{Value, json};

use super::questions;

const CODES: &[&str] = &["", "a", "a", "b", "b", "c", "d"];
const NUMBERS: &[&str] = &[
    "1",
    "2",
    "3",
    "7",
    "0",
    "-0",
    "2,5",
    "0.3",
    "\u{2212}1",
    "1.000,5",
    "1999",
    "2010",
    "01",
    " 2 ",
    "+2",
    "0,0000001",
    "1e3",
    "123456789012345",
    "1234567890123456",
    "\u{662}",
];
const SHARES: &[&str] = &[
    "40", "60", "40", "60", "100", "10", "4", "6", "0", "0", "", " ", "4,0", "6.00", "+10", "-0",
    "-4", "4,5", "101", "040", "x", "1e1",
];
const DAYS: &[&str] = &[
    "2026-11-24",
    "24.11.2026",
    "24-11-2026",
    "24/11/2026",
    "24 11 2026",
    "31.1.2026",
    "1.2.2026",
    "01-02-2026",
    "2026-1-31",
    "29.2.2024",
    "29.2.2026",
    "29.2.1900",
    "29.2.2000",
    "2100-02-29",
    "31.4.2026",
    "0.1.2026",
    "1.0.2026",
    "1.13.2026",
    "31.12.1899",
    "1.1.1900",
    "31.12.2199",
    "2200-01-01",
    "1.1.26",
    "3. 2. 2026",
    "3-.2/ 2026",
    "-3.2.2026",
    "3.2.2026.",
    "3.2",
    "3.2.2026.1",
    "03.002.2026",
    "2026-11-24T00:00",
    "\u{663}.2.2026",
    "3\u{a0}2\u{a0}2026",
    "\u{a0}3.2.2026\u{feff}",
    "i dag",
];
const TIMES: &[&str] = &[
    "08:30",
    "8:30",
    "8.30",
    "08.00",
    "7.59",
    "16:00",
    "16:01",
    "0:00",
    "23:59",
    "24:00",
    "8:60",
    "8:3",
    "8",
    "0830",
    "08:30:00",
    "8,30",
    "+8:30",
    "008:30",
    " 8.30\r\n",
    "8:.30",
    "\u{668}:30",
];
const EMAILS: &[&str] = &[
    "a@b.dk",
    " a@b.dk ",
    "Å.b+c@d-e.co.uk",
    "a@b",
    "a@.dk",
    "a@b..dk",
    "@b.dk",
    "a@b@c.dk",
    "a@b.d",
    "a@b.d1",
    "a@b.dk.",
    "a b@c.dk",
    "a\u{a0}b@c.dk",
    "a\u{feff}b@c.dk",
    "a\u{85}b@c.dk",
    "a\u{7f}b@c.dk",
    "a\u{200b}b@c.dk",
    "a\tb@c.dk",
    "a@b.dk,c@d.dk",
    "<a@b.dk>",
    "\"a\"@b.dk",
    "a'b@c.dk",
    "a@b.ελ",
    "a@b.d\u{345}",
    "a@b.\u{1d4d0}\u{1d4d1}",
    "a@b.①②",
    "a\\b@c.dk",
    "a@[b].dk",
];
const PHONES: &[&str] = &[
    "33123456",
    "33 12 34 56",
    "+45 33 12 34 56",
    "0045 33123456",
    "+46 33-12-34-56",
    "0046(0)8.123.456",
    "+4533123",
    "+453312345",
    "+45331234567",
    "4533123456",
    "00123456",
    "0033123456",
    "00+4533123456",
    "+004533123456",
    "++4533123456",
    "3312345",
    "331234567",
    "+123456789012345",
    "+1234567890123456",
    "33/123456",
    "33\u{a0}123456",
    "33\n123456",
    "\u{663}3123456",
    "+",
    "()",
];
const POSTCODES: &[&str] = &[
    "2200",
    " 2200 ",
    "0500",
    "0499",
    "9999",
    "0000",
    "220",
    "22000",
    "DK-2200",
    "22 00",
    "-220",
    "220.",
    "\u{662}\u{662}\u{660}\u{660}",
];
const TEXTS: &[&str] = &[
    "a",
    "\u{a0}",
    "x\r\ny",
    "\u{feff}a\u{85}",
    "🌳🌳🌳",
    "e\u{301}e\u{301}",
    "\u{0}b",
    "på\r",
    "web",
    "2026-11-24",
    "08:30",
];
const TICKS: &[&str] = &["yes", "yes", "yes", "", "no"];
const EVERYTHING: &[&[&str]] =
    &[CODES, NUMBERS, SHARES, DAYS, TIMES, EMAILS, PHONES, POSTCODES, TEXTS, TICKS];

/// The fields of a form that `survey` was answered in.
pub fn of(survey: &Value, rng: &mut Rng) -> Value {
    let mut fields: Vec<[String; 2]> = Vec::new();
    for question in questions(survey) {
        let id = question["id"].as_str().unwrap_or_default();
        let kind = question["kind"].as_str().unwrap_or_default();
        for name in names(id, kind, rng) {
            for _ in 0..*rng.choice(&[0, 1, 1, 1, 1, 2]).expect("there are counts") {
                fields.push([name.clone(), value(kind, rng).to_owned()]);
            }
        }
        if rng.u8(..6) == 0 {
            let asked = ["", " q0 ", "q1 q2", "q3\tq4"];
            let asked = asked.map(|ids| format!("{ids} {id}"));
            fields.push(["_asked".to_owned(), rng.choice(asked).expect("there are some")]);
        }
    }
    json!(fields)
}

/// The fields a page would have for the question, and some that it would not.
fn names(id: &str, kind: &str, rng: &mut Rng) -> Vec<String> {
    let parts: &[&str] = match kind {
        _ if rng.u8(..8) == 0 => &["", ".a", ".b", ".0", ".1", ".4", ".a.text"],
        "ranking" => &[".1", ".2", ".3", ".a.text"],
        "points" => &[".a", ".b", ".c"],
        "matrix" | "differential" => &[".a", ".b"],
        "matrix-multiple" => &[".a", ".a", ".b", ".b"],
        "multiple" => &["", "", ".a.text", ".b.text"],
        _ => &["", ".a.text"],
    };
    parts.iter().map(|part| format!("{id}{part}")).collect()
}

fn value(kind: &str, rng: &mut Rng) -> &'static str {
    let own = match kind {
        _ if rng.u8(..6) == 0 => rng.choice(EVERYTHING).expect("there are sets"),
        "number" | "year" | "scale" => NUMBERS,
        "points" => SHARES,
        "date" => DAYS,
        "time" => TIMES,
        "email" => EMAILS,
        "tel" => PHONES,
        "postcode" => POSTCODES,
        "text" | "longtext" => TEXTS,
        "consent" => TICKS,
        _ => CODES,
    };
    rng.choice(own).expect("there are values")
}
