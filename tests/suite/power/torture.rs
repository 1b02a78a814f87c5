//! `kiosk torture` on disks that lose their power: an honest one passes whenever that is, one that lies
//! about any of its files is found.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{CUT, Disk, seconds, seed};

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

fn torture(disk: &Path, more: &[&str]) -> Command {
    let mut program = Command::new(PROGRAM);
    program.args(["kiosk", "torture", "--disk"]).arg(disk).args(more);
    program.stdin(Stdio::null());
    program
}

/// Writes numbers until the power goes; what another machine heard last.
fn pull(folder: &Path, settings: &[(&'static str, String)]) -> u64 {
    let machine = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = machine.local_addr().expect("its address").to_string();
    let mut disk = Disk::under(&folder.join("borgerpanel-torture"));
    for (name, value) in settings {
        disk = disk.with(name, value);
    }
    let mut program = torture(folder, &["--witness", &address, "--seconds", "60"]);
    program.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = disk.beneath(&mut program).spawn().expect("started");
    let (stream, _) = machine.accept().expect("it calls");
    let heard = BufReader::new(stream).lines().map_while(Result::ok);
    let last = heard.last().map_or(0, |line| line.parse().expect("a number"));
    assert_eq!(child.wait().expect("reaped").code(), Some(CUT));
    last
}

fn look(folder: &Path, noted: Option<u64>) -> (Option<i32>, String) {
    let number = noted.map(|noted| noted.to_string());
    let more: Vec<&str> = number.iter().flat_map(|number| ["--acknowledged", number]).collect();
    let Output { status, stdout, stderr } = torture(folder, &more).output().expect("run");
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).expect("UTF-8"))
}

#[test]
fn an_honest_disk_keeps_its_word_whenever_the_plug_is_pulled() {
    let seed = seed();
    let mut rng = fastrand::Rng::with_seed(seed);
    let folder = tempfile::tempdir().expect("a folder");
    let pulls = seconds(4);
    for number in 1..=pulls {
        let settings = [
            ("POWER_CUT", rng.u64(225..700).to_string()),
            ("POWER_SEED", rng.u64(..).to_string()),
            ("POWER_MODE", ["lost", "torn"][rng.usize(0..2)].to_owned()),
        ];
        let heard = pull(folder.path(), &settings);
        // Not everybody looks at the screen.
        let noted = (number % 3 != 0).then_some(heard);
        let (code, said) = look(folder.path(), noted);
        assert_eq!(code, Some(0), "{settings:?}: {said}");
        assert!(said.contains("kept its word"), "{said}");
        assert!(said.contains(&format!("{number} pulls, 0 with losses")), "{said}");
    }
}

#[test]
fn a_disk_that_lies_about_any_file_is_found() {
    let seed = seed();
    for (number, lies) in ["all", "-wal", "appended", "slots"].into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = [
            ("POWER_CUT", "600".to_owned()),
            ("POWER_SEED", (seed ^ number as u64).to_string()),
            ("POWER_LIES", lies.to_owned()),
        ];
        let heard = pull(folder.path(), &settings);
        assert!(heard > 64, "{lies}: only {heard}");
        // What the disk keeps gives itself away, but where it keeps nothing at all.
        let (code, said) = look(folder.path(), (lies == "all").then_some(heard));
        assert_eq!(code, Some(1), "{lies}: {said}");
        assert!(said.contains("this disk lies: it acknowledged up to"), "{lies}: {said}");
        assert!(said.contains("1 pulls, 1 with losses"), "{lies}: {said}");
    }
}

#[test]
fn what_cannot_be_a_test_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("not-mounted");
    let said = torture(&nowhere, &[]).output().expect("run");
    assert_eq!(said.status.code(), Some(2));
    assert!(!nowhere.exists());
    let beside = folder.path().join("number");
    let witness = beside.to_str().expect("UTF-8");
    let said = torture(folder.path(), &["--witness", witness]).output().expect("run");
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("on the disk that is tested"));
    // Nobody pulled: all is there, and that is no proof.
    let quiet = torture(folder.path(), &["--seconds", "1"]).output().expect("run");
    let said = String::from_utf8_lossy(&quiet.stdout);
    assert!(quiet.status.success() && said.contains("note this number: "), "{quiet:?}");
    let (code, said) = look(folder.path(), None);
    assert_eq!(code, Some(0), "{said}");
}
