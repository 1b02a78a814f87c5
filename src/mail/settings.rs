//! `[smtp]` of `central.toml`: read, judged as a whole, and turned into a [`Server`].

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use super::address::Sender;
use super::smtp::{Login, Security, Server};
use crate::error::{Context, Error, Result};

/// Where mail is handed in, as it is written; `commands::central::settings` says what each key means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    pub host: Option<String>,
    pub port: u16,
    pub security: String,
    pub user: Option<String>,
    pub password_file: Option<PathBuf>,
    pub ca_file: Option<PathBuf>,
    pub from: Option<String>,
    pub per_minute: u32,
    pub timeout_seconds: u32,
}

impl Default for Smtp {
    fn default() -> Smtp {
        Smtp {
            host: None,
            port: 587,
            security: "starttls".to_owned(),
            user: None,
            password_file: None,
            ca_file: None,
            from: None,
            per_minute: 60,
            timeout_seconds: 300,
        }
    }
}

impl Smtp {
    /// Judges the settings and reads the files they name; those with relative paths lie in `folder`.
    pub fn server(&self, folder: &Path) -> Result<Server> {
        let host = self.host.clone().filter(|host| !host.trim().is_empty());
        let host = host.ok_or_else(|| {
            wrong("`smtp.host` is not set", "name the server that mail is handed in at")
        })?;
        let from = self.from.as_deref().ok_or_else(|| {
            wrong("`smtp.from` is not set", "give the address that mail comes from")
        })?;
        let from = Sender::read(from).map_err(|error| {
            wrong(
                &format!("`smtp.from` is `{from}`: {error}"),
                "write `panel@example.dk` or `Borgerpanelet <panel@example.dk>`",
            )
        })?;
        let roots = match &self.ca_file {
            Some(path) => Some(read_roots(&folder.join(path))?),
            None => None,
        };
        if self.per_minute == 0 {
            return Err(wrong("`smtp.per_minute` is 0", "how many mails may go out in a minute?"));
        }
        Ok(Server {
            host,
            port: self.port,
            security: self.security(roots)?,
            login: self.login(folder)?,
            from,
            patience: Duration::from_secs(u64::from(self.timeout_seconds.max(1))),
        })
    }

    fn security(&self, roots: Option<Vec<u8>>) -> Result<Security> {
        match self.security.as_str() {
            "starttls" => Ok(Security::StartTls { roots }),
            "tls" => Ok(Security::Tls { roots }),
            "none" => Ok(Security::None),
            other => Err(wrong(
                &format!("`smtp.security` is `{other}`"),
                "`starttls` (most servers, port 587), `tls` (port 465) or `none` (this machine's own server)",
            )),
        }
    }

    fn login(&self, folder: &Path) -> Result<Option<Login>> {
        match (&self.user, &self.password_file) {
            (None, None) => Ok(None),
            (Some(user), Some(path)) => {
                let password = read_password(&folder.join(path))?;
                Ok(Some(Login { user: user.clone(), password }))
            }
            (Some(_), None) => Err(wrong(
                "`smtp.user` is set and `smtp.password_file` is not",
                "put the password alone into a file of mode 0600, and name it",
            )),
            (None, Some(_)) => Err(wrong(
                "`smtp.password_file` is set and `smtp.user` is not",
                "name the user whose password it is",
            )),
        }
    }
}

fn wrong(what: &str, help: &str) -> Error {
    Error::new("send mail").source(what.to_owned()).hint(help)
}

fn read_roots(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).during_at("read the certificates of `smtp.ca_file` in", path)
}

fn read_password(path: &Path) -> Result<String> {
    const OP: &str = "read the password of `smtp.password_file` in";
    check_access(path)?;
    let text = fs::read_to_string(path).during_at(OP, path)?;
    let password = text.trim_end_matches(['\r', '\n']);
    // AUTH PLAIN parts its fields by NUL (RFC 4616).
    if password.is_empty() || password.contains(['\0', '\n', '\r']) {
        let error = Error::new(OP).path(path).source("it should hold one line, the password");
        return Err(error);
    }
    Ok(password.to_owned())
}

#[cfg(unix)]
fn check_access(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;

    const OP: &str = "read the password of `smtp.password_file` in";
    let mode = fs::metadata(path).during_at(OP, path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(Error::new(OP)
        .path(path)
        .source(format!("others on this machine may read it (mode {mode:04o})"))
        .hint(format!("chmod 600 {}", path.display())))
}

#[cfg(not(unix))]
fn check_access(_: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp() -> Smtp {
        Smtp {
            host: Some("mail.example.dk".to_owned()),
            from: Some("panel@example.dk".to_owned()),
            ..Smtp::default()
        }
    }

    fn refusal(smtp: &Smtp) -> String {
        smtp.server(Path::new("")).expect_err("refused").to_string()
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert!(smtp().server(Path::new("")).is_ok());
        assert!(refusal(&Smtp { host: None, ..smtp() }).contains("`smtp.host`"));
        assert!(refusal(&Smtp { from: None, ..smtp() }).contains("`smtp.from`"));
        assert!(refusal(&Smtp { from: Some("panel".into()), ..smtp() }).contains("`panel`"));
        assert!(refusal(&Smtp { security: "ssl".into(), ..smtp() }).contains("`starttls`"));
        assert!(refusal(&Smtp { user: Some("a".into()), ..smtp() }).contains("password_file"));
        assert!(refusal(&Smtp { password_file: Some("a".into()), ..smtp() }).contains("user"));
        assert!(refusal(&Smtp { per_minute: 0, ..smtp() }).contains("per_minute"));
    }

    #[cfg(unix)]
    #[test]
    fn a_password_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        fs::write(&path, "hemmeligt\n").expect("written");
        let with = Smtp {
            user: Some("panel".to_owned()),
            password_file: Some("password".into()),
            ..smtp()
        };
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode));
        mode(0o640).expect("changed");
        let error = with.server(folder.path()).expect_err("refused").to_string();
        assert!(error.contains("chmod 600") && error.contains("0640"), "{error}");
        mode(0o600).expect("changed");
        let login = with.server(folder.path()).expect("fits").login.expect("given");
        assert_eq!((login.user.as_str(), login.password.as_str()), ("panel", "hemmeligt"));
    }
}
