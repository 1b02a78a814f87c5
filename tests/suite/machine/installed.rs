//! What `kiosk install` writes: held against what was read over by a person, and against systemd itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

const SERVER: &str = "/etc/systemd/system/borgerpanel-kiosk.service";
const SHELL: &str = "/etc/systemd/system/borgerpanel-shell.service";

/// The worst exposure that `systemd-analyze security` may give the server: of ten.
const EXPOSURE_MAX: f64 = 2.0;

/// Folders that stand for a machine's root.
pub struct Machine(tempfile::TempDir);

impl Machine {
    pub fn new() -> Machine {
        Machine(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn output(&self, args: &[&str]) -> Output {
        let mut command = Command::new(PROGRAM);
        command.args(["kiosk", "install", "--root"]).arg(self.0.path()).args(args);
        command.output().expect("the program starts")
    }

    /// Installs; what it printed.
    fn install(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{told}");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    /// Every file below, from the root.
    fn files(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let inside = path.strip_prefix(self.0.path()).expect("below");
                    found.push(format!("/{}", inside.display()));
                }
            }
        }
        found.sort();
        found
    }
}

/// Holds what is printed against tests/fixtures/machine; `UPDATE_DOCS=1` writes it anew.
fn agrees(name: &str, printed: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/machine");
    let path = folder.join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, printed).expect("written");
    }
    let golden = fs::read_to_string(&path).unwrap_or_default();
    for (at, (line, wanted)) in printed.lines().zip(golden.lines()).enumerate() {
        assert_eq!(line, wanted, "{name}:{} (UPDATE_DOCS=1 rewrites it)", at + 1);
    }
    assert_eq!(printed.len(), golden.len(), "{name} (UPDATE_DOCS=1 rewrites it)");
}

#[test]
fn a_dry_run_prints_every_file_and_writes_none() {
    let machine = Machine::new();
    agrees("usual.txt", &machine.install(&["--dry-run"]));
    assert_eq!(machine.files(), [""; 0]);
}

#[test]
fn the_configuration_decides_what_is_in_them() {
    let machine = Machine::new();
    let hours = "hours = \"sun-fri 09:00-24:00, sat 00:00-04:10\"\n";
    machine.put("/srv/answers/kiosk/kiosk.toml", hours);
    let args = ["--dry-run", "--data", "/srv/answers/kiosk/", "--listen", "0.0.0.0:9000"];
    agrees("another.txt", &machine.install(&args));
}

#[test]
fn what_is_printed_is_what_is_written() {
    let machine = Machine::new();
    let printed = machine.install(&["--dry-run"]);
    machine.install(&[]);
    let mut named = Vec::new();
    for part in printed.split("==> ").skip(1) {
        let (head, text) = part.split_once(" <==\n").expect("a head");
        let (path, mode) = head.split_once(' ').expect("a path and a mode");
        let written = fs::metadata(machine.path(path)).expect("it is there").permissions().mode();
        assert_eq!(format!("({:04o})", written & 0o7777), mode, "{path}");
        match path {
            "/usr/bin/borgerpanel" => {
                let own = fs::read(PROGRAM).expect("the program");
                assert!(fs::read(machine.path(path)).expect("the program") == own);
            }
            _ => assert_eq!(format!("{}\n", machine.read(path)), text, "{path}"),
        }
        named.push(path.to_owned());
    }
    named.push("/etc/borgerpanel/installed.sha256".to_owned());
    named.sort();
    assert_eq!(machine.files(), named);
}

#[test]
fn what_somebody_changed_is_kept_and_said() {
    let machine = Machine::new();
    machine.install(&[]);
    let again = machine.install(&[]);
    assert_eq!(again.matches("unchanged ").count(), 14, "{again}");
    let theirs = machine.read(SERVER).replace("MemoryMax=512M", "MemoryMax=1G");
    machine.put(SERVER, &theirs);
    // Another address: ours are renewed, theirs is left.
    let told = machine.install(&["--listen", "127.0.0.1:9000"]);
    assert!(told.contains(&format!("kept      {SERVER}\n")), "{told}");
    assert!(told.contains(&format!("updated   {SHELL}\n")), "{told}");
    assert!(told.contains("1 kept as they are") && told.contains("--force"), "{told}");
    assert_eq!(machine.read(SERVER), theirs);
    assert!(machine.read(SHELL).contains("--server http://127.0.0.1:9000"));
    // Still theirs the next time, and by force ours.
    assert!(
        machine.install(&["--listen", "127.0.0.1:9000"]).contains(&format!("kept      {SERVER}"))
    );
    let told = machine.install(&["--force"]);
    assert!(told.contains(&format!("replaced  {SERVER}\n")), "{told}");
    assert_eq!(machine.read(&format!("{SERVER}.before")), theirs);
    assert!(machine.read(SERVER).contains("--listen 127.0.0.1:8080"));
}

#[test]
fn what_was_there_before_is_not_ours() {
    let machine = Machine::new();
    let path = "/etc/chromium/policies/managed/borgerpanel.json";
    machine.put(path, "{}");
    assert!(machine.install(&[]).contains(&format!("kept      {path}\n")));
    assert_eq!(machine.read(path), "{}");
}

/// Whether systemd's own judge is here; `SYSTEMD_TESTS=required` insists.
pub fn has_systemd() -> bool {
    let is_there = Command::new("systemd-analyze").arg("--version").output().is_ok();
    let required = std::env::var("SYSTEMD_TESTS").is_ok_and(|value| value == "required");
    assert!(is_there || !required, "SYSTEMD_TESTS=required, and there is no systemd-analyze");
    if !is_there {
        eprintln!("skipped: there is no systemd-analyze (Debian's package `systemd`)");
    }
    is_there
}

/// Puts what the units need of other packages beside them: this machine's own units, and programs
/// that only have to be there.
fn complete(root: &Path) {
    let units = root.join("usr/lib/systemd/system");
    fs::create_dir_all(&units).expect("a folder");
    let mut copy = Command::new("cp");
    copy.args(["-r", "--no-clobber", "/lib/systemd/system/."]).arg(&units);
    assert!(copy.status().expect("cp starts").success());
    fs::write(units.join("seatd.service"), "[Service]\nExecStart=/usr/bin/seatd\n")
        .expect("written");
    for program in ["cage", "seatd", "systemctl"] {
        let path = root.join("usr/bin").join(program);
        fs::write(&path, "#!/bin/sh\n").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
    }
}

fn analyze(root: &Path, args: &[&str]) -> (String, bool) {
    let mut command = Command::new("systemd-analyze");
    command.args(args).arg(format!("--root={}", root.display())).env("SYSTEMD_COLORS", "0");
    let output = command.output().expect("systemd-analyze starts");
    let told = [output.stdout, output.stderr].concat();
    (String::from_utf8_lossy(&told).into_owned(), output.status.success())
}

/// Units under a root, as systemd judges them: nothing to say, and the server is shut in well.
pub fn judged_well(root: &Path) {
    complete(root);
    let units =
        ["borgerpanel-kiosk.service", "borgerpanel-shell.service", "borgerpanel-restart.timer"];
    let verdict = analyze(root, &[&["verify", "--man=no"], &units[..]].concat());
    assert_eq!(verdict, (String::new(), true));
    let judge = ["security", "--offline=true", "--no-pager", units[0]];
    let (told, judged) = analyze(root, &judge);
    assert!(judged, "{told}");
    let exposure = told.split("Overall exposure level for borgerpanel-kiosk.service: ").nth(1);
    let exposure = exposure.and_then(|rest| rest.split(' ').next()).expect("a level");
    let exposure: f64 = exposure.parse().expect("a number");
    assert!(exposure <= EXPOSURE_MAX, "{exposure}\n{told}");
    // Whoever is not root may not give a folder to a user.
    if rustix::process::geteuid().is_root() {
        users_are_made(root);
    }
}

/// The users and the folder that the units speak of, made by systemd's own tools in that root.
fn users_are_made(root: &Path) {
    let place = format!("--root={}", root.display());
    for (tool, create) in [("systemd-sysusers", None), ("systemd-tmpfiles", Some("--create"))] {
        let mut command = Command::new(tool);
        command.arg(&place).args(create).arg("borgerpanel.conf");
        let made = command.output().expect("it comes with systemd-analyze");
        let told = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{tool}: {told}");
    }
    let users = fs::read_to_string(root.join("etc/passwd")).expect("users");
    for user in ["borgerpanel-kiosk:", "borgerpanel-shell:"] {
        let line = users.lines().find(|line| line.starts_with(user)).expect(user);
        assert!(line.ends_with(":/usr/sbin/nologin"), "{line}");
    }
}

#[test]
fn systemd_has_nothing_to_say_about_the_units() {
    if !has_systemd() {
        return;
    }
    for args in [&[][..], &["--data", "/srv/answers/kiosk", "--listen", "0.0.0.0:9000"]] {
        let machine = Machine::new();
        machine.install(args);
        judged_well(machine.0.path());
    }
}

#[test]
fn systemd_finds_a_mistake_in_a_unit() {
    if !has_systemd() {
        return;
    }
    let machine = Machine::new();
    machine.install(&[]);
    machine.put(SERVER, &machine.read(SERVER).replace("WatchdogSec=", "WatchdogSeconds="));
    complete(machine.0.path());
    let (told, _) = analyze(machine.0.path(), &["verify", "--man=no", "borgerpanel-kiosk.service"]);
    assert!(told.contains("'WatchdogSeconds'"), "{told}");
}
