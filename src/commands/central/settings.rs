//! `central.toml` in the central's folder.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::commands::settings;
use crate::error::{Error, Result};
use crate::mail::settings::Smtp;
use crate::site::settings_keys::{Key, key};

/// The file's name.
pub const FILE: &str = "central.toml";

/// The settings; [`KEYS`] says what each means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CentralSettings {
    pub hosts: Vec<String>,
    pub trusted_proxy: Option<String>,
    pub answers_per_address: usize,
    pub keep_sealed: bool,
    pub staff_listen: Option<String>,
    pub smtp: Smtp,
    pub backup: Backup,
}

impl Default for CentralSettings {
    fn default() -> CentralSettings {
        CentralSettings {
            hosts: Vec::new(),
            trusted_proxy: None,
            answers_per_address: 100,
            keep_sealed: false,
            staff_listen: None,
            smtp: Smtp::default(),
            backup: Backup::default(),
        }
    }
}

/// Who can read backups, where they are kept, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    pub recipients: Vec<String>,
    /// As seen from the central's folder; without it the city makes and throws away backups itself.
    pub directory: Option<PathBuf>,
    pub every_hours: u32,
    pub keep_days: u32,
}

impl Default for Backup {
    fn default() -> Backup {
        Backup { recipients: Vec::new(), directory: None, every_hours: 24, keep_days: 30 }
    }
}

impl CentralSettings {
    /// The settings in the central's folder; the defaults where there is no file.
    pub fn load(folder: &Path) -> Result<CentralSettings> {
        settings::read(&folder.join(FILE), KEYS)
    }

    /// The same, where backups can be kept as they say.
    pub fn checked(self, folder: &Path) -> Result<CentralSettings> {
        let Backup { every_hours, keep_days, .. } = self.backup;
        let hint = match () {
            () if every_hours == 0 || keep_days == 0 => "neither can be 0",
            () if every_hours > 24 * keep_days => "make them more often than they are thrown away",
            () => return Ok(self),
        };
        Err(Error::new("use the settings")
            .path(folder.join(FILE))
            .source(format!("`[backup] every_hours` is {every_hours} and `keep_days` {keep_days}"))
            .hint(hint))
    }
}

/// In the order the documentation shows them.
pub const KEYS: &[Key] = &[
    key("hosts", "[]", "host names", "Names it may be called by, beside those in site.toml."),
    key("trusted_proxy", "", "IP address", "The proxy whose word on the visitor's address counts."),
    key(
        "answers_per_address",
        "100",
        "answers in 10 minutes",
        "From one address at home (an IPv6 /64 is one); 0 for any number. A school or an office may share \
         one. Not for this machine's own addresses: name the proxy.",
    ),
    key(
        "keep_sealed",
        "false",
        "true or false",
        "Whether answers stay sealed here, to be opened on an inner machine (`central open`). The key that \
         opens them must not be here then.",
    ),
    key(
        "staff_listen",
        "",
        "host:port",
        "An address of its own for the staff pages, as in `127.0.0.1:8091`: they are there, with nothing \
         else, and not at the site's. Empty: they are at the site's.",
    ),
    key(
        "smtp.host",
        "",
        "host name",
        "The server where mail is handed in; without it no mail is sent.",
    ),
    key("smtp.port", "587", "port", "Its port."),
    key(
        "smtp.security",
        "\"starttls\"",
        "word",
        "`starttls` (port 587), `tls` (port 465), or `none`, for a server on this machine alone. There is no \
         falling back to what is less.",
    ),
    key("smtp.user", "", "text", "Who hands it in; leave it out where this machine may without."),
    key("smtp.password_file", "", "path", "A file (mode 0600) that holds the password alone."),
    key(
        "smtp.ca_file",
        "",
        "path",
        "Certificates (PEM) to trust beside those that browsers trust, for a server with one of the city's own.",
    ),
    key(
        "smtp.from",
        "",
        "mail address",
        "The sender, as in `panel@example.dk` or `Borgerpanelet <panel@example.dk>`.",
    ),
    key(
        "smtp.per_minute",
        "60",
        "mails a minute",
        "The most that are handed in; many servers refuse a sender who hurries.",
    ),
    key(
        "smtp.timeout_seconds",
        "300",
        "seconds",
        "How long a reply may take; the receipt of a mail may take twice as long.",
    ),
    key("backup.recipients", "[]", "age keys", "Who can open backups, as in `age1…`."),
    key(
        "backup.directory",
        "",
        "path",
        "Where `central run` keeps backups it makes by itself, as seen from this folder; best on another \
         machine's disk. Without it the city makes them, and throws them away.",
    ),
    key(
        "backup.every_hours",
        "24",
        "hours",
        "How often. From once a day on they are made between 2 and 5 in the night.",
    ),
    key(
        "backup.keep_days",
        "30",
        "days",
        "How long each is kept: who was erased is then in none any more. No longer than \
         `controller.backup_days` in site.toml tells people.",
    ),
];

/// For docs/settings.md.
pub fn reference() -> String {
    settings::reference(
        "data/central/central.toml",
        "The central's own settings; no secrets.",
        KEYS,
    )
}
