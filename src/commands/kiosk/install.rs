//! `borgerpanel kiosk install`: makes a Debian machine a kiosk, by files alone.
//!
//! [`files`] says what lies where, from the configuration; [`writing`] writes it and leaves alone what
//! somebody changed. Nothing is started: what to do next is printed.

mod files;
mod night;
mod writing;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use super::settings::KioskSettings;
use crate::cli::{KioskInstallArgs, Verdict};
use crate::console::say;
use crate::error::{Context, Error, Result};
use files::{Content, Planned, Values};
use writing::{Done, Installer};

/// Runs the command.
pub fn run(args: &KioskInstallArgs) -> Result<Verdict> {
    let root = args.root.as_deref().unwrap_or(Path::new("/"));
    let values = values(args, root)?;
    let planned = files::plan(&values);
    if args.dry_run {
        return planned.iter().try_for_each(show).map(|()| Verdict::Fine);
    }
    let mut installer = Installer::at(root, args.force)?;
    let mut kept = 0;
    for file in &planned {
        let done = installer.install(file)?;
        kept += usize::from(done == Done::Kept);
        say!("{:<9} {}", done.word(), file.path)?;
    }
    installer.finish()?;
    if kept > 0 {
        say!(
            "\n{kept} kept as they are, since somebody changed them or they were there before: compare \
             with --dry-run; --force writes over them and keeps theirs beside, as FILE.before"
        )?;
    }
    say!("\n{}", next_steps(&values, args.root.is_some()))?;
    Ok(Verdict::Fine)
}

fn show(file: &Planned) -> Result<()> {
    say!("==> {} ({:04o}) <==", file.path, file.mode)?;
    match &file.content {
        Content::Text(text) => say!("{text}"),
        Content::Program => say!("(this program)\n"),
    }
}

/// What the configuration says.
fn values(args: &KioskInstallArgs, root: &Path) -> Result<Values> {
    let data = plain_path(&args.data)?;
    let inside = root.join(data.trim_start_matches('/'));
    let hours = KioskSettings::load(&inside)?.opening_hours()?;
    let listen = listen_address(&args.listen)?;
    Ok(Values { data, listen, origin: origin(listen), restart: night::restart(hours.as_ref()) })
}

/// A folder that can stand in a unit without quotes.
fn plain_path(folder: &Path) -> Result<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
    let text = folder.to_str().filter(|text| text.starts_with('/') && text.chars().all(is_plain));
    let text = text.filter(|text| !text.split('/').any(|part| part == ".." || part == "."));
    let text = text.map(|text| text.trim_end_matches('/')).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| {
        Error::new("use the folder").path(folder).hint(
            "a unit needs a whole path of letters, digits and hyphens, as in \
             `--data /var/lib/borgerpanel-kiosk`",
        )
    })
}

fn listen_address(text: &str) -> Result<SocketAddr> {
    let hint = "write an IP address and a port from 1024, as in `--listen 127.0.0.1:8080`";
    let op = format!("use the address {text:?}");
    let address: SocketAddr = text.parse().during(&op).map_err(|error| error.hint(hint))?;
    if address.port() < 1024 {
        return Err(Error::new(op).source("the server has no right to that port").hint(hint));
    }
    Ok(address)
}

/// What the browser on the machine opens.
fn origin(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, listen.port()))
}

fn next_steps(values: &Values, is_image: bool) -> String {
    let Values { data, .. } = values;
    let place = if is_image { " (in the image, or at its first start)" } else { "" };
    format!(
        "next{place}:\n  \
         apt-get install --no-install-recommends {packages}\n  \
         systemd-sysusers && systemd-tmpfiles --create && sysctl --system && systemctl daemon-reload\n  \
         cp -r content {data}/content\n  \
         runuser -u borgerpanel-kiosk -- borgerpanel kiosk enroll --data {data} --central URL --code CODE\n  \
         systemctl set-default graphical.target\n  \
         systemctl enable {units}\n  \
         systemctl reboot",
        packages = files::PACKAGES.join(" "),
        units = files::UNITS.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_opens_what_is_on_its_own_machine() {
        let opened = |text| origin(listen_address(text).expect("an address"));
        assert_eq!(opened("127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(opened("0.0.0.0:9000"), "http://127.0.0.1:9000");
        assert_eq!(opened("[::]:9000"), "http://[::1]:9000");
    }

    #[test]
    fn what_a_unit_could_misread_is_refused() {
        for folder in ["data/kiosk", "/", "/var/lib/a b", "/var/%i", "/var/../etc", "/a\nUser=root"]
        {
            let told = plain_path(Path::new(folder)).expect_err(folder).to_string();
            assert!(told.contains("help: a unit needs a whole path"), "{told}");
        }
        for address in ["localhost:8080", "127.0.0.1:80", "127.0.0.1", "[::1]:8080\nUser=root"] {
            let told = listen_address(address).expect_err(address).to_string();
            assert!(told.contains("`--listen 127.0.0.1:8080`"), "{told}");
        }
    }
}
