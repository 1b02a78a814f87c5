//! `pack`: one file, copied to a machine that has nothing, is a kiosk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::authors::Desk;
use crate::chain::{Town, free_address, serve, spawn};
use crate::collecting::status;
use crate::preview::{Running, get};

/// A machine with nothing on it but the file.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn with(packed: &Path) -> Machine {
        let machine = Machine { folder: tempfile::tempdir().expect("a folder") };
        fs::copy(packed, machine.path("kiosk")).expect("copied, mode and all");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.path("kiosk"));
        command.env_clear().current_dir(self.folder.path());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.command();
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        spawn(&mut command).wait_with_output().expect("its end")
    }

    /// Started without a word.
    fn start(&self, address: &str) -> Running {
        serve(self.command(), address)
    }
}

fn settings(desk: &Desk, address: &str) {
    fs::create_dir_all(desk.path("data/kiosk")).expect("a folder");
    let settings = format!("listen = \"{address}\"\nidle_seconds = 45\n");
    fs::write(desk.path("data/kiosk/kiosk.toml"), settings).expect("settings");
}

/// The file's last part, without the program: a debug build has a hundred MB.
fn behind_the_program(packed: &Path) -> Vec<u8> {
    let program = fs::metadata(env!("CARGO_BIN_EXE_borgerpanel")).expect("it").len();
    fs::read(packed).expect("the pack").split_off(program as usize)
}

#[test]
fn one_file_in_an_empty_folder_with_an_empty_environment_is_a_kiosk() {
    let (desk, address) = (Desk::new(), free_address());
    settings(&desk, &address);
    let told = desk.says(&["pack", "--out", "packed"], 0);
    assert!(told.contains("kiosk.toml") && told.contains("no enrolment"), "{told}");
    let machine = Machine::with(&desk.path("packed"));
    let running = machine.start(&address);
    let page = get(&address, "/s/groenne-omraader/");
    assert_eq!(status(&get(&address, "/kiosk/")), 200);
    assert!(status(&page) == 200 && page.contains("data-idle=\"45\""), "{page}");
    assert!(get(&address, "/healthz").contains("not-enrolled"));
    drop(running);
    // With words it is the program that it always was.
    let version = machine.run(&["--version"]);
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("borgerpanel "));
    // What was changed on the machine stays when it starts again.
    let settings = machine.path("data/kiosk/kiosk.toml");
    let changed = fs::read_to_string(&settings).expect("unpacked").replace("45", "60");
    fs::write(&settings, changed).expect("written");
    let running = machine.start(&address);
    assert!(get(&address, "/s/groenne-omraader/").contains("data-idle=\"60\""));
    drop(running);

    // Another pack in its place brings its own surveys, and packing with a pack packs once.
    let survey = desk.path("content/surveys/groenne-omraader.md");
    let text = fs::read_to_string(&survey).expect("the survey");
    fs::write(&survey, text.replace("Hvor ofte", "Hvor tit")).expect("written");
    let again = Command::new(desk.path("packed"))
        .args(["pack", "--out", "packed-2"])
        .current_dir(desk.path(""))
        .output();
    assert!(again.expect("it starts").status.success());
    let (one, two) = (behind_the_program(&desk.path("packed")), desk.path("packed-2"));
    let two_bytes = behind_the_program(&two);
    assert!(two_bytes.len() < one.len() + one.len() / 10, "{} {}", one.len(), two_bytes.len());
    fs::copy(&two, machine.path("kiosk")).expect("copied");
    let _running = machine.start(&address);
    assert!(get(&address, "/s/groenne-omraader/").contains("Hvor tit"));
}

#[test]
fn a_pack_that_was_damaged_or_broken_off_says_so() {
    let desk = Desk::new();
    desk.says(&["pack", "--out", "packed"], 0);
    let whole = fs::read(desk.path("packed")).expect("the pack");
    let cargo = behind_the_program(&desk.path("packed")).len();
    let machine = Machine::with(&desk.path("packed"));
    let refused = |bytes: &[u8], args: &[&str]| {
        fs::write(machine.path("kiosk"), bytes).expect("written");
        let output = machine.run(args);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("the file is damaged or was not copied to its end"), "{told}");
        assert!(told.contains("copy it again"), "{told}");
    };
    let mut changed = whole.clone();
    let middle = whole.len() - cargo / 2;
    changed[middle] ^= 1;
    refused(&changed, &[]);
    refused(&changed, &["kiosk", "run"]);
    refused(&whole[..whole.len() - cargo / 2], &[]);
    refused(&whole[..whole.len() - 1], &[]);
    assert!(!machine.path("data").exists(), "nothing was unpacked");
}

#[test]
fn the_enrolment_travels_only_when_asked_for() {
    let town = Town::new();
    let central = town.central();
    town.enrol();
    drop(central);
    let (desk, address) = (&town.desk, free_address());
    settings(desk, &address);
    desk.says(&["pack", "--out", "plain"], 0);
    let key = fs::read(desk.path("data/kiosk/kiosk.key")).expect("a key");
    let holds = |name: &str| {
        let bytes = behind_the_program(&desk.path(name));
        bytes.windows(key.len()).any(|part| part == key)
    };
    assert!(!holds("plain"));
    let told = desk.says(&["pack", "--out", "whole", "--with-enrolment"], 0);
    assert!(told.contains("WITH THE KIOSK'S KEY"), "{told}");
    assert!(holds("whole"));
    let machine = Machine::with(&desk.path("whole"));
    let _running = machine.start(&address);
    assert!(get(&address, "/healthz").contains("\"status\":\"ok\""));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for path in [machine.path("data/kiosk/kiosk.key"), desk.path("whole")] {
            let mode = fs::metadata(path).expect("there").permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }
    let nobody = Desk::new();
    let refused = nobody.run(&["pack", "--out", "x", "--with-enrolment"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("enrol first"), "{refused:?}");
}
