//! What a command reads is never what it writes over: a slip of the hand would cost the answers themselves.

use std::path::Path;

use super::offsite::is_same_place;
use crate::error::{Error, Result};

/// Refuses where one of the files to be written is one that is read; nothing has been written then.
pub fn keep<'a>(
    doing: &str,
    written: impl IntoIterator<Item = &'a Path>,
    read: &[Option<&Path>],
) -> Result<()> {
    for out in written {
        let own = read.iter().flatten().find(|input| is_same_place(input, out));
        if let Some(input) = own {
            return Err(Error::new(doing)
                .path(out)
                .source(format!("{} is read from there, and would be gone", input.display()))
                .hint("choose another name for what is written"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_file_by_another_name_is_an_input_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.csv"), "id").expect("written");
        let (plain, round, other) = (at("a.csv"), at("x/../a.csv"), at("b.csv"));
        assert!(keep("write", [plain.as_path()], &[None, Some(&round)]).is_err());
        assert!(keep("write", [round.as_path()], &[Some(&plain)]).is_err());
        assert!(keep("write", [other.as_path()], &[Some(&plain), None]).is_ok());
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(at("a.csv"), at("c.csv")).expect("a link");
            assert!(keep("write", [at("c.csv").as_path()], &[Some(&plain)]).is_err());
        }
    }
}
