//! The protocol's test vectors (`tests/protocol`, docs/sync-protocol.md): messages, batches, envelopes and
//! requests to enrol, most of them wrong in one way, each with what a reader has to say of it.
//!
//! They are made once, by [`made`], and then are files that any implementation can be held to;
//! `UPDATE_VECTORS=1` makes them anew.

mod made;
mod oracle;

use std::path::{Path, PathBuf};

use borgerpanel::crypto::{SealSecret, VerifyingKey, hex};
use borgerpanel::durable::{Access, replace_file};
use borgerpanel::store::record::{Label, Sealed};
use borgerpanel::sync::bundle::{Bundle, BundleError};
use borgerpanel::sync::enrol::{Code, Reply, Request};
use borgerpanel::sync::envelope;
use borgerpanel::sync::message::{
    Head, Message, MessageError, Question, Receipt, Signed, Standing,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/protocol")
}

fn cases(name: &str) -> Vec<Value> {
    let path = folder().join(format!("{name}.json"));
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        made::write(&folder());
    }
    let text = std::fs::read_to_string(&path).expect("the vectors");
    serde_json::from_str(&text).expect("a list of cases")
}

/// Every case of a file says what it should; most of them are wrong, or the file proves little.
fn hold(name: &str, says: impl Fn(&Value) -> Value) {
    let cases = cases(name);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| says(case) != case["says"])
        .map(|case| format!("{}: {} and not {}", case["name"], says(case), case["says"]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let bad = cases.iter().filter(|case| case["says"] != "ok").count();
    assert!(bad * 2 > cases.len(), "{bad} of {} are wrong", cases.len());
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("{name} in {case}"))
}

fn bytes(case: &Value, name: &str) -> Vec<u8> {
    let digits = text(case, name).as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16);
    digits.chunks(2).map(|pair| byte(pair).expect("hex")).collect()
}

fn word(error: MessageError) -> &'static str {
    match error {
        MessageError::Malformed => "malformed",
        MessageError::OtherVersion => "other-version",
        MessageError::Forged => "forged",
    }
}

fn verifying(case: &Value) -> VerifyingKey {
    VerifyingKey::from_hex(text(case, "key")).expect("a key")
}

/// A key out of the line that stands in its file.
fn loaded<K>(line: &str, load: impl Fn(&Path) -> borgerpanel::error::Result<K>) -> K {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("key");
    let bytes = format!("{line}\n");
    replace_file(&path, bytes.as_bytes(), Access::Private).expect("written");
    load(&path).expect("a key")
}

#[test]
fn messages_count_as_the_vectors_say() {
    fn read<M: Message>(signed: &Signed, key: &VerifyingKey) -> Value {
        signed.verify::<M>(key).map_or_else(word, |_| "ok").into()
    }
    hold("messages", |case| {
        let Ok(signed) = serde_json::from_str::<Signed>(text(case, "message")) else {
            return "malformed".into();
        };
        let key = verifying(case);
        match text(case, "purpose") {
            "question" => read::<Question>(&signed, &key),
            "standing" => read::<Standing>(&signed, &key),
            "batch" => read::<Head>(&signed, &key),
            "receipt" => read::<Receipt>(&signed, &key),
            other => panic!("{other}"),
        }
    });
}

#[test]
fn batches_count_as_the_vectors_say() {
    hold("batches", |case| {
        let bytes = bytes(case, "bytes");
        let read = Bundle::read(&bytes).and_then(|bundle| bundle.verify(&verifying(case)));
        match read {
            Ok((_, rows)) => {
                let shown: Vec<Value> = rows
                    .iter()
                    .map(|row| json!({"seq": row.seq, "body": hex(&row.sealed.body)}))
                    .collect();
                assert_eq!(Value::from(shown), case["rows"], "{}", case["name"]);
                "ok".into()
            }
            Err(BundleError::Malformed) => "malformed".into(),
            Err(BundleError::Damaged) => "damaged".into(),
            Err(BundleError::Head(error)) => word(error).into(),
        }
    });
}

#[test]
fn envelopes_open_as_the_vectors_say() {
    hold("envelopes", |case| {
        let label: Label = serde_json::from_value(case["label"].clone()).expect("a label");
        let sealed = Sealed { label, body: bytes(case, "body") };
        match envelope::open(&sealed, &[loaded(text(case, "secret"), SealSecret::load)]) {
            Ok(json) => {
                assert_eq!(json, text(case, "record"), "{}", case["name"]);
                "ok".into()
            }
            Err(error) => error.name().into(),
        }
    });
}

#[test]
fn requests_to_enrol_and_their_answers_count_as_the_vectors_say() {
    hold("enrolment", |case| {
        let code = Code::read(text(case, "code")).expect("a code");
        let Ok(request) = serde_json::from_value::<Request>(case["request"].clone()) else {
            return "malformed".into();
        };
        if request.code_among(&[code.hash()]).is_none() {
            return "wrong-code".into();
        }
        let Ok(reply) = serde_json::from_value::<Reply>(case["reply"].clone()) else {
            return "malformed".into();
        };
        reply.verify(&code, &request).map_or_else(word, |_| "ok").into()
    });
}

/// The vectors' bytes, each with a few of them changed: near enough to what is right to get far.
fn spoiled() -> impl Strategy<Value = Vec<u8>> {
    let right: Vec<Vec<u8>> = cases("batches")
        .iter()
        .map(|case| bytes(case, "bytes"))
        .chain(cases("envelopes").iter().map(|case| bytes(case, "body")))
        .chain(cases("messages").iter().map(|case| text(case, "message").as_bytes().to_vec()))
        .filter(|bytes| !bytes.is_empty() && bytes.len() < 4000)
        .collect();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    (proptest::sample::select(right), changes).prop_map(|(mut bytes, changes)| {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

/// What the fuzz targets of this protocol begin with.
pub fn seeds() -> [(&'static str, Vec<Vec<u8>>); 4] {
    let bodies = |name: &str, field: &str| -> Vec<Vec<u8>> {
        cases(name).iter().map(|case| bytes(case, field)).collect()
    };
    let batches = bodies("batches", "bytes");
    // The rows begin behind the signed head; how many they are is the target's first byte.
    let rows = |batch: &Vec<u8>| {
        let length = batch.get(5..9)?.try_into().ok().map(u32::from_le_bytes)?;
        let rows = batch.get(9 + length as usize..)?;
        Some([&[2], rows].concat())
    };
    let message = |case: &Value| {
        let signed: Value = serde_json::from_str(text(case, "message")).ok()?;
        Some(signed["text"].as_str()?.as_bytes().to_vec())
    };
    let envelopes = bodies("envelopes", "body").into_iter().chain(made::insides_to_seed());
    [
        ("batch", batches.iter().filter_map(rows).collect()),
        ("receipt", cases("messages").iter().filter_map(message).collect()),
        ("envelope", envelopes.collect()),
        ("bundle", batches),
    ]
}

proptest! {
    #[test]
    fn no_bytes_are_too_much_for_a_reader(
        random in proptest::collection::vec(any::<u8>(), 0..600),
        spoiled in spoiled(),
    ) {
        for bytes in [&random, &spoiled] {
            oracle::batch(bytes);
            oracle::rows(bytes);
            oracle::receipt(bytes);
            oracle::envelope(bytes);
        }
        // Rows alone, and texts alone, behind what the vectors have before them.
        if let Some(at) = spoiled.windows(2).position(|pair| pair == b"}\x01") {
            oracle::rows(&[&[2], &spoiled[at + 1..]].concat());
        }
        if let Ok(Value::Object(message)) = serde_json::from_slice(&spoiled) {
            let text = message.get("text").and_then(Value::as_str);
            oracle::receipt(text.unwrap_or_default().as_bytes());
        }
    }
}
