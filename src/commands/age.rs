//! The `age` program: what is kept elsewhere is encrypted with it, and can be opened with nothing else.
//!
//! A library of the same would be a hundred crates in every kiosk's program for what one machine does
//! once a night; the program is in every distribution (Debian: `age`).

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::durable::sync_folder;
use crate::error::{Context, Error, Result};

/// Bytes compared at a time.
const PIECE: usize = 64 * 1024;

/// Encrypts all of `from`, which needs no name, into the file `to` for these public keys, and opens it again to see that it is what it
/// should be: with a key that is made for that and forgotten.
pub fn encrypt(from: &File, to: &Path, recipients: &[String]) -> Result<()> {
    let trial = Identity::new()?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = to.with_file_name(name);
    let written = write(from, &beside, recipients, &trial)
        .and_then(|()| compare(&beside, from, &trial))
        .and_then(|()| fs::rename(&beside, to).during_at("write", to));
    if written.is_err() {
        // The error that matters is the one above.
        let _ = fs::remove_file(&beside);
    }
    written?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new("."))).during_at("sync the folder of", to)
}

/// Opens the file `from` into `to` with the secret keys in the file `identity`.
pub fn decrypt(from: &Path, to: &Path, identity: &Path) -> Result<()> {
    let mut command = Command::new("age");
    command.arg("--decrypt").arg("--identity").arg(identity).arg("--output").arg(to).arg(from);
    finish(begin(command.stdin(Stdio::null()))?, "open", from)
}

/// A pair of keys.
struct Identity {
    secret: String,
    public: String,
}

impl Identity {
    fn new() -> Result<Identity> {
        let mut command = Command::new("age-keygen");
        let made = command.stdin(Stdio::null()).stderr(Stdio::null()).output().map_err(missing)?;
        let text = String::from_utf8_lossy(&made.stdout);
        let find = |prefix: &str| text.lines().find(|line| line.starts_with(prefix));
        let public = find("# public key: ").and_then(|line| line.split(' ').next_back());
        match (find("AGE-SECRET-KEY-"), public) {
            (Some(secret), Some(public)) => {
                Ok(Identity { secret: secret.to_owned(), public: public.to_owned() })
            }
            _ => Err(Error::new("make a key with `age-keygen`").source("it printed none")),
        }
    }
}

fn write(from: &File, to: &Path, recipients: &[String], trial: &Identity) -> Result<()> {
    let mut command = Command::new("age");
    command.args(["--encrypt", "--recipient", &trial.public]);
    for recipient in recipients {
        command.arg("--recipient").arg(recipient);
    }
    command.arg("--output").arg(to);
    let input = beginning(from).during("read the copy again")?;
    finish(begin(command.stdin(input))?, "write", to)?;
    File::open(to).and_then(|file| file.sync_all()).during_at("write", to)
}

/// Whether `sealed` opens to what is in `plain`, to the last byte.
fn compare(sealed: &Path, plain: &File, trial: &Identity) -> Result<()> {
    let mut command = Command::new("age");
    command.args(["--decrypt", "--identity", "-"]).arg(sealed);
    let mut child = begin(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
    let mut stdin = child.stdin.take().expect("piped");
    // Where it has ended already, the streams differ.
    let _ = writeln!(stdin, "{}", trial.secret);
    drop(stdin);
    let mut opened = child.stdout.take().expect("piped");
    let mut own = beginning(plain).during("read the copy again")?;
    let is_same = same(&mut opened, &mut own).during_at("read back", sealed)?;
    drop(opened);
    finish(child, "open", sealed)?;
    if is_same {
        return Ok(());
    }
    Err(Error::new("check the backup")
        .path(sealed)
        .source("it does not open to what was put in")
        .hint("nothing was noted as backed up; try another disk"))
}

/// The same open file, from its beginning.
fn beginning(mut file: &File) -> std::io::Result<File> {
    file.rewind()?;
    file.try_clone()
}

fn same(one: &mut impl Read, other: &mut impl Read) -> std::io::Result<bool> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        a.clear();
        b.clear();
        one.by_ref().take(PIECE as u64).read_to_end(&mut a)?;
        other.by_ref().take(PIECE as u64).read_to_end(&mut b)?;
        if a != b || a.is_empty() {
            return Ok(a == b);
        }
    }
}

fn begin(command: &mut Command) -> Result<Child> {
    command.stderr(Stdio::piped()).spawn().map_err(missing)
}

fn missing(error: std::io::Error) -> Error {
    let hint = match error.kind() {
        ErrorKind::NotFound => "install it (Debian: `apt install age`)",
        _ => "see whether `age --version` works",
    };
    Error::new("run the program `age`").source(error).hint(hint)
}

fn finish(child: Child, doing: &str, path: &Path) -> Result<()> {
    let ended = child.wait_with_output().during("wait for `age`")?;
    if ended.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&ended.stderr);
    let why = told.lines().find(|line| !line.trim().is_empty()).unwrap_or("it does not say why");
    Err(Error::new(format!("{doing} with `age`")).path(PathBuf::from(path)).source(why.to_owned()))
}
