//! Where the acknowledged number is told, so that the disk under test cannot lose it: on the screen, in
//! a file on another disk, or to another machine.

use std::fs::File;
use std::io::{self, IsTerminal, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use crate::console::say;
use crate::error::{Context, Error, Result};

/// Whom the numbers are told, beside the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witness {
    /// `HOST:PORT`: a line per number, for `nc -lk PORT` on another machine.
    Machine(String),
    File(PathBuf),
}

impl Witness {
    /// What `--witness` says. A file whose name looks like an address is meant by `./name:1`.
    pub fn read(text: &str) -> Witness {
        let port = text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        match port {
            Some(_) if !text.contains(['/', '\\']) => Witness::Machine(text.to_owned()),
            _ => Witness::File(PathBuf::from(text)),
        }
    }

    /// The last number that was told, where it can be read again.
    pub fn last(&self) -> Result<Option<u64>> {
        let Witness::File(path) = self else { return Ok(None) };
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(text.split_whitespace().next().and_then(|number| number.parse().ok())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).during_at("read the witness", path),
        }
    }
}

/// An open ear.
pub enum Ear {
    None,
    Machine(TcpStream),
    File(File),
}

impl Ear {
    /// Opens it. A file must be on another disk than `tested`.
    pub fn open(witness: Option<&Witness>, tested: &Path) -> Result<Ear> {
        match witness {
            None => Ok(Ear::None),
            Some(Witness::Machine(address)) => {
                let stream = TcpStream::connect(address).during(format!("reach {address}"))?;
                stream.set_nodelay(true).during(format!("talk to {address}"))?;
                Ok(Ear::Machine(stream))
            }
            Some(Witness::File(path)) => {
                let file = File::create(path).during_at("make the witness", path)?;
                if is_same_disk(path, tested) {
                    return Err(Error::new("use as a witness").path(path).hint(
                        "it is on the disk that is tested: name a file on another disk, or the \
                         HOST:PORT of another machine",
                    ));
                }
                Ok(Ear::File(file))
            }
        }
    }

    /// Tells a number that the disk has acknowledged.
    pub fn tell(&mut self, number: u64) -> Result<()> {
        let told = match self {
            Ear::None => Ok(()),
            Ear::Machine(stream) => stream.write_all(format!("{number}\n").as_bytes()),
            Ear::File(file) => file
                .seek(SeekFrom::Start(0))
                .and_then(|_| file.write_all(format!("{number:>20}\n").as_bytes()))
                .and_then(|()| file.sync_data()),
        };
        told.during("tell the witness")
    }
}

#[cfg(unix)]
fn is_same_disk(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let disk = |path: &Path| std::fs::metadata(path).map(|about| about.dev()).ok();
    disk(one).is_some() && disk(one) == disk(other)
}

#[cfg(not(unix))]
fn is_same_disk(_: &Path, _: &Path) -> bool {
    // There the owner has to know.
    false
}

/// Shows the number: large on a terminal, a line elsewhere.
pub fn show(number: u64) -> Result<()> {
    if !io::stdout().is_terminal() {
        return say!("note this number: {number}");
    }
    say!("\x1b[2J\x1b[H  note this number, then pull the plug:\n\n{}\n", large(number))
}

/// Five lines of blocks.
fn large(number: u64) -> String {
    // Each digit's rows from the top, three blocks wide, a bit a block.
    const DIGITS: [[u8; 5]; 10] = [
        [7, 5, 5, 5, 7],
        [2, 6, 2, 2, 7],
        [7, 1, 7, 4, 7],
        [7, 1, 7, 1, 7],
        [5, 5, 7, 1, 1],
        [7, 4, 7, 1, 7],
        [7, 4, 7, 5, 7],
        [7, 1, 1, 1, 1],
        [7, 5, 7, 5, 7],
        [7, 5, 7, 1, 7],
    ];
    let digits: Vec<_> =
        number.to_string().bytes().map(|byte| DIGITS[usize::from(byte - b'0')]).collect();
    let block = |row: u8, bit: u8| if row & bit == 0 { "  " } else { "██" };
    let line = |n: usize| -> String {
        digits
            .iter()
            .flat_map(|digit| [4, 2, 1].map(|bit| block(digit[n], bit)).into_iter().chain(["  "]))
            .collect()
    };
    (0..5).map(|n| format!("  {}\n", line(n))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_file_are_told_apart() {
        assert_eq!(Witness::read("10.0.0.2:9000"), Witness::Machine("10.0.0.2:9000".to_owned()));
        for file in ["/media/stick/number", "number", "./number:1", "a:b"] {
            assert_eq!(Witness::read(file), Witness::File(PathBuf::from(file)));
        }
    }

    #[test]
    fn every_digit_is_five_lines_of_its_own() {
        let shapes: std::collections::BTreeSet<String> = (0..10).map(large).collect();
        assert_eq!(shapes.len(), 10);
        assert!(shapes.iter().all(|shape| shape.lines().count() == 5));
    }
}
