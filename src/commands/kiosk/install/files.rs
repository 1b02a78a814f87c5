//! What lies where on a kiosk machine: one table. The texts are in the project's folder `kiosk`.

use std::net::SocketAddr;

/// Debian's packages that the files speak of. cage 0.1.4 does not start without Xwayland, though
/// nothing here speaks X11 and Debian only recommends it.
pub const PACKAGES: [&str; 6] =
    ["cage", "xwayland", "seatd", "chromium", "speech-dispatcher", "speech-dispatcher-espeak-ng"];

/// What is enabled.
pub const UNITS: [&str; 3] =
    ["borgerpanel-kiosk.service", "borgerpanel-shell.service", "borgerpanel-restart.timer"];

/// The address in the policy as it lies in the project, so that it is a policy there too.
const POLICY_ORIGIN: &str = "http://127.0.0.1:8080";

/// What differs from kiosk to kiosk.
pub struct Values {
    /// The kiosk's data folder: a whole path without an end slash.
    pub data: String,
    pub listen: SocketAddr,
    /// What the browser opens.
    pub origin: String,
    /// When the machine starts afresh, as in `03:30`.
    pub restart: &'static str,
}

/// A file to be.
pub struct Planned {
    /// Where, from the root: begins with `/`.
    pub path: &'static str,
    pub mode: u32,
    pub content: Content,
}

/// What is in it.
pub enum Content {
    Text(String),
    /// The program that runs.
    Program,
}

/// Where a text goes. All of them can be read by everybody: no secret is among them.
const FILES: [(&str, &str); 13] = [
    (
        "/etc/systemd/system/borgerpanel-kiosk.service",
        include_str!("../../../../kiosk/borgerpanel-kiosk.service"),
    ),
    (
        "/etc/systemd/system/borgerpanel-shell.service",
        include_str!("../../../../kiosk/borgerpanel-shell.service"),
    ),
    (
        "/etc/systemd/system/borgerpanel-restart.service",
        include_str!("../../../../kiosk/borgerpanel-restart.service"),
    ),
    (
        "/etc/systemd/system/borgerpanel-restart.timer",
        include_str!("../../../../kiosk/borgerpanel-restart.timer"),
    ),
    ("/etc/sysusers.d/borgerpanel.conf", include_str!("../../../../kiosk/sysusers.conf")),
    ("/etc/tmpfiles.d/borgerpanel.conf", include_str!("../../../../kiosk/tmpfiles.conf")),
    ("/etc/sysctl.d/90-borgerpanel.conf", include_str!("../../../../kiosk/sysctl.conf")),
    (
        "/etc/systemd/coredump.conf.d/90-borgerpanel.conf",
        include_str!("../../../../kiosk/coredump.conf"),
    ),
    (
        "/etc/systemd/journald.conf.d/90-borgerpanel.conf",
        include_str!("../../../../kiosk/journald.conf"),
    ),
    (
        "/etc/systemd/system.conf.d/90-borgerpanel.conf",
        include_str!("../../../../kiosk/system.conf"),
    ),
    (
        "/etc/systemd/logind.conf.d/90-borgerpanel.conf",
        include_str!("../../../../kiosk/logind.conf"),
    ),
    (
        "/etc/chromium/policies/managed/borgerpanel.json",
        include_str!("../../../../kiosk/policy.json"),
    ),
    (
        "/etc/borgerpanel/speech-dispatcher/speechd.conf",
        include_str!("../../../../kiosk/speechd.conf"),
    ),
];

/// Every file, the program last.
pub fn plan(values: &Values) -> Vec<Planned> {
    let texts = FILES.iter().map(|&(path, text)| Planned {
        path,
        mode: 0o644,
        content: Content::Text(filled(text, values)),
    });
    let program = Planned { path: "/usr/bin/borgerpanel", mode: 0o755, content: Content::Program };
    texts.chain([program]).collect()
}

fn filled(text: &str, values: &Values) -> String {
    text.replace("@DATA@", &values.data)
        .replace("@LISTEN@", &values.listen.to_string())
        .replace("@ORIGIN@", &values.origin)
        .replace("@RESTART@", values.restart)
        .replace(&format!("\"{POLICY_ORIGIN}\""), &format!("\"{}\"", values.origin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_be_filled_in() {
        let values = Values {
            data: "/srv/answers".into(),
            listen: "127.0.0.1:9000".parse().expect("an address"),
            origin: "http://127.0.0.1:9000".into(),
            restart: "03:30",
        };
        for file in plan(&values) {
            let Content::Text(text) = file.content else { continue };
            assert!(!text.split('@').any(|part| part.len() > 3 && part == part.to_uppercase()));
            assert!(!text.contains("8080"), "{}", file.path);
        }
    }
}
