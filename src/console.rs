//! Lines to the terminal. The standard library's `println!` panics where nobody reads any more
//! (`borgerpanel … | head`, a journal that went away); `say!` and `complain!` do not.

use std::fmt;
use std::io::{self, Write};

use crate::error::{Context, Result};

/// Writes a line to standard output: `say!("{count} sent")?`.
macro_rules! say {
    ($($words:tt)*) => { $crate::console::write_line(format_args!($($words)*)) };
}

/// Writes a line to standard error. It cannot fail: a server goes on whoever hears it.
macro_rules! complain {
    ($($words:tt)*) => { $crate::console::write_complaint(format_args!($($words)*)) };
}

pub(crate) use {complain, say};

/// Writes a line for whoever runs the command. A reader who went away misses it, and that is all:
/// what the command does is done all the same, and its verdict stands.
///
/// # Errors
/// Where it cannot be written, as on a full disk.
pub fn write_line(words: fmt::Arguments) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{words}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.during("write to standard output"),
    }
}

/// Writes a line about something that went wrong; where it cannot be written there is nobody to
/// tell.
pub fn write_complaint(words: fmt::Arguments) {
    let _ = writeln!(io::stderr().lock(), "{words}");
}
