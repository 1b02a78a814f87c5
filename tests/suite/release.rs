//! Releases as files: whatever is wrong with one, it is refused with its reason and the one in use stays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use borgerpanel::crypto::SigningKey;
use borgerpanel::site::{self, tree};
use borgerpanel::store::CentralId;
use borgerpanel::sync::enrol::{Admission, Enrolment};
use borgerpanel::sync::exchange::TransportError;
use borgerpanel::sync::message::PROTOCOL;
use borgerpanel::sync::release::Flaw;
use borgerpanel::sync::release::fetch::{Fetcher, Source};
use borgerpanel::sync::release::file::{self, Maker};
use borgerpanel::sync::release::manifest::{Id, Manifest, Trust};
use borgerpanel::sync::release::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

/// A central as far as releases go.
struct Town {
    id: CentralId,
    key: SigningKey,
}

impl Town {
    fn new() -> Town {
        Town { id: CentralId::random(), key: SigningKey::generate() }
    }

    fn release(&self, files: &Files, number: u64) -> (Manifest, Vec<u8>) {
        let made = "2026-11-27T10:00:00Z".to_owned();
        file::write(files, &Maker { central: self.id, key: &self.key, number, made })
            .expect("a release")
    }

    fn enrolment(&self) -> Enrolment {
        let admission = Admission {
            v: PROTOCOL,
            central_id: self.id,
            kiosk: "valby".to_owned(),
            verifying_key: self.key.verifying(),
            seal_keys: Vec::new(),
        };
        Enrolment { central: "http://127.0.0.1:1".to_owned(), admission, enrolled: String::new() }
    }
}

/// Few small files, two of them the same.
fn small() -> Files {
    let file = |path: &str, text: &str| (path.to_owned(), text.repeat(40).into_bytes());
    Files::from([
        file("public/index.html", "<p>Hvad synes du?"),
        file("public.release/kiosk/index.html", "<p>Hvad synes du?"),
        file("public.release/site.json", "{}"),
        ("public/empty.txt".to_owned(), Vec::new()),
    ])
}

/// The shipped site with a word in it that tells which build it is.
fn site(word: &str) -> Files {
    static BUILT: OnceLock<Files> = OnceLock::new();
    let mut files = BUILT
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder");
            let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
            let out = folder.path().join("public");
            let options = site::Options { content, theme: None, out: out.clone(), kiosk: None };
            let site = site::build(&options).expect("a build").site.expect("no errors");
            let mut files = Files::new();
            for (name, folder) in [("public", &out), ("public.release", &site.release)] {
                let tree = tree::read(folder).expect("the build");
                files.extend(tree.into_iter().map(|(path, file)| (format!("{name}/{path}"), file)));
            }
            files
        })
        .clone();
    files.insert("public.release/kiosk/word.txt".to_owned(), word.as_bytes().to_vec());
    files
}

/// A kiosk's folder, enrolled at `town`.
struct Place {
    folder: tempfile::TempDir,
    town: Town,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder"), town: Town::new() }
    }

    fn trust(&self) -> Trust<'static> {
        let key = Box::leak(Box::new(self.town.key.verifying()));
        Trust::Pinned { key, central: self.town.id }
    }

    fn shelf(&self) -> Shelf {
        Shelf::of(self.folder.path())
    }

    fn stick(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("stick.release");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    fn install(&self, bytes: &[u8]) -> Result<bool, Flaw> {
        self.shelf().install(&self.stick(bytes), self.trust()).map(|(_, is_new)| is_new)
    }

    /// The word of the build in use.
    fn word(&self) -> Option<String> {
        let (current, _) = self.shelf().open_current().expect("readable")?;
        let folder = self.shelf().folder_of(&current.now);
        std::fs::read_to_string(folder.join("public.release/kiosk/word.txt")).ok()
    }

    /// Unpacked releases, and what is left of attempts.
    fn folders(&self) -> usize {
        let entries = std::fs::read_dir(self.shelf().folder()).expect("a folder");
        entries.flatten().filter(|entry| entry.path().is_dir()).count()
    }
}

fn unpack(bytes: &[u8], trust: Trust) -> Result<Manifest, Flaw> {
    let folder = tempfile::tempdir().expect("a folder");
    file::read(bytes, trust)?.unpack(&folder.path().join("here"))
}

#[test]
fn a_release_comes_back_as_it_was_and_holds_equal_files_once() {
    let place = Place::new();
    let (manifest, bytes) = place.town.release(&small(), 1);
    assert_eq!((manifest.files.len(), manifest.parts.len()), (4, 3));
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path().join("here");
    file::read(bytes.as_slice(), place.trust()).expect("genuine").unpack(&here).expect("whole");
    for (path, content) in small() {
        assert_eq!(std::fs::read(here.join(&path)).expect("there"), content, "{path}");
    }
    let (other, _) = place.town.release(&small(), 2);
    assert_eq!(manifest.id, other.id, "the same content has the same id");
}

#[test]
fn no_byte_can_be_changed_missing_or_too_many() {
    let place = Place::new();
    let (_, bytes) = place.town.release(&small(), 1);
    unpack(&bytes, place.trust()).expect("as it was");
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(unpack(&changed, place.trust()).is_err(), "byte {at} of {}", bytes.len());
    }
    for length in (0..bytes.len()).step_by(7) {
        let cut = unpack(&bytes[..length], place.trust());
        assert!(matches!(cut, Err(Flaw::CutOff)), "{length}: {cut:?}");
    }
    let longer = unpack(&[bytes.as_slice(), b"x"].concat(), place.trust());
    assert!(matches!(longer, Err(Flaw::Damaged(_))), "{longer:?}");
}

#[test]
fn another_centrals_is_refused_whatever_it_claims() {
    let (place, other) = (Place::new(), Town::new());
    let (_, theirs) = other.release(&small(), 9);
    assert!(matches!(unpack(&theirs, place.trust()), Err(Flaw::Forged)));
    // With our central's name, which anybody knows, but not its key.
    let forger = Town { id: place.town.id, key: other.key };
    let (_, forged) = forger.release(&small(), 9);
    assert!(matches!(unpack(&forged, place.trust()), Err(Flaw::Forged)));
    // The key that was taken along to another central: the name tells.
    let moved = Town { id: CentralId::random(), key: place.town.key.clone() };
    let (_, moved) = moved.release(&small(), 9);
    assert!(matches!(unpack(&moved, place.trust()), Err(Flaw::OtherCentral(_))));
}

/// Signed with the right key all the same: whoever stole it gets no further than the folder.
fn signed(town: &Town, change: impl Fn(&mut Manifest)) -> Vec<u8> {
    let (mut manifest, bytes) = town.release(&small(), 1);
    let body = &bytes[bytes.len() - manifest.body_bytes() as usize..];
    change(&mut manifest);
    manifest.id = Id::of(&manifest.files);
    let signed = serde_json::to_vec(&manifest.sign(&town.key)).expect("JSON");
    let length = u32::try_from(signed.len()).expect("short").to_le_bytes();
    [b"BPRL\x01".as_slice(), &length, &signed, body].concat()
}

#[test]
fn paths_out_of_the_folder_are_refused_before_anything_is_written() {
    let place = Place::new();
    for path in [
        "../outside",
        "/outside",
        "public/../../outside",
        "public/a\\..\\b",
        "C:/x",
        "public//x",
        "public/./x",
        "outside/x",
        "public/x\u{0}",
        "public/x\n",
        "",
    ] {
        let bytes = signed(&place.town, |manifest| manifest.files[0].path = path.to_owned());
        let refused = file::read(bytes.as_slice(), place.trust()).map(|_| ());
        assert!(matches!(refused, Err(Flaw::Path(_))), "{path:?}: {refused:?}");
    }
    let twice = signed(&place.town, |manifest| {
        manifest.files[0].path = manifest.files[1].path.clone();
    });
    assert!(matches!(unpack(&twice, place.trust()), Err(Flaw::Path(_))));
}

#[test]
fn what_would_swell_is_refused() {
    let place = Place::new();
    // Zeros that deflate to nothing, and claim to be few.
    let mut bomb = small();
    bomb.insert("public/bomb".to_owned(), vec![0; 4 * 1024 * 1024]);
    let (manifest, bytes) = place.town.release(&bomb, 1);
    assert!(bytes.len() < 20_000, "{}", bytes.len());
    let body = &bytes[bytes.len() - manifest.body_bytes() as usize..];
    let claim = |length: u64| {
        let mut manifest = manifest.clone();
        let zeros = manifest.files.iter_mut().find(|file| file.path == "public/bomb");
        let zeros = zeros.expect("listed");
        zeros.length = length;
        let sha256 = zeros.sha256;
        let part = manifest.parts.iter_mut().find(|part| part.sha256 == sha256);
        part.expect("a part").length = length;
        manifest.id = Id::of(&manifest.files);
        let signed = serde_json::to_vec(&manifest.sign(&place.town.key)).expect("JSON");
        let start = u32::try_from(signed.len()).expect("short").to_le_bytes();
        [b"BPRL\x01".as_slice(), &start, &signed, body].concat()
    };
    assert!(unpack(&claim(4 * 1024 * 1024), place.trust()).is_ok());
    assert!(matches!(unpack(&claim(100_000), place.trust()), Err(Flaw::Damaged(_))));
    assert!(matches!(unpack(&claim(1 << 40), place.trust()), Err(Flaw::TooLarge(_))));
    // One part under thousands of names.
    let many = signed(&place.town, |manifest| {
        let file = manifest.files[0].clone();
        for n in 0..30_000 {
            let path = format!("public/{n}");
            manifest
                .files
                .push(borgerpanel::sync::release::manifest::Listed { path, ..file.clone() });
        }
    });
    assert!(matches!(unpack(&many, place.trust()), Err(Flaw::TooLarge(_))));
    let huge = [b"BPRL\x01".as_slice(), &u32::MAX.to_le_bytes()].concat();
    assert!(matches!(unpack(&huge, place.trust()), Err(Flaw::TooLarge(_))));
}

#[test]
fn a_newer_format_says_so() {
    let place = Place::new();
    let newer = signed(&place.town, |manifest| manifest.format = 2);
    assert!(matches!(unpack(&newer, place.trust()), Err(Flaw::Newer(2))));
    let (_, mut bytes) = place.town.release(&small(), 1);
    bytes[4] = 7;
    let refused = unpack(&bytes, place.trust()).expect_err("from the future");
    assert!(refused.to_string().contains("newer borgerpanel (format 7)"), "{refused}");
    assert!(matches!(unpack(b"PK\x03\x04 something else", place.trust()), Err(Flaw::NoRelease)));
}

#[test]
fn a_release_is_switched_to_and_the_one_before_stays() {
    let place = Place::new();
    let release = |word: &str, number| place.town.release(&site(word), number).1;
    assert!(place.install(&release("one", 1)).expect("taken"));
    assert!(!place.install(&release("one", 1)).expect("known"));
    assert!(place.install(&release("two", 2)).expect("taken"));
    assert!(place.install(&release("three", 5)).expect("taken"));
    assert_eq!((place.word().as_deref(), place.folders()), (Some("three"), 2));
    // An old one that is shown again; the old content under a new number is another matter.
    let old = place.install(&release("two", 2)).expect_err("replayed");
    assert!(matches!(old, Flaw::Older { number: 2, here: 5 }), "{old}");
    assert!(place.shelf().refused().expect("noted").why.contains("number 2, here is 5"));
    assert_eq!(place.word().as_deref(), Some("three"));
    assert!(place.install(&release("two", 6)).expect("taken"));
    assert_eq!((place.word().as_deref(), place.folders()), (Some("two"), 2));
    assert_eq!(place.shelf().refused(), None, "a good one came");
}

#[test]
fn one_whose_site_cannot_be_opened_never_gets_in_use() {
    let place = Place::new();
    place.install(&place.town.release(&site("good"), 1).1).expect("taken");
    for (number, broken) in
        [(2, "site.json"), (3, "articles.json"), (4, "theme/templates/base.html")]
    {
        let mut files = site("bad");
        files.insert(format!("public.release/{broken}"), b"{% not whole".to_vec());
        let refused = place.install(&place.town.release(&files, number).1);
        assert!(matches!(refused, Err(Flaw::Unusable(_))), "{broken}: {refused:?}");
        assert_eq!((place.word().as_deref(), place.folders()), (Some("good"), 1));
    }
}

#[test]
fn damaged_on_the_disk_the_one_before_is_shown_and_it_can_be_brought_again() {
    let place = Place::new();
    place.install(&place.town.release(&site("one"), 1).1).expect("taken");
    let (manifest, two) = place.town.release(&site("two"), 2);
    place.install(&two).expect("taken");
    let current = place.shelf().current().expect("read").expect("there");
    let path = place.shelf().folder_of(&current.now).join("public.release/site.json");
    std::fs::write(path, "").expect("damaged");
    assert_eq!(place.word().as_deref(), Some("one"));
    assert_eq!(place.shelf().refused().expect("noted").id, Some(manifest.id));
    assert!(place.install(&two).expect("taken again"));
    assert_eq!(place.word().as_deref(), Some("two"));
}

#[test]
fn the_only_one_damaged_is_fetched_again() {
    let place = Place::new();
    let (manifest, bytes) = place.town.release(&site("one"), 1);
    place.install(&bytes).expect("taken");
    let current = place.shelf().current().expect("read").expect("there");
    let path = place.shelf().folder_of(&current.now).join("public.release/site.json");
    std::fs::write(path, "").expect("damaged");
    assert!(place.shelf().open_current().is_err(), "there is no other");
    let line = line(&bytes, 1000);
    let enrolment = place.town.enrolment();
    let look = Fetcher::new(place.folder.path()).look(manifest.id, &line, &enrolment, &|| true);
    assert!(look.expect("fetched").is_some());
    assert_eq!(place.word().as_deref(), Some("one"));
}

#[test]
fn what_a_power_cut_left_is_no_hindrance() {
    let place = Place::new();
    place.install(&place.town.release(&site("one"), 1).1).expect("taken");
    let (manifest, two) = place.town.release(&site("two"), 2);
    for left in [format!("2-{}.part", manifest.id), format!("2-{}", manifest.id), "7-x.part".into()]
    {
        let folder = place.shelf().folder().join(left).join("public.release");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("site.json"), "half").expect("half a file");
    }
    assert_eq!(place.word().as_deref(), Some("one"));
    assert!(place.install(&two).expect("taken"));
    assert_eq!((place.word().as_deref(), place.folders()), (Some("two"), 2));
}

/// A line that breaks after so many pieces, and then goes on.
struct Line<'a> {
    bytes: &'a [u8],
    piece: usize,
    left: std::cell::Cell<usize>,
    brought: std::cell::Cell<usize>,
}

impl Source for Line<'_> {
    fn piece(&self, _id: Id, from: u64) -> Result<Vec<u8>, TransportError> {
        if self.left.get() == 0 {
            return Err(TransportError::Unreachable("the line is gone".to_owned()));
        }
        self.left.set(self.left.get() - 1);
        let rest = self.bytes.get(from as usize..).unwrap_or_default();
        let piece = rest[..rest.len().min(self.piece)].to_vec();
        self.brought.set(self.brought.get() + piece.len());
        Ok(piece)
    }
}

fn line(bytes: &[u8], left: usize) -> Line<'_> {
    Line { bytes, piece: 64 * 1024, left: left.into(), brought: 0.into() }
}

#[test]
fn a_weak_line_brings_it_in_the_end_and_every_byte_once() {
    let place = Place::new();
    let (manifest, bytes) = place.town.release(&site("far"), 3);
    let enrolment = place.town.enrolment();
    let mut brought = 0;
    let mut rounds = 0;
    loop {
        // Each round another process, as after a power cut.
        let line = line(&bytes, 2);
        let look = Fetcher::new(place.folder.path()).look(manifest.id, &line, &enrolment, &|| true);
        brought += line.brought.get();
        rounds += 1;
        match look {
            Ok(Some(entry)) => break assert_eq!(entry.id, manifest.id),
            Ok(None) => panic!("there was something to do"),
            Err(error) => assert!(error.to_string().contains("the line is gone"), "{error}"),
        }
    }
    assert!(rounds > 2 && brought == bytes.len(), "{rounds} rounds, {brought} bytes");
    assert_eq!(place.word().as_deref(), Some("far"));
    let nothing = line(&bytes, 0);
    let again = Fetcher::new(place.folder.path()).look(manifest.id, &nothing, &enrolment, &|| true);
    assert_eq!(again.expect("nothing to do"), None);
}

#[test]
fn answers_go_first_and_the_release_goes_on_from_where_it_was() {
    let place = Place::new();
    let (manifest, bytes) = place.town.release(&site("later"), 3);
    let (line, enrolment) = (line(&bytes, 1000), place.town.enrolment());
    let mut fetcher = Fetcher::new(place.folder.path());
    let look = fetcher.look(manifest.id, &line, &enrolment, &|| false);
    assert_eq!(look.expect("interrupted"), None);
    assert_eq!((line.brought.get(), place.word()), (64 * 1024, None), "one piece, no more");
    let look = fetcher.look(manifest.id, &line, &enrolment, &|| true);
    assert!(look.expect("fetched").is_some());
    assert_eq!(line.brought.get(), bytes.len());
}

#[test]
fn a_bad_one_is_refused_once_and_then_left_alone_for_a_while() {
    let place = Place::new();
    place.install(&place.town.release(&site("good"), 1).1).expect("taken");
    let (manifest, mut bytes) = place.town.release(&site("bad"), 2);
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let (line, enrolment) = (line(&bytes, 1000), place.town.enrolment());
    let mut fetcher = Fetcher::new(place.folder.path());
    let mut look = || fetcher.look(manifest.id, &line, &enrolment, &|| true);
    let refused = look().expect_err("one bit is wrong").to_string();
    assert!(refused.contains("damaged"), "{refused}");
    let brought = line.brought.get();
    for _ in 0..15 {
        assert_eq!(look().expect("left alone"), None);
    }
    assert_eq!(line.brought.get(), brought, "fetched again too early");
    assert!(look().is_err(), "some time it is tried again");
    assert_eq!(place.word().as_deref(), Some("good"));
    assert_eq!(place.shelf().refused().expect("noted").id, Some(manifest.id));
}

#[test]
fn an_old_one_is_not_even_fetched() {
    let place = Place::new();
    place.install(&place.town.release(&site("new"), 9).1).expect("taken");
    let (old, bytes) = place.town.release(&site("old"), 3);
    let (line, enrolment) = (line(&bytes, 1000), place.town.enrolment());
    let look = Fetcher::new(place.folder.path()).look(old.id, &line, &enrolment, &|| true);
    assert!(look.expect_err("old").to_string().contains("older than the one in use"));
    assert!(line.brought.get() <= 64 * 1024, "its beginning told");
}
