//! The Debian package, made of the program under test and unpacked again.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::installed::{Machine, has_systemd, judged_well};

const PROGRAM: &str = env!("CARGO_BIN_EXE_borgerpanel");

/// What dpkg-deb says; a failure of its is the test's.
fn dpkg_deb(args: &[&str], package: &Path) -> String {
    let output = Command::new("dpkg-deb").args(args).arg(package).output().expect("dpkg-deb");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {told}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn has_dpkg_deb() -> bool {
    let is_there = Command::new("dpkg-deb").arg("--version").output().is_ok();
    let required = std::env::var("SYSTEMD_TESTS").is_ok_and(|value| value == "required");
    assert!(is_there || !required, "SYSTEMD_TESTS=required, and there is no dpkg-deb");
    if !is_there {
        eprintln!("skipped: there is no dpkg-deb, as this is no Debian");
    }
    is_there
}

#[test]
fn the_package_holds_what_install_writes_and_starts_nothing() {
    if !has_dpkg_deb() {
        return;
    }
    let (folder, unpacked) = (tempfile::tempdir().expect("a folder"), Machine::new());
    let package = folder.path().join("borgerpanel.deb");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk/package.sh");
    let mut make = Command::new(script);
    // A debug build is large, and nobody downloads this one.
    make.arg(PROGRAM).arg(&package).env("DPKG_DEB_COMPRESSOR_TYPE", "none");
    let made = make.output().expect("the script starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));

    let info = dpkg_deb(&["--info"], &package);
    let depends = info.lines().find(|line| line.contains("Depends:")).expect("what it depends on");
    for needed in
        ["cage", "xwayland", "seatd", "chromium", "speech-dispatcher-espeak-ng", "systemd"]
    {
        assert!(depends.contains(&format!(" {needed}")), "{needed} in {depends}");
    }
    assert!(info.contains(&format!("Version: {}\n", env!("CARGO_PKG_VERSION"))), "{info}");
    let policy = "/etc/chromium/policies/managed/borgerpanel.json";
    let asked = format!("/etc/borgerpanel/speech-dispatcher/speechd.conf\n{policy}\n");
    let control = folder.path().join("control");
    fs::create_dir(&control).expect("a folder");
    let status = Command::new("dpkg-deb").arg("-e").arg(&package).arg(&control).status();
    assert!(status.expect("dpkg-deb").success());
    assert_eq!(fs::read_to_string(control.join("conffiles")).expect("a list"), asked);
    for script in ["postinst", "prerm", "postrm"] {
        let path = control.join(script);
        let is_shell = Command::new("sh").arg("-n").arg(&path).status().expect("sh");
        assert!(is_shell.success(), "{script}");
        let lines = fs::read_to_string(&path).expect("a script");
        let starts =
            |line: &&str| line.contains("systemctl start") || line.contains("enable --now");
        assert_eq!(lines.lines().find(starts), None, "{script} starts what is not configured");
    }

    let contents = dpkg_deb(&["--contents"], &package);
    for file in ["./lib/systemd/system/borgerpanel-shell.service", "./usr/bin/borgerpanel"] {
        let line = contents.lines().find(|line| line.ends_with(file)).expect(file);
        assert!(line.contains(" root/root "), "{line}");
    }
    assert!(!contents.contains("/var/"), "answers are never a package's: {contents}");
    let root = unpacked.path("/");
    let status = Command::new("dpkg-deb").arg("-x").arg(&package).arg(&root).status();
    assert!(status.expect("dpkg-deb").success());
    assert!(
        fs::read(root.join("usr/bin/borgerpanel")).expect("it") == fs::read(PROGRAM).expect("it")
    );
    if has_systemd() {
        judged_well(&root);
    }
}
