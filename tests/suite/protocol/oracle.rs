//! What must hold of any bytes that come as a batch, a receipt or an envelope: the property tests and the
//! fuzz targets (`fuzz/fuzz_targets`) judge by the same functions.

use std::sync::OnceLock;

use borgerpanel::crypto::{Digest, SealSecret, SigningKey};
use borgerpanel::store::record::{CentralId, Epoch, Kind, Label, Sealed, Uid};
use borgerpanel::sync::bundle::{self, Bundle, ROWS_MAX};
use borgerpanel::sync::envelope;
use borgerpanel::sync::message::{Head, Message, PROTOCOL, Question, Receipt, Signed, Standing};

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(SigningKey::generate)
}

fn seal_key() -> &'static SealSecret {
    static KEY: OnceLock<SealSecret> = OnceLock::new();
    KEY.get_or_init(SealSecret::generate)
}

/// A file of a stick, or the body of a POST: nobody signed it, so it never counts.
pub fn batch(bytes: &[u8]) {
    if let Ok(bundle) = Bundle::read(bytes) {
        assert!(bundle.verify(&key().verifying()).is_err(), "nobody signed it");
    }
}

/// Rows under a head that was signed: what is taken for rows is written as the same bytes again.
pub fn rows(bytes: &[u8]) {
    let Some((&count, rows)) = bytes.split_first() else { return };
    let head = Head {
        v: PROTOCOL,
        kiosk: "valby".to_owned(),
        key: key().verifying().id(),
        central_id: CentralId([1; 16]),
        epoch: Epoch([2; 16]),
        base: 0,
        first: 1,
        last: u64::from(count),
        n: u32::from(count),
        sha256: Digest::of(rows),
        lost: Vec::new(),
        past: false,
    };
    let signed = serde_json::to_vec(&head.sign(key())).expect("two texts");
    let length = (signed.len() as u32).to_le_bytes();
    let whole = [b"BPSB\x01", &length[..], &signed, rows].concat();
    let bundle = Bundle::read(&whole).expect("a head");
    if let Ok((head, read)) = bundle.verify(&key().verifying()) {
        assert!(read.len() <= ROWS_MAX && read.len() == usize::from(count));
        let (_, again) = bundle::write(head, &read, key());
        let again = Bundle::read(&again).expect("a head").verify(&key().verifying());
        assert_eq!(again.expect("in order").1, read);
    }
}

/// A reply as it came over the network or on a stick: each kind is read, none counts unsigned, and what can
/// be read is the same once it was signed.
pub fn receipt(bytes: &[u8]) {
    fn as_one<M: Message + PartialEq + std::fmt::Debug>(text: &str) {
        let unsigned = Signed { text: text.to_owned(), signature: key().sign(M::PURPOSE, b"") };
        assert!(unsigned.verify::<M>(&key().verifying()).is_err());
        if let Ok(message) = unsigned.claimed::<M>() {
            let signed = message.sign(key());
            assert_eq!(signed.verify::<M>(&key().verifying()), Ok(message));
        }
    }
    let _ = serde_json::from_slice::<Signed>(bytes);
    let text = String::from_utf8_lossy(bytes);
    as_one::<Receipt>(&text);
    as_one::<Standing>(&text);
    as_one::<Question>(&text);
    as_one::<Head>(&text);
}

/// An envelope, and what could be inside one.
pub fn envelope(bytes: &[u8]) {
    let label = Label {
        kind: Kind::Response,
        uid: Uid([1; 16]),
        survey: "parker".to_owned(),
        version: "cd".repeat(32),
        kiosk: "valby".to_owned(),
        epoch: Epoch([2; 16]),
    };
    let open = |body: Vec<u8>| {
        let sealed = Sealed { label: label.clone(), body };
        envelope::open(&sealed, std::slice::from_ref(seal_key()))
    };
    assert!(open(bytes.to_vec()).is_err(), "nobody sealed it");
    let closed = seal_key().public().seal(bytes);
    let length = (closed.len() as u32).to_le_bytes();
    let whole = [b"BPSE\x01\x01", &seal_key().id().0[..], &length, &closed].concat();
    let _ = open(whole);
}
