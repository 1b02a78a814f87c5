//! How the vectors were made: from something right, changed in one way.

use std::path::Path;

use borgerpanel::crypto::{Digest, KeyId, SealSecret, SigningKey, hex};
use borgerpanel::store::outbox::Row;
use borgerpanel::store::record::{CentralId, Epoch, Kind, Label, Lost, Sealed, Uid};
use borgerpanel::sync::bundle;
use borgerpanel::sync::enrol::{Admission, Code, Reply, Request};
use borgerpanel::sync::envelope;
use borgerpanel::sync::message::{Head, Message, PROTOCOL, Question, Receipt, Signed, Standing};
use serde_json::{Value, json};

use super::loaded;

/// The keys of an example: nobody uses them.
const KIOSK: u8 = 0x11;
const CENTRAL: u8 = 0x22;
const SEAL: u8 = 0x33;

fn signing(byte: u8) -> SigningKey {
    loaded(&format!("borgerpanel sign-secret {}", hex(&[byte; 32])), SigningKey::load)
}

fn seal_line(byte: u8) -> String {
    format!("borgerpanel seal-secret {}", hex(&[byte; 32]))
}

fn sealing(byte: u8) -> SealSecret {
    loaded(&seal_line(byte), SealSecret::load)
}

/// Writes all files.
pub fn write(to: &Path) {
    for (name, cases) in [
        ("messages", messages()),
        ("batches", batches()),
        ("envelopes", envelopes()),
        ("enrolment", enrolment()),
    ] {
        let mut text = String::from("[\n");
        let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
        text.push_str(&lines.join(",\n"));
        text.push_str("\n]\n");
        std::fs::write(to.join(format!("{name}.json")), text).expect("written");
    }
}

fn question() -> Question {
    Question {
        v: PROTOCOL,
        kiosk: "valby".to_owned(),
        key: signing(KIOSK).verifying().id(),
        epoch: Epoch([2; 16]),
        last: 7,
        clock: 1_795_000_000,
        nonce: "0f".repeat(16),
        told: None,
    }
}

fn standing() -> Standing {
    Standing {
        v: PROTOCOL,
        central_id: CentralId([1; 16]),
        kiosk: "valby".to_owned(),
        epoch: Epoch([2; 16]),
        high_seq: 5,
        tip: Some(Digest::of(b"row 5")),
        backed_up_seq: 3,
        release: None,
        clock: 1_795_000_001,
        nonce: "0f".repeat(16),
    }
}

fn receipt() -> Receipt {
    Receipt {
        v: PROTOCOL,
        central_id: CentralId([1; 16]),
        kiosk: "valby".to_owned(),
        epoch: Epoch([2; 16]),
        head: Digest::of(b"head"),
        first: 6,
        high_seq: 7,
        tip: Some(Digest::of(b"row 7")),
        stored: 1,
        dup: 1,
        quarantined: 0,
        backed_up_seq: 3,
    }
}

fn head(first: u64, last: u64) -> Head {
    Head {
        v: PROTOCOL,
        kiosk: "valby".to_owned(),
        key: signing(KIOSK).verifying().id(),
        central_id: CentralId([1; 16]),
        epoch: Epoch([2; 16]),
        base: 0,
        first,
        last,
        n: 0,
        sha256: Digest::of(b""),
        lost: Vec::new(),
        past: false,
    }
}

fn messages() -> Vec<Value> {
    let mut cases = Vec::new();
    spoil("question", &question(), KIOSK, "last", &mut cases);
    spoil("standing", &standing(), CENTRAL, "high_seq", &mut cases);
    spoil("batch", &head(1, 2), KIOSK, "first", &mut cases);
    spoil("receipt", &receipt(), CENTRAL, "stored", &mut cases);
    cases
}

/// One message as it should be, and in every way it should not; `number` is one of its fields.
fn spoil<M: Message>(purpose: &str, message: &M, by: u8, number: &str, cases: &mut Vec<Value>) {
    let key = signing(by);
    let mut add = |name: &str, signed: String, says: &str| {
        cases.push(json!({
            "name": format!("{purpose}: {name}"),
            "purpose": purpose,
            "key": key.verifying().to_string(),
            "message": signed,
            "says": says,
        }));
    };
    let shown = |signed: &Signed| serde_json::to_string(signed).expect("two texts");
    // Signs any text for this purpose, as an owner of the key could.
    let sign = |text: String| Signed { signature: key.sign(M::PURPOSE, text.as_bytes()), text };
    let right = message.sign(&key);
    let fields: Value = serde_json::from_str(&right.text).expect("JSON");
    let with = |name: &str, value: Value| {
        let mut fields = fields.clone();
        fields[name] = value;
        sign(fields.to_string())
    };
    let without = |name: &str| {
        let mut fields = fields.clone();
        fields.as_object_mut().expect("an object").remove(name);
        sign(fields.to_string())
    };
    add("as it should be", shown(&right), "ok");
    add("spaces and another order are signed as they stand", shown(&sign(spaced(&fields))), "ok");
    add("a field that nobody knows is passed over", shown(&with("later", json!(1))), "ok");
    let other = message.sign(&signing(0x99));
    add("signed by somebody else", shown(&other), "forged");
    let purposes = [
        borgerpanel::crypto::Purpose::Question,
        borgerpanel::crypto::Purpose::Standing,
        borgerpanel::crypto::Purpose::Batch,
        borgerpanel::crypto::Purpose::Receipt,
    ];
    for other in purposes.into_iter().filter(|other| *other != M::PURPOSE) {
        let signature = key.sign(other, right.text.as_bytes());
        let moved = Signed { text: right.text.clone(), signature };
        add("signed for another purpose", shown(&moved), "forged");
    }
    let changed = Signed { text: with(number, json!(4)).text, ..right.clone() };
    add("a number was changed", shown(&changed), "forged");
    let longer = Signed { text: format!("{} ", right.text), ..right.clone() };
    add("a space was put in", shown(&longer), "forged");
    add("of a later version", shown(&with("v", json!(2))), "other-version");
    add("of version 0", shown(&with("v", json!(0))), "other-version");
    add("without a version", shown(&without("v")), "malformed");
    add("without a number", shown(&without(number)), "malformed");
    add("a number below zero", shown(&with(number, json!(-1))), "malformed");
    add("a number with a fraction", shown(&with(number, json!(1.5))), "malformed");
    add("a number as a text", shown(&with(number, json!("1"))), "malformed");
    add("a number beyond 64 bits", shown(&with(number, json!(1e20))), "malformed");
    add("an epoch in capitals", shown(&with("epoch", json!("AB".repeat(16)))), "malformed");
    add("an epoch that is too short", shown(&with("epoch", json!("02"))), "malformed");
    let twice = format!("{{\"v\":1,{}", &right.text[1..]);
    add("a field twice", shown(&sign(twice)), "malformed");
    add("no JSON", shown(&sign("valby".to_owned())), "malformed");
    add("a list", shown(&sign("[1]".to_owned())), "malformed");
    add("something after it", shown(&sign(format!("{} 1", right.text))), "malformed");
    let text = serde_json::to_string(&right.text).expect("a text");
    add("without a signature", format!("{{\"text\":{text}}}"), "malformed");
    add("a signature cut short", format!("{{\"text\":{text},\"signature\":\"00\"}}"), "malformed");
    let nothing = "00".repeat(64);
    add(
        "a signature of zeros",
        format!("{{\"text\":{text},\"signature\":\"{nothing}\"}}"),
        "forged",
    );
}

/// The same fields in the opposite order, with spaces.
fn spaced(fields: &Value) -> String {
    let fields = fields.as_object().expect("an object").iter().rev();
    let pairs: Vec<String> = fields.map(|(name, value)| format!("\"{name}\" : {value}")).collect();
    format!("{{ {} }}", pairs.join(" , "))
}

fn row(seq: u64) -> Row {
    let label = Label {
        kind: Kind::Response,
        uid: Uid([seq as u8; 16]),
        survey: "parker".to_owned(),
        version: "cd".repeat(32),
        kiosk: "valby".to_owned(),
        epoch: Epoch([2; 16]),
    };
    let sealed = Sealed { label, body: vec![seq as u8; 20] };
    Row { seq, digest: sealed.digest(), sealed }
}

fn lost(first: u64, last: u64) -> Lost {
    Lost { first, last, reason: "missing".to_owned() }
}

fn batches() -> Vec<Value> {
    let key = signing(KIOSK);
    let mut cases = Vec::new();
    let mut add = |name: &str, bytes: &[u8], says: &str, rows: &[Row]| {
        let shown: Vec<Value> =
            rows.iter().map(|row| json!({"seq": row.seq, "body": hex(&row.sealed.body)})).collect();
        cases.push(json!({
            "name": name,
            "key": key.verifying().to_string(),
            "bytes": hex(bytes),
            "says": says,
            "rows": shown,
        }));
    };
    let two = [row(1), row(2)];
    let (_, right) = bundle::write(head(1, 2), &two, &key);
    add("two rows", &right, "ok", &two);
    let gap = Head { lost: vec![lost(3, 4)], ..head(2, 5) };
    let around = [row(2), row(5)];
    let (_, named) = bundle::write(gap, &around, &key);
    add("a gap that is named", &named, "ok", &around);
    let past = Head { lost: vec![lost(1, 9)], past: true, ..head(1, 9) };
    add("an epoch that is over, without rows", &bundle::write(past, &[], &key).1, "ok", &[]);
    for cut in [0, 4, 5, 8, 9, 60, right.len() - 1] {
        let says = if cut > 9 && cut > right.len() - 60 { "damaged" } else { "malformed" };
        add(&format!("cut off after {cut} bytes"), &right[..cut], says, &[]);
    }
    let changed = |at: usize| {
        let mut bytes = right.clone();
        bytes[at] ^= 1;
        bytes
    };
    add("another magic word", &changed(0), "malformed", &[]);
    add("another version of the format", &changed(4), "malformed", &[]);
    add("a head that is longer than all", &changed(8), "malformed", &[]);
    add("a bit of the last row", &changed(right.len() - 1), "damaged", &[]);
    add("a byte too many", &[right.as_slice(), &[0]].concat(), "damaged", &[]);
    let by_other = bundle::write(head(1, 2), &two, &signing(0x99)).1;
    add("signed by somebody else", &by_other, "forged", &[]);
    let later = Head { v: 2, ..head(1, 2) };
    add("of a later version", &bundle::write(later, &two, &key).1, "other-version", &[]);
    let mut wrong = |name: &str, head: Head, rows: &[Row]| {
        add(name, &bundle::write(head, rows, &key).1, "malformed", &[]);
    };
    wrong("a gap that nobody names", head(1, 3), &[row(1), row(3)]);
    wrong("rows that fall", head(1, 2), &[row(2), row(1)]);
    wrong("a row twice", head(1, 1), &[row(1), row(1)]);
    wrong("ends before the head says", head(1, 3), &two);
    wrong("begins before the head says", head(2, 2), &two);
    wrong("number 0", head(0, 0), &[row(0)]);
    wrong("a row that is lost, too", Head { lost: vec![lost(2, 2)], ..head(1, 2) }, &two);
    wrong("lost from back to front", Head { lost: vec![lost(4, 3)], ..head(1, 4) }, &two);
    wrong("not after its base", Head { base: 1, ..head(1, 2) }, &two);
    let most = i64::MAX as u64 + 1;
    wrong("beyond what can be counted", Head { lost: vec![lost(1, most)], ..head(1, most) }, &[]);
    let many: Vec<Row> = (1..=501).map(|seq| Row { seq, ..small(seq) }).collect();
    wrong("more than 500 rows", head(1, 501), &many);
    for (name, bytes) in torn(&key) {
        add(name, &bytes, "malformed", &[]);
    }
    cases
}

/// A row as short as can be: there are five hundred of it.
fn small(seq: u64) -> Row {
    let mut row = row(seq % 200);
    row.sealed.body.clear();
    row
}

/// Rows that are signed and yet are none.
fn torn(key: &SigningKey) -> Vec<(&'static str, Vec<u8>)> {
    let label = serde_json::to_vec(&row(1).sealed.label).expect("a label");
    let short = |value: usize| (value as u16).to_le_bytes();
    let long = |value: usize| (value as u32).to_le_bytes();
    let begin = [&1_u64.to_le_bytes()[..], &[7; 32]].concat();
    let rows = [
        ("a row without an end", begin.clone()),
        ("a label longer than the row", [&begin[..], &short(9999), &label].concat()),
        ("a label that is none", [&begin[..], &short(2), b"{}", &long(0)].concat()),
        ("a label with a field that nobody knows", {
            let more =
                String::from_utf8(label.clone()).expect("JSON").replacen('{', "{\"a\":1,", 1);
            [&begin[..], &short(more.len()), more.as_bytes(), &long(0)].concat()
        }),
        (
            "a body longer than the row",
            [&begin[..], &short(label.len()), &label, &long(u32::MAX as usize), b"x"].concat(),
        ),
    ];
    rows.into_iter()
        .map(|(name, rows)| {
            let head = Head { n: 1, sha256: Digest::of(&rows), ..head(1, 1) };
            let signed = serde_json::to_vec(&head.sign(key)).expect("two texts");
            (name, [b"BPSB\x01", &long(signed.len())[..], &signed, &rows].concat())
        })
        .collect()
}

fn envelopes() -> Vec<Value> {
    let key = sealing(SEAL);
    let label = row(1).sealed.label;
    let record = r#"{"v":1,"an example":"of a record"}"#;
    let mut cases = Vec::new();
    let mut add = |name: &str, label: &Label, body: &[u8], says: &str, record: &str| {
        cases.push(json!({
            "name": name,
            "secret": seal_line(SEAL),
            "label": label,
            "body": hex(body),
            "says": says,
            "record": record,
        }));
    };
    let closed = |record: &str, keys: &[u8]| {
        let keys: Vec<_> = keys.iter().map(|byte| sealing(*byte).public()).collect();
        envelope::seal(label.clone(), record, &keys).expect("sealed").body
    };
    let right = closed(record, &[SEAL]);
    add("for one key", &label, &right, "ok", record);
    add("for two keys", &label, &closed(record, &[0x44, SEAL]), "ok", record);
    let long = format!("{{\"text\":\"{}\"}}", "træer ".repeat(300));
    add("deflated", &label, &closed(&long, &[SEAL]), "ok", &long);
    add("for other keys", &label, &closed(record, &[0x44, 0x55]), "other-keys", "");
    for (name, other) in [
        ("another uid outside", Label { uid: Uid([9; 16]), ..label.clone() }),
        ("another kind outside", Label { kind: Kind::Private, ..label.clone() }),
        ("another survey outside", Label { survey: "andet".to_owned(), ..label.clone() }),
        ("another version outside", Label { version: "ee".repeat(32), ..label.clone() }),
        ("another kiosk outside", Label { kiosk: "amager".to_owned(), ..label.clone() }),
        ("another epoch outside", Label { epoch: Epoch([3; 16]), ..label.clone() }),
    ] {
        add(name, &other, &right, "inside-differs", "");
    }
    for cut in [0, 4, 5, 6, 14, 18, right.len() - 1] {
        add(&format!("cut off after {cut} bytes"), &label, &right[..cut], "malformed", "");
    }
    let changed = |at: usize, by: u8| {
        let mut bytes = right.clone();
        bytes[at] ^= by;
        bytes
    };
    add("another magic word", &label, &changed(0, 1), "malformed", "");
    add("a later version", &label, &changed(4, 3), "newer", "");
    add("no recipients", &label, &changed(5, 1), "malformed", "");
    add("two recipients, one box", &label, &changed(5, 3), "malformed", "");
    add("another key's id", &label, &changed(6, 1), "other-keys", "");
    add("a box that is longer than all", &label, &changed(17, 1), "malformed", "");
    add("a bit of the box", &label, &changed(40, 1), "damaged", "");
    add("its last bit", &label, &changed(right.len() - 1, 1), "damaged", "");
    add("a byte too many", &label, &[right.as_slice(), &[0]].concat(), "malformed", "");
    for (name, content) in insides() {
        let closed = key.public().seal(&content);
        let body = envelope_of(key.id(), &closed);
        add(name, &label, &body, "inside-broken", "");
    }
    cases
}

fn envelope_of(id: KeyId, closed: &[u8]) -> Vec<u8> {
    [b"BPSE\x01\x01", &id.0[..], &(closed.len() as u32).to_le_bytes(), closed].concat()
}

/// Contents that were sealed and yet are none.
/// A deflate stream that holds this as it is (RFC 1951, 3.2.4).
fn stored(inside: &[u8]) -> Vec<u8> {
    let length = (inside.len() as u16).to_le_bytes();
    let turned = (!(inside.len() as u16)).to_le_bytes();
    [&[1][..], &length, &turned, inside].concat()
}

fn framed(packed: &[u8]) -> Vec<u8> {
    [&(packed.len() as u32).to_le_bytes()[..], packed].concat()
}

/// What is inside of envelopes: one that is right, and those that are not, but for what is long.
pub fn insides_to_seed() -> impl Iterator<Item = Vec<u8>> {
    let label = serde_json::to_vec(&row(1).sealed.label).expect("texts");
    let length = (label.len() as u16).to_le_bytes();
    let right = framed(&stored(&[&length[..], &label, b"{\"v\":1}"].concat()));
    let wrong = insides().into_iter().map(|(_, inside)| inside);
    std::iter::once(right).chain(wrong.filter(|inside| inside.len() < 4096))
}

fn insides() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing inside", Vec::new()),
        ("a length beyond its end", [&99_u32.to_le_bytes()[..], b"x"].concat()),
        ("no deflate stream", framed(&[0xff; 20])),
        ("a label beyond its end", framed(&stored(&[0xff, 0xff, b'{']))),
        ("a label that is none", framed(&stored(&[2, 0, b'{', b'}', b'{', b'}']))),
        // 64 MB of zeros in 64 KB: more than any reader should unpack.
        ("a bomb", framed(&bomb())),
    ]
}

/// A deflate stream that unpacks to far more than it is: one code for 258 zeros, again and again. RFC
/// 1951, 3.2.6: fixed codes; a literal 0 is `00110000`, length 258 `11000101`, distance 1 `00000`.
fn bomb() -> Vec<u8> {
    let mut bits = vec![1, 1, 0];
    bits.extend([0, 0, 1, 1, 0, 0, 0, 0]);
    for _ in 0..20_000 {
        bits.extend([1, 1, 0, 0, 0, 1, 0, 1]);
        bits.extend([0; 5]);
    }
    bits.extend([0; 7]);
    let byte = |eight: &[u8]| eight.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << at);
    bits.chunks(8).map(byte).collect()
}

fn enrolment() -> Vec<Value> {
    let (code, other) =
        (Code::read("0123-4567-89AB").expect("a code"), Code::read("ZZZZ-4567-89AB").expect("one"));
    let (key, thief) = (signing(KIOSK), signing(0x99));
    let admission = Admission {
        v: PROTOCOL,
        central_id: CentralId([1; 16]),
        kiosk: "valby".to_owned(),
        verifying_key: signing(CENTRAL).verifying(),
        seal_keys: vec![sealing(SEAL).public()],
    };
    let right = Request::new(&code, &key);
    let reply = Reply::new(&admission, code.hash(), &right);
    let mut cases = Vec::new();
    let mut add = |name: &str, request: Value, reply: Value, says: &str| {
        cases.push(json!({
            "name": name,
            "code": code.to_string(),
            "request": request,
            "reply": reply,
            "says": says,
        }));
    };
    let fine = json!(reply);
    add("as it should be", json!(right), fine.clone(), "ok");
    add("with another code", json!(Request::new(&other, &key)), fine.clone(), "wrong-code");
    let put_in = Request { key: thief.verifying(), ..right.clone() };
    add("a key that was put in", json!(put_in), fine.clone(), "wrong-code");
    let stolen = Request {
        signature: thief.sign(borgerpanel::crypto::Purpose::Enrolment, &right.proof.0),
        key: thief.verifying(),
        ..right.clone()
    };
    add("a key that was put in, and signs", json!(stolen), fine.clone(), "wrong-code");
    let elsewhere = Request {
        signature: key.sign(borgerpanel::crypto::Purpose::Question, &right.proof.0),
        ..right.clone()
    };
    add("signed for another purpose", json!(elsewhere), fine.clone(), "wrong-code");
    let mut cut = json!(right);
    cut["proof"] = json!("00");
    add("a proof that is cut off", cut, fine.clone(), "malformed");
    add("no request", json!({}), fine.clone(), "malformed");
    let forged = Reply::new(&admission, other.hash(), &right);
    add("answered with another code", json!(right), json!(forged), "forged");
    let changed = Reply { text: reply.text.replace("valby", "valbz"), ..reply.clone() };
    add("an answer that was changed", json!(right), json!(changed), "forged");
    let other_request = Request::new(&code, &thief);
    let to_other = Reply::new(&admission, code.hash(), &other_request);
    add("an answer to another request", json!(right), json!(to_other), "forged");
    let later = Reply::new(&Admission { v: 2, ..admission.clone() }, code.hash(), &right);
    add("an answer of a later version", json!(right), json!(later), "other-version");
    add("no answer", json!(right), json!({}), "malformed");
    cases
}
