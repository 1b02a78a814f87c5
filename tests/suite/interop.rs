//! Envelopes are what docs/sync.md says: PyNaCl and zlib open what a kiosk sealed, and seal what a central
//! opens. A key and that page are enough to read one's own answers in twenty years.
//!
//! Where there is no PyNaCl the test says so and is skipped, but with `PYNACL_TESTS=required` it fails.
//! `PYNACL_PYTHON` names the Python that has it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use borgerpanel::crypto::{self, SealSecret};
use borgerpanel::store::record::{Kind, Label, Sealed};
use borgerpanel::sync::envelope;
use serde_json::{Value, json};

use crate::chain::{Town, form, post};
use crate::collecting::encode;

/// The Python that has PyNaCl, or none with a message.
fn python() -> Option<String> {
    let python = std::env::var("PYNACL_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let cause = match Command::new(&python).args(["-c", "import nacl.public"]).output() {
        Ok(output) if output.status.success() => return Some(python),
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(wrong) => format!("{python}: {wrong}"),
    };
    let is_required = std::env::var("PYNACL_TESTS").is_ok_and(|value| value == "required");
    assert!(!is_required, "tests with PyNaCl are required: {cause}");
    eprintln!("skipped, no PyNaCl: {cause}");
    None
}

/// What the script answers, a line each.
fn ask(python: &str, questions: &[Value]) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/interop/open.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    // From a thread of its own: it answers while it reads.
    let asking = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).expect("asked"));
    let output = child.wait_with_output().expect("answered");
    asking.join().expect("asked");
    assert!(output.status.success(), "the script failed: its words are above");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn secret_of(key: &Path) -> String {
    let line = std::fs::read_to_string(key).expect("the key");
    line.trim_end().rsplit(' ').next().expect("its digits").to_owned()
}

/// The bytes that an answer spells in hex.
fn bytes(answer: &Value, name: &str) -> Vec<u8> {
    let digits = answer[name].as_str().expect("hex").as_bytes().chunks(2);
    let byte = |two| u8::from_str_radix(std::str::from_utf8(two).expect("ASCII"), 16);
    digits.map(|two| byte(two).expect("a byte")).collect()
}

/// A kiosk's own file, and the two keys that open it.
#[test]
fn pynacl_opens_what_a_kiosk_stored_with_the_central_key_and_with_the_recovery_key() {
    let Some(python) = python() else { return };
    let town = Town::new();
    let central = town.central();
    town.enrol();
    // Nothing is sent and nothing leaves the kiosk's file.
    drop(central);
    let kiosk = town.kiosk();
    town.wait_until_ready();
    for seed in 1..=5 {
        assert_eq!(post(&town.kiosk, &encode(&form(&town.survey(), seed).1)), Some(303));
    }
    drop(kiosk);
    let outbox = borgerpanel::store::Outbox::open(&town.desk.path("data/kiosk")).expect("opened");
    outbox.mix_in(borgerpanel::store::Mixing::All).expect("mixed in");
    let rows = outbox.rows_after(0, 100, usize::MAX).expect("rows");
    assert!(rows.len() >= 10, "five forms with private answers, not {} records", rows.len());
    for key in ["seal.key", "recovery.key"] {
        let path = town.desk.path("data/central/keys").join(key);
        let key = SealSecret::load(&path).expect("the key");
        let digits = secret_of(&path);
        let ask_for = |sealed: &Sealed| json!({"open": crypto::hex(&sealed.body), "key": digits});
        let questions: Vec<Value> = rows.iter().map(|row| ask_for(&row.sealed)).collect();
        let answers = ask(&python, &questions);
        assert_eq!(answers.len(), rows.len());
        for (row, answer) in rows.iter().zip(&answers) {
            let ours = envelope::open(&row.sealed, std::slice::from_ref(&key)).expect("opened");
            assert_eq!(bytes(answer, "record"), ours.as_bytes());
            let label: Label = serde_json::from_value(answer["label"].clone()).expect("a label");
            assert_eq!(label, row.sealed.label);
            let json: Value = serde_json::from_str(&ours).expect("JSON");
            assert!(json["answers"].as_object().is_some_and(|answers| !answers.is_empty()));
        }
    }
}

#[test]
fn what_pynacl_sealed_is_opened() {
    let Some(python) = python() else { return };
    let keys = [SealSecret::generate(), SealSecret::generate()];
    let texts = ["{}".to_owned(), "{\"æ\":\"🌳\"}".to_owned(), "blåbærgrød ".repeat(50_000)];
    let label = crate::store::sealed_as(Kind::Signup, borgerpanel::store::Uid([5; 16])).label;
    let publics: Vec<String> = keys.iter().map(|key| key.public().to_string()).collect();
    let question = |text: &String| json!({"seal": crypto::hex(text.as_bytes()), "label": label, "for": publics});
    let questions: Vec<Value> = texts.iter().map(question).collect();
    for (answer, text) in ask(&python, &questions).iter().zip(&texts) {
        let sealed = Sealed { label: label.clone(), body: bytes(answer, "envelope") };
        for key in &keys {
            let opened = envelope::open(&sealed, std::slice::from_ref(key));
            assert_eq!(opened.as_ref(), Ok(text));
        }
    }
}
